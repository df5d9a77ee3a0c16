// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

const (
	keyARN   = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	layerARN = "arn:aws:lambda:eu-central-1:123456789012:layer:insights:53"
)

// TestAttachments sets a function's attachments, changes another setting, and removes the attachments.
func TestAttachments(t *testing.T) {
	t.Parallel()
	s, q := startWithQueue(t, nil)
	created := s.create(t, func(in *lambda.CreateFunctionInput) { in.KMSKeyArn, in.Layers = aws.String(keyARN), []string{layerARN} })
	if aws.ToString(created.KMSKeyArn) != keyARN || len(created.Layers) != 1 || aws.ToString(created.Layers[0].Arn) != layerARN ||
		created.VpcConfig != nil {
		t.Errorf("created as %+v", created)
	}
	update := func(in *lambda.UpdateFunctionConfigurationInput) *lambda.UpdateFunctionConfigurationOutput {
		in.FunctionName = nightly
		out, err := s.UpdateFunctionConfiguration(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	update(&lambda.UpdateFunctionConfigurationInput{
		VpcConfig:        &types.VpcConfig{SubnetIds: []string{"subnet-1"}, SecurityGroupIds: []string{"sg-1"}},
		DeadLetterConfig: &types.DeadLetterConfig{TargetArn: aws.String(queueARN)},
	})
	got := update(&lambda.UpdateFunctionConfigurationInput{MemorySize: aws.Int32(256)})
	if aws.ToString(got.KMSKeyArn) != keyARN || len(got.Layers) != 1 || aws.ToString(got.DeadLetterConfig.TargetArn) != queueARN ||
		!slices.Equal(got.VpcConfig.SubnetIds, []string{"subnet-1"}) || !slices.Equal(got.VpcConfig.SecurityGroupIds, []string{"sg-1"}) ||
		aws.ToString(got.VpcConfig.VpcId) != "" {
		t.Errorf("after another change: %+v", got)
	}
	got = update(&lambda.UpdateFunctionConfigurationInput{
		KMSKeyArn: aws.String(""), Layers: []string{}, VpcConfig: &types.VpcConfig{SubnetIds: []string{}, SecurityGroupIds: []string{}},
		DeadLetterConfig: &types.DeadLetterConfig{TargetArn: aws.String("")},
	})
	if got.KMSKeyArn != nil || len(got.Layers) != 0 || len(got.VpcConfig.SubnetIds) != 0 || got.DeadLetterConfig != nil {
		t.Errorf("with all of it taken away: %+v", got)
	}
	q.mu.Lock()
	q.refuses = true
	q.mu.Unlock()
	for name, refused := range map[string]*lambda.UpdateFunctionConfigurationInput{
		"no key":          {KMSKeyArn: aws.String("alias/mine")},
		"no layer":        {Layers: []string{"insights"}},
		"six layers":      {Layers: slices.Repeat([]string{layerARN}, 6)},
		"subnets alone":   {VpcConfig: &types.VpcConfig{SubnetIds: []string{"subnet-1"}}},
		"a strange queue": {DeadLetterConfig: &types.DeadLetterConfig{TargetArn: aws.String(queueARN)}},
	} {
		refused.FunctionName = nightly
		if _, err := s.UpdateFunctionConfiguration(t.Context(), refused); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestFunctionURL(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	get := func() (*lambda.GetFunctionUrlConfigOutput, error) {
		return s.GetFunctionUrlConfig(t.Context(), &lambda.GetFunctionUrlConfigInput{FunctionName: nightly})
	}
	_, err := get()
	wantError[*types.ResourceNotFoundException](t, err, "The resource you requested does not exist.")
	in := &lambda.CreateFunctionUrlConfigInput{FunctionName: nightly, AuthType: types.FunctionUrlAuthTypeNone}
	created, err := s.CreateFunctionUrlConfig(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.CreateFunctionUrlConfig(t.Context(), in); err == nil {
		t.Error("a second address was made")
	}
	if out, err := get(); err != nil || out.AuthType != types.FunctionUrlAuthTypeNone ||
		aws.ToString(out.FunctionUrl) != aws.ToString(created.FunctionUrl) ||
		out.InvokeMode != types.InvokeModeBuffered {
		t.Errorf("got %+v, %v", out, err)
	}
	if _, err := s.DeleteFunctionUrlConfig(t.Context(), &lambda.DeleteFunctionUrlConfigInput{FunctionName: nightly}); err != nil {
		t.Error(err)
	}
	_, err = get()
	wantError[*types.ResourceNotFoundException](t, err, "The resource you requested does not exist.")
}

func TestEventSources(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	in := &lambda.CreateEventSourceMappingInput{FunctionName: nightly, EventSourceArn: aws.String(queueARN)}
	created, err := s.CreateEventSourceMapping(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.CreateEventSourceMapping(t.Context(), in)
	wantCode(t, err, "ResourceConflictException")
	list := func(function string) []types.EventSourceMappingConfiguration {
		t.Helper()
		out, err := s.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{FunctionName: aws.String(function)})
		if err != nil {
			t.Fatal(err)
		}
		return out.EventSourceMappings
	}
	if found := list("nightly"); len(found) != 1 || aws.ToString(found[0].UUID) != aws.ToString(created.UUID) ||
		aws.ToString(found[0].State) != "Enabled" ||
		aws.ToString(found[0].EventSourceArn) != queueARN {
		t.Errorf("got %+v", found)
	}
	if found := list("another"); len(found) != 0 {
		t.Errorf("another function has %+v", found)
	}
	remove := &lambda.DeleteEventSourceMappingInput{UUID: created.UUID}
	if _, err := s.DeleteEventSourceMapping(t.Context(), remove); err != nil {
		t.Error(err)
	}
	_, err = s.DeleteEventSourceMapping(t.Context(), remove)
	wantCode(t, err, "ResourceNotFoundException")
	if found := list("nightly"); len(found) != 0 {
		t.Errorf("left: %+v", found)
	}
}
