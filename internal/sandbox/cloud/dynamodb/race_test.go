// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// together runs a function in several goroutines at the same moment and waits for all of them.
func together(goroutines int, run func(goroutine int)) {
	var group sync.WaitGroup
	begin := make(chan struct{})
	for g := range goroutines {
		group.Go(func() {
			<-begin
			run(g)
		})
	}
	close(begin)
	group.Wait()
}

// TestOneWins lets eight claims of the same thing race, alone and in transactions.
func TestOneWins(t *testing.T) {
	t.Parallel()
	_, client := startTable(t)
	for round := range 20 {
		var single, transactions atomic.Int32
		together(8, func(g int) {
			claim := with(key(fmt.Sprint("single-", round), "claim"), "by", n(g))
			_, err := client.PutItem(t.Context(), putInput(claim,
				func(in *dynamodb.PutItemInput) { in.ConditionExpression = aws.String("attribute_not_exists(pk)") }))
			var failed *types.ConditionalCheckFailedException
			switch {
			case err == nil:
				single.Add(1)
			case !errors.As(err, &failed):
				t.Error(err)
			}
			claim = with(key(fmt.Sprint("transaction-", round), "claim"), "by", n(g))
			_, err = client.TransactWriteItems(t.Context(),
				transact(transactPut(claim, "attribute_not_exists(pk)", nil), transactPut(key("log", fmt.Sprint(round, g)), "", nil)))
			var canceled *types.TransactionCanceledException
			switch {
			case err == nil:
				transactions.Add(1)
			case !errors.As(err, &canceled):
				t.Error(err)
			}
		})
		if single.Load() != 1 || transactions.Load() != 1 {
			t.Errorf("round %d: %d puts and %d transactions won", round, single.Load(), transactions.Load())
		}
	}
	log, err := client.Query(t.Context(), queryInput("pk = :pk", item{":pk": s("log")}))
	if err != nil || log.Count != 20 {
		t.Errorf("%d transactions have written to the log, %v", log.Count, err)
	}
}

// TestCounter lets 16 goroutines count, 100 times each.
func TestCounter(t *testing.T) {
	t.Parallel()
	_, client := startTable(t)
	var seen sync.Map
	together(16, func(int) {
		for range 100 {
			out, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
				TableName: aws.String(tableName), Key: key("RATE", "minute"), ReturnValues: types.ReturnValueUpdatedNew,
				UpdateExpression: aws.String("ADD #n :one SET expires = :e"), ExpressionAttributeNames: map[string]string{"#n": "count"},
				ExpressionAttributeValues: item{":one": n(1), ":e": n(1_784_000_000)},
			})
			if err != nil {
				t.Error(err)
				return
			}
			if number, twice := seen.LoadOrStore(text(out.Attributes["count"]), true); twice {
				t.Errorf("two got %v", number)
			}
		}
	})
	if got := text(get(t, client, "RATE", "minute")["count"]); got != "1600" {
		t.Errorf("the counter is at %s", got)
	}
}
