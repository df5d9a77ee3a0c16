// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func TestEventInvokeConfigLives(t *testing.T) {
	t.Parallel()
	s, _ := startWithQueue(t, nil)
	s.create(t, nil)
	name := aws.String("nightly")
	get := func() (*lambda.GetFunctionEventInvokeConfigOutput, error) {
		return s.GetFunctionEventInvokeConfig(t.Context(), &lambda.GetFunctionEventInvokeConfigInput{FunctionName: name})
	}
	const none = "The function " + functionARN + " doesn't have an EventInvokeConfig"
	_, err := get()
	wantError[*types.ResourceNotFoundException](t, err, none)

	s.putEventConfig(t, nil, aws.Int32(21600))
	if out, err := get(); err != nil || aws.ToString(out.FunctionArn) != functionARN || out.MaximumRetryAttempts != nil ||
		aws.ToInt32(out.MaximumEventAgeInSeconds) != 21600 ||
		aws.ToString(out.DestinationConfig.OnFailure.Destination) != queueARN || !out.LastModified.Equal(s.clock.Now()) {
		t.Errorf("got %+v, %v", out, err)
	}
	// Put replaces it as a whole.
	put := &lambda.PutFunctionEventInvokeConfigInput{FunctionName: name, MaximumRetryAttempts: aws.Int32(0)}
	if out, err := s.PutFunctionEventInvokeConfig(t.Context(), put); err != nil || aws.ToInt32(out.MaximumRetryAttempts) != 0 ||
		out.MaximumEventAgeInSeconds != nil || out.DestinationConfig.OnFailure.Destination != nil {
		t.Errorf("got %+v, %v", out, err)
	}
	remove := &lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: name}
	if _, err := s.DeleteFunctionEventInvokeConfig(t.Context(), remove); err != nil {
		t.Error(err)
	}
	_, err = s.DeleteFunctionEventInvokeConfig(t.Context(), remove)
	wantError[*types.ResourceNotFoundException](t, err, none)
	_, err = get()
	wantError[*types.ResourceNotFoundException](t, err, none)
}

func TestEventInvokeConfigRefusals(t *testing.T) {
	t.Parallel()
	s, q := startWithQueue(t, nil)
	s.create(t, nil)
	put := func(in lambda.PutFunctionEventInvokeConfigInput) error {
		if in.FunctionName == nil {
			in.FunctionName = aws.String("nightly")
		}
		_, err := s.PutFunctionEventInvokeConfig(t.Context(), &in)
		return err
	}
	to := func(arn string) lambda.PutFunctionEventInvokeConfigInput {
		return lambda.PutFunctionEventInvokeConfigInput{DestinationConfig: &types.DestinationConfig{
			OnFailure: &types.OnFailure{Destination: aws.String(arn)},
		}}
	}
	wantError[*types.InvalidParameterValueException](t, put(lambda.PutFunctionEventInvokeConfigInput{}),
		"You must specify at least one of error handling or destination setting.")
	wantError[*types.ResourceNotFoundException](t, put(lambda.PutFunctionEventInvokeConfigInput{FunctionName: aws.String("other"),
		MaximumRetryAttempts: aws.Int32(1)}),
		"The function doesn't exist.")
	wantCode(t, put(lambda.PutFunctionEventInvokeConfigInput{MaximumRetryAttempts: aws.Int32(3)}), "ValidationException")
	wantCode(t, put(lambda.PutFunctionEventInvokeConfigInput{MaximumEventAgeInSeconds: aws.Int32(59)}), "ValidationException")
	wantCode(t, put(lambda.PutFunctionEventInvokeConfigInput{MaximumEventAgeInSeconds: aws.Int32(21601)}), "ValidationException")
	wantCode(t, put(to("https://sqs.eu-central-1.amazonaws.com/123456789012/dead-letters")), "ValidationException")
	wantError[*types.InvalidParameterValueException](t, put(to("arn:aws:sns:eu-central-1:123456789012:topic")),
		"The provided destination config DestinationConfig(onSuccess=null, "+
			"onFailure=OnFailure(destination=arn:aws:sns:eu-central-1:123456789012:topic)) "+
			"is invalid. The sandbox sends to SQS queues alone.")
	wantError[*types.InvalidParameterValueException](t, put(to(queueARN+"-other")), "The destination ARN "+queueARN+"-other is invalid.")
	wantError[*types.InvalidParameterValueException](t, put(lambda.PutFunctionEventInvokeConfigInput{
		DestinationConfig: &types.DestinationConfig{OnSuccess: &types.OnSuccess{Destination: aws.String(queueARN)}},
	}), "The sandbox keeps no records of successful invocations.")
	q.mu.Lock()
	q.refuses = true
	q.mu.Unlock()
	wantError[*types.InvalidParameterValueException](t, put(to(queueARN)),
		"The function's execution role does not have permissions to call SendMessage on "+queueARN)
}
