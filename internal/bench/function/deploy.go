// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/standin"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// world is the tenant and the AWS services, with the two chains deployed to them.
type world struct {
	dir         string
	certificate *standin.Certificate
	tenant      *standin.Tenant
	aws         *standin.AWS
	small       deployed
	large       deployed
}

// deployed is what the programs are told of one chain.
type deployed struct {
	function []string // the function's environment
	node     []string // that of the functions in Node.js
}

func newWorld(ctx context.Context, dir string) (w *world, err error) {
	w = &world{dir: dir}
	if w.certificate, err = standin.NewCertificate(dir); err != nil {
		return nil, err
	}
	if w.tenant, err = standin.StartTenant(ctx, w.certificate); err != nil {
		return nil, err
	}
	if w.aws, err = standin.StartAWS(ctx, w.certificate); err != nil {
		return nil, errors.Join(err, w.tenant.Close())
	}
	if w.small, err = w.deploy(ctx, "small", small()); err == nil {
		w.large, err = w.deploy(ctx, "large", large())
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *world) close() error { return errors.Join(w.tenant.Close(), w.aws.Close()) }

// deploy writes what the provider would write where the function reads it, below the name.
func (w *world) deploy(ctx context.Context, name string, d *chain.Definition) (deployed, error) {
	config := w.aws.Config()
	if _, err := dynamodb.NewFromConfig(config).CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String(name), BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: dynamodbtypes.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: dynamodbtypes.ScalarAttributeTypeS},
		},
		KeySchema: []dynamodbtypes.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: dynamodbtypes.KeyTypeHash},
			{AttributeName: aws.String("sk"), KeyType: dynamodbtypes.KeyTypeRange},
		},
	}); err != nil {
		return deployed{}, err
	}
	path := "/qlik-task-chain/" + name
	if err := putParameters(ctx, ssm.NewFromConfig(config), path, d); err != nil {
		return deployed{}, err
	}
	file := filepath.Join(w.dir, name+".json")
	text, err := json.Marshal(list(d))
	if err != nil {
		return deployed{}, err
	}
	return deployed{
		function: append(w.aws.Environment(),
			chain.EnvContract+"="+chain.ContractVersion, chain.EnvChainName+"="+name, chain.EnvTenantURL+"="+w.tenant.URL,
			chain.EnvTenantID+"="+tenantID, chain.EnvTable+"="+name,
			chain.EnvEndpointDynamoDB+"="+w.aws.URL, chain.EnvEndpointScheduler+"="+w.aws.URL, chain.EnvEndpointSNS+"="+w.aws.URL,
			chain.EnvEndpointSQS+"="+w.aws.URL, chain.EnvEndpointSSM+"="+w.aws.URL,
			chain.EnvDefinitionParameter+"="+path+"/definition", chain.EnvCredentialsParameter+"="+path+"/credentials",
			chain.EnvSigningSecretParameter+"="+path+"/signing-secret", chain.EnvScheduleGroup+"="+name,
			chain.EnvTimerRoleARN+"=arn:aws:iam::123456789012:role/"+name, chain.EnvOperatorKeyID+"=operators",
			chain.EnvDeadLetterQueueARN+"=arn:aws:sqs:eu-central-1:123456789012:"+name),
		node: []string{"NODE_EXTRA_CA_CERTS=" + w.certificate.Alone, "LIST=" + file, "QLIK_TENANT_URL=" + w.tenant.URL, "QLIK_API_KEY=" + apiKey},
	}, os.WriteFile(file, text, 0o600)
}

func putParameters(ctx context.Context, client *ssm.Client, path string, d *chain.Definition) error {
	stored, err := d.Store()
	if err != nil {
		return err
	}
	credentials, err := json.Marshal(qlik.Credentials{APIKey: apiKey}) //nolint:gosec // of a tenant that is none
	if err != nil {
		return err
	}
	secret, err := json.Marshal(chain.SigningSecret{Current: signingSecret})
	if err != nil {
		return err
	}
	secrets := map[string]string{path + "/credentials": string(credentials), path + "/signing-secret": string(secret)}
	texts := map[string]string{path + "/definition": stored.Value}
	for id, part := range stored.Parts {
		texts[path+"/definition/"+id] = part
	}
	for kind, values := range map[ssmtypes.ParameterType]map[string]string{ssmtypes.ParameterTypeSecureString: secrets, ssmtypes.ParameterTypeString: texts} {
		for name, value := range values {
			if _, err := client.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String(name), Value: aws.String(value), Type: kind}); err != nil {
				return err
			}
		}
	}
	return nil
}
