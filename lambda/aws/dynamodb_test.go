// SPDX-License-Identifier: MPL-2.0

package aws_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine/enginetest"
)

type doc struct{ Text string }

// stores are the table in DynamoDB, and the one in memory that the engine's tests stand on: both must do the same.
func stores(t *testing.T) map[string]engine.Store {
	t.Helper()
	c := cloudtest.Start(t, cloud.Config{})
	config := cloudtest.UserConfig(c)
	client := dynamodb.NewFromConfig(config)
	if _, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: sdk.String("chain"), BillingMode: types.BillingModePayPerRequest,
		KeySchema: []types.KeySchemaElement{
			{AttributeName: sdk.String("pk"), KeyType: types.KeyTypeHash}, {AttributeName: sdk.String("sk"), KeyType: types.KeyTypeRange},
		},
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: sdk.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: sdk.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
	}); err != nil {
		t.Fatal(err)
	}
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay = 10 * time.Millisecond })
	if err := waiter.Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: sdk.String("chain")}, time.Minute); err != nil {
		t.Fatal(err)
	}
	return map[string]engine.Store{"DynamoDB": aws.NewTable(config, "chain"), "memory": enginetest.NewMemory()}
}

func each(t *testing.T, test func(t *testing.T, s engine.Store)) {
	t.Helper()
	t.Parallel()
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, store)
		})
	}
}

var tomorrow = time.Now().Add(24 * time.Hour)

func put(key engine.Key, version int, text string) engine.Write {
	return engine.Write{Key: key, Version: version, Doc: doc{text}, Expires: tomorrow}
}

func wantItem(t *testing.T, s engine.Store, key engine.Key, version int, text string) {
	t.Helper()
	item, err := s.Get(t.Context(), key)
	switch {
	case err != nil:
		t.Fatal(err)
	case item == nil && version == 0:
	case item == nil || item.Version != version || !strings.Contains(string(item.Doc), text) || item.Key != key:
		t.Errorf("Get(%v) = %+v, want version %d with %q", key, item, version, text)
	}
}

func TestWriteOnCondition(t *testing.T) {
	each(t, func(t *testing.T, s engine.Store) {
		ctx, a, b := t.Context(), engine.Key{PK: "p", SK: "a"}, engine.Key{PK: "p", SK: "b"}
		steps := []struct {
			writes   []engine.Write
			conflict bool
		}{
			{[]engine.Write{put(a, 1, "replaces nothing")}, true},
			{[]engine.Write{put(a, 0, "one")}, false},
			{[]engine.Write{put(a, 0, "again")}, true},
			{[]engine.Write{put(a, 1, "two")}, false},
			{[]engine.Write{put(a, 1, "late")}, true},
			{[]engine.Write{put(b, 0, "with a"), put(a, 1, "late")}, true}, // all or none
			{[]engine.Write{put(b, 0, "with a"), put(a, 2, "three")}, false},
			{[]engine.Write{put(b, 1, "last"), {Key: a, Delete: true}}, false},
			{[]engine.Write{{Key: a, Delete: true}}, false},
		}
		for i, step := range steps {
			err := s.Write(ctx, step.writes...)
			if errors.Is(err, engine.ErrConflict) != step.conflict || err != nil && !step.conflict {
				t.Errorf("write %d: %v, want a conflict: %t", i+1, err, step.conflict)
			}
			if i == 5 {
				wantItem(t, s, b, 0, "")
			}
		}
		wantItem(t, s, a, 0, "")
		wantItem(t, s, b, 2, "last")
	})
}

func TestWriteAlways(t *testing.T) {
	each(t, func(t *testing.T, s engine.Store) {
		a, b := engine.Key{PK: "p", SK: "a"}, engine.Key{PK: "p", SK: "b"}
		always := func(key engine.Key, text string) engine.Write {
			return engine.Write{Key: key, Always: true, Doc: doc{text}, Expires: tomorrow}
		}
		for i, writes := range [][]engine.Write{
			{always(a, "1")}, {always(a, "2")}, {always(a, "3"), put(b, 0, "3")}, {always(a, "4"), put(b, 1, "4")},
		} {
			if err := s.Write(t.Context(), writes...); err != nil {
				t.Errorf("write %d: %v", i+1, err)
			}
		}
		if err := s.Write(t.Context(), always(a, "5"), put(b, 0, "5")); !errors.Is(err, engine.ErrConflict) {
			t.Errorf("beside a write that conflicts: %v", err)
		}
		wantItem(t, s, a, 1, "4")
		wantItem(t, s, b, 2, "4")
	})
}

func TestOneOfMany(t *testing.T) {
	each(t, func(t *testing.T, s engine.Store) {
		var all sync.WaitGroup
		var mu sync.Mutex
		won, sums := 0, map[int]bool{}
		for i := range 16 {
			all.Go(func() {
				err := s.Write(t.Context(), put(engine.Key{PK: "p", SK: "x"}, 0, fmt.Sprint(i)), put(engine.Key{PK: "q", SK: "x"}, 0, fmt.Sprint(i)))
				n, counted := s.Count(t.Context(), engine.Key{PK: "rate", SK: "now"}, tomorrow)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !errors.Is(err, engine.ErrConflict) {
					t.Error(err)
				}
				if counted != nil {
					t.Error(counted)
				}
				sums[n] = true
			})
		}
		all.Wait()
		if won != 1 || len(sums) != 16 || !sums[16] {
			t.Errorf("%d writes won; the counter said %v", won, sums)
		}
	})
}

func TestQuery(t *testing.T) {
	each(t, func(t *testing.T, s engine.Store) {
		for i := range 7 {
			for _, kind := range []string{"A", "B"} {
				if err := s.Write(t.Context(), put(engine.Key{PK: "p", SK: fmt.Sprintf("%s#%d", kind, i)}, 0, "x")); err != nil {
					t.Fatal(err)
				}
			}
		}
		for name, q := range map[string]struct {
			query engine.Query
			keys  string
		}{
			"all":      {engine.Query{PK: "p"}, "A#0 A#1 A#2 A#3 A#4 A#5 A#6 B#0 B#1 B#2 B#3 B#4 B#5 B#6"},
			"a kind":   {engine.Query{PK: "p", Prefix: "B#"}, "B#0 B#1 B#2 B#3 B#4 B#5 B#6"},
			"newest":   {engine.Query{PK: "p", Newest: true, AtMost: 2}, "B#6 B#5"},
			"then":     {engine.Query{PK: "p", Newest: true, AtMost: 2, From: "B#5"}, "B#4 B#3"},
			"the rest": {engine.Query{PK: "p", Prefix: "A", From: "A#4", AtMost: 5}, "A#5 A#6"},
			"none":     {engine.Query{PK: "other"}, ""},
		} {
			items, err := s.Query(t.Context(), q.query)
			var keys []string
			for _, item := range items {
				keys = append(keys, item.SK)
			}
			if err != nil || strings.Join(keys, " ") != q.keys {
				t.Errorf("%s: %q, %v, want %q", name, keys, err, q.keys)
			}
		}
	})
}

func TestErrorsAreNoConflicts(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	store := aws.NewTable(cloudtest.UserConfig(c), "missing")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	err := store.Write(ctx, put(engine.Key{PK: "p", SK: "a"}, 0, "x"), put(engine.Key{PK: "p", SK: "b"}, 0, "x"))
	var refusal smithy.APIError
	if !errors.As(err, &refusal) || refusal.ErrorCode() != "ResourceNotFoundException" || errors.Is(err, engine.ErrConflict) {
		t.Errorf("Write() to a table that does not exist = %v", err)
	}
}
