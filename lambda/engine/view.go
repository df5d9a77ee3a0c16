// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

// View shows a chain to operators and to the Qlik REST connector, which loads each list as a table. It shows no variables.
type View struct {
	Chain            string     `json:"chain"`
	TenantURL        string     `json:"tenant_url"`
	DefinitionSHA256 string     `json:"definition_sha256"`
	Steps            []StepView `json:"steps"` // sorted by name
	Links            []Link     `json:"links"` // sorted by from, then to
	Tree             []TreeNode `json:"tree"`  // each parent before its children
	Mermaid          string     `json:"mermaid"`
}

// StepView is a step of the chain.
type StepView struct {
	Name          string     `json:"name"`
	Kind          chain.Kind `json:"kind"`
	AppID         string     `json:"app_id"` // likewise the next three: empty for a step of another kind
	AutomationID  string     `json:"automation_id"`
	DataProjectID string     `json:"data_project_id"`
	DataTaskID    string     `json:"data_task_id"`
	URL           string     `json:"url"`  // of the app in the tenant; empty for other kinds, which have no documented address
	Root          bool       `json:"root"` // it has no upstream: the chain begins here
	Enabled       bool       `json:"enabled"`
	Partial       bool       `json:"partial"`
	Weight        int        `json:"weight"` // 1 if the definition does not set it, Qlik's default
}

// Link reports that a step starts after another.
type Link struct {
	From      string          `json:"from"`
	To        string          `json:"to"`
	Condition chain.Condition `json:"condition"`
	FromAppID string          `json:"from_app_id"`
	ToAppID   string          `json:"to_app_id"`
}

// NewView returns the view of a definition.
func NewView(d *chain.Definition, sha256, tenantURL string) View {
	v := View{
		Chain: d.Name, TenantURL: tenantURL, DefinitionSHA256: sha256, Steps: []StepView{}, Links: []Link{}, Tree: tree(d),
		Mermaid: draw.Of(d).Mermaid(),
	}
	for _, name := range slices.Sorted(maps.Keys(d.Steps)) {
		s := d.Steps[name]
		step := StepView{
			Name: name, Kind: s.Kind(), AppID: s.App, AutomationID: s.Automation, URL: targetURL(tenantURL, s.Target()),
			Root: len(s.After) == 0, Enabled: s.Enabled, Partial: s.Partial, Weight: cmp.Or(s.Weight, 1),
		}
		if s.DataTask != nil {
			step.DataProjectID, step.DataTaskID = s.DataTask.Project, s.DataTask.Task
		}
		v.Steps = append(v.Steps, step)
	}
	for _, l := range d.Links() {
		v.Links = append(v.Links, Link{
			From: l.From, To: l.To, Condition: l.Condition, FromAppID: d.Steps[l.From].App, ToAppID: d.Steps[l.To].App,
		})
	}
	return v
}

// targetURL returns the tenant's URL of an app. It is empty for the other kinds: Qlik documents no address of them.
func targetURL(tenantURL string, t chain.Target) string {
	if t.Kind != chain.KindApp || tenantURL == "" {
		return ""
	}
	return tenantURL + "/sense/app/" + t.ID
}
