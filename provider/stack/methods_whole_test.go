// SPDX-License-Identifier: MPL-2.0

package stack_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go/middleware"
)

// TestMethodsThatComeInParts checks methods that come without all of their parts. AWS documents that the list of resources embeds methods,
// but not that these are complete. What is missing is looked up, and no plan shows a change for it.
func TestMethodsThatComeInParts(t *testing.T) {
	t.Parallel()
	deployed := deploy(t)
	for name, test := range map[string]struct {
		without func(*types.Method)
		lookups int32
	}{
		"all of them":                   {func(*types.Method) {}, 0},
		"without integrations":          {func(m *types.Method) { m.MethodIntegration = nil }, 5},
		"without methods' responses":    {func(m *types.Method) { m.MethodResponses = nil }, 1}, // the others have none
		"without integration responses": {func(m *types.Method) { m.MethodIntegration.IntegrationResponses = nil }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var lookups atomic.Int32
			d := *deployed
			d.clients.APIGateway = apigateway.New(deployed.clients.APIGateway.Options(), func(o *apigateway.Options) {
				o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
					return s.Initialize.Add(middleware.InitializeMiddlewareFunc("parts", func(
						ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
					) (middleware.InitializeOutput, middleware.Metadata, error) {
						out, metadata, err := next.HandleInitialize(ctx, in)
						switch answer := out.Result.(type) {
						case *apigateway.GetMethodOutput:
							lookups.Add(1)
						case *apigateway.GetResourcesOutput:
							for _, resource := range answer.Items {
								for verb, method := range resource.ResourceMethods {
									test.without(&method)
									resource.ResourceMethods[verb] = method
								}
							}
						}
						return out, metadata, err
					}), middleware.Before)
				})
			})
			if _, differences := d.find(t); len(differences) > 0 {
				t.Errorf("the chain differs as it was deployed: %v", differences)
			}
			if n := lookups.Load(); n != test.lookups {
				t.Errorf("%d methods were looked up, and not %d", n, test.lookups)
			}
		})
	}
}
