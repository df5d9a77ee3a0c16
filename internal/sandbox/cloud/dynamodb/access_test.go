// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

// as returns a client of a role that may do some actions on the chain's table.
func as(t *testing.T, c *cloud.Cloud, role string, actions ...string) *dynamodb.Client {
	t.Helper()
	client := iam.NewFromConfig(cloudtest.UserConfig(c))
	if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &role, AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`)}); err != nil {
		t.Fatal(err)
	}
	policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["dynamodb:%s"],"Resource":"%s"}}`,
		strings.Join(actions, `","dynamodb:`), tableARN)
	if _, err := client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("table"),
		PolicyDocument: &policy}); err != nil {
		t.Fatal(err)
	}
	return dynamodb.NewFromConfig(cloudtest.RoleConfig(t, c, role))
}

func TestAccess(t *testing.T) {
	t.Parallel()
	c, user := startTable(t)
	create(t, user, func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("other") })
	ctx := t.Context()
	role := as(t, c, "writer", "GetItem", "PutItem", "Query")
	put(t, role, key("a", "b"))
	if get(t, role, "a", "b") == nil {
		t.Error("the role does not see its item")
	}
	if _, err := role.Query(ctx, queryInput("pk = :pk", item{":pk": s("a")})); err != nil {
		t.Error(err)
	}
	if _, err := role.TransactWriteItems(ctx, transact(transactPut(key("a", "c"), "", nil))); err != nil {
		t.Error(err)
	}

	_, err := role.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String(tableName)})
	cloudtest.WantError(t, err, 400, "AccessDeniedException", "dynamodb:Scan on resource: "+tableARN)
	_, err = role.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("other"), Key: key("a", "b")})
	cloudtest.WantError(t, err, 400, "AccessDeniedException", "table/other")
	_, err = role.TransactWriteItems(ctx, transact(transactPut(key("a", "e"), "", nil), transactDelete(key("a", "d"))))
	cloudtest.WantError(t, err, 400, "AccessDeniedException", "dynamodb:DeleteItem on resource: "+tableARN)
	if get(t, user, "a", "e") != nil {
		t.Error("a transaction that was not allowed has written")
	}
}

// TestTagsOfNewTable needs two permissions.
func TestTagsOfNewTable(t *testing.T) {
	t.Parallel()
	c, _ := start(t, atOnce)
	tags := func(in *dynamodb.CreateTableInput) {
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}
	}
	_, err := as(t, c, "without", "CreateTable").CreateTable(t.Context(), definition(tags))
	cloudtest.WantError(t, err, 400, "AccessDeniedException", "dynamodb:TagResource")
	create(t, as(t, c, "with", "CreateTable", "TagResource"), tags)
}

func TestFaults(t *testing.T) {
	t.Parallel()
	c, client := startTable(t)
	c.Faults().Add(cloud.Fault{Service: "dynamodb", Operation: "PutItem", Times: 1, Kind: cloud.FaultThrottle})
	c.Faults().Add(cloud.Fault{Service: "dynamodb", Operation: "PutItem", Times: 1, Kind: cloud.FaultServer})
	_, err := client.PutItem(t.Context(), putInput(key("a", "b")))
	cloudtest.WantError(t, err, 400, "ProvisionedThroughputExceededException", "")
	var throttled *types.ProvisionedThroughputExceededException
	if !errors.As(err, &throttled) {
		t.Errorf("the SDK does not know the error %v", err)
	}
	_, err = client.PutItem(t.Context(), putInput(key("a", "b")))
	cloudtest.WantError(t, err, 500, "InternalServerError", "")
	put(t, client, key("a", "b"))
}
