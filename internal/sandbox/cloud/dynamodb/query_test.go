// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func queryInput(condition string, values item, change ...func(*dynamodb.QueryInput)) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName: aws.String(tableName), KeyConditionExpression: &condition, ExpressionAttributeValues: values, ConsistentRead: aws.Bool(true),
	}
	for _, c := range change {
		c(in)
	}
	return in
}

// listed writes the sort keys of items, page by page.
func listed(pages ...[]item) string {
	var list []string
	for _, page := range pages {
		var keys []string
		for _, i := range page {
			keys = append(keys, text(i["sk"]))
		}
		list = append(list, strings.Join(keys, " "))
	}
	return strings.Join(list, " | ")
}

// startRun starts a sandbox with the items of a run, and others around them.
func startRun(t *testing.T) *dynamodb.Client {
	t.Helper()
	_, client := startTable(t)
	for _, sk := range []string{"START#b", "EDGE#2", "RUN", "EDGE#10", "EDGE#1", "START#a"} {
		put(t, client, with(key("RUN#1", sk), "length", n(len(sk))))
	}
	put(t, client, key("RUN", "#1EDGE#0"))
	put(t, client, key("RUN#10", "EDGE#9"))
	return client
}

func TestQuery(t *testing.T) {
	t.Parallel()
	client := startRun(t)
	run := func(more ...any) item { return with(item{":pk": s("RUN#1")}, more...) }
	newest := func(in *dynamodb.QueryInput) { in.ScanIndexForward = aws.Bool(false) }
	from := func(sk string) func(in *dynamodb.QueryInput) {
		return func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = key("RUN#1", sk) }
	}
	for name, tt := range map[string]struct {
		in   *dynamodb.QueryInput
		want string
	}{
		"all":                {queryInput("pk = :pk", run()), "EDGE#1 EDGE#10 EDGE#2 RUN START#a START#b"},
		"newest first":       {queryInput("pk = :pk", run(), newest), "START#b START#a RUN EDGE#2 EDGE#10 EDGE#1"},
		"prefix":             {queryInput("pk = :pk AND begins_with(sk, :e)", run(":e", s("EDGE#"))), "EDGE#1 EDGE#10 EDGE#2"},
		"after":              {queryInput("pk = :pk", run(), from("EDGE#2")), "RUN START#a START#b"},
		"before":             {queryInput("pk = :pk", run(), newest, from("EDGE#2")), "EDGE#10 EDGE#1"},
		"after what is not":  {queryInput("pk = :pk", run(), from("EDGE#11")), "EDGE#2 RUN START#a START#b"},
		"before what is not": {queryInput("pk = :pk AND begins_with(sk, :e)", run(":e", s("EDGE#")), newest, from("EDGE#11")), "EDGE#10 EDGE#1"},
		"none":               {queryInput("pk = :pk", item{":pk": s("RUN#2")}), ""},
		"limit": {queryInput("pk = :pk", run(), func(in *dynamodb.QueryInput) { in.Limit = aws.Int32(2) }),
			"EDGE#1 EDGE#10 | EDGE#2 RUN | START#a START#b | "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got [][]item
			for pages := dynamodb.NewQueryPaginator(client, tt.in); pages.HasMorePages(); {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if int(page.Count) != len(page.Items) || page.ScannedCount != page.Count {
					t.Errorf("%d items are counted as %d of %d", len(page.Items), page.Count, page.ScannedCount)
				}
				got = append(got, page.Items)
			}
			if list := listed(got...); list != tt.want {
				t.Errorf("got  %s\nwant %s", list, tt.want)
			}
		})
	}
}

func TestQueryCount(t *testing.T) {
	t.Parallel()
	client := startRun(t)
	out, err := client.Query(t.Context(), queryInput("pk = :pk", item{":pk": s("RUN#1")},
		func(in *dynamodb.QueryInput) { in.Select = types.SelectCount }))
	if err != nil || out.Count != 6 || out.ScannedCount != 6 || out.Items != nil {
		t.Errorf("got %+v, %v", out, err)
	}
	part, err := client.Query(t.Context(), queryInput("pk = :pk", item{":pk": s("RUN#10")},
		func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("sk") }))
	if err != nil || len(part.Items) != 1 || len(part.Items[0]) != 1 {
		t.Errorf("got %+v, %v", part, err)
	}
}

// TestPageSize reads more than the megabyte that one answer holds.
func TestPageSize(t *testing.T) {
	t.Parallel()
	_, client := startTable(t)
	for i := range 5 {
		put(t, client, with(key("a", fmt.Sprint(i)), "doc", s(strings.Repeat("x", 300<<10))))
	}
	first, err := client.Query(t.Context(), queryInput("pk = :pk", item{":pk": s("a")}))
	if err != nil || first.Count != 4 || text(first.LastEvaluatedKey["sk"]) != "3" {
		t.Fatalf("the first page: %d, %v, %v", first.Count, first.LastEvaluatedKey, err)
	}
	second, err := client.Query(t.Context(), queryInput("pk = :pk", item{":pk": s("a")},
		func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = first.LastEvaluatedKey }))
	if err != nil || second.Count != 1 || second.LastEvaluatedKey != nil {
		t.Fatalf("the second page: %d, %v, %v", second.Count, second.LastEvaluatedKey, err)
	}
}

func TestQueryRefused(t *testing.T) {
	t.Parallel()
	client := startRun(t)
	run := item{":pk": s("RUN#1")}
	start := func(k item) func(in *dynamodb.QueryInput) {
		return func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = k }
	}
	for want, in := range map[string]*dynamodb.QueryInput{
		"KeyConditionExpression parameter must be specified": {TableName: aws.String(tableName)},
		"missed key schema element: pk":                      queryInput("sk = :pk", run),
		"does not match schema type":                         queryInput("pk = :pk", item{":pk": n(1)}),
		"Condition parameter type": queryInput("pk = :pk AND begins_with(sk, :b)",
			item{":pk": s("a"), ":b": &types.AttributeValueMemberB{Value: []byte{1}}}),
		"empty string value": queryInput("pk = :pk", item{":pk": s("")}),
		"greater than or equal to 1": queryInput("pk = :pk", run,
			func(in *dynamodb.QueryInput) { in.Limit = aws.Int32(0) }),
		"outside query boundaries": queryInput("pk = :pk", run, start(key("RUN#2", "a"))),
		"does not match the range key predicate": queryInput("pk = :pk AND begins_with(sk, :e)",
			with(item{":e": s("EDGE#")}, ":pk", s("RUN#1")), start(key("RUN#1", "RUN"))),
		"The provided starting key is invalid": queryInput("pk = :pk", run, start(item{"pk": s("RUN#1")})),
		"when choosing to get COUNT": queryInput("pk = :pk", run, func(in *dynamodb.QueryInput) {
			in.Select, in.ProjectionExpression = types.SelectCount, aws.String("pk")
		}),
		"does not offer to select": queryInput("pk = :pk", run, func(in *dynamodb.QueryInput) { in.Select = types.SelectSpecificAttributes }),
		`field "IndexName"`:        queryInput("pk = :pk", run, func(in *dynamodb.QueryInput) { in.IndexName = aws.String("index") }),
		`field "FilterExpression"`: queryInput("pk = :pk", run, func(in *dynamodb.QueryInput) { in.FilterExpression = aws.String("#l = :pk") }),
		"reserved keyword: length": queryInput("pk = :pk", run, func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("length") }),
	} {
		_, err := client.Query(t.Context(), in)
		cloudtest.WantError(t, err, 400, "ValidationException", want)
	}
}

func TestScan(t *testing.T) {
	t.Parallel()
	client := startRun(t)
	in := &dynamodb.ScanInput{TableName: aws.String(tableName), Limit: aws.Int32(3)}
	var got [][]item
	for pages := dynamodb.NewScanPaginator(client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.Items)
	}
	if list, want := listed(got...), "#1EDGE#0 EDGE#1 EDGE#10 | EDGE#2 RUN START#a | START#b EDGE#9"; list != want {
		t.Errorf("got  %s\nwant %s", list, want)
	}
	_, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(tableName), Segment: aws.Int32(0),
		TotalSegments: aws.Int32(2)})
	cloudtest.WantError(t, err, 400, "ValidationException", "does not support the field")
}
