// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// MaxParameters is the number of parameters that can be read at once.
const MaxParameters = 10

// Parameters reads SSM Parameter Store. It is safe for concurrent use.
type Parameters struct{ client *client }

// NewParameters makes a reader of Parameter Store with the region, the credentials, the endpoint and the HTTP client of config.
func NewParameters(config aws.Config) *Parameters {
	return &Parameters{newClient(config, service{id: "SSM", scope: "ssm", target: "AmazonSSM", version: "1.1"})}
}

// Get reads at most MaxParameters parameters, decrypted. A parameter that does not exist is missing from the result. Source:
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
func (p *Parameters) Get(ctx context.Context, names []string) (map[string]string, error) {
	var out struct {
		Parameters []struct{ Name, Value string }
	}
	if err := p.client.call(ctx, "GetParameters", map[string]any{"Names": names, "WithDecryption": true}, &out); err != nil {
		return nil, err
	}
	values := make(map[string]string, len(out.Parameters))
	for _, p := range out.Parameters {
		values[p.Name] = p.Value
	}
	return values, nil
}
