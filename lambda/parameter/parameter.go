// SPDX-License-Identifier: MPL-2.0

// Package parameter reads SSM Parameter Store.
package parameter

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/awscall"
)

// MaxNames is how many parameters can be read at once.
const MaxNames = 10

// Store is Parameter Store. It is safe for concurrent use.
type Store struct{ client *awscall.JSONClient }

// New makes a store of the region, the credentials, the endpoint and the HTTP client of config.
func New(config aws.Config) *Store {
	return &Store{awscall.NewJSONClient(config, awscall.JSONService{Service: awscall.Service{ID: "SSM", Scope: "ssm"}, Target: "AmazonSSM", Protocol: "1.1"})}
}

// Get reads at most MaxNames parameters, decrypted. One that does not exist is missing from the result. Source:
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
func (s *Store) Get(ctx context.Context, names []string) (map[string]string, error) {
	var out struct {
		Parameters []struct{ Name, Value string }
	}
	if err := s.client.Call(ctx, "GetParameters", map[string]any{"Names": names, "WithDecryption": true}, &out); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(out.Parameters))
	for _, p := range out.Parameters {
		values[p.Name] = p.Value
	}
	return values, nil
}
