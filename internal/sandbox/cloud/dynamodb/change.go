// SPDX-License-Identifier: MPL-2.0

package dynamodb

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

type updateTableInput struct {
	TableName                 string
	BillingMode               string
	ProvisionedThroughput     *throughput
	SSESpecification          *sseSpecification
	DeletionProtectionEnabled *bool
	TableClass                string
	StreamSpecification       *streamSpecification
	AttributeDefinitions      []attributeDefinition // of a new index's key
	extrasInput
}

func (s *Service) updateTable(c *wire.Call, in *updateTableInput) ([]string, func() (any, error)) {
	c.Also = s.keyPermissions(in.TableName, in.SSESpecification)
	return s.onTable(in.TableName, s.findActive, func(t *table) (any, error) {
		changed := *t
		if in.BillingMode == "" && in.SSESpecification == nil && in.DeletionProtectionEnabled == nil && in.TableClass == "" &&
			in.StreamSpecification == nil && in.empty() {
			return nil, validation("At least one of BillingMode, SSESpecification, DeletionProtectionEnabled, TableClass, StreamSpecification, " +
				"OnDemandThroughput or GlobalSecondaryIndexUpdates is required")
		}
		if in.BillingMode != "" {
			if err := changed.setBilling(in.BillingMode, in.ProvisionedThroughput); err != nil {
				return nil, err
			}
		}
		if in.SSESpecification != nil {
			if err := s.setEncryption(&changed, in.SSESpecification); err != nil {
				return nil, err
			}
			if changed.keyARN == t.keyARN {
				return nil, invalid("Table is already encrypted by given KMSMasterKeyId")
			}
		}
		if in.DeletionProtectionEnabled != nil {
			changed.protected = *in.DeletionProtectionEnabled
		}
		if in.StreamSpecification != nil {
			if err := s.setStream(&changed, in.StreamSpecification); err != nil {
				return nil, err
			}
		}
		if err := changed.setClass(in.TableClass); err != nil {
			return nil, err
		}
		if err := s.setExtras(&changed, &in.extrasInput); err != nil {
			return nil, err
		}
		*t = changed
		s.change(t, statusUpdating)
		return tableDescriptionOutput{s.description(t)}, nil
	})
}

func (s *Service) deleteTable(_ *wire.Call, in *tableInput) ([]string, func() (any, error)) {
	return s.onTable(in.TableName, s.findActive, func(t *table) (any, error) {
		if t.protected {
			return nil, validation("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
		}
		s.change(t, statusDeleting)
		return tableDescriptionOutput{s.description(t)}, nil
	})
}
