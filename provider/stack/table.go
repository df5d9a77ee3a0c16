// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	smithytime "github.com/aws/smithy-go/time"
)

// table is the DynamoDB table with the chain's state and record. Only the function writes its items.
type table struct {
	s    *Stack
	seen *types.TableDescription // nil when missing
	tags map[string]string
}

// These are the keys of the table's items, both strings. The engine reads and writes by them.
const (
	tablePartitionKey = "pk"
	tableSortKey      = "sk"
)

// tableTimeout covers DynamoDB's slowest change of a small table, that of its key, with a wide margin.
const tableTimeout = 10 * time.Minute

// tableARN returns the table's ARN, also before the table exists.
func (s *Stack) tableARN() string {
	return fmt.Sprintf("arn:%s:dynamodb:%s:%s:table/%s", s.Partition, s.Region, s.Account, s.objectName())
}

// find looks up the table, and everything that belongs to it. A table that is being deleted has nothing left.
func (c *table) find(ctx context.Context) error {
	c.seen, c.tags = nil, nil
	c.s.timeToLive.attribute, c.s.recovery.on, c.s.pauseState.paused = "", false, false
	out, err := found(c.s.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(c.s.objectName())}))
	if out == nil || out.Table.TableStatus == types.TableStatusDeleting {
		return err
	}
	looks := []func(context.Context) error{c.findTags, c.s.timeToLive.look, c.s.recovery.look, c.s.pauseState.look}
	if c.s.brief {
		looks = looks[:1]
	}
	if err := inParallel(ctx, looks...); err != nil {
		return gone(c.tags, err) // deleted between the calls
	}
	c.seen = out.Table
	return nil
}

func (c *table) findTags(ctx context.Context) error {
	var tags []types.Tag
	for input := (&dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(c.s.tableARN())}); ; {
		page, err := c.s.DynamoDB.ListTagsOfResource(ctx, input)
		if err != nil {
			return err
		}
		tags = append(tags, page.Tags...)
		if input.NextToken = page.NextToken; input.NextToken == nil {
			c.tags = tagMap(tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
			return nil
		}
	}
}

func (c *table) exists() bool { return c.seen != nil }

// keys describes the table's keys.
func (c *table) keys() string {
	kinds := map[string]types.ScalarAttributeType{}
	for _, attribute := range c.seen.AttributeDefinitions {
		kinds[aws.ToString(attribute.AttributeName)] = attribute.AttributeType
	}
	var words []string
	for _, key := range c.seen.KeySchema {
		name := aws.ToString(key.AttributeName)
		words = append(words, fmt.Sprintf("%s %s (%s)", key.KeyType, name, kinds[name]))
	}
	return strings.Join(words, ", ")
}

const wantKeys = "HASH " + tablePartitionKey + " (S), RANGE " + tableSortKey + " (S)"

func (c *table) billingMode() types.BillingMode {
	if c.seen.BillingModeSummary == nil { // only tables that were never on demand have no summary
		return types.BillingModeProvisioned
	}
	return c.seen.BillingModeSummary.BillingMode
}

// kmsKeyARN returns the account's key that encrypts the table. It is empty when AWS owns the key.
func (c *table) kmsKeyARN() string {
	if c.seen == nil || c.seen.SSEDescription == nil || c.seen.SSEDescription.Status == types.SSEStatusDisabled {
		return ""
	}
	return aws.ToString(c.seen.SSEDescription.KMSMasterKeyArn)
}

func (c *table) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "table", Have: missing}}
	}
	var all []Difference
	all = append(all, unequal("table.", []Difference{
		{"key_schema", c.keys(), wantKeys},
		{"billing_mode", string(c.billingMode()), string(types.BillingModePayPerRequest)},
		{"kms_key", kmsKeyInWords(c.kmsKeyARN()), kmsKeyInWords(want.KMSKeyARN)},
		{"deletion_protection", onOff(aws.ToBool(c.seen.DeletionProtectionEnabled)), onOff(false)},
		{"stream", onOff(c.hasStream()), onOff(false)},
		{"class", string(c.class()), string(types.TableClassStandard)},
		{"max_request_units", orNone(c.maxRequestUnits()), orNone("")},
		{"indexes", orNone(strings.Join(c.indexes(), ", ")), orNone("")},
	})...)
	return append(all, c.s.diffTags("table", c.tags, want)...)
}

func (c *table) hasStream() bool {
	return c.seen.StreamSpecification != nil && aws.ToBool(c.seen.StreamSpecification.StreamEnabled)
}

func (c *table) class() types.TableClass {
	if c.seen.TableClassSummary == nil { // of a table that never had another class
		return types.TableClassStandard
	}
	return c.seen.TableClassSummary.TableClass
}

func kmsKeyInWords(arn string) string {
	if arn == "" {
		return "a key that AWS owns"
	}
	return arn
}

func (c *table) ensure(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		if err := c.create(ctx, want); err != nil {
			return err
		}
	}
	if !c.s.ours(c.tags) {
		return c.s.foreign("DynamoDB table", c.s.objectName())
	}
	if err := c.waitUntilActive(ctx); err != nil { // from this apply, or from an interrupted one
		return err
	}
	for _, d := range c.diff(want) {
		var err error
		switch d.Setting {
		case "table.key_schema":
			err = fmt.Errorf("the table has the keys %s, and a chain's has %s. It was not made by this chain, and keys cannot be changed. "+
				"Delete the table if nothing in it is needed, and apply again", d.Have, d.Want)
		case "table.billing_mode":
			err = c.update(ctx, &dynamodb.UpdateTableInput{BillingMode: types.BillingModePayPerRequest})
		case "table.kms_key":
			err = c.update(ctx, &dynamodb.UpdateTableInput{SSESpecification: encryption(want)})
		case "table.deletion_protection":
			err = c.update(ctx, &dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(false)})
		case "table.stream":
			err = c.update(ctx, &dynamodb.UpdateTableInput{StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(false)}})
		case "table.class":
			err = c.update(ctx, &dynamodb.UpdateTableInput{TableClass: types.TableClassStandard})
		case "table.max_request_units":
			err = c.update(ctx, unlimited())
		case "table.indexes":
			err = c.deleteIndexes(ctx)
		case "table.tags":
			err = c.s.syncTags(ctx, c, &c.tags, want)
		}
		if err != nil {
			return err
		}
	}
	c.tags = c.s.tags(want)
	return nil
}

func (c *table) create(ctx context.Context, want *Spec) error {
	return create(ctx, c, func(ctx context.Context) error {
		out, err := c.s.DynamoDB.CreateTable(ctx, &dynamodb.CreateTableInput{
			TableName: aws.String(c.s.objectName()),
			AttributeDefinitions: []types.AttributeDefinition{
				{AttributeName: aws.String(tablePartitionKey), AttributeType: types.ScalarAttributeTypeS},
				{AttributeName: aws.String(tableSortKey), AttributeType: types.ScalarAttributeTypeS},
			},
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String(tablePartitionKey), KeyType: types.KeyTypeHash},
				{AttributeName: aws.String(tableSortKey), KeyType: types.KeyTypeRange},
			},
			BillingMode: types.BillingModePayPerRequest, SSESpecification: encryption(want), Tags: tagList(c.s.tags(want), tableTag),
		})
		if err == nil {
			c.seen, c.tags = out.TableDescription, c.s.tags(want)
		}
		return err
	})
}

func encryption(want *Spec) *types.SSESpecification {
	if want.KMSKeyARN == "" {
		return &types.SSESpecification{Enabled: aws.Bool(false)} // a key that AWS owns, free of charge
	}
	return &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String(want.KMSKeyARN)}
}

// update makes one change. DynamoDB accepts the next change after this one is complete.
func (c *table) update(ctx context.Context, input *dynamodb.UpdateTableInput) error {
	input.TableName = aws.String(c.s.objectName())
	out, err := c.s.DynamoDB.UpdateTable(ctx, input)
	if err == nil {
		c.seen = out.TableDescription
	}
	if hasCode(err, "ValidationException") && strings.Contains(err.Error(), "already encrypted") {
		// The SDK has repeated a call after its answer got lost. The table is read again.
		err, c.seen.TableStatus = nil, types.TableStatusUpdating
	}
	if err != nil {
		return err
	}
	return c.waitUntilActive(ctx)
}

// errChanging means that a change of the table is in progress.
var errChanging = errors.New("DynamoDB is still changing the table")

// waitUntilActive waits until the table is active and no change is in progress. It stores what the table looks like then.
func (c *table) waitUntilActive(ctx context.Context) error {
	if !c.changing() {
		return c.usable()
	}
	passing := func(err error) bool { return errors.Is(err, errChanging) || isNotFound(err) } // a new table is not visible at once
	if err := smithytime.SleepWithContext(ctx, firstLook); err != nil {
		return err
	}
	return retry(ctx, tableTimeout, passing, func(ctx context.Context) error {
		out, err := c.s.DynamoDB.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(c.s.objectName())})
		if err != nil {
			return err
		}
		c.seen = out.Table
		if c.changing() {
			return errChanging
		}
		return c.usable()
	})
}

func (c *table) changing() bool {
	if slices.Contains([]types.TableStatus{types.TableStatusCreating, types.TableStatusUpdating}, c.seen.TableStatus) {
		return true
	}
	return c.seen.SSEDescription != nil &&
		slices.Contains([]types.SSEStatus{types.SSEStatusEnabling, types.SSEStatusUpdating, types.SSEStatusDisabling},
			c.seen.SSEDescription.Status)
}

func (c *table) usable() error {
	if c.seen.TableStatus == types.TableStatusActive {
		return nil
	}
	return fmt.Errorf("the table is in the state %s. If that is because its KMS key %s is disabled or forbids its use, repair the key "+
		"and apply again",
		c.seen.TableStatus, c.kmsKeyARN())
}

func tableTag(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }

func (c *table) tag(ctx context.Context, set map[string]string) error {
	return done(c.s.DynamoDB.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: aws.String(c.s.tableARN()),
		Tags: tagList(set, tableTag)}))
}

func (c *table) untag(ctx context.Context, keys []string) error {
	return done(c.s.DynamoDB.UntagResource(ctx, &dynamodb.UntagResourceInput{ResourceArn: aws.String(c.s.tableARN()), TagKeys: keys}))
}

// remove deletes the table and returns when it is gone, so that the next apply can create it again.
func (c *table) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	name := aws.String(c.s.objectName())
	if err := gone(c.s.DynamoDB.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: name})); err != nil {
		return err
	}
	if err := smithytime.SleepWithContext(ctx, firstLook); err != nil {
		return err
	}
	waiter := dynamodb.NewTableNotExistsWaiter(c.s.DynamoDB, func(o *dynamodb.TableNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 250*time.Millisecond, 5*time.Second
	})
	if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: name}, tableTimeout); err != nil {
		return fmt.Errorf("waiting for the table's deletion: %w", err)
	}
	c.seen = nil
	return nil
}

func (c *table) ours() bool { return c.seen != nil && c.s.ours(c.tags) }

func (c *table) report(state *State) {
	if state.note(c.ours()) {
		state.TableName, state.KMSKeyARN, state.PointInTimeRecovery = aws.ToString(c.seen.TableName), c.kmsKeyARN(), c.s.recovery.on
	}
}
