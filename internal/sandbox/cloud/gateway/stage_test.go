// SPDX-License-Identifier: MPL-2.0

package gateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// TestSettingsOfAStage sets the settings that a user can set in the console, and removes them.
func TestSettingsOfAStage(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, _ := s.deliveries(t, false)
	update := func(ops ...types.PatchOperation) (*apigateway.UpdateStageOutput, error) {
		return s.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &api, StageName: aws.String("v1"), PatchOperations: ops})
	}
	const noRole = "CloudWatch Logs role ARN must be set in account settings to enable logging"
	for _, path := range []string{"/*/*/logging/loglevel", "/accessLogSettings/destinationArn"} {
		_, err := update(op(types.OpReplace, path, "ERROR"))
		wantError[*types.BadRequestException](t, err, noRole)
	}
	role := must[*apigateway.UpdateAccountOutput](t)(s.UpdateAccount(ctx,
		&apigateway.UpdateAccountInput{PatchOperations: []types.PatchOperation{
			op(types.OpReplace, "/cloudwatchRoleArn", "arn:aws:iam::123456789012:role/logs"),
		}}))
	if aws.ToString(role.CloudwatchRoleArn) != "arn:aws:iam::123456789012:role/logs" || role.ThrottleSettings.RateLimit != 10000 {
		t.Errorf("the account is %+v", role)
	}
	const group = "arn:aws:logs:eu-central-1:123456789012:log-group:api"
	must[*apigateway.UpdateStageOutput](t)(update(
		op(types.OpReplace, "/*/*/logging/loglevel", "INFO"), op(types.OpReplace, "/*/*/logging/dataTrace", "true"),
		op(types.OpReplace, "/*/*/metrics/enabled", "true"),
		op(types.OpReplace, "/*/*/caching/enabled", "true"), op(types.OpReplace, "/accessLogSettings/destinationArn", group),
		op(types.OpReplace, "/accessLogSettings/format", "$context.requestId"), op(types.OpReplace, "/clientCertificateId", "abc123"),
		op(types.OpReplace, "/cacheClusterEnabled", "true"), op(types.OpReplace, "/tracingEnabled", "true"),
		op(types.OpReplace, "/description", "d"),
		op(types.OpReplace, "/variables/a", "b"),
	))
	got := must[*apigateway.GetStageOutput](t)(s.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: aws.String("v1")}))
	all := got.MethodSettings["*/*"]
	if aws.ToString(all.LoggingLevel) != "INFO" || !all.DataTraceEnabled || !all.MetricsEnabled || !all.CachingEnabled ||
		all.CacheTtlInSeconds != 300 ||
		all.ThrottlingRateLimit != 10000 {
		t.Errorf("the settings of all methods are %+v", all)
	}
	if aws.ToString(got.AccessLogSettings.DestinationArn) != group || aws.ToString(got.AccessLogSettings.Format) != "$context.requestId" ||
		aws.ToString(got.ClientCertificateId) != "abc123" || !got.TracingEnabled || aws.ToString(got.Description) != "d" ||
		got.Variables["a"] != "b" ||
		!got.CacheClusterEnabled || got.CacheClusterStatus != types.CacheClusterStatusAvailable ||
		got.CacheClusterSize != types.CacheClusterSizeSize0Point5Gb {
		t.Errorf("the stage is %+v", got)
	}
	_, err := update(op(types.OpReplace, "/*/*/logging/loglevel", "LOUD"))
	wantError[*types.BadRequestException](t, err, "Invalid logging level")
	_, err = update(op(types.OpReplace, "/accessLogSettings/colour", "red"))
	wantError[*types.BadRequestException](t, err, "Invalid patch path")
	one := must[*apigateway.UpdateStageOutput](t)(update(op(types.OpReplace, "/~1/POST/metrics/enabled", "true")))
	if !one.MethodSettings["~1/POST"].MetricsEnabled {
		t.Errorf("the settings are %+v, without those of the root's POST", one.MethodSettings)
	}
	must[*apigateway.UpdateStageOutput](t)(update(op(types.OpRemove, "/~1/POST", "")))
	left := must[*apigateway.UpdateStageOutput](t)(update(op(types.OpRemove, "/*/*", ""), op(types.OpRemove, "/accessLogSettings", ""),
		op(types.OpReplace, "/cacheClusterEnabled", "false")))
	if len(left.MethodSettings) != 0 || left.AccessLogSettings != nil || left.CacheClusterStatus != types.CacheClusterStatusNotAvailable {
		t.Errorf("left: %+v", left)
	}
	s.call(t, api, "POST", "/", "{}").want(t, 202, "")
	s.idle(t)
}
