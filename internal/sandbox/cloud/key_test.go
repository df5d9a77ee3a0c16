// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

const keyARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// TestCustomerKeyOfAParameter reads and writes a SecureString as a role that may use Parameter Store and, at first, not the key.
func TestCustomerKeyOfAParameter(t *testing.T) {
	t.Parallel()
	const (
		store   = `{"Effect":"Allow","Action":"ssm:*","Resource":"*"}`
		via     = `,"Condition":{"StringEquals":{"kms:ViaService":"ssm.eu-central-1.amazonaws.com"}}`
		decrypt = `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"` + keyARN + `"` + via + `}`
		encrypt = `{"Effect":"Allow","Action":"kms:Encrypt","Resource":"` + keyARN + `"` + via + `}`
		another = `{"Effect":"Allow","Action":"kms:*","Resource":"` + keyARN +
			`","Condition":{"StringEquals":{"kms:ViaService":"sqs.eu-central-1.amazonaws.com"}}}`
		// What the encryption context says is the parameter, and no other.
		elsewhere = `{"Effect":"Allow","Action":"kms:*","Resource":"` + keyARN + `","Condition":{"StringEquals":{` +
			`"kms:EncryptionContext:PARAMETER_ARN":"arn:aws:ssm:eu-central-1:123456789012:parameter/other/secret"}}}`
		own = `{"Effect":"Allow","Action":["kms:Decrypt","kms:Encrypt"],"Resource":"` + keyARN + `","Condition":{"StringEquals":{` +
			`"kms:EncryptionContext:PARAMETER_ARN":"arn:aws:ssm:eu-central-1:123456789012:parameter/chain/secret"}}}`
	)
	c := cloudtest.Start(t, cloud.Config{})
	put := func(config aws.Config) error {
		_, err := ssm.NewFromConfig(config).PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: aws.String("/chain/secret"), Value: aws.String("v"), Type: ssmtypes.ParameterTypeSecureString, KeyId: aws.String(keyARN),
			Overwrite: aws.Bool(true),
		})
		return err
	}
	if err := put(cloudtest.UserConfig(c)); err != nil {
		t.Fatal(err)
	}
	createRole(t, c, "reader", "")
	config := cloudtest.RoleConfig(t, c, "reader")
	client := ssm.NewFromConfig(config)
	reads := map[string]func(decrypted bool) error{
		"GetParameter": func(decrypted bool) error {
			_, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/chain/secret"), WithDecryption: &decrypted})
			return err
		},
		"GetParameters": func(decrypted bool) error {
			_, err := client.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"/chain/secret"}, WithDecryption: &decrypted})
			return err
		},
		"GetParametersByPath": func(decrypted bool) error {
			_, err := client.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/chain"), WithDecryption: &decrypted})
			return err
		},
	}
	for _, statements := range []string{store, store + "," + another, store + "," + elsewhere} {
		putRolePolicy(t, c, "reader", `{"Statement":[`+statements+`]}`)
		for name, read := range reads {
			cloudtest.WantError(t, read(true), 400, "AccessDeniedException", "kms:Decrypt on resource: "+keyARN)
			if err := read(false); err != nil {
				t.Errorf("%s without decryption: %v", name, err)
			}
		}
		cloudtest.WantError(t, put(config), 400, "AccessDeniedException", "kms:Encrypt on resource: "+keyARN)
	}
	for _, statements := range []string{store + "," + decrypt + "," + encrypt, store + "," + own} {
		putRolePolicy(t, c, "reader", `{"Statement":[`+statements+`]}`)
		for name, read := range reads {
			if err := read(true); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := put(config); err != nil {
			t.Error(err)
		}
	}
}

// TestCustomerKeyOfATable reads an item as a role that may read the table and, at first, not use its key.
func TestCustomerKeyOfATable(t *testing.T) {
	t.Parallel()
	const (
		items   = `{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}`
		context = `{"Effect":"Allow","Action":"kms:Decrypt","Resource":"` + keyARN + `","Condition":{"StringEquals":{` +
			`"kms:EncryptionContext:aws:dynamodb:tableName":"TABLE","kms:EncryptionContext:aws:dynamodb:subscriberId":"123456789012"}}}`
	)
	c := cloudtest.Start(t, cloud.Config{})
	name, id := aws.String("chain"), aws.String("id")
	user := dynamodb.NewFromConfig(cloudtest.UserConfig(c))
	_, err := user.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: name, BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: id, AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: id, KeyType: dynamodbtypes.KeyTypeHash}},
		SSESpecification: &dynamodbtypes.SSESpecification{Enabled: aws.Bool(true), SSEType: dynamodbtypes.SSETypeKms,
			KMSMasterKeyId: aws.String(keyARN)},
	})
	if err == nil {
		there := dynamodb.NewTableExistsWaiter(user, func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = time.Millisecond,
				time.Second
		})
		err = there.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: name}, time.Minute)
	}
	if err != nil {
		t.Fatal(err)
	}
	createRole(t, c, "reader", "")
	get := func() error {
		_, err := dynamodb.NewFromConfig(cloudtest.RoleConfig(t, c, "reader")).GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: name, Key: map[string]dynamodbtypes.AttributeValue{"id": &dynamodbtypes.AttributeValueMemberS{Value: "1"}},
		})
		return err
	}
	for _, statements := range []string{items, items + "," + strings.Replace(context, "TABLE", "other", 1)} {
		putRolePolicy(t, c, "reader", `{"Statement":[`+statements+`]}`)
		cloudtest.WantError(t, get(), 400, "AccessDeniedException", "kms:Decrypt on resource: "+keyARN)
	}
	putRolePolicy(t, c, "reader", `{"Statement":[`+items+","+strings.Replace(context, "TABLE", "chain", 1)+`]}`)
	if err := get(); err != nil {
		t.Error(err)
	}
}

// TestCustomerKeyOfAFunction asks of the role that sets the key what AWS asks. The functions that come after that are refused for
// want of a zip.
func TestCustomerKeyOfAFunction(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	createRole(t, c, "deployer", `{"Statement":{"Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"}}`)
	create := func() error {
		_, err := lambda.NewFromConfig(cloudtest.RoleConfig(t, c, "deployer")).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
			FunctionName: aws.String("a"), Role: aws.String("arn:aws:iam::123456789012:role/deployer"), KMSKeyArn: aws.String(keyARN),
			Runtime: "provided.al2023", Handler: aws.String("bootstrap"), Code: &lambdatypes.FunctionCode{},
		})
		return err
	}
	cloudtest.WantError(t, create(), 403, "AccessDeniedException", "kms:CreateGrant on resource: "+keyARN)
	putRolePolicy(t, c, "deployer", `{"Statement":{"Effect":"Allow","Action":["lambda:*","iam:PassRole","kms:CreateGrant"],"Resource":"*"}}`)
	const context = `{"Effect":"Allow","Action":"kms:Encrypt","Resource":"*","Condition":{"StringEquals":{` +
		`"kms:EncryptionContext:aws:lambda:FunctionArn":"arn:aws:lambda:eu-central-1:123456789012:function:NAME"}}}`
	const rest = `{"Effect":"Allow","Action":["lambda:*","iam:PassRole","kms:CreateGrant"],"Resource":"*"}`
	cloudtest.WantError(t, create(), 403, "AccessDeniedException", "kms:Encrypt on resource: "+keyARN)
	putRolePolicy(t, c, "deployer", `{"Statement":[`+rest+","+strings.Replace(context, "NAME", "b", 1)+`]}`)
	cloudtest.WantError(t, create(), 403, "AccessDeniedException", "kms:Encrypt on resource: "+keyARN)
	putRolePolicy(t, c, "deployer", `{"Statement":[`+rest+","+strings.Replace(context, "NAME", "a", 1)+`]}`)
	cloudtest.WantError(t, create(), 400, "InvalidParameterValueException", "ZipFile")
}
