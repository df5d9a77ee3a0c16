// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	sandboxdynamodb "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb"
	sandboxssm "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/ssm"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	region  = "eu-central-1"
	account = "123456789012"
)

// awsServices is the sandbox's Parameter Store and DynamoDB without the sandbox's checks of signatures and permissions, which would take
// longer than what is measured.
type awsServices struct {
	url      string
	config   aws.Config
	services map[string]wire.Service // by the first part of X-Amz-Target
	calls    atomic.Int64
	tables   int
}

func (a *awsServices) start(client *http.Client) {
	owner := wire.Account{ID: account, Region: region}
	a.services = map[string]wire.Service{
		"AmazonSSM": sandboxssm.New(sandboxssm.Config{Account: owner, Now: time.Now}),
		"DynamoDB_20120810": sandboxdynamodb.New(sandboxdynamodb.Config{Account: owner, Now: time.Now, Clock: &clock.Clock{},
			TransitionTime: -1}),
	}
	a.config = aws.Config{
		Region: region, BaseEndpoint: &a.url, HTTPClient: client, Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
	}
}

// ServeHTTP answers one call.
func (a *awsServices) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.calls.Add(1)
	target, _, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	service, found := a.services[target]
	body, err := io.ReadAll(r.Body)
	if err != nil || !found {
		http.Error(w, "the bench has no such service", http.StatusNotFound)
		return
	}
	request := &wire.Request{HTTP: r, Body: body, ID: uuid.NewString(), Region: region, Caller: wire.Identity{Account: account}}
	call, err := service.Call(request)
	var response *wire.Response
	if err == nil {
		response, err = call.Run()
	}
	if err != nil {
		service.WriteError(w, request, err)
		return
	}
	maps.Copy(w.Header(), response.Header)
	_, _ = w.Write(response.Body) // if this fails the caller is gone
}

// deploy writes what the provider writes for the function, with this prefix.
func (a *awsServices) deploy(ctx context.Context, prefix string, d *chain.Definition) error {
	stored, err := d.Store()
	if err != nil {
		return err
	}
	credentials, err := json.Marshal(qlik.Credentials{APIKey: apiKey}) //nolint:gosec // of a tenant that is none
	if err != nil {
		return err
	}
	values := map[string]string{
		"/credentials": string(credentials), "/signing-secret": chain.SigningSecret{Current: signingSecret}.Store(), "/definition": stored.Value,
	}
	for id, part := range stored.Parts {
		values["/definition/"+id] = part
	}
	client := ssm.NewFromConfig(a.config)
	for name, value := range values {
		in := &ssm.PutParameterInput{Name: aws.String(prefix + name), Value: &value, Type: ssmtypes.ParameterTypeSecureString}
		if _, err := client.PutParameter(ctx, in); err != nil {
			return err
		}
	}
	return nil
}

// newTable makes an empty table, and returns its name.
func (a *awsServices) newTable(ctx context.Context) (string, error) {
	a.tables++
	name := fmt.Sprintf("bench-%d", a.tables)
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	kinds := []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}
	for i, key := range []string{"pk", "sk"} {
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{AttributeName: &key, KeyType: kinds[i]})
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: &key, AttributeType: types.ScalarAttributeTypeS})
	}
	_, err := dynamodb.NewFromConfig(a.config).CreateTable(ctx, in)
	return name, err
}

// environment returns the environment variables that Lambda gives the function of a chain: NAME=value.
func (w *world) environment(prefix, table string) []string {
	arn := func(service, resource string) string { return "arn:aws:" + service + ":" + account + ":" + resource }
	values := map[string]string{
		"SSL_CERT_DIR": filepath.Dir(w.trusted), // beside the machine's roots: on Lambda too, Go reads all of them before its first request
		"AWS_REGION":   region, "AWS_ENDPOINT_URL": w.aws.url, "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key",
		chain.EnvContract: chain.ContractVersion, chain.EnvChainName: "bench", chain.EnvTenantURL: w.tenant.url, chain.EnvTenantID: tenantID,
		chain.EnvTable: table, chain.EnvScheduleGroup: "bench", chain.EnvOperatorKeyID: "operators",
		chain.EnvDefinitionParameter: prefix + "/definition", chain.EnvCredentialsParameter: prefix + "/credentials",
		chain.EnvSigningSecretParameter: prefix + "/signing-secret", chain.EnvTimerRoleARN: arn("iam:", "role/bench"),
		chain.EnvDeadLetterQueueARN: arn("sqs:"+region, "bench"),
	}
	for _, name := range []string{
		chain.EnvEndpointDynamoDB, chain.EnvEndpointEvents, chain.EnvEndpointScheduler, chain.EnvEndpointSNS, chain.EnvEndpointSQS,
		chain.EnvEndpointSSM,
	} {
		values[name] = w.aws.url
	}
	var environment []string
	for name, value := range values {
		environment = append(environment, name+"="+value)
	}
	return environment
}
