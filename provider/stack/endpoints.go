// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	transport "github.com/aws/smithy-go/endpoints"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// FunctionEndpoints returns the endpoints of AWS's services that the function calls in a region, by the names of its environment variables.
// The SDK knows AWS's rules and their exceptions: for example, DynamoDB in GovCloud has no separate FIPS host. The function does not
// contain the SDK, so it gets the result. The result leaves out the endpoints in the provider's configuration: they are for the machine
// that runs Terraform.
func FunctionEndpoints(
	ctx context.Context, region string, fips aws.FIPSEndpointState, dualStack aws.DualStackEndpointState,
) (map[string]string, error) {
	at := aws.String(region)
	useFIPS, useDual := aws.Bool(fips == aws.FIPSEndpointStateEnabled), aws.Bool(dualStack == aws.DualStackEndpointStateEnabled)
	found := map[string]string{}
	for variable, resolve := range map[string]func() (transport.Endpoint, error){
		chain.EnvEndpointDynamoDB: func() (transport.Endpoint, error) {
			p := dynamodb.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDual}
			return dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, p)
		},
		chain.EnvEndpointEvents: func() (transport.Endpoint, error) {
			p := eventbridge.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDual}
			return eventbridge.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, p)
		},
		chain.EnvEndpointScheduler: func() (transport.Endpoint, error) {
			p := scheduler.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDual}
			return scheduler.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, p)
		},
		chain.EnvEndpointSNS: func() (transport.Endpoint, error) {
			p := sns.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDual}
			return sns.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, p)
		},
		chain.EnvEndpointSQS: func() (transport.Endpoint, error) {
			p := sqs.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDual}
			return sqs.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, p)
		},
		chain.EnvEndpointSSM: func() (transport.Endpoint, error) {
			p := ssm.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDual}
			return ssm.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, p)
		},
	} {
		endpoint, err := resolve()
		if err != nil {
			return nil, fmt.Errorf("the AWS region %s has no endpoint as use_fips_endpoint (%t) and use_dualstack_endpoint (%t) want it: %w. "+
				"Change these arguments of the provider's aws, or the environment variables AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT",
				region, *useFIPS, *useDual, err)
		}
		found[variable] = endpoint.URI.String()
	}
	return found, nil
}
