// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func TestPartitions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ region, global, arn string }{
		"aws":        {"eu-west-1", "us-east-1", "arn:aws:iam::123456789012:user/sandbox"},
		"aws-cn":     {"cn-northwest-1", "cn-north-1", "arn:aws-cn:iam::123456789012:user/sandbox"},
		"aws-us-gov": {"us-gov-east-1", "us-gov-west-1", "arn:aws-us-gov:iam::123456789012:user/sandbox"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.Start(t, cloud.Config{Region: tt.region})
			// SDKs sign for their own region, or for that of the service's global endpoint.
			for _, region := range []string{tt.region, tt.global} {
				config := cloudtest.UserConfig(c)
				config.Region = region
				got, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if *got.Arn != tt.arn || *got.Account != c.Account() {
					t.Errorf("caller %s in account %s, want %s in %s", *got.Arn, *got.Account, tt.arn, c.Account())
				}
				_, err = iam.NewFromConfig(config).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("none")})
				cloudtest.WantError(t, err, 404, "NoSuchEntity", "")
			}
		})
	}
}

// TestEnvironment uses the sandbox as a tool does that knows nothing but its environment.
func TestEnvironment(t *testing.T) {
	c := cloudtest.Start(t, cloud.Config{})
	t.Setenv("AWS_PROFILE", "") // of the user who runs the test
	for _, variable := range c.Environment() {
		name, value, _ := strings.Cut(variable, "=")
		t.Setenv(name, value)
	}
	config, err := awsconfig.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func TestPortInUse(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	port := c.URL()[strings.LastIndex(c.URL(), ":")+1:]
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	second, err := cloud.Start(t.Context(), cloud.Config{Port: number})
	if err == nil {
		t.Fatal("two sandboxes on one port", second.Close())
	}
	if !strings.Contains(err.Error(), port) {
		t.Errorf("error %q does not name the port %s", err, port)
	}
}

// TestClose ends a call that is under way, and leaves nothing listening.
func TestClose(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 1)
	c, err := cloud.Start(t.Context(), cloud.Config{Now: func() time.Time { // asked first when a signature is checked
		select {
		case arrived <- struct{}{}:
		default:
		}
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	c.Faults().Add(cloud.Fault{Kind: cloud.FaultDelay, Delay: time.Hour})
	client := sts.NewFromConfig(cloudtest.UserConfig(c))
	ended := make(chan error, 1)
	go func() {
		_, err := client.GetCallerIdentity(context.WithoutCancel(t.Context()), nil)
		ended <- err
	}()
	<-arrived
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("the delayed call was answered")
	}
	if _, err := client.GetCallerIdentity(t.Context(), nil); err == nil {
		t.Error("a closed sandbox answers")
	}
}

// TestRetries shows that the SDK takes the faults for what they stand for, and tries again.
func TestRetries(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	for _, kind := range []cloud.FaultKind{cloud.FaultThrottle, cloud.FaultServer, cloud.FaultCutBefore} {
		c.Faults().Add(cloud.Fault{Service: "ssm", Kind: kind, Times: 1})
	}
	config := cloudtest.UserConfig(c)
	config.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 4
			o.Backoff = retry.NewExponentialJitterBackoff(time.Millisecond)
		})
	}
	if _, err := ssm.NewFromConfig(config).DescribeParameters(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, call := range c.Calls() {
		if call.Service != "ssm" || call.Operation != "DescribeParameters" {
			t.Errorf("call %+v", call)
		}
		got = append(got, call.Error)
	}
	if got, want := strings.Join(got, ","), "ThrottlingException,InternalServerError,connection cut,"; got != want {
		t.Errorf("the calls ended with %q, want %q", got, want)
	}
}

// TestUnknownService names a service that the sandbox does not have.
func TestUnknownService(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL()+"/bucket", nil)
	if err != nil {
		t.Fatal(err)
	}
	signRequest(t, c, request, "s3", c.Region(), time.Now())
	status, code := send(t, request)
	if status != http.StatusNotFound || code != "UnknownService" {
		t.Errorf("got %d %s, want 404 UnknownService", status, code)
	}
}
