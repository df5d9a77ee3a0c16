// SPDX-License-Identifier: MPL-2.0

package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

// caller makes the calls of a provider: a parameter, then a webhook.
type caller struct{ *sandbox.Sandbox }

func startCaller(t *testing.T) caller {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return caller{s}
}

func (c caller) putParameter(ctx context.Context) error {
	config := c.AWS()
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	_, err := ssm.NewFromConfig(config).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/a"), Value: aws.String("v"), Type: ssmtypes.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	return err
}

func (c caller) createWebhook(ctx context.Context) error {
	status, _, err := sandbox.Call(ctx, http.MethodPost, c.Tenant.URL()+"/api/v1/webhooks",
		map[string]string{"Authorization": "Bearer " + c.Tenant.APIKey(), "Content-Type": "application/json"},
		strings.NewReader(`{"name":"a","url":"http://127.0.0.1:1/","level":"tenant","eventTypes":["com.qlik.v1.reload.finished"]}`))
	if err == nil && status != http.StatusCreated {
		err = errors.New(strconv.Itoa(status))
	}
	return err
}

// TestFailProviderCall lets a call to AWS and a call to Qlik Cloud fail in every way, and checks whether the call was carried out.
func TestFailProviderCall(t *testing.T) {
	t.Parallel()
	code := func(err error) string {
		var api smithy.APIError
		switch {
		case errors.As(err, &api):
			return api.ErrorCode()
		case errors.Is(err, context.DeadlineExceeded):
			return "deadline"
		case err != nil && strings.Contains(err.Error(), "EOF"):
			return "EOF"
		case err != nil:
			return err.Error()
		}
		return ""
	}
	for name, test := range map[string]struct {
		kind      cloud.FaultKind
		aws, qlik string
		applied   bool
	}{
		"throttle":      {cloud.FaultThrottle, "ThrottlingException", "429", false},
		"server":        {cloud.FaultServer, "InternalServerError", "503", false},
		"access denied": {cloud.FaultAccessDenied, "AccessDeniedException", "403", false},
		"hang":          {cloud.FaultHang, "deadline", "deadline", false},
		"cut before":    {cloud.FaultCutBefore, "EOF", "EOF", false},
		"cut after":     {cloud.FaultCutAfter, "EOF", "EOF", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startCaller(t)
			first, second := c.FailProviderCall(1, test.kind, false), c.FailProviderCall(3, test.kind, false)
			within := 10 * time.Second
			if test.kind == cloud.FaultHang {
				within = 200 * time.Millisecond
			}
			call := func(do func(context.Context) error) string {
				ctx, cancel := context.WithTimeout(t.Context(), within)
				defer cancel()
				return code(do(ctx))
			}
			if got := call(c.putParameter); got != test.aws {
				t.Errorf("AWS answered %q, want %q", got, test.aws)
			}
			if exists := len(c.Objects()["ssm"]) == 1; exists != test.applied {
				t.Errorf("the parameter exists: %v", exists)
			}
			within = 10 * time.Second
			if got := call(c.putParameter); got != "" {
				t.Errorf("AWS answered %q the second time", got)
			}
			if test.kind == cloud.FaultHang {
				within = 200 * time.Millisecond
			}
			if got := call(c.createWebhook); got != test.qlik {
				t.Errorf("Qlik answered %q, want %q", got, test.qlik)
			}
			if exists := len(c.Tenant.Webhooks()) == 1; exists != test.applied {
				t.Errorf("the webhook exists: %v", exists)
			}
			within = 10 * time.Second
			if got := call(c.createWebhook); got != "" {
				t.Errorf("Qlik answered %q the second time", got)
			}
			if name, times := first.Point(); name != "ssm PutParameter" || times != 1 {
				t.Errorf("the first fault met %q %d times", name, times)
			}
			if name, times := second.Point(); name != "qlik POST /api/v1/webhooks" || times != 1 {
				t.Errorf("the second fault met %q %d times", name, times)
			}
			want := []string{"ssm PutParameter", "ssm PutParameter", "qlik POST /api/v1/webhooks", "qlik POST /api/v1/webhooks"}
			if got := c.ProviderCalls(); !slices.Equal(got, want) {
				t.Errorf("the calls were %q, want %q", got, want)
			}
		})
	}
}

// TestLastingProviderFault denies only one operation, until the fault is disarmed.
func TestLastingProviderFault(t *testing.T) {
	t.Parallel()
	c := startCaller(t)
	fault := c.FailProviderCall(1, cloud.FaultAccessDenied, true)
	never := c.FailProviderCall(7, cloud.FaultThrottle, false)
	for range 3 {
		if err := c.putParameter(t.Context()); err == nil {
			t.Error("the denied call went well")
		}
	}
	if err := c.createWebhook(t.Context()); err != nil {
		t.Errorf("another call: %v", err)
	}
	fault.Disarm()
	if err := c.putParameter(t.Context()); err != nil {
		t.Errorf("after Disarm: %v", err)
	}
	if _, times := fault.Point(); times != 3 {
		t.Errorf("the fault happened %d times", times)
	}
	if name, times := never.Point(); name != "" || times != 0 {
		t.Errorf("the fault of a call that never came met %q %d times", name, times)
	}
}

// TestOnlyProviderCallsCount does not count the calls of functions, and restarts the count after a reset.
func TestOnlyProviderCallsCount(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.ResetProviderCalls()
	c.send(t, c.calls(t))
	c.run(t)
	if c.written(t, "/second") != 1 || len(c.OutsideCalls()) != 3 {
		t.Errorf("the function's calls were %q", c.OutsideCalls())
	}
	if calls := c.ProviderCalls(); slices.ContainsFunc(c.OutsideCalls(), func(of string) bool { return slices.Contains(calls, of) }) {
		t.Errorf("the calls were %q", calls)
	}
	c.ResetProviderCalls()
	fault := c.FailProviderCall(1, cloud.FaultServer, false)
	if err := (caller{c.Sandbox}).createWebhook(t.Context()); err == nil {
		t.Error("the first call that counts went well")
	}
	if name, times := fault.Point(); name != "qlik POST /api/v1/webhooks" || times != 1 {
		t.Errorf("the fault met %q %d times", name, times)
	}
	c.FailProviderCall(2, cloud.FaultServer, false)
	c.ResetProviderCalls()
	for range 2 {
		if err := (caller{c.Sandbox}).createWebhook(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
