// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	sandbox "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb"
)

const (
	tableARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/" + tableName
	keyARN   = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
)

func encrypted(enabled bool, id string) *types.SSESpecification {
	in := &types.SSESpecification{Enabled: &enabled}
	if enabled {
		in.SSEType = types.SSETypeKms
	}
	if id != "" {
		in.KMSMasterKeyId = &id
	}
	return in
}

// TestLifecycle creates a table, waits for it, changes it and deletes it.
func TestLifecycle(t *testing.T) {
	t.Parallel()
	c, client := start(t, cloud.Config{})
	ctx := t.Context()
	made := create(t, client, func(in *dynamodb.CreateTableInput) {
		in.SSESpecification = encrypted(true, keyARN)
		in.DeletionProtectionEnabled = aws.Bool(true)
		in.TableClass = types.TableClassStandard
	})
	if made.TableStatus != types.TableStatusCreating || aws.ToString(made.TableArn) != tableARN {
		t.Errorf("made: %s %s", made.TableStatus, *made.TableArn)
	}
	got := waitActive(t, client)
	if got.TableStatus != types.TableStatusActive || aws.ToString(got.TableId) != *made.TableId || len(*made.TableId) != 36 ||
		got.CreationDateTime == nil || time.Since(*got.CreationDateTime).Abs() > time.Minute ||
		got.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || !*got.DeletionProtectionEnabled ||
		got.SSEDescription == nil || got.SSEDescription.Status != types.SSEStatusEnabled ||
		aws.ToString(got.SSEDescription.KMSMasterKeyArn) != keyARN ||
		got.TableClassSummary.TableClass != types.TableClassStandard || aws.ToInt64(got.ProvisionedThroughput.ReadCapacityUnits) != 0 {
		t.Errorf("described: %+v", got)
	}
	want := definition()
	if len(got.KeySchema) != 2 || *got.KeySchema[1].AttributeName != "sk" || got.KeySchema[1].KeyType != types.KeyTypeRange ||
		len(got.AttributeDefinitions) != len(want.AttributeDefinitions) ||
		got.AttributeDefinitions[0].AttributeType != types.ScalarAttributeTypeS {
		t.Errorf("the key: %+v %+v", got.KeySchema, got.AttributeDefinitions)
	}
	put(t, client, key("a", "b"))
	if counted := waitActive(t, client); aws.ToInt64(counted.ItemCount) != 1 || aws.ToInt64(counted.TableSizeBytes) != 6 {
		t.Errorf("one item counts as %d, %d bytes", *counted.ItemCount, *counted.TableSizeBytes)
	}
	if objects := c.Objects()["dynamodb"]; !slices.Equal(objects, []string{tableARN}) {
		t.Errorf("objects %v", objects)
	}

	_, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(tableName)})
	cloudtest.WantError(t, err, 400, "ValidationException", "protected against deletion")
	updated, err := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{
		TableName: aws.String(tableName), DeletionProtectionEnabled: aws.Bool(false), SSESpecification: encrypted(false, ""),
	})
	if err != nil || updated.TableDescription.TableStatus != types.TableStatusUpdating {
		t.Fatalf("the update: %+v, %v", updated, err)
	}
	if got = waitActive(t, client); *got.DeletionProtectionEnabled || got.SSEDescription != nil {
		t.Errorf("updated: %v %+v", *got.DeletionProtectionEnabled, got.SSEDescription)
	}

	stream := func(enabled bool, view types.StreamViewType) error {
		_, err := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{
			TableName: aws.String(tableName), StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(enabled),
				StreamViewType: view},
		})
		waitActive(t, client)
		return err
	}
	cloudtest.WantError(t, stream(false, ""), 400, "ValidationException", "no stream")
	cloudtest.WantError(t, stream(true, "ALL"), 400, "ValidationException", "enum value set")
	if err := stream(true, types.StreamViewTypeKeysOnly); err != nil {
		t.Fatal(err)
	}
	cloudtest.WantError(t, stream(true, types.StreamViewTypeKeysOnly), 400, "ValidationException", "already has an enabled stream")
	if got = waitActive(t, client); !*got.StreamSpecification.StreamEnabled ||
		got.StreamSpecification.StreamViewType != types.StreamViewTypeKeysOnly ||
		*got.LatestStreamArn != tableARN+"/stream/"+*got.LatestStreamLabel {
		t.Errorf("with a stream: %+v %s", got.StreamSpecification, aws.ToString(got.LatestStreamArn))
	}
	if err := stream(false, ""); err != nil {
		t.Fatal(err)
	}
	if got = waitActive(t, client); got.StreamSpecification != nil || got.LatestStreamArn == nil {
		t.Errorf("without the stream: %+v %s", got.StreamSpecification, aws.ToString(got.LatestStreamArn))
	}

	deleted, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(tableARN)})
	if err != nil || deleted.TableDescription.TableStatus != types.TableStatusDeleting {
		t.Fatalf("the deletion: %+v, %v", deleted, err)
	}
	gone := dynamodb.NewTableNotExistsWaiter(client, func(o *dynamodb.TableNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 20*time.Millisecond
	})
	if err := gone.Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(tableName)}, 30*time.Second); err != nil {
		t.Fatal(err)
	}
	if objects := c.Objects()["dynamodb"]; len(objects) > 0 {
		t.Errorf("objects %v", objects)
	}
	create(t, client) // the name is free again
}

// TestBusy makes every call on a table that stays in a transitional state.
func TestBusy(t *testing.T) {
	t.Parallel()
	_, client := start(t, cloud.Config{DynamoDB: sandbox.Config{TransitionTime: time.Hour}})
	ctx := t.Context()
	create(t, client)
	_, err := client.CreateTable(ctx, definition())
	cloudtest.WantError(t, err, 400, "ResourceInUseException", "Table already exists: "+tableName)
	_, err = client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(tableName)})
	cloudtest.WantError(t, err, 400, "ResourceInUseException", "Table is being created")
	_, err = client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: aws.String(tableName), DeletionProtectionEnabled: aws.Bool(true)})
	cloudtest.WantError(t, err, 400, "ResourceInUseException", "Table is being created")
	_, err = client.UpdateTimeToLive(ctx, timeToLive("expires", true))
	cloudtest.WantError(t, err, 400, "ResourceInUseException", "Table is being created")
	_, err = client.PutItem(ctx, putInput(key("a", "b")))
	cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "Requested resource not found")
	var notFound *types.ResourceNotFoundException
	if !errors.As(err, &notFound) {
		t.Errorf("the SDK does not know the error %v", err)
	}
	_, err = client.UpdateContinuousBackups(ctx, recovery(true, 0))
	cloudtest.WantError(t, err, 400, "ContinuousBackupsUnavailableException", "Backups are being enabled for the table: "+tableName+
		". Please retry later")
	backups, err := client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(tableName)})
	if err != nil || backups.ContinuousBackupsDescription.ContinuousBackupsStatus != types.ContinuousBackupsStatusDisabled {
		t.Errorf("backups of a new table: %+v, %v", backups, err)
	}
}

func TestNoTable(t *testing.T) {
	t.Parallel()
	_, client := start(t, cloud.Config{})
	ctx, name := t.Context(), aws.String("missing")
	_, describe := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: name})
	_, update := client.UpdateTable(ctx, &dynamodb.UpdateTableInput{TableName: name, DeletionProtectionEnabled: aws.Bool(true)})
	_, remove := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: name})
	_, ttl := client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: name})
	_, tags := client.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(tableARN)})
	_, item := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: key("a", "b")})
	for i, err := range []error{describe, update, remove, ttl, tags, item} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "Requested resource not found")
		})
	}
	_, err := client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: name})
	cloudtest.WantError(t, err, 400, "TableNotFoundException", "Table not found: missing")
}

func TestCreateTableRefused(t *testing.T) {
	t.Parallel()
	_, client := start(t, cloud.Config{})
	for want, change := range map[string]func(*dynamodb.CreateTableInput){
		"tableName":              func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("a b") },
		"must both be specified": func(in *dynamodb.CreateTableInput) { in.BillingMode = types.BillingModeProvisioned },
		"'keySchema' failed":     func(in *dynamodb.CreateTableInput) { in.KeySchema = []types.KeySchemaElement{} },
		"Invalid KeySchema":      func(in *dynamodb.CreateTableInput) { slices.Reverse(in.KeySchema) },
		"not defined":            func(in *dynamodb.CreateTableInput) { in.AttributeDefinitions = in.AttributeDefinitions[:1] },
		"does not exactly match": func(in *dynamodb.CreateTableInput) { in.KeySchema = in.KeySchema[:1] },
		"[S, N, B]":              func(in *dynamodb.CreateTableInput) { in.AttributeDefinitions[0].AttributeType = "SS" },
		"SSE is not enabled":     func(in *dynamodb.CreateTableInput) { in.SSESpecification = encrypted(false, keyARN) },
		"Invalid keyId":          func(in *dynamodb.CreateTableInput) { in.SSESpecification = encrypted(true, "key") },
		"SSEType AES256": func(in *dynamodb.CreateTableInput) {
			in.SSESpecification = &types.SSESpecification{SSEType: types.SSETypeAes256}
		},
		"tableClass": func(in *dynamodb.CreateTableInput) { in.TableClass = "COLD" },
		"aws: are reserved": func(in *dynamodb.CreateTableInput) {
			in.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}
		},
		"OnDemandThroughput": func(in *dynamodb.CreateTableInput) { in.OnDemandThroughput = &types.OnDemandThroughput{} },
		`GlobalSecondaryIndexes"`: func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{IndexName: aws.String("index"), KeySchema: in.KeySchema,
				Projection: &types.Projection{}}}
		},
	} {
		_, err := client.CreateTable(t.Context(), definition(change))
		cloudtest.WantError(t, err, 400, "ValidationException", want)
	}
}

func TestUpdateTableRefused(t *testing.T) {
	t.Parallel()
	_, client := start(t, atOnce)
	create(t, client, func(in *dynamodb.CreateTableInput) { in.SSESpecification = encrypted(true, "alias/tables") })
	for want, in := range map[string]*dynamodb.UpdateTableInput{
		"At least one of":        {},
		"must both be specified": {BillingMode: types.BillingModeProvisioned},
		"already encrypted":      {SSESpecification: encrypted(true, "alias/tables")},
		"tableClass":             {TableClass: "COLD", DeletionProtectionEnabled: aws.Bool(true)},
	} {
		in.TableName = aws.String(tableName)
		_, err := client.UpdateTable(t.Context(), in)
		cloudtest.WantError(t, err, 400, "ValidationException", want)
	}
	if got := waitActive(t, client); *got.DeletionProtectionEnabled {
		t.Error("an update that was refused has changed the table")
	}
}

func TestCapacity(t *testing.T) {
	t.Parallel()
	_, client := start(t, atOnce)
	create(t, client)
	for _, test := range []struct {
		mode  types.BillingMode
		units *types.ProvisionedThroughput
		read  int64
	}{
		{types.BillingModeProvisioned, &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(2), WriteCapacityUnits: aws.Int64(1)}, 2},
		{types.BillingModePayPerRequest, nil, 0},
	} {
		_, err := client.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
			TableName: aws.String(tableName), BillingMode: test.mode, ProvisionedThroughput: test.units,
		})
		if err != nil {
			t.Fatal(err)
		}
		got := waitActive(t, client)
		if got.BillingModeSummary.BillingMode != test.mode || *got.ProvisionedThroughput.ReadCapacityUnits != test.read {
			t.Errorf("%s: the table has the mode %s and %+v", test.mode, got.BillingModeSummary.BillingMode, *got.ProvisionedThroughput)
		}
	}
}

func TestListTables(t *testing.T) {
	t.Parallel()
	_, client := start(t, atOnce)
	for i := range 5 {
		create(t, client, func(in *dynamodb.CreateTableInput) { in.TableName = aws.String(fmt.Sprint("table-", i)) })
	}
	got, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil || strings.Join(got.TableNames, " ") != "table-0 table-1 table-2 table-3 table-4" {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = client.ListTables(t.Context(), &dynamodb.ListTablesInput{Limit: aws.Int32(2)})
	cloudtest.WantError(t, err, 400, "ValidationException", `does not support the field "Limit"`)
}

func timeToLive(attribute string, enabled bool) *dynamodb.UpdateTimeToLiveInput {
	return &dynamodb.UpdateTimeToLiveInput{
		TableName:               aws.String(tableName),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &enabled},
	}
}

func describeTimeToLive(t *testing.T, client *dynamodb.Client) (types.TimeToLiveStatus, string) {
	t.Helper()
	out, err := client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String(tableName)})
	if err != nil {
		t.Fatal(err)
	}
	return out.TimeToLiveDescription.TimeToLiveStatus, aws.ToString(out.TimeToLiveDescription.AttributeName)
}

func TestTimeToLiveSetting(t *testing.T) {
	t.Parallel()
	config := atOnce
	config.Clock = clock.NewFrozen(time.Unix(1_784_000_000, 0))
	_, client := start(t, config)
	create(t, client)
	ctx := t.Context()
	if status, attribute := describeTimeToLive(t, client); status != types.TimeToLiveStatusDisabled || attribute != "" {
		t.Errorf("at first: %s %s", status, attribute)
	}
	_, err := client.UpdateTimeToLive(ctx, timeToLive("expires", false))
	cloudtest.WantError(t, err, 400, "ValidationException", "TimeToLive is already disabled")
	_, err = client.UpdateTimeToLive(ctx, timeToLive("", true))
	cloudtest.WantError(t, err, 400, "ValidationException", "attributeName")
	if _, err = client.UpdateTimeToLive(ctx, timeToLive("expires", true)); err != nil {
		t.Fatal(err)
	}
	if status, attribute := describeTimeToLive(t, client); status != types.TimeToLiveStatusEnabled || attribute != "expires" {
		t.Errorf("enabled: %s %s", status, attribute)
	}
	_, err = client.UpdateTimeToLive(ctx, timeToLive("expires", true))
	cloudtest.WantError(t, err, 400, "ValidationException", "TimeToLive is already enabled")
	_, err = client.UpdateTimeToLive(ctx, timeToLive("other", true))
	cloudtest.WantError(t, err, 400, "ValidationException", "active on a different AttributeName: current AttributeName is expires")
	config.Clock.Advance(time.Hour - time.Second)
	_, err = client.UpdateTimeToLive(ctx, timeToLive("expires", false))
	cloudtest.WantError(t, err, 400, "ValidationException", "modified multiple times within a fixed interval")
	config.Clock.Advance(time.Second)
	if _, err = client.UpdateTimeToLive(ctx, timeToLive("expires", false)); err != nil {
		t.Fatal(err)
	}
	if status, attribute := describeTimeToLive(t, client); status != types.TimeToLiveStatusDisabled || attribute != "" {
		t.Errorf("disabled: %s %s", status, attribute)
	}
}

func recovery(enabled bool, days int32) *dynamodb.UpdateContinuousBackupsInput {
	specification := &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: &enabled}
	if days != 0 {
		specification.RecoveryPeriodInDays = &days
	}
	return &dynamodb.UpdateContinuousBackupsInput{TableName: aws.String(tableName), PointInTimeRecoverySpecification: specification}
}

func TestPointInTimeRecovery(t *testing.T) {
	t.Parallel()
	_, client := startTable(t)
	ctx := t.Context()
	describe := func() types.PointInTimeRecoveryDescription {
		out, err := client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(tableName)})
		if err != nil || out.ContinuousBackupsDescription.ContinuousBackupsStatus != types.ContinuousBackupsStatusEnabled {
			t.Fatalf("%+v, %v", out, err)
		}
		return *out.ContinuousBackupsDescription.PointInTimeRecoveryDescription
	}
	if got := describe(); got.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusDisabled {
		t.Errorf("at first: %+v", got)
	}
	_, err := client.UpdateContinuousBackups(ctx, recovery(true, 36))
	cloudtest.WantError(t, err, 400, "ValidationException", "less than or equal to 35")
	if _, err := client.UpdateContinuousBackups(ctx, recovery(true, 0)); err != nil {
		t.Fatal(err)
	}
	if got := describe(); got.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled ||
		aws.ToInt32(got.RecoveryPeriodInDays) != 35 ||
		got.EarliestRestorableDateTime == nil || got.LatestRestorableDateTime == nil {
		t.Errorf("enabled: %+v", got)
	}
	if _, err := client.UpdateContinuousBackups(ctx, recovery(true, 7)); err != nil {
		t.Fatal(err)
	}
	if got := describe(); aws.ToInt32(got.RecoveryPeriodInDays) != 7 {
		t.Errorf("seven days: %+v", got)
	}
	if _, err := client.UpdateContinuousBackups(ctx, recovery(false, 0)); err != nil {
		t.Fatal(err)
	}
	if got := describe(); got.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusDisabled {
		t.Errorf("disabled: %+v", got)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	_, client := start(t, atOnce)
	ctx, arn := t.Context(), aws.String(tableARN)
	tags := func(from, to int) []types.Tag {
		var list []types.Tag
		for i := from; i < to; i++ {
			list = append(list, types.Tag{Key: aws.String(fmt.Sprintf("key-%02d", i)), Value: aws.String(fmt.Sprint(i))})
		}
		return list
	}
	create(t, client, func(in *dynamodb.CreateTableInput) { in.Tags = tags(0, 5) })
	if _, err := client.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: arn, Tags: tags(4, 15)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UntagResource(ctx, &dynamodb.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"key-00", "key-99"}}); err != nil {
		t.Fatal(err)
	}
	first, err := client.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: arn})
	if err != nil || len(first.Tags) != 10 || first.NextToken == nil || *first.Tags[0].Key != "key-01" {
		t.Fatalf("the first page: %+v, %v", first, err)
	}
	second, err := client.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: arn, NextToken: first.NextToken})
	if err != nil || len(second.Tags) != 4 || second.NextToken != nil || *second.Tags[3].Value != "14" {
		t.Fatalf("the second page: %+v, %v", second, err)
	}
	_, err = client.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: arn, NextToken: aws.String("?")})
	cloudtest.WantError(t, err, 400, "ValidationException", "NextToken")
	_, err = client.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(tableName)})
	cloudtest.WantError(t, err, 400, "ValidationException", "Invalid TableArn")
	_, err = client.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: arn, Tags: tags(15, 60)})
	cloudtest.WantError(t, err, 400, "ValidationException", "at most 50 tags")
}
