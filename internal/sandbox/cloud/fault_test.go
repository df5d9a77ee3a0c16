// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func putParameter(ctx context.Context, c *cloud.Cloud, name string) error {
	input := &ssm.PutParameterInput{Name: aws.String(name), Value: aws.String("v"), Type: ssmtypes.ParameterTypeString}
	_, err := ssm.NewFromConfig(cloudtest.UserConfig(c)).PutParameter(ctx, input)
	return err
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind    cloud.FaultKind
		check   func(*testing.T, error)
		applied bool // the service carried the call out
		logged  string
	}{
		"throttle": {kind: cloud.FaultThrottle, logged: "ThrottlingException", check: func(t *testing.T, err error) {
			cloudtest.WantError(t, err, 400, "ThrottlingException", "Rate exceeded")
		}},
		"server": {kind: cloud.FaultServer, logged: "InternalServerError", check: func(t *testing.T, err error) {
			cloudtest.WantError(t, err, 500, "InternalServerError", "")
		}},
		"access denied": {kind: cloud.FaultAccessDenied, logged: "AccessDeniedException", check: func(t *testing.T, err error) {
			cloudtest.WantError(t, err, 400, "AccessDeniedException",
				"user/sandbox is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:eu-central-1:123456789012:parameter/a")
		}},
		"cut before": {kind: cloud.FaultCutBefore, logged: "connection cut", check: wantEOF},
		"cut after":  {kind: cloud.FaultCutAfter, logged: "connection cut", check: wantEOF, applied: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.Start(t, cloud.Config{})
			c.Faults().Add(cloud.Fault{Service: "ssm", Operation: "PutParameter", Kind: tt.kind, Times: 1})
			tt.check(t, putParameter(t.Context(), c, "/a"))
			if applied := slices.Equal(c.Objects()["ssm"], []string{"/a"}); applied != tt.applied {
				t.Errorf("the parameter exists: %v, want %v", applied, tt.applied)
			}
			calls := c.Calls()
			if len(calls) != 1 || calls[0].Service != "ssm" || calls[0].Operation != "PutParameter" || calls[0].Role != "" ||
				calls[0].Error != tt.logged {
				t.Errorf("the log has %v, want PutParameter with the error %q", calls, tt.logged)
			}
			if calls[0].Began.IsZero() || calls[0].Ended.Before(calls[0].Began) {
				t.Errorf("the call began at %s and ended at %s", calls[0].Began, calls[0].Ended)
			}
			if err := putParameter(t.Context(), c, "/b"); err != nil {
				t.Errorf("the next call: %v", err)
			}
		})
	}
}

func wantEOF(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want the end of the connection", err)
	}
}

// TestFaultSelection makes only the second and third PutParameter fail.
func TestFaultSelection(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	c.Faults().Add(cloud.Fault{Operation: "PutParameter", Skip: 1, Times: 2, Kind: cloud.FaultThrottle})
	roles := iam.NewFromConfig(cloudtest.UserConfig(c))
	getRole := func() error {
		_, err := roles.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("none")})
		return err
	}
	var failed []bool
	for _, name := range []string{"/1", "/2", "/3", "/4"} {
		failed = append(failed, putParameter(t.Context(), c, name) != nil)
		cloudtest.WantError(t, getRole(), 404, "NoSuchEntity", "")
	}
	if want := []bool{false, true, true, false}; !slices.Equal(failed, want) {
		t.Errorf("calls failed: %v, want %v", failed, want)
	}
	c.Faults().Add(cloud.Fault{Service: "iam", Kind: cloud.FaultServer})
	cloudtest.WantError(t, getRole(), 500, "ServiceFailure", "")
	cloudtest.WantError(t, getRole(), 500, "ServiceFailure", "")
	c.Faults().Clear()
	cloudtest.WantError(t, getRole(), 404, "NoSuchEntity", "")
}

func TestFaultDelay(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	c.Faults().Add(cloud.Fault{Kind: cloud.FaultDelay, Delay: time.Millisecond, Times: 1})
	if err := putParameter(t.Context(), c, "/soon"); err != nil {
		t.Error(err)
	}
	c.Faults().Add(cloud.Fault{Kind: cloud.FaultDelay, Delay: time.Hour, Times: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := putParameter(ctx, c, "/late"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
	if objects := c.Objects()["ssm"]; !slices.Equal(objects, []string{"/soon"}) {
		t.Errorf("parameters %v, want only the one that came in time", objects)
	}
}
