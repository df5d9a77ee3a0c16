// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const journalFile = "journal.json"

// longestRun is longer than all phases and the removal may take together.
const longestRun = 12 * time.Hour

// journal is what a run stores before it makes anything, so that a later run can remove what is left. It is in the run's own folder, beside
// terraform's state.
type journal struct {
	Name    string            `json:"name"` // of the chain
	Process int               `json:"process"`
	Started time.Time         `json:"started"`
	Account string            `json:"account"`
	Region  string            `json:"region"`
	Tenant  string            `json:"tenant"`
	Apps    map[string]string `json:"apps"` // step → id

	dir string
}

// newJournal begins a run's folder.
func newJournal(dir, name string, p *place) (*journal, error) {
	j := &journal{
		Name: name, Process: os.Getpid(), Started: time.Now().UTC().Truncate(time.Second), Account: p.account, Region: p.region,
		Tenant: p.tenantID,
		Apps:   map[string]string{}, dir: filepath.Join(dir, name),
	}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return nil, err
	}
	return j, j.write()
}

func (j *journal) write() error {
	content, err := json.MarshalIndent(j, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(j.dir, journalFile), content, 0o600)
}

// noteApp stores an app that was made.
func (j *journal) noteApp(step, id string) error {
	j.Apps[step] = id
	return j.write()
}

// end removes the folder of a run that left nothing.
func (j *journal) end() error { return os.RemoveAll(j.dir) }

// madeIn reports whether the run was in the same account, region and tenant.
func (j *journal) madeIn(p *place) bool {
	return j.Account == p.account && j.Region == p.region && j.Tenant == p.tenantID
}

// earlierRuns reads the journals of runs that have stopped without removing theirs.
func earlierRuns(dir string) ([]*journal, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []*journal
	for _, entry := range entries {
		if !entry.IsDir() || !strings.HasPrefix(entry.Name(), namePrefix) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(dir, entry.Name(), journalFile)) //nolint:gosec // in the folder of journals
		if errors.Is(err, os.ErrNotExist) {
			continue // stopped before it made anything
		}
		if err != nil {
			return nil, err
		}
		j := &journal{dir: filepath.Join(dir, entry.Name())}
		if err := json.Unmarshal(content, j); err != nil || j.Name != entry.Name() {
			return nil, fmt.Errorf("the journal in %s cannot be read: %w. Remove what it names by hand, then the folder", j.dir, err)
		}
		if !isRunning(j.Process) || time.Since(j.Started) > longestRun { // another process may have its id by now
			all = append(all, j)
		}
	}
	return all, nil
}
