// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// extras are a table's request maximum and its global secondary indexes. The sandbox stores and returns them, but limits nothing and cannot
// query an index.
type extras struct {
	maximum *onDemandThroughput
	indexes []index
}

// onDemandThroughput is the maximum number of requests per second; -1 means no maximum.
type onDemandThroughput struct{ MaxReadRequestUnits, MaxWriteRequestUnits int }

type index struct {
	indexDescription
	goneAt time.Time // the end of its deletion, by the real time; zero if it is not being deleted
}

type indexDescription struct {
	IndexName   string
	IndexStatus string
	KeySchema   []keySchemaElement
	Projection  struct{ ProjectionType string }
}

type indexUpdate struct {
	Create *indexDescription
	Delete *struct{ IndexName string }
}

type extrasInput struct {
	OnDemandThroughput          *onDemandThroughput
	GlobalSecondaryIndexUpdates []indexUpdate
}

func (in *extrasInput) empty() bool {
	return in.OnDemandThroughput == nil && len(in.GlobalSecondaryIndexUpdates) == 0
}

// setExtras changes a table's extras. DynamoDB creates or deletes only one index of a table at a time.
func (s *Service) setExtras(t *table, in *extrasInput) error {
	if in.OnDemandThroughput != nil {
		if t.throughput != (throughput{}) {
			return validation("OnDemandThroughput can be set for tables with BillingMode PAY_PER_REQUEST alone")
		}
		t.extras.maximum = in.OnDemandThroughput
	}
	if len(in.GlobalSecondaryIndexUpdates) == 0 {
		return nil
	}
	deleting := slices.ContainsFunc(t.extras.here(), func(i index) bool { return !i.goneAt.IsZero() })
	if len(in.GlobalSecondaryIndexUpdates) > 1 || deleting {
		return wire.Sender("LimitExceededException",
			"Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
	}
	update := in.GlobalSecondaryIndexUpdates[0]
	t.extras.indexes = slices.Clone(t.extras.here())
	switch {
	case update.Create != nil:
		created := *update.Create
		created.IndexStatus = statusActive
		t.extras.indexes = append(t.extras.indexes, index{indexDescription: created})
	case update.Delete != nil:
		i := slices.IndexFunc(t.extras.indexes, func(i index) bool { return i.IndexName == update.Delete.IndexName })
		if i < 0 {
			return validation("Requested resource not found: Index: %s not found", update.Delete.IndexName)
		}
		t.extras.indexes[i].IndexStatus, t.extras.indexes[i].goneAt = statusDeleting, time.Now().Add(2*s.config.TransitionTime)
	default:
		return validation("The sandbox makes and deletes indexes, and changes none")
	}
	return nil
}

// here returns the indexes that still exist.
func (x *extras) here() []index {
	return slices.DeleteFunc(slices.Clone(x.indexes), func(i index) bool { return !i.goneAt.IsZero() && passed(i.goneAt) })
}

type extrasDescription struct {
	OnDemandThroughput     *onDemandThroughput `json:",omitempty"`
	GlobalSecondaryIndexes []indexDescription  `json:",omitempty"`
}

func (x *extras) describe() extrasDescription {
	d := extrasDescription{OnDemandThroughput: x.maximum}
	for _, i := range x.here() {
		d.GlobalSecondaryIndexes = append(d.GlobalSecondaryIndexes, i.indexDescription)
	}
	return d
}
