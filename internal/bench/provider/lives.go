// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// latency is what every service takes longer than the sandbox does.
const latency = 20 * time.Millisecond

// act is a command of terraform, with what its output calls the provider's part of it.
type act struct {
	name         string
	args         []string
	begins, ends string // the types of messages
	atMost       float64
}

var acts = []act{
	{"apply", []string{"apply", "-json", "-input=false", "-auto-approve"}, "apply_start", "apply_complete", 1.3},
	{"refresh", []string{"plan", "-json", "-input=false"}, "refresh_start", "refresh_complete", 1.5},
	{"destroy", []string{"destroy", "-json", "-input=false", "-auto-approve"}, "apply_start", "apply_complete", 0},
}

const (
	rowWhole    = "terraform as a whole"
	rowProvider = "of that the resource"
	rowPath     = "critical path of its calls"
	rowCalls    = "calls"
)

// lives lets a chain come, be looked at and go, again and again, each time in a sandbox of its own.
func (b *bench) lives(ctx context.Context) error {
	table := b.report.Add(fmt.Sprintf("One chain, services that take %s longer", latency), acts[0].name, acts[1].name, acts[2].name)
	for round := range b.roundsOfTerraform() {
		b.Say(fmt.Sprintf("lives of a chain, round %d of %d", round+1, b.roundsOfTerraform()))
		if err := b.life(ctx, table, round); err != nil {
			return err
		}
	}
	took, path := table.Row(rowProvider, "ms"), table.Row(rowPath, "ms")
	for _, a := range acts {
		if a.atMost > 0 {
			b.report.Compare(a.name+" of one chain ÷ critical path of its calls", took.Values[a.name], path.Values[a.name], a.atMost)
		}
	}
	return nil
}

func (b *bench) life(ctx context.Context, table *figures.Table, round int) (err error) {
	s, err := sandbox.Start(ctx, sandbox.Config{
		Apps: sandbox.NightlyApps(0), Cloud: cloud.Config{DynamoDB: dynamodb.Config{TransitionTime: -1}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }() //nolint:contextcheck // closing outlives an interrupt
	w, err := b.workspace(ctx, fmt.Sprintf("life %d", round), chains(1), s)
	if err != nil {
		return err
	}
	s.Cloud.Faults().Add(cloud.Fault{Kind: cloud.FaultDelay, Delay: latency})
	s.Tenant.SetFault(func(*http.Request, int) *tenant.Fault { return &tenant.Fault{Delay: wait} })
	for _, a := range acts {
		if err := b.act(ctx, a, table, round, s, w); err != nil {
			return err
		}
	}
	if left := s.Objects(); len(left) > 0 {
		return fmt.Errorf("terraform destroy left objects behind: %v", left)
	}
	return nil
}

func wait(ctx context.Context) error {
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (b *bench) act(ctx context.Context, a act, table *figures.Table, round int, s *sandbox.Sandbox, w *workspace.Workspace) error {
	var output bytes.Buffer
	began := time.Now()
	if err := run(ctx, w, &output, a.args...); err != nil {
		return err
	}
	table.Row(rowWhole, "ms").Set(a.name, round, milliseconds(time.Since(began)))
	from, to, err := span(output.Bytes(), a.begins, a.ends)
	if err != nil {
		return fmt.Errorf("the output of terraform %s: %w", a.name, err)
	}
	calls := made(s, from, to)
	table.Row(rowProvider, "ms").Set(a.name, round, milliseconds(to.Sub(from)))
	table.Row(rowCalls, "").Set(a.name, round, float64(len(calls)))
	path, err := order.Longest(calls)
	if err != nil {
		if comment := fmt.Sprintf("There is no critical path of %s: %v.", a.name, err); !slices.Contains(b.report.Comments, comment) {
			b.report.Comments = append(b.report.Comments, comment)
		}
		return nil
	}
	table.Row(rowPath, "ms").Set(a.name, round, milliseconds(path.Took))
	if round == 0 {
		b.report.Comments = append(b.report.Comments, fmt.Sprintf("The critical path of %s, in the first round: %s.", a.name, path))
	}
	return nil
}

// span finds the time between two messages in what terraform -json prints: the last of the first type, after which the others come.
// Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui
func span(output []byte, begins, ends string) (from, to time.Time, err error) {
	for line := range bytes.Lines(output) {
		var message struct {
			Type string    `json:"type"`
			At   time.Time `json:"@timestamp"`
		}
		if err := json.Unmarshal(line, &message); err != nil {
			return from, to, err
		}
		switch message.Type {
		case begins:
			from = message.At
		case ends:
			to = message.At
		}
	}
	if from.IsZero() || to.Before(from) {
		return from, to, fmt.Errorf("there is no %s before a %s", begins, ends)
	}
	return from, to, nil
}

func startsWithAny(s string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(s, prefix) })
}
