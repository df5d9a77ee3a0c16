// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
)

var nightly = aws.String("nightly")

func TestCreateAndGet(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *function.Config) { c.PendingFor = time.Second })
	archive := input(t).Code.ZipFile
	created := s.create(t, func(in *lambda.CreateFunctionInput) {
		in.Tags = map[string]string{"qlik-task-chain": "nightly"}
		in.Environment = &types.Environment{Variables: map[string]string{"CHAIN_NAME": "nightly"}}
		in.Description = aws.String("chain")
	})
	if created.State != types.StatePending || created.StateReasonCode != types.StateReasonCodeCreating {
		t.Errorf("a new function is %s (%s), want Pending", created.State, created.StateReasonCode)
	}
	s.clock.Advance(time.Second)
	got, err := s.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: nightly})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(archive)
	c := got.Configuration
	if c.State != types.StateActive || c.LastUpdateStatus != types.LastUpdateStatusSuccessful || c.CodeSize != int64(len(archive)) ||
		aws.ToString(c.CodeSha256) != base64.StdEncoding.EncodeToString(sum[:]) || aws.ToInt32(c.MemorySize) != 128 ||
		aws.ToInt32(c.Timeout) != 30 ||
		aws.ToString(c.LoggingConfig.LogGroup) != "/aws/lambda/nightly" || c.LoggingConfig.LogFormat != types.LogFormatText ||
		c.PackageType != types.PackageTypeZip ||
		c.Environment.Variables["CHAIN_NAME"] != "nightly" || aws.ToString(c.LastModified) != "2026-11-23T05:00:00.000+0000" ||
		got.Tags["qlik-task-chain"] != "nightly" ||
		aws.ToString(c.FunctionArn) != "arn:aws:lambda:eu-central-1:123456789012:function:nightly" ||
		aws.ToString(c.Role) != functiontest.RoleARN {
		t.Errorf("got %+v", got)
	}
	// Code.Location serves the zip.
	handler := httptest.NewServer(s.service.CodeHandler())
	t.Cleanup(handler.Close)
	location := strings.Replace(aws.ToString(got.Code.Location), "http://127.0.0.1:1", handler.URL, 1)
	if body, status := fetch(t, location); status != 200 || string(body) != string(archive) {
		t.Errorf("Code.Location answered %d with %d bytes", status, len(body))
	}
	if _, status := fetch(t, location+"x"); status != 404 {
		t.Errorf("a wrong location answered %d", status)
	}
	for _, name := range []string{"123456789012:function:nightly", aws.ToString(c.FunctionArn), aws.ToString(c.FunctionArn) + ":$LATEST"} {
		configuration, err := s.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: &name})
		if err != nil || aws.ToString(configuration.RevisionId) != aws.ToString(c.RevisionId) {
			t.Errorf("%s: %+v, %v", name, configuration, err)
		}
	}
	if objects := s.service.Objects(); fmt.Sprint(objects) != "["+aws.ToString(c.FunctionArn)+"]" {
		t.Errorf("got the objects %v", objects)
	}
	if _, err := s.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: nightly}); err != nil {
		t.Fatal(err)
	}
	_, err = s.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: nightly})
	wantError[*types.ResourceNotFoundException](t, err, "Function not found: arn:aws:lambda:eu-central-1:123456789012:function:nightly")
	if len(s.service.Objects()) != 0 {
		t.Error("something is left")
	}
}

func fetch(t *testing.T, url string) ([]byte, int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body, response.StatusCode
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	archive := functiontest.Zip(t, []byte("#!/bin/sh\n"), 0o755)
	variables := func(name, value string) func(*lambda.CreateFunctionInput) {
		return func(in *lambda.CreateFunctionInput) {
			in.Environment = &types.Environment{Variables: map[string]string{name: value}}
		}
	}
	for _, test := range []struct {
		name, code, message string
		change              func(*lambda.CreateFunctionInput)
	}{
		{"a role that Lambda cannot assume", "InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.",
			func(in *lambda.CreateFunctionInput) { in.Role = aws.String("arn:aws:iam::123456789012:role/other") }},
		{"no ARN as role", "ValidationException", "1 validation error detected: Value 'chain' at 'role' failed to satisfy constraint",
			func(in *lambda.CreateFunctionInput) { in.Role = aws.String("chain") }},
		{"a bad name", "ValidationException", "1 validation error detected: Value 'a b' at 'functionName'",
			func(in *lambda.CreateFunctionInput) { in.FunctionName = aws.String("a b") }},
		{"no zip", "InvalidParameterValueException", "Could not unzip uploaded file.",
			func(in *lambda.CreateFunctionInput) { in.Code.ZipFile = []byte("no zip") }},
		{"no code", "InvalidParameterValueException", "Please provide a source for function code",
			func(in *lambda.CreateFunctionInput) { in.Code.ZipFile = nil }},
		{"code in S3", "ValidationException", `The sandbox does not support the field "S3Bucket"`,
			func(in *lambda.CreateFunctionInput) {
				in.Code = &types.FunctionCode{S3Bucket: aws.String("bucket"), S3Key: aws.String("k")}
			}},
		{"a runtime that the sandbox does not run", "InvalidParameterValueException",
			"The sandbox runs functions of the runtimes provided.al2023",
			func(in *lambda.CreateFunctionInput) { in.Runtime = types.RuntimePython313 }},
		{"a short timeout", "ValidationException", "1 validation error detected: Value '0' at 'timeout'",
			func(in *lambda.CreateFunctionInput) { in.Timeout = aws.Int32(0) }},
		{"a long timeout", "ValidationException", "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member " +
			"must have value less than or equal to 900",
			func(in *lambda.CreateFunctionInput) { in.Timeout = aws.Int32(901) }},
		{"little memory", "ValidationException", "1 validation error detected: Value '64' at 'memorySize'",
			func(in *lambda.CreateFunctionInput) { in.MemorySize = aws.Int32(64) }},
		{"much memory", "InvalidParameterValueException", "'MemorySize' value failed to satisfy constraint",
			func(in *lambda.CreateFunctionInput) { in.MemorySize = aws.Int32(10241) }},
		{"two architectures", "ValidationException", "at 'architectures' failed to satisfy constraint: Member must have length less than or " +
			"equal to 1",
			func(in *lambda.CreateFunctionInput) { in.Architectures = []types.Architecture{"arm64", "x86_64"} }},
		{"an unknown architecture", "ValidationException", "1 validation error detected: Value '[\"mips\"]' at 'architectures'",
			func(in *lambda.CreateFunctionInput) { in.Architectures = []types.Architecture{"mips"} }},
		{"a reserved variable", "InvalidParameterValueException",
			"Lambda was unable to configure your environment variables because the environment variables you have provided " +
				"contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION",
			variables("AWS_REGION", "x")},
		{"a bad variable name", "ValidationException", "at 'environment.variables' failed to satisfy constraint: Map keys", variables("1A", "x")},
		{"too large variables", "InvalidParameterValueException",
			"Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit",
			variables("LONG", strings.Repeat("x", 4096))},
		{"log levels without JSON", "InvalidParameterValueException", "Log level can only be configured when the log format is JSON.",
			func(in *lambda.CreateFunctionInput) {
				in.LoggingConfig = &types.LoggingConfig{SystemLogLevel: types.SystemLogLevelWarn}
			}},
		{"a version", "ValidationException", `The sandbox does not support the field "Publish"`,
			func(in *lambda.CreateFunctionInput) { in.Publish = true }},
		{"an image's settings", "ValidationException", `The sandbox does not support the field "ImageConfig"`,
			func(in *lambda.CreateFunctionInput) { in.ImageConfig = &types.ImageConfig{Command: []string{"x"}} }},
		{"a file system without a VPC", "InvalidParameterValueException", "Function must be configured to execute in a VPC",
			func(in *lambda.CreateFunctionInput) {
				in.FileSystemConfigs = []types.FileSystemConfig{{
					Arn:            aws.String("arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-0123456789abcdef0"),
					LocalMountPath: aws.String("/mnt/x"),
				}}
			}},
		{"a dead-letter queue", "InvalidParameterValueException",
			"The provided execution role does not have permissions to call SendMessage on SQS",
			func(in *lambda.CreateFunctionInput) {
				in.DeadLetterConfig = &types.DeadLetterConfig{TargetArn: aws.String("arn:aws:sqs:eu-central-1:123456789012:q")}
			}},
		{"a reserved tag", "InvalidParameterValueException", "Tag keys beginning with aws:",
			func(in *lambda.CreateFunctionInput) { in.Tags = map[string]string{"aws:x": "y"} }},
	} {
		in := input(t)
		in.Code.ZipFile = archive
		test.change(in)
		_, err := s.CreateFunction(t.Context(), in)
		wantCode(t, err, test.code)
		if err == nil || !strings.Contains(err.Error(), test.message) {
			t.Errorf("%s: got %v\nwant %q", test.name, err, test.message)
		}
	}
	s.create(t, func(in *lambda.CreateFunctionInput) { in.Code.ZipFile = archive })
	_, err := s.CreateFunction(t.Context(), input(t))
	wantError[*types.ResourceConflictException](t, err, "Function already exist: nightly")
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *function.Config) { c.PendingFor, c.UpdateFor = time.Second, time.Second })
	ctx := t.Context()
	created := s.create(t, func(in *lambda.CreateFunctionInput) {
		in.Environment = &types.Environment{Variables: map[string]string{"MODE": "1"}}
	})
	memory := func(size int32) *lambda.UpdateFunctionConfigurationInput {
		return &lambda.UpdateFunctionConfigurationInput{FunctionName: nightly, MemorySize: aws.Int32(size)}
	}
	_, err := s.UpdateFunctionConfiguration(ctx, memory(256))
	wantError[*types.ResourceConflictException](t, err,
		"The operation cannot be performed at this time. The function is currently in the following state: Pending")
	s.clock.Advance(time.Second)
	updated, err := s.UpdateFunctionConfiguration(ctx, memory(256))
	if err != nil {
		t.Fatal(err)
	}
	if updated.LastUpdateStatus != types.LastUpdateStatusInProgress || aws.ToInt32(updated.MemorySize) != 256 ||
		updated.Environment.Variables["MODE"] != "1" ||
		aws.ToString(updated.RevisionId) == aws.ToString(created.RevisionId) {
		t.Errorf("got %+v", updated)
	}
	const busy = "The operation cannot be performed at this time. An update is in progress for resource: " +
		"arn:aws:lambda:eu-central-1:123456789012:function:nightly"
	_, err = s.UpdateFunctionConfiguration(ctx, memory(512))
	wantError[*types.ResourceConflictException](t, err, busy)
	_, err = s.UpdateFunctionCode(ctx, &lambda.UpdateFunctionCodeInput{FunctionName: nightly, ZipFile: input(t).Code.ZipFile})
	wantError[*types.ResourceConflictException](t, err, busy)
	s.clock.Advance(time.Second)
	if err := lambda.NewFunctionUpdatedV2Waiter(s.Client).Wait(ctx, &lambda.GetFunctionInput{FunctionName: nightly}, time.Second); err != nil {
		t.Error(err)
	}

	archive := functiontest.Zip(t, []byte("#!/bin/sh\n"), 0o755)
	code := &lambda.UpdateFunctionCodeInput{FunctionName: nightly, ZipFile: archive,
		Architectures: []types.Architecture{types.ArchitectureArm64}}
	changed, err := s.UpdateFunctionCode(ctx, code)
	if err != nil || changed.Architectures[0] != types.ArchitectureArm64 || changed.CodeSize != int64(len(archive)) ||
		changed.LastUpdateStatus != types.LastUpdateStatusInProgress {
		t.Errorf("got %+v, %v", changed, err)
	}
	s.clock.Advance(time.Second)
	_, err = s.UpdateFunctionConfiguration(ctx, memory(1))
	wantCode(t, err, "ValidationException")
	_, err = s.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: nightly,
		Role: aws.String("arn:aws:iam::123456789012:role/other")})
	wantError[*types.InvalidParameterValueException](t, err, "The role defined for the function cannot be assumed by Lambda.")
	last, err := s.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
		FunctionName: nightly, Environment: &types.Environment{}, LoggingConfig: &types.LoggingConfig{LogFormat: types.LogFormatJson},
		Description: aws.String("new"),
	})
	if err != nil || last.Environment != nil || last.LoggingConfig.SystemLogLevel != types.SystemLogLevelInfo ||
		aws.ToString(last.Description) != "new" ||
		aws.ToInt32(last.MemorySize) != 256 {
		t.Errorf("got %+v, %v", last, err)
	}
	_, err = s.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: aws.String("other")})
	wantCode(t, err, "ResourceNotFoundException")
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	ctx := t.Context()
	s.create(t, nil)
	_, err := s.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: nightly})
	wantError[*types.ResourceNotFoundException](t, err, "The resource you requested does not exist.")
	in := &lambda.AddPermissionInput{
		FunctionName: nightly, StatementId: aws.String("gateway"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("apigateway.amazonaws.com"),
		SourceArn: aws.String("arn:aws:execute-api:eu-central-1:123456789012:abc/*/POST/"),
	}
	added, err := s.AddPermission(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"Sid":"gateway","Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction",` +
		`"Resource":"arn:aws:lambda:eu-central-1:123456789012:function:nightly","Condition":{` +
		`"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:eu-central-1:123456789012:abc/*/POST/"}}}`
	if aws.ToString(added.Statement) != want {
		t.Errorf("got the statement %s\nwant %s", aws.ToString(added.Statement), want)
	}
	_, err = s.AddPermission(ctx, in)
	wantError[*types.ResourceConflictException](t, err,
		"The statement id (gateway) provided already exists. Please provide a new statement id, or remove the existing statement.")
	for principal, stated := range map[string]string{"*": `"*"`, "999999999999": `{"AWS":"arn:aws:iam::999999999999:root"}`} {
		added, err := s.AddPermission(ctx, &lambda.AddPermissionInput{
			FunctionName: nightly, StatementId: aws.String("p" + fmt.Sprint(len(principal))), Action: aws.String("lambda:GetFunction"),
			Principal: &principal,
		})
		if err != nil || !strings.Contains(aws.ToString(added.Statement), `"Principal":`+stated) {
			t.Errorf("the principal %s gave %+v, %v", principal, added, err)
		}
	}
	_, err = s.AddPermission(ctx, &lambda.AddPermissionInput{FunctionName: nightly, StatementId: aws.String("x"),
		Action: aws.String("lambda:*"), Principal: aws.String("nobody")})
	wantError[*types.InvalidParameterValueException](t, err, "The provided principal was invalid. Please check the principal and try again.")

	policy, err := s.GetPolicy(ctx, &lambda.GetPolicyInput{FunctionName: nightly})
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Version   string
		Statement []struct{ Sid string }
	}
	if err := json.Unmarshal([]byte(aws.ToString(policy.Policy)), &document); err != nil || document.Version != "2012-10-17" ||
		len(document.Statement) != 3 || document.Statement[0].Sid != "gateway" {
		t.Errorf("got the policy %s, %v", aws.ToString(policy.Policy), err)
	}
	if _, err := s.RemovePermission(ctx, &lambda.RemovePermissionInput{FunctionName: nightly,
		StatementId: aws.String("gateway")}); err != nil {
		t.Fatal(err)
	}
	_, err = s.RemovePermission(ctx, &lambda.RemovePermissionInput{FunctionName: nightly, StatementId: aws.String("gateway")})
	wantError[*types.ResourceNotFoundException](t, err, "Statement gateway is not found in resource policy.")
}

func TestSourcePermission(t *testing.T) {
	t.Parallel()
	const source = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/POST/runs"
	for pattern, allowed := range map[string]bool{
		source: true,
		"arn:aws:execute-api:eu-central-1:123456789012:abc/*/*/*":       true,
		"arn:aws:execute-api:eu-central-1:123456789012:abc/*/POST/run?": true,
		"arn:aws:execute-api:eu-central-1:123456789012:abc/*/GET/*":     false,
		"arn:aws:execute-api:eu-central-1:123456789012:other/*":         false,
		"arn:aws:execute-api:us-east-1:123456789012:abc/*":              false,
		"arn:aws:execute-api:::*":                                       false, // a wildcard does not reach over a colon
	} {
		s := start(t, nil)
		s.create(t, func(in *lambda.CreateFunctionInput) {
			in.Code.ZipFile = functiontest.Zip(t, []byte("#!/bin/sh\n"), 0o755)
		})
		_, err := s.AddPermission(t.Context(), &lambda.AddPermissionInput{
			FunctionName: nightly, StatementId: aws.String("s"), Action: aws.String("lambda:InvokeFunction"),
			Principal: aws.String("apigateway.amazonaws.com"), SourceArn: &pattern,
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.service.Invoke(t.Context(), function.Invocation{
			Function: "nightly", Type: function.TypeEvent, Source: &function.Source{Service: "apigateway.amazonaws.com", ARN: source},
		})
		if (err == nil) != allowed {
			t.Errorf("%s: %v, want allowed: %t", pattern, err, allowed)
		}
		_, err = s.service.Invoke(t.Context(), function.Invocation{
			Function: "nightly", Type: function.TypeEvent, Source: &function.Source{Service: "events.amazonaws.com", ARN: source},
		})
		if err == nil || !strings.HasPrefix(err.Error(), "AccessDeniedException: User: events.amazonaws.com is not authorized") {
			t.Errorf("another service: %v", err)
		}
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	ctx := t.Context()
	arn := s.create(t, nil).FunctionArn
	if _, err := s.TagResource(ctx, &lambda.TagResourceInput{Resource: arn,
		Tags: map[string]string{"x": "1", "y": "2", "z": "ü"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UntagResource(ctx, &lambda.UntagResourceInput{Resource: arn, TagKeys: []string{"x", "y"}}); err != nil {
		t.Fatal(err)
	}
	got, err := s.ListTags(ctx, &lambda.ListTagsInput{Resource: arn})
	if err != nil || fmt.Sprint(got.Tags) != "map[z:ü]" {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = s.ListTags(ctx, &lambda.ListTagsInput{Resource: aws.String(aws.ToString(arn) + "x")})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = s.TagResource(ctx, &lambda.TagResourceInput{Resource: arn, Tags: map[string]string{"aws:x": "1"}})
	wantCode(t, err, "InvalidParameterValueException")
}

func TestListFunctions(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	for _, name := range []string{"c", "a", "b"} {
		s.create(t, func(in *lambda.CreateFunctionInput) {
			in.FunctionName = &name
			in.Code.ZipFile = functiontest.Zip(t, []byte("#!/bin/sh\n"), 0o755)
		})
	}
	out, err := s.ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range out.Functions {
		names = append(names, aws.ToString(f.FunctionName))
	}
	if fmt.Sprint(names) != "[a b c]" {
		t.Errorf("got %v", names)
	}
	_, err = s.ListVersionsByFunction(t.Context(), &lambda.ListVersionsByFunctionInput{FunctionName: aws.String("a")})
	wantCode(t, err, "UnknownOperationException")
}
