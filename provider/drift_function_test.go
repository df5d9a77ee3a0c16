// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"archive/zip"
	"bytes"
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

const (
	functionARN  = "arn:aws:lambda:eu-central-1:123456789012:function:" + objectName
	queueARN     = "arn:aws:sqs:eu-central-1:123456789012:" + queueName
	strangerRole = "somebodys"
)

// These calls repair most of it: each sets everything that it can set.
var (
	reconfigured = calls{"lambda UpdateFunctionConfiguration"}
	resetAsync   = calls{"lambda PutFunctionEventInvokeConfig"}
)

// functionDrifts are manual changes of the Lambda function and everything attached to it.
var functionDrifts = driftGroup{
	settings: `
  memory_size                    = 512
  kms_key_arn                    = "` + kmsKeyARN + `"
  reserved_concurrent_executions = 5
  events                         = { bus = "chains" }
  tags                           = { owner = "bi" }`,
	spec: func(spec *stack.Spec) {
		spec.Events = &stack.Events{Bus: "chains"}
		spec.MemorySize, spec.KMSKeyARN, spec.ReservedConcurrency, spec.Tags = 512, kmsKeyARN, aws.Int32(5), map[string]string{"owner": "bi"}
	},
	tidy: deleteRoleItself(strangerRole),
	drifts: []drift{
		{"deleted", deleteFunction, shown{
			"code_sha256":             gone,
			"credentials_fingerprint": gone,
			"drift.function":          "missing",
			"function_arn":            gone,
		}, calls{
			"lambda AddPermission", "lambda CreateFunction", "lambda PutFunctionConcurrency", "lambda PutFunctionEventInvokeConfig",
			"ssm PutParameter",
		}},
		{"code", func(ctx context.Context, h *harness) error {
			archive, err := zipOf("bootstrap", "#!/bin/sh\n")
			if err != nil {
				return err
			}
			_, err = lambda.NewFromConfig(h.AWS()).UpdateFunctionCode(ctx,
				&lambda.UpdateFunctionCodeInput{FunctionName: aws.String(objectName), ZipFile: archive})
			return err
		}, shown{"code_sha256": "W+YJawu5VZvaaVc+mX3orYYfPL0KVIv9Fq1hF9f1Do0="}, calls{"lambda UpdateFunctionCode"}},
		{"bus", setVariables(map[string]string{chain.EnvEventBus: "other"}), shown{"events": `{"bus":"other"}`}, reconfigured},
		{"variable added", setVariables(map[string]string{"DEBUG": "1"}), shown{"drift.function.environment": "other values of DEBUG"},
			reconfigured},
		{"variable changed", setVariables(map[string]string{chain.EnvTable: "another"}),
			shown{"drift.function.environment": "other values of TABLE_NAME"}, reconfigured},
		{"role", giveOtherRole,
			shown{"drift.function.role": "arn:aws:iam::123456789012:role/somebodys, should be " +
				"arn:aws:iam::123456789012:role/qlik-task-chain-nightly-eu-central-1"},
			reconfigured},
		{"runtime", updateFunction(&lambda.UpdateFunctionConfigurationInput{Runtime: types.RuntimeProvidedal2}),
			shown{"drift.function.runtime": "provided.al2, should be provided.al2023"}, reconfigured},
		{"handler", updateFunction(&lambda.UpdateFunctionConfigurationInput{Handler: aws.String("main")}),
			shown{"drift.function.handler": "main, should be bootstrap"}, reconfigured},
		{"description", updateFunction(&lambda.UpdateFunctionConfigurationInput{Description: aws.String("mine")}),
			shown{"drift.function.description": "mine, should be Starts what comes next in the task chain nightly."}, reconfigured},
		{"memory", updateFunction(&lambda.UpdateFunctionConfigurationInput{MemorySize: aws.Int32(128)}), shown{"memory_size": "128"},
			reconfigured},
		{"timeout", updateFunction(&lambda.UpdateFunctionConfigurationInput{Timeout: aws.Int32(3)}),
			shown{"drift.function.timeout": "3, should be 60"}, reconfigured},
		{"tracing", updateFunction(&lambda.UpdateFunctionConfigurationInput{TracingConfig: &types.TracingConfig{Mode: types.TracingModeActive}}),
			shown{"drift.function.tracing_mode": "Active, should be PassThrough"}, reconfigured},
		{"ephemeral storage", updateFunction(&lambda.UpdateFunctionConfigurationInput{
			EphemeralStorage: &types.EphemeralStorage{Size: aws.Int32(1024)},
		}),
			shown{"drift.function.ephemeral_storage": "1024, should be 512"}, reconfigured},
		{"layer", updateFunction(&lambda.UpdateFunctionConfigurationInput{
			Layers: []string{"arn:aws:lambda:eu-central-1:123456789012:layer:agent:1"},
		}), shown{"drift.function.layers": "arn:aws:lambda:eu-central-1:123456789012:layer:agent:1, should be none"}, reconfigured},
		{"file system", updateFunction(&lambda.UpdateFunctionConfigurationInput{
			VpcConfig: &types.VpcConfig{SubnetIds: []string{"subnet-1"}, SecurityGroupIds: []string{"sg-1"}},
			FileSystemConfigs: []types.FileSystemConfig{{
				Arn:            aws.String("arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-0123456789abcdef0"),
				LocalMountPath: aws.String("/mnt/mine"),
			}},
		}), shown{
			"drift.function.file_systems": "arn:aws:elasticfilesystem:eu-central-1:123456789012:access-point/fsap-0123456789abcdef0, should be none",
			"drift.function.vpc":          "subnet-1, sg-1, should be none",
		}, reconfigured},
		{"failed", func(_ context.Context, h *harness) error { return h.Cloud.Lambda().Fail(objectName) },
			shown{"drift.function.state": "Failed InternalError, should be Active"},
			calls{"lambda AddPermission", "lambda CreateFunction", "lambda DeleteFunction", "lambda PutFunctionConcurrency",
				"lambda PutFunctionEventInvokeConfig"}},
		{"VPC", updateFunction(&lambda.UpdateFunctionConfigurationInput{
			VpcConfig: &types.VpcConfig{SubnetIds: []string{"subnet-1"}, SecurityGroupIds: []string{"sg-1"}},
		}), shown{"drift.function.vpc": "subnet-1, sg-1, should be none"}, reconfigured},
		{"dead-letter target", updateFunction(&lambda.UpdateFunctionConfigurationInput{
			DeadLetterConfig: &types.DeadLetterConfig{TargetArn: aws.String(queueARN)},
		}),
			shown{"drift.function.dead_letter_target": "arn:aws:sqs:eu-central-1:123456789012:qlik-task-chain-nightly-dead-letters, should be none"},
			reconfigured},
		{"key changed", updateFunction(&lambda.UpdateFunctionConfigurationInput{KMSKeyArn: aws.String(secondKeyARN)}),
			shown{"drift.function.kms_key": "arn:aws:kms:eu-central-1:123456789012:key/9999abcd-12ab-34cd-56ef-1234567890ab, should be"},
			reconfigured},
		{"key taken away", updateFunction(&lambda.UpdateFunctionConfigurationInput{KMSKeyArn: aws.String("")}),
			shown{"drift.function.kms_key": "none, should be arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
			reconfigured},
		{"log format", updateFunction(&lambda.UpdateFunctionConfigurationInput{
			LoggingConfig: &types.LoggingConfig{LogFormat: types.LogFormatText},
		}), shown{
			"drift.function.application_log_level": "none, should be INFO",
			"drift.function.log_format":            "Text, should be JSON",
			"drift.function.system_log_level":      "none, should be INFO",
		}, reconfigured},
		{"log group", updateFunction(&lambda.UpdateFunctionConfigurationInput{
			LoggingConfig: &types.LoggingConfig{LogGroup: aws.String("/elsewhere")},
		}),
			shown{"drift.function.log_group": "/elsewhere, should be /aws/lambda/qlik-task-chain-nightly"}, reconfigured},
		{"log levels", updateFunction(&lambda.UpdateFunctionConfigurationInput{LoggingConfig: &types.LoggingConfig{
			LogFormat: types.LogFormatJson, ApplicationLogLevel: types.ApplicationLogLevelFatal, SystemLogLevel: types.SystemLogLevelWarn,
		}}), shown{
			"drift.function.application_log_level": "FATAL, should be INFO",
			"drift.function.system_log_level":      "WARN, should be INFO",
		}, reconfigured},
		{"concurrency changed", reserveConcurrency(1), shown{"reserved_concurrent_executions": "1"}, calls{"lambda PutFunctionConcurrency"}},
		{"concurrency given back", func(ctx context.Context, h *harness) error {
			_, err := lambda.NewFromConfig(h.AWS()).DeleteFunctionConcurrency(ctx,
				&lambda.DeleteFunctionConcurrencyInput{FunctionName: aws.String(objectName)})
			return err
		}, shown{"reserved_concurrent_executions": gone}, calls{"lambda PutFunctionConcurrency"}},
		{"URL", func(ctx context.Context, h *harness) error {
			_, err := lambda.NewFromConfig(h.AWS()).CreateFunctionUrlConfig(ctx, &lambda.CreateFunctionUrlConfigInput{
				FunctionName: aws.String(objectName), AuthType: types.FunctionUrlAuthTypeNone,
			})
			return err
		}, shown{"drift.function.url": ".lambda-url.eu-central-1.on.aws/, should be none"}, calls{"lambda DeleteFunctionUrlConfig"}},
		{"event source", func(ctx context.Context, h *harness) error {
			_, err := lambda.NewFromConfig(h.AWS()).CreateEventSourceMapping(ctx, &lambda.CreateEventSourceMappingInput{
				FunctionName: aws.String(objectName), EventSourceArn: aws.String(queueARN),
			})
			return err
		},
			shown{"drift.function.event_source_mappings": "arn:aws:sqs:eu-central-1:123456789012:qlik-task-chain-nightly-dead-letters, should be " +
				"none"},
			calls{"lambda DeleteEventSourceMapping"}},
		{"permission taken away", removePermission, shown{"drift.function.permission": "missing"}, calls{"lambda AddPermission"}},
		{"permission of another API", inTurn(removePermission,
			addPermission(statementID, "apigateway.amazonaws.com", "arn:aws:execute-api:eu-central-1:123456789012:another/live/*")),
			shown{"drift.function.permission": `:another/live/*"}}, should be Allow lambda:InvokeFunction to {"Service":"apigateway.amazonaws.com"} if`},
			calls{"lambda AddPermission", "lambda RemovePermission"}},
		{"permission for everybody", func(ctx context.Context, h *harness) error {
			api, err := h.restAPI(ctx)
			if err != nil {
				return err
			}
			source := "arn:aws:execute-api:eu-central-1:123456789012:" + api + "/live/*"
			return inTurn(removePermission, addPermission(statementID, "*", source))(ctx, h)
		},
			shown{"drift.function.permission": `Allow lambda:InvokeFunction to "*" if {"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:`},
			calls{"lambda AddPermission", "lambda RemovePermission"}},
		{"permission added", addPermission("everybody", "*", ""),
			shown{"drift.function.other_permissions": "everybody, should be none"}, calls{"lambda RemovePermission"}},
		{"asynchronous settings deleted", deleteEventInvokeConfig, shown{"drift.function.event_invoke_config": "missing"}, resetAsync},
		{"retries", putEventInvokeConfig(0, 21600),
			shown{"drift.function.event_invoke_config.maximum_retry_attempts": "0, should be 2"}, resetAsync},
		{"age of events", putEventInvokeConfig(2, 60),
			shown{"drift.function.event_invoke_config.maximum_event_age_in_seconds": "60, should be 21600"}, resetAsync},
		{"dead letters kept by nobody", func(ctx context.Context, h *harness) error {
			_, err := lambda.NewFromConfig(h.AWS()).PutFunctionEventInvokeConfig(ctx, &lambda.PutFunctionEventInvokeConfigInput{
				FunctionName: aws.String(objectName), MaximumRetryAttempts: aws.Int32(2), MaximumEventAgeInSeconds: aws.Int32(21600),
			})
			return err
		}, shown{"drift.function.event_invoke_config.on_failure": "none, should be " + queueARN}, resetAsync},
		{"tag changed", tagFunction(map[string]string{"owner": "me"}), shown{"tags": `{"owner":"me"}`, "tags_all": `{"owner":"me"}`},
			calls{"lambda TagResource"}},
		{"tag added", tagFunction(map[string]string{"cost-center": "1"}),
			shown{"tags": `{"cost-center":"1","owner":"bi"}`, "tags_all": `{"cost-center":"1","owner":"bi"}`}, calls{"lambda UntagResource"}},
		{"chain's tag changed", tagFunction(map[string]string{"managed-by": "me"}),
			shown{"drift.function.tags": "managed-by = me, should be managed-by = terraform-provider-qlik"}, calls{"lambda TagResource"}},
	},
}

const statementID = "qlik-task-chain-api-gateway"

func deleteFunction(ctx context.Context, h *harness) error {
	_, err := lambda.NewFromConfig(h.AWS()).DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: aws.String(objectName)})
	return err
}

func zipOf(name, content string) ([]byte, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	file, err := w.CreateHeader(&zip.FileHeader{Name: name, ExternalAttrs: 0o755 << 16})
	if err != nil {
		return nil, err
	}
	if _, err := file.Write([]byte(content)); err != nil {
		return nil, err
	}
	err = w.Close()
	return archive.Bytes(), err
}

// updateFunction changes what is set in the input.
func updateFunction(input *lambda.UpdateFunctionConfigurationInput) hand {
	input.FunctionName = aws.String(objectName)
	return func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).UpdateFunctionConfiguration(ctx, input)
		return err
	}
}

// setVariables sets these and leaves the others.
func setVariables(variables map[string]string) hand {
	return func(ctx context.Context, h *harness) error {
		client := lambda.NewFromConfig(h.AWS())
		out, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(objectName)})
		if err != nil {
			return err
		}
		all := out.Environment.Variables
		maps.Copy(all, variables)
		return updateFunction(&lambda.UpdateFunctionConfigurationInput{Environment: &types.Environment{Variables: all}})(ctx, h)
	}
}

// giveOtherRole lets the function run under a user's own role.
func giveOtherRole(ctx context.Context, h *harness) error {
	out, err := iam.NewFromConfig(h.AWS()).CreateRole(ctx, &iam.CreateRoleInput{
		RoleName:                 aws.String(strangerRole),
		AssumeRolePolicyDocument: aws.String(trustIn("lambda.amazonaws.com")),
	})
	if err != nil {
		return err
	}
	return updateFunction(&lambda.UpdateFunctionConfigurationInput{Role: out.Role.Arn})(ctx, h)
}

func reserveConcurrency(n int32) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{
			FunctionName: aws.String(objectName), ReservedConcurrentExecutions: aws.Int32(n),
		})
		return err
	}
}

func removePermission(ctx context.Context, h *harness) error {
	_, err := lambda.NewFromConfig(h.AWS()).RemovePermission(ctx, &lambda.RemovePermissionInput{
		FunctionName: aws.String(objectName), StatementId: aws.String(statementID),
	})
	return err
}

// addPermission lets another principal call the function, from a source if one is given.
func addPermission(id, principal, source string) hand {
	input := &lambda.AddPermissionInput{
		FunctionName: aws.String(objectName), StatementId: aws.String(id), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String(principal),
	}
	if source != "" {
		input.SourceArn = aws.String(source)
	}
	return func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).AddPermission(ctx, input)
		return err
	}
}

func deleteEventInvokeConfig(ctx context.Context, h *harness) error {
	_, err := lambda.NewFromConfig(h.AWS()).DeleteFunctionEventInvokeConfig(ctx,
		&lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: aws.String(objectName)})
	return err
}

func putEventInvokeConfig(retries, seconds int32) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).PutFunctionEventInvokeConfig(ctx, &lambda.PutFunctionEventInvokeConfigInput{
			FunctionName: aws.String(objectName), MaximumRetryAttempts: aws.Int32(retries), MaximumEventAgeInSeconds: aws.Int32(seconds),
			DestinationConfig: &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String(queueARN)}},
		})
		return err
	}
}

func tagFunction(tags map[string]string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).TagResource(ctx, &lambda.TagResourceInput{Resource: aws.String(functionARN), Tags: tags})
		return err
	}
}
