// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type attributeDefinition struct{ AttributeName, AttributeType string }

type keySchemaElement struct{ AttributeName, KeyType string }

type billingModeSummary struct {
	BillingMode                       string
	LastUpdateToPayPerRequestDateTime float64
}

type sseDescription struct {
	Status          string
	SSEType         string
	KMSMasterKeyArn string
}

type tableClassSummary struct{ TableClass string }

type provisionedThroughput struct {
	NumberOfDecreasesToday int
	throughput
}

type tableDescription struct {
	TableName                 string
	TableArn                  string
	TableID                   string `json:"TableId"`
	TableStatus               string
	CreationDateTime          float64
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	BillingModeSummary        billingModeSummary
	ProvisionedThroughput     provisionedThroughput // all zero with capacity on demand
	DeletionProtectionEnabled bool
	TableClassSummary         *tableClassSummary `json:",omitempty"`
	SSEDescription            *sseDescription    `json:",omitempty"`
	streamDescription
	extrasDescription
	ItemCount      int // AWS counts about every six hours, the sandbox at once; likewise TableSizeBytes
	TableSizeBytes int
}

func (s *Service) description(t *table) tableDescription {
	d := tableDescription{
		TableName:                 t.name,
		TableArn:                  s.arn(t.name),
		TableID:                   t.id,
		TableStatus:               t.status,
		CreationDateTime:          seconds(t.created),
		BillingModeSummary:        billingModeSummary{BillingMode: t.throughput.mode(), LastUpdateToPayPerRequestDateTime: seconds(t.created)},
		DeletionProtectionEnabled: t.protected,
		ProvisionedThroughput:     provisionedThroughput{throughput: t.throughput},
	}
	for _, part := range []keySchemaElement{{t.key.Partition, "HASH"}, {t.key.Sort, "RANGE"}} {
		if part.AttributeName != "" {
			d.KeySchema = append(d.KeySchema, part)
			d.AttributeDefinitions = append(d.AttributeDefinitions, attributeDefinition{part.AttributeName, string(t.keyTypes[part.AttributeName])})
		}
	}
	if t.class != "" {
		d.TableClassSummary = &tableClassSummary{t.class}
	}
	if t.keyARN != "" {
		d.SSEDescription = &sseDescription{Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: t.keyARN}
	}
	d.streamDescription, d.extrasDescription = s.describeStream(t), t.extras.describe()
	for item := range t.all() {
		d.ItemCount++
		d.TableSizeBytes += item.Size()
	}
	return d
}

type tableInput struct{ TableName string }

func (s *Service) describeTable(_ *wire.Call, in *tableInput) ([]string, func() (any, error)) {
	return s.onTable(in.TableName, s.find, func(t *table) (any, error) {
		t.expire(s.config.Clock.Now())
		return struct{ Table tableDescription }{s.description(t)}, nil
	})
}

func (s *Service) listTables(*wire.Call, *struct{}) ([]string, func() (any, error)) {
	return s.everything(), func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.settle()
		return struct{ TableNames []string }{append([]string{}, s.names()...)}, nil
	}
}

// seconds converts a time to the format of AWS JSON: seconds since 1970, with milliseconds after the point.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
