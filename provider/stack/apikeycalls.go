// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// listKeys returns the keys with names that begin with the chain's object name.
func (s *Stack) listKeys(ctx context.Context) ([]types.ApiKey, error) {
	return listed(ctx, apigateway.NewGetApiKeysPaginator(s.APIGateway, &apigateway.GetApiKeysInput{
		NameQuery: aws.String(s.objectName()), IncludeValues: aws.Bool(false), Limit: aws.Int32(500),
	}), func(page *apigateway.GetApiKeysOutput) []types.ApiKey { return page.Items })
}

// getKey returns the key with this id, or nil when there is none.
func (s *Stack) getKey(ctx context.Context, id string) (*types.ApiKey, error) {
	out, err := found(s.APIGateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: aws.String(id)}))
	if out == nil {
		return nil, err
	}
	return &types.ApiKey{Id: out.Id, Name: out.Name, Description: out.Description, Enabled: out.Enabled, Tags: out.Tags}, nil
}

// keyValue reads the key's value.
func (s *Stack) keyValue(ctx context.Context, id string) (string, error) {
	out, err := s.APIGateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: aws.String(id), IncludeValue: aws.Bool(true)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Value), nil
}

func (s *Stack) deleteKey(ctx context.Context, id string) error {
	return gone(s.APIGateway.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: aws.String(id)}))
}
