// SPDX-License-Identifier: MPL-2.0

package stack_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/sync/errgroup"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// gatewayCalls are the calls that looking up a chain may take of API Gateway.
var gatewayCalls = map[string]func(context.Context, *apigateway.Client) error{
	"GetApiKeys": func(ctx context.Context, c *apigateway.Client) error {
		_, err := c.GetApiKeys(ctx, &apigateway.GetApiKeysInput{})
		return err
	},
	"GetDeployment": func(ctx context.Context, c *apigateway.Client) error {
		_, err := c.GetDeployment(ctx, &apigateway.GetDeploymentInput{RestApiId: aws.String("a"), DeploymentId: aws.String("d")})
		return err
	},
	"GetMethod": func(ctx context.Context, c *apigateway.Client) error {
		_, err := c.GetMethod(ctx, &apigateway.GetMethodInput{RestApiId: aws.String("a"), ResourceId: aws.String("r"),
			HttpMethod: aws.String("GET")})
		return err
	},
	"GetResources": func(ctx context.Context, c *apigateway.Client) error {
		_, err := c.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: aws.String("a")})
		return err
	},
	"GetRestApi": func(ctx context.Context, c *apigateway.Client) error {
		_, err := c.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: aws.String("a")})
		return err
	},
	"GetStage": func(ctx context.Context, c *apigateway.Client) error {
		_, err := c.GetStage(ctx, &apigateway.GetStageInput{RestApiId: aws.String("a"), StageName: aws.String("live")})
		return err
	},
	"GetUsagePlan": func(ctx context.Context, c *apigateway.Client) error {
		_, err := c.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: aws.String("p")})
		return err
	},
	"GetUsagePlanKeys": func(ctx context.Context, c *apigateway.Client) error {
		_, err := c.GetUsagePlanKeys(ctx, &apigateway.GetUsagePlanKeysInput{UsagePlanId: aws.String("p")})
		return err
	},
}

// TestPlanOfManyChains measures how long a plan of 100 chains takes under API Gateway's fixed quotas, in virtual time. It uses the calls
// that looking up a chain makes. It also measures one more call for each method and for the deployment, as before these came with other
// calls.
func TestPlanOfManyChains(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	deployed := deploy(t)
	if _, differences := deployed.find(t); len(differences) > 0 {
		t.Fatalf("the chain differs as it was deployed: %v", differences)
	}
	var calls []string
	for _, answer := range deployed.answers.sorted() {
		if name, ofGateway := strings.CutPrefix(answer.name, "apigateway."); ofGateway {
			calls = append(calls, strings.TrimSuffix(name, "Input"))
		}
	}
	took := planOf(t, 100, calls)
	before := planOf(t, 100, append([]string{"GetDeployment", "GetMethod", "GetMethod", "GetMethod", "GetMethod", "GetMethod"}, calls...))
	t.Logf("calls: a plan of 100 chains takes %v of API Gateway's time with %d calls a chain, %v with %d", took, len(calls), before,
		len(calls)+6)
	if len(calls) > 6 || took > 57*time.Second {
		t.Errorf("looking a chain up takes more than 6 calls: %q", calls)
	}
}

// planOf looks chains up, ten at a time as terraform does.
func planOf(t *testing.T, chains int, calls []string) (took time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client := apigateway.New(apigateway.Options{
			Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""), HTTPClient: emptyAnswers{},
			APIOptions: []func(*middleware.Stack) error{stack.NewPacer(1).Add},
		})
		began := time.Now()
		all, ctx := errgroup.WithContext(t.Context())
		all.SetLimit(10)
		for range chains {
			all.Go(func() error {
				one, ctx := errgroup.WithContext(ctx)
				for _, call := range calls {
					one.Go(func() error { return gatewayCalls[call](ctx, client) })
				}
				return one.Wait()
			})
		}
		if err := all.Wait(); err != nil {
			t.Error(err)
		}
		took = time.Since(began).Round(time.Second)
	})
	return took
}

// emptyAnswers answers every request with nothing, 50 milliseconds later.
type emptyAnswers struct{}

func (emptyAnswers) Do(r *http.Request) (*http.Response, error) {
	time.Sleep(50 * time.Millisecond)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}
