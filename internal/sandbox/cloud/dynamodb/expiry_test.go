// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
)

// TestExpiry moves the clock past the time to live of items.
func TestExpiry(t *testing.T) {
	t.Parallel()
	now := time.Unix(1_784_000_000, 0)
	config := atOnce
	config.Clock = clock.NewFrozen(now)
	c, client := start(t, config)
	create(t, client)
	in := func(d time.Duration) types.AttributeValue { return n(int(now.Add(d).Unix())) }
	for sk, expires := range map[string]types.AttributeValue{
		"1-gone":     in(-time.Second),
		"2-now":      in(0),
		"3-hour":     in(time.Hour),
		"4-day":      in(24 * time.Hour),
		"5-text":     s("1"),
		"6-old":      in(-6 * 365 * 24 * time.Hour), // AWS leaves alone what expired more than five years ago
		"7-millis":   n(int(now.UnixMilli())),
		"8-negative": n(-1),
		"9-fraction": &types.AttributeValueMemberN{Value: "1784003600.9"},
	} {
		put(t, client, with(key("a", sk), "expires", expires))
	}
	put(t, client, key("a", "0-never"))
	const rest = " 5-text 6-old 7-millis 8-negative"
	want := func(when, items string) {
		t.Helper()
		if got := sortKeys(c.DynamoDB().Items(tableName)); got != items {
			t.Errorf("%s: got %s, want %s", when, got, items)
		}
	}
	want("without time to live", "0-never 1-gone 2-now 3-hour 4-day"+rest+" 9-fraction")
	if _, err := client.UpdateTimeToLive(t.Context(), timeToLive("expires", true)); err != nil {
		t.Fatal(err)
	}
	want("at first", "0-never 2-now 3-hour 4-day"+rest+" 9-fraction")
	config.Clock.Advance(time.Hour)
	want("after an hour", "0-never 3-hour 4-day"+rest+" 9-fraction")
	config.Clock.Advance(time.Second)
	want("and a second", "0-never 4-day"+rest)

	// An expired item does not exist for a condition either.
	config.Clock.Advance(24 * time.Hour)
	if _, err := client.PutItem(t.Context(), putInput(with(key("a", "4-day"), "expires", in(50*time.Hour)), func(in *dynamodb.PutItemInput) {
		in.ConditionExpression = aws.String("attribute_not_exists(pk)")
	})); err != nil {
		t.Error(err)
	}
	config.Clock.Advance(26 * time.Hour)
	if got := get(t, client, "a", "4-day"); got != nil {
		t.Errorf("the new item has not expired: %v", got)
	}
}
