// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const maxRecoveryDays = 35

// pointInTimeRecovery is a table's setting of that name. The sandbox stores the setting, but makes no backups.
type pointInTimeRecovery struct {
	enabled bool
	days    int
	since   time.Time
}

type recoverySpecification struct {
	PointInTimeRecoveryEnabled *bool
	RecoveryPeriodInDays       *int
}

type backupsInput struct {
	TableName                        string
	PointInTimeRecoverySpecification recoverySpecification
}

type recoveryDescription struct {
	PointInTimeRecoveryStatus  string
	RecoveryPeriodInDays       int     `json:",omitempty"`
	EarliestRestorableDateTime float64 `json:",omitempty"`
	LatestRestorableDateTime   float64 `json:",omitempty"`
}

type backupsDescription struct {
	ContinuousBackupsStatus        string
	PointInTimeRecoveryDescription recoveryDescription
}

type backupsOutput struct{ ContinuousBackupsDescription backupsDescription }

// findForBackups works as find, but returns the error of the operations on backups.
func (s *Service) findForBackups(name string) (*table, error) {
	t, err := s.find(name)
	if err != nil {
		return nil, wire.Sender(codeTableNotFound, "Table not found: %s", s.nameOf(name))
	}
	return t, nil
}

func (s *Service) updateContinuousBackups(_ *wire.Call, in *backupsInput) ([]string, func() (any, error)) {
	return s.onTable(in.TableName, s.findForBackups, func(t *table) (any, error) {
		wanted := in.PointInTimeRecoverySpecification
		recovery := pointInTimeRecovery{enabled: *wanted.PointInTimeRecoveryEnabled, days: maxRecoveryDays, since: t.recovery.since}
		if wanted.RecoveryPeriodInDays != nil {
			recovery.days = *wanted.RecoveryPeriodInDays
		}
		// A table becomes ACTIVE before its backups can be changed.
		if !passed(t.backupsAt) {
			return nil, wire.Sender(codeNoBackups, "Backups are being enabled for the table: %s. Please retry later", t.name)
		}
		if recovery.enabled && !t.recovery.enabled {
			recovery.since = s.config.Now()
		}
		t.recovery = recovery
		return s.backups(t), nil
	})
}

func (s *Service) describeContinuousBackups(_ *wire.Call, in *tableInput) ([]string, func() (any, error)) {
	return s.onTable(in.TableName, s.findForBackups, func(t *table) (any, error) { return s.backups(t), nil })
}

func (s *Service) backups(t *table) backupsOutput {
	d := backupsDescription{
		ContinuousBackupsStatus:        "ENABLED",
		PointInTimeRecoveryDescription: recoveryDescription{PointInTimeRecoveryStatus: "DISABLED"},
	}
	if !passed(t.backupsAt) {
		d.ContinuousBackupsStatus = "DISABLED"
	}
	if t.recovery.enabled {
		d.PointInTimeRecoveryDescription = recoveryDescription{
			PointInTimeRecoveryStatus:  "ENABLED",
			RecoveryPeriodInDays:       t.recovery.days,
			EarliestRestorableDateTime: seconds(t.recovery.since),
			LatestRestorableDateTime:   seconds(s.config.Now()),
		}
	}
	return backupsOutput{d}
}
