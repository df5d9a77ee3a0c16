// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// owner is the SSM parameter that records which instance the chain is, who created it, and whether that create has ended. A create claims
// the chain by creating the parameter of the next number: SSM lets only one of several creates do so. A whole chain has one such parameter.
type owner struct {
	s       *Stack
	entries []*ownerEntry // the newest last
	claim   *claim        // nil if this apply has claimed nothing
}

// ownerEntry is one of the owner's parameters.
type ownerEntry struct {
	parameter
	number int
	record ownerRecord // the zero one when the value cannot be read
}

// ownerRecord is the value of an owner's parameter, in readable JSON.
type ownerRecord struct {
	Instance  string    `json:"instance"`
	TenantID  string    `json:"tenant_id"`
	Stage     string    `json:"stage"`
	CreatedBy string    `json:"created_by"` // ARN
	CreatedAt time.Time `json:"created_at"`
	Holder    string    `json:"holder,omitempty"`    // identifies the apply
	RenewedAt time.Time `json:"renewed_at,omitzero"` // of stageCreating
}

// These are the stages of a chain's create.
const (
	stageCreating = "creating" // an apply works on it, or was interrupted
	stageStopped  = "stopped"  // an apply has failed
	stageWhole    = "whole"    // the create has ended
)

// unfinished reports whether the create has not ended. It is false for an unreadable value.
func (r *ownerRecord) unfinished() bool { return r.Stage == stageCreating || r.Stage == stageStopped }

const ownerSetting = "parameter.owner"

// newRecord returns the record of a chain that is being created.
func (c *owner) newRecord() ownerRecord {
	now := time.Now().UTC().Truncate(time.Second)
	return ownerRecord{Instance: c.s.instance, TenantID: c.s.TenantID, CreatedBy: c.s.Identity, CreatedAt: now}
}

func (c *owner) object() string { return c.path() }

func (c *owner) path() string { return parameterRoot + c.s.chain + "/owner" }

func (c *owner) newEntry(number int) *ownerEntry {
	return &ownerEntry{number: number, parameter: parameter{s: c.s, suffix: fmt.Sprintf("owner/%d", number), title: "owner"}}
}

// latest returns the entry that counts, or nil.
func (c *owner) latest() *ownerEntry {
	if len(c.entries) == 0 {
		return nil
	}
	return c.entries[len(c.entries)-1]
}

// look looks up the owner only; see definition.find.
func (c *owner) look(ctx context.Context) error {
	entries, err := c.list(ctx)
	if err != nil {
		return err
	}
	if err := together(ctx, entries, func(ctx context.Context, entry *ownerEntry) error { return entry.findTags(ctx) }); err != nil {
		return err
	}
	c.takeOver(entries)
	return nil
}

// takeOver stores the entries that were found and still exist.
func (c *owner) takeOver(entries []*ownerEntry) {
	c.entries = slices.DeleteFunc(entries, func(entry *ownerEntry) bool { return entry.seen == nil })
	if c.claim != nil && (c.latest() == nil || c.latest().number < c.claim.entry.number) { // SSM does not show a write to every reader at once
		c.entries = append(c.entries, c.claim.entry)
	}
}

// list reads the entries without their tags.
func (c *owner) list(ctx context.Context) ([]*ownerEntry, error) {
	all, err := listParameters(ctx, c.s.SSM, c.path())
	return c.entriesOf(all), err
}

// entriesOf picks the entries among parameters by their names.
func (c *owner) entriesOf(parameters map[string]types.Parameter) []*ownerEntry {
	var entries []*ownerEntry
	for name, found := range parameters {
		below, isBelow := strings.CutPrefix(name, c.path()+"/")
		number, err := strconv.Atoi(below)
		if !isBelow || err != nil {
			continue // not an entry of the owner
		}
		entry := c.newEntry(number)
		entry.seen = &found
		if json.Unmarshal([]byte(aws.ToString(found.Value)), &entry.record) != nil {
			entry.record = ownerRecord{} // diff reports it
		}
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, func(a, b *ownerEntry) int { return a.number - b.number })
	return entries
}

// mine reports whether an entry is this instance's. It uses the value, or the tags when the value cannot be read.
func (c *owner) mine(entry *ownerEntry) bool {
	if entry.record.Instance != "" {
		return entry.record.TenantID == c.s.TenantID && !c.s.isAnother(entry.record.Instance)
	}
	return c.s.ours(entry.tags)
}

func (c *owner) diff(want *Spec) []Difference {
	latest := c.latest()
	if latest == nil {
		return []Difference{{Setting: ownerSetting, Have: missing}}
	}
	all := c.s.diffTags(ownerSetting, latest.tags, want)
	switch record := latest.record; {
	case record.unfinished():
		all = append(all, Difference{Setting: ownerSetting, Have: "a create that has not ended", Want: stageWhole})
	case record.Instance != c.s.instance || record.TenantID != c.s.TenantID || record.Stage != stageWhole:
		all = append(all, Difference{Setting: ownerSetting, Have: "not what the chain wrote", Want: "the instance " + c.s.instance})
	case len(c.entries) > 1:
		all = append(all, Difference{Setting: ownerSetting, Have: fmt.Sprintf("%d of them", len(c.entries)), Want: "1"})
	}
	return all
}

// ensure sets the tags. The value changes at the end, see whole.
func (c *owner) ensure(ctx context.Context, want *Spec) error {
	if latest := c.latest(); latest != nil {
		return latest.ensureTags(ctx, want)
	}
	return nil
}

// remove deletes this instance's entries. The newest one is deleted last, because it is the one that counts.
func (c *owner) remove(ctx context.Context) error {
	for _, entry := range slices.Clone(c.entries) {
		if !c.mine(entry) {
			continue
		}
		if err := c.delete(ctx, entry); err != nil {
			return err
		}
	}
	return nil
}

func (c *owner) delete(ctx context.Context, entry *ownerEntry) error {
	if err := gone(c.s.SSM.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String(entry.path())})); err != nil {
		return err
	}
	c.entries = slices.DeleteFunc(c.entries, func(e *ownerEntry) bool { return e.number == entry.number })
	return nil
}

func (c *owner) report(state *State) { state.note(slices.ContainsFunc(c.entries, c.mine)) }

// whole marks the end of a create. From then on, no other create takes the chain over.
type whole struct{ owner *owner }

func (w *whole) object() string { return w.owner.path() }

// ensure marks the chain as whole. It runs after all other components.
func (w *whole) ensure(ctx context.Context, want *Spec) error {
	c := w.owner
	if len(c.diff(want)) == 0 {
		return nil
	}
	record := c.newRecord()
	entry := c.latest()
	if entry == nil {
		entry = c.newEntry(1)
	} else if entry.record.Instance == c.s.instance {
		record = entry.record
	}
	if c.claim != nil {
		c.claim.stop() // a renewal after this write would undo it
		if err := c.claim.check(ctx); err != nil {
			return err
		}
	}
	record.Stage, record.Holder, record.RenewedAt = stageWhole, "", time.Time{}
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	version, err := entry.write(ctx, want, string(text))
	if err != nil {
		return err
	}
	entry.record, entry.seen = record, &types.Parameter{Name: aws.String(entry.path()), Value: aws.String(string(text)), Version: version}
	if c.latest() == nil {
		c.entries = append(c.entries, entry)
	}
	if c.claim != nil { // again: another apply may have taken the claim over between the check and the write
		if err := c.claim.checkLatest(ctx); err != nil {
			return err
		}
	}
	for _, old := range slices.Clone(c.entries[:len(c.entries)-1]) {
		if err := c.delete(ctx, old); err != nil {
			return err
		}
	}
	return nil
}

// FindOwner looks up only what Unfinished needs.
func (s *Stack) FindOwner(ctx context.Context) error { return s.owner.look(ctx) }

// Unfinished reports whether the chain's create has never ended. Such a chain has no record to lose.
func (s *Stack) Unfinished() bool {
	latest := s.owner.latest()
	return latest != nil && latest.record.unfinished()
}
