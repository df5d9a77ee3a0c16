// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	transport "github.com/aws/smithy-go/endpoints"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// FunctionEndpoints returns where the function calls AWS's services in a region, by the names of its variables. The SDK knows AWS's rules and their
// exceptions (GovCloud's DynamoDB has no host of its own for FIPS); the function, which goes without the SDK's packages, is given the result.
// Endpoints that the provider's configuration sets are not among them: they are for where Terraform runs.
func FunctionEndpoints(ctx context.Context, region string, fips aws.FIPSEndpointState, dualStack aws.DualStackEndpointState) (map[string]string, error) {
	at, useFIPS, useDualStack := aws.String(region), aws.Bool(fips == aws.FIPSEndpointStateEnabled), aws.Bool(dualStack == aws.DualStackEndpointStateEnabled)
	found := map[string]string{}
	for variable, resolve := range map[string]func() (transport.Endpoint, error){
		chain.EnvEndpointDynamoDB: func() (transport.Endpoint, error) {
			return dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, dynamodb.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDualStack})
		},
		chain.EnvEndpointScheduler: func() (transport.Endpoint, error) {
			return scheduler.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, scheduler.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDualStack})
		},
		chain.EnvEndpointSNS: func() (transport.Endpoint, error) {
			return sns.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sns.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDualStack})
		},
		chain.EnvEndpointSQS: func() (transport.Endpoint, error) {
			return sqs.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, sqs.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDualStack})
		},
		chain.EnvEndpointSSM: func() (transport.Endpoint, error) {
			return ssm.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, ssm.EndpointParameters{Region: at, UseFIPS: useFIPS, UseDualStack: useDualStack})
		},
	} {
		endpoint, err := resolve()
		if err != nil {
			return nil, fmt.Errorf("the AWS region %s has no endpoint as use_fips_endpoint (%t) and use_dualstack_endpoint (%t) want it: %w. "+
				"Change these arguments of the provider's aws, or the environment variables AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT",
				region, *useFIPS, *useDualStack, err)
		}
		found[variable] = endpoint.URI.String()
	}
	return found, nil
}
