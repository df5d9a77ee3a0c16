// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

// What a picture shows, besides a run by its id.
const (
	PictureLatest = ""     // the latest run of each step that has begun one
	PictureNone   = "none" // the chain as it is defined
)

// How many runs a picture reads: each is a query of the table.
const (
	maxListed  = 50
	maxOrigins = 8
	maxShown   = 16
)

// ErrNoRun reports that there is no run with this id, or no longer.
var ErrNoRun = errors.New("there is no such run")

// Picture draws the chain with the state of a run, PictureLatest or PictureNone. It includes the runs that met in that run.
func (e *Engine) Picture(ctx context.Context, run, tenantURL string) (*draw.Picture, error) {
	p := draw.Of(e.Index.Definition())
	p.TenantURL, p.DefinitionSHA256 = tenantURL, e.DefinitionSHA256
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Kind == draw.KindStep {
			n.URL = targetURL(tenantURL, n.Target)
		}
	}
	var err error
	if p.Notices, err = e.notices(ctx); err != nil {
		return nil, err
	}
	p.Schedules = e.nextStarts()
	ids := []string{run}
	switch run {
	case PictureNone:
		p.Attention = attention(p, shown{})
		return p, nil
	case PictureLatest:
		listed, _, err := e.Runs(ctx, "", maxListed)
		if err != nil {
			return nil, err
		}
		p.LastGood = lastGood(listed)
		ids = latestOfEachOrigin(listed)
		if err := e.addDeadlines(ctx, p); err != nil {
			return nil, err
		}
	}
	views, err := e.withMet(ctx, ids)
	if err != nil {
		return nil, err
	}
	if run != PictureLatest && !slices.ContainsFunc(views, func(v *RunView) bool { return v.ID == run }) {
		return nil, ErrNoRun
	}
	paint(p, views)
	p.Attention = append(attention(p, show(views)), p.Attention...)
	slices.SortStableFunc(p.Attention, draw.Attention.Compare)
	for _, v := range views {
		p.Outdated = p.Outdated || v.DefinitionSHA256 != e.DefinitionSHA256
	}
	return p, nil
}

// notices returns the notices for a viewer of the chain.
func (e *Engine) notices(ctx context.Context) ([]string, error) {
	swept, err := load[sweepDoc](ctx, e.Store, sweepKey)
	if err != nil {
		return nil, err
	}
	notices := []string{}
	if swept.doc.Webhook != nil {
		if complaint := e.complain(*swept.doc.Webhook); complaint != "" {
			notices = append(notices, chain.Sentence(complaint))
		}
	}
	return notices, nil
}

// latestOfEachOrigin returns the ids of the first run of each origin. The runs are listed newest first.
func latestOfEachOrigin(runs []RunRecord) []string {
	slices.SortStableFunc(runs, func(a, b RunRecord) int { return b.At.Compare(a.At) }) // the list is sorted by ids, which have whole seconds
	var ids []string
	seen := map[string]bool{}
	for _, r := range runs {
		if !seen[r.Origin] && len(ids) < maxOrigins {
			ids, seen[r.Origin] = append(ids, r.ID), true
		}
	}
	return ids
}

// withMet reads runs, and the runs that they met: one join, or one reload, may belong to several. The newest run comes first.
func (e *Engine) withMet(ctx context.Context, ids []string) ([]*RunView, error) {
	var mu sync.Mutex // guards views
	var views []*RunView
	known := map[string]bool{}
	for len(ids) > 0 {
		for _, id := range ids {
			known[id] = true
		}
		_, err := parallel(len(ids), func(i int) (bool, error) {
			view, err := e.Run(ctx, ids[i])
			if err == nil && view != nil {
				mu.Lock()
				defer mu.Unlock()
				views = append(views, view)
			}
			return true, err
		})
		if err != nil {
			return nil, err
		}
		ids = nil
		for _, met := range metBy(views) {
			if !known[met] && len(known)+len(ids) < maxShown {
				ids = append(ids, met)
			}
		}
	}
	slices.SortFunc(views, func(a, b *RunView) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) }) // ids have whole seconds
	return views, nil
}

// metBy returns the runs that go on with steps of others, or that provide results to others: each once, in a fixed order.
func metBy(views []*RunView) []string {
	var met []string
	for _, v := range views {
		for _, s := range v.Steps {
			if s.Continued != "" {
				met = append(met, s.Continued)
			}
		}
		for _, s := range v.Starts {
			for _, c := range s.Causes {
				if c.Run != "" {
					met = append(met, c.Run)
				}
			}
		}
	}
	slices.Sort(met)
	return slices.Compact(met)
}
