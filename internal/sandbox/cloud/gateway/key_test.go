// SPDX-License-Identifier: MPL-2.0

package gateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func op(kind types.Op, path, value string) types.PatchOperation {
	o := types.PatchOperation{Op: kind, Path: aws.String(path)}
	if value != "" {
		o.Value = aws.String(value)
	}
	return o
}

const tooMany = `{"message":"Too Many Requests"}`

func TestAPIKeyOpensTheStage(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, _ := s.deliveries(t, true)
	post := func(headers ...string) response { return s.call(t, api, "POST", "/", "{}", headers...) }

	key := must[*apigateway.CreateApiKeyOutput](t)(s.CreateApiKey(ctx,
		&apigateway.CreateApiKeyInput{Name: aws.String("nightly"), Enabled: true}))
	value := aws.ToString(key.Value)
	if len(value) != 40 {
		t.Errorf("the key's value %q does not have 40 characters", value)
	}
	post().want(t, 403, forbidden)
	post("X-Api-Key", "wrong").want(t, 403, forbidden)
	post("X-Api-Key", value).want(t, 403, forbidden) // in no usage plan

	plan := must[*apigateway.CreateUsagePlanOutput](t)(s.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("nightly")}))
	must[*apigateway.CreateUsagePlanKeyOutput](t)(s.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{
		UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY"),
	}))
	post("X-Api-Key", value).want(t, 403, forbidden) // the plan does not cover the stage
	update := func(ops ...types.PatchOperation) {
		t.Helper()
		must[*apigateway.UpdateUsagePlanOutput](t)(s.UpdateUsagePlan(ctx,
			&apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: ops}))
	}
	update(op(types.OpAdd, "/apiStages", api+":v1"))
	post("X-Api-Key", value).want(t, 202, "")
	post().want(t, 403, forbidden)

	enable := func(enabled string) {
		t.Helper()
		must[*apigateway.UpdateApiKeyOutput](t)(s.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{
			ApiKey: key.Id, PatchOperations: []types.PatchOperation{op(types.OpReplace, "/enabled", enabled)},
		}))
	}
	enable("false")
	post("X-Api-Key", value).want(t, 403, forbidden)
	enable("true")
	post("X-Api-Key", value).want(t, 202, "")

	update(op(types.OpReplace, "/throttle/rateLimit", "0.5"), op(types.OpReplace, "/throttle/burstLimit", "2"))
	post("X-Api-Key", value).want(t, 202, "")
	post("X-Api-Key", value).want(t, 202, "")
	post("X-Api-Key", value).want(t, 429, tooMany)
	s.clock.Advance(2 * time.Second)
	post("X-Api-Key", value).want(t, 202, "")
	post("X-Api-Key", value).want(t, 429, tooMany)
	update(op(types.OpRemove, "/throttle", ""))
	post("X-Api-Key", value).want(t, 202, "")

	must[*apigateway.DeleteUsagePlanKeyOutput](t)(s.DeleteUsagePlanKey(ctx,
		&apigateway.DeleteUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id}))
	post("X-Api-Key", value).want(t, 403, forbidden)
	s.idle(t)
	if got := strings.Count(s.logs.Text(), "START RequestId"); got != 6 {
		t.Errorf("the function ran %d times, want 6: refused calls must not reach it", got)
	}
}

func TestStageThrottle(t *testing.T) {
	t.Parallel()
	s := start(t)
	api, _ := s.deliveries(t, false)
	update := func(ops ...types.PatchOperation) {
		t.Helper()
		must[*apigateway.UpdateStageOutput](t)(s.UpdateStage(t.Context(), &apigateway.UpdateStageInput{
			RestApiId: &api, StageName: aws.String("v1"), PatchOperations: ops,
		}))
	}
	update(op(types.OpReplace, "/*/*/throttling/rateLimit", "1"), op(types.OpReplace, "/*/*/throttling/burstLimit", "1"))
	s.call(t, api, "POST", "/", "{}").want(t, 202, "")
	s.call(t, api, "POST", "/", "{}").want(t, 429, tooMany)
	s.clock.Advance(time.Second)
	s.call(t, api, "POST", "/", "{}").want(t, 202, "")
	update(op(types.OpReplace, "/~1/POST/throttling/burstLimit", "0"))
	s.clock.Advance(time.Minute)
	s.call(t, api, "POST", "/", "{}").want(t, 429, tooMany)
	update(op(types.OpRemove, "/~1/POST", ""))
	s.clock.Advance(time.Minute)
	s.call(t, api, "POST", "/", "{}").want(t, 202, "")
	update(op(types.OpReplace, "/~1/POST/throttling/rateLimit", "-1"), op(types.OpReplace, "/~1/POST/throttling/burstLimit", "-1")) // no limit
	s.call(t, api, "POST", "/", "{}").want(t, 202, "")
	s.idle(t)
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	key := must[*apigateway.CreateApiKeyOutput](t)(s.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{
		Name: aws.String("nightly"), Description: aws.String("d"), Tags: map[string]string{"a": "b"},
	}))
	must[*apigateway.CreateApiKeyOutput](t)(s.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("other")}))
	value := aws.ToString(key.Value)
	if len(value) != 40 {
		t.Errorf("the key's value is %q", value)
	}

	got := must[*apigateway.GetApiKeyOutput](t)(s.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: key.Id}))
	if got.Value != nil || got.Enabled || aws.ToString(got.Name) != "nightly" || got.Tags["a"] != "b" ||
		!got.CreatedDate.Equal(s.clock.Now()) {
		t.Errorf("got %+v", got)
	}
	got = must[*apigateway.GetApiKeyOutput](t)(s.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: key.Id, IncludeValue: aws.Bool(true)}))
	if aws.ToString(got.Value) != value {
		t.Errorf("got the value %q", aws.ToString(got.Value))
	}
	for _, test := range []struct {
		in    apigateway.GetApiKeysInput
		names string
		value string
	}{
		{apigateway.GetApiKeysInput{NameQuery: aws.String("nig")}, "nightly", ""},
		{apigateway.GetApiKeysInput{NameQuery: aws.String("nightly"), IncludeValues: aws.Bool(true)}, "nightly", value},
		{apigateway.GetApiKeysInput{NameQuery: aws.String("ightly")}, "", ""},
	} {
		out := must[*apigateway.GetApiKeysOutput](t)(s.GetApiKeys(ctx, &test.in))
		var names, values []string
		for _, item := range out.Items {
			if aws.ToString(item.Description) != "d" || item.Tags["a"] != "b" {
				t.Errorf("listed as %+v", item)
			}
			names, values = append(names, aws.ToString(item.Name)), append(values, aws.ToString(item.Value))
		}
		if strings.Join(names, ",") != test.names || strings.Join(values, ",") != test.value {
			t.Errorf("the query %q gave %q with the values %q", aws.ToString(test.in.NameQuery), names, values)
		}
	}
	_, err := s.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: key.Id, PatchOperations: []types.PatchOperation{
		op(types.OpReplace, "/description", "changed"), op(types.OpReplace, "/value", "changed"),
	}})
	wantError[*types.BadRequestException](t, err, "Invalid patch path  '/value' specified for op 'replace'")
	got = must[*apigateway.GetApiKeyOutput](t)(s.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: key.Id}))
	if aws.ToString(got.Description) != "d" {
		t.Error("a patch that was refused changed the key")
	}
	must[*apigateway.DeleteApiKeyOutput](t)(s.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: key.Id}))
	_, err = s.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: key.Id})
	wantError[*types.NotFoundException](t, err, "Invalid API Key identifier specified")
}

func TestUsagePlans(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, _ := s.deliveries(t, true)
	stage := types.ApiStage{ApiId: &api, Stage: aws.String("v1")}
	_, err := s.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("p"),
		ApiStages: []types.ApiStage{{ApiId: &api, Stage: aws.String("v2")}}})
	wantError[*types.NotFoundException](t, err, "API Stage not found: "+api+":v2")
	plan := must[*apigateway.CreateUsagePlanOutput](t)(s.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{
		Name: aws.String("nightly"), ApiStages: []types.ApiStage{stage},
	}))
	got := must[*apigateway.GetUsagePlanOutput](t)(s.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: plan.Id}))
	if len(got.ApiStages) != 1 || aws.ToString(got.ApiStages[0].ApiId) != api || got.Throttle != nil || got.Quota != nil {
		t.Errorf("got %+v", got)
	}
	if all := must[*apigateway.GetUsagePlansOutput](t)(s.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{})); len(all.Items) != 1 {
		t.Errorf("got %d usage plans", len(all.Items))
	}

	key := must[*apigateway.CreateApiKeyOutput](t)(s.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("k"), Enabled: true}))
	add := &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY")}
	must[*apigateway.CreateUsagePlanKeyOutput](t)(s.CreateUsagePlanKey(ctx, add))
	_, err = s.CreateUsagePlanKey(ctx, add)
	wantError[*types.ConflictException](t, err, "Usage Plan Key already exists")
	_, err = s.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: aws.String("none"),
		KeyType: aws.String("API_KEY")})
	wantError[*types.NotFoundException](t, err, "Invalid API Key identifier specified")
	if keys := must[*apigateway.GetUsagePlanKeysOutput](t)(s.GetUsagePlanKeys(ctx,
		&apigateway.GetUsagePlanKeysInput{UsagePlanId: plan.Id})); len(keys.Items) != 1 ||
		aws.ToString(keys.Items[0].Id) != aws.ToString(key.Id) {
		t.Errorf("got the keys %+v", keys.Items)
	}
	if k := must[*apigateway.GetUsagePlanKeyOutput](t)(s.GetUsagePlanKey(ctx,
		&apigateway.GetUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id})); aws.ToString(k.Type) != "API_KEY" {
		t.Errorf("got %+v", k)
	}

	_, err = s.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	wantError[*types.BadRequestException](t, err, "Cannot delete Usage Plan "+aws.ToString(plan.Id)+
		" because there are API Stages associated with it, including "+api+":v1")
	patch := func(ops ...types.PatchOperation) error {
		_, err := s.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: ops})
		return err
	}
	wantError[*types.BadRequestException](t, patch(op(types.OpReplace, "/quota/limit", "0")), "Usage Plan quota limit")
	if err := patch(op(types.OpReplace, "/quota/limit", "7"), op(types.OpReplace, "/quota/period", "MONTH")); err != nil {
		t.Fatal(err)
	}
	got = must[*apigateway.GetUsagePlanOutput](t)(s.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: plan.Id}))
	if got.Quota.Limit != 7 || got.Quota.Period != types.QuotaPeriodTypeMonth {
		t.Errorf("got the quota %+v", got.Quota)
	}
	if err := patch(op(types.OpRemove, "/quota", ""), op(types.OpRemove, "/throttle", "")); err != nil {
		t.Fatal(err)
	}
	got = must[*apigateway.GetUsagePlanOutput](t)(s.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: plan.Id}))
	if got.Quota != nil || got.Throttle != nil {
		t.Errorf("got the quota %+v and the throttle %+v", got.Quota, got.Throttle)
	}
	wantError[*types.ConflictException](t, patch(op(types.OpAdd, "/apiStages", api+":v1")), "API Stage ")
	wantError[*types.NotFoundException](t, patch(op(types.OpAdd, "/apiStages", api+":v9")), "API Stage not found")
	if err := patch(op(types.OpRemove, "/apiStages", api+":v1"), op(types.OpReplace, "/name", "renamed"),
		op(types.OpReplace, "/description", "d")); err != nil {
		t.Fatal(err)
	}
	wantError[*types.NotFoundException](t, patch(op(types.OpRemove, "/apiStages", api+":v1")), "API Stage ")
	must[*apigateway.DeleteUsagePlanOutput](t)(s.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id}))
	_, err = s.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: plan.Id})
	wantError[*types.NotFoundException](t, err, "Invalid Usage Plan ID specified")
}
