// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"reflect"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func TestNewView(t *testing.T) {
	t.Parallel()
	const acme = "https://acme.eu.qlikcloud.com"
	d := nightly()
	got := engine.NewView(d, "abc", acme)
	want := engine.View{
		Chain: "nightly", TenantURL: acme, DefinitionSHA256: "abc", Tree: got.Tree, Mermaid: draw.Of(d).Mermaid(),
		Steps: []engine.StepView{
			{Name: "archive", Kind: chain.KindApp, AppID: chaintest.AppID(7), URL: acme + "/sense/app/" + chaintest.AppID(7), Weight: 1},
			{Name: "audit", Kind: chain.KindApp, AppID: chaintest.AppID(6), URL: acme + "/sense/app/" + chaintest.AppID(6), Enabled: true,
				Weight: 1},
			{Name: "dashboard", Kind: chain.KindApp, AppID: chaintest.AppID(4), URL: acme + "/sense/app/" + chaintest.AppID(4), Enabled: true,
				Partial: true, Weight: 7},
			{Name: "extract_hr", Kind: chain.KindApp, AppID: chaintest.AppID(2), URL: acme + "/sense/app/" + chaintest.AppID(2), Root: true,
				Enabled: true, Weight: 1},
			{Name: "extract_sales", Kind: chain.KindApp, AppID: chaintest.AppID(1), URL: acme + "/sense/app/" + chaintest.AppID(1), Root: true,
				Enabled: true, Weight: 1},
			{Name: "fallback", Kind: chain.KindApp, AppID: chaintest.AppID(5), URL: acme + "/sense/app/" + chaintest.AppID(5), Enabled: true,
				Weight: 1},
			{Name: "transform", Kind: chain.KindApp, AppID: chaintest.AppID(3), URL: acme + "/sense/app/" + chaintest.AppID(3), Enabled: true,
				Weight: 1},
		},
		Links: []engine.Link{
			{From: "extract_hr", To: "transform", Condition: chain.ConditionSuccess, FromAppID: chaintest.AppID(2), ToAppID: chaintest.AppID(3)},
			{From: "extract_sales", To: "transform", Condition: chain.ConditionSuccess, FromAppID: chaintest.AppID(1), ToAppID: chaintest.AppID(3)},
			{From: "transform", To: "archive", Condition: chain.ConditionSuccess, FromAppID: chaintest.AppID(3), ToAppID: chaintest.AppID(7)},
			{From: "transform", To: "audit", Condition: chain.ConditionCompletion, FromAppID: chaintest.AppID(3), ToAppID: chaintest.AppID(6)},
			{From: "transform", To: "dashboard", Condition: chain.ConditionSuccess, FromAppID: chaintest.AppID(3), ToAppID: chaintest.AppID(4)},
			{From: "transform", To: "fallback", Condition: chain.ConditionFailure, FromAppID: chaintest.AppID(3), ToAppID: chaintest.AppID(5)},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("NewView() = %+v\nwant %+v", got, want)
	}
}

// Steps of every kind have the same columns; a link into the tenant only where Qlik documents its address.
func TestNewViewOfEveryKind(t *testing.T) {
	t.Parallel()
	const automation, project = "11111111-1111-4111-8111-111111111111", "65f2a4b7c1d2e3f405162738"
	d := &chain.Definition{Version: chain.Version, Name: "kinds", Steps: map[string]chain.Step{
		"erp":  {Signal: &chain.Signal{}, Enabled: true},
		"mail": {Automation: automation, Enabled: true, After: map[string]chain.Condition{"erp": chain.ConditionSuccess}},
		"land": {DataTask: &chain.DataTask{Project: project, Task: "task-1"}, Enabled: true, After: map[string]chain.Condition{
			"erp": chain.ConditionSuccess, "mail": chain.ConditionSuccess,
		}},
	}}
	got := engine.NewView(d, "abc", "https://acme.eu.qlikcloud.com")
	if want := []engine.StepView{
		{Name: "erp", Kind: chain.KindSignal, Root: true, Enabled: true, Weight: 1},
		{Name: "land", Kind: chain.KindDataTask, DataProjectID: project, DataTaskID: "task-1", Enabled: true, Weight: 1},
		{Name: "mail", Kind: chain.KindAutomation, AutomationID: automation, Enabled: true, Weight: 1},
	}; !reflect.DeepEqual(got.Steps, want) {
		t.Errorf("steps %+v\nwant %+v", got.Steps, want)
	}
	erp, land, mail := d.StepID("erp"), d.StepID("land"), d.StepID("mail")
	if want := []engine.TreeNode{
		{NodeID: erp, Name: "erp", Level: 1},
		{NodeID: land, ParentID: erp, Name: "land", Condition: chain.ConditionSuccess, Level: 2},
		{NodeID: mail, ParentID: erp, Name: "mail", Condition: chain.ConditionSuccess, Level: 2},
		{NodeID: land + "@" + mail, ParentID: mail, Name: "land", Condition: chain.ConditionSuccess, Reference: true, Level: 3},
	}; !reflect.DeepEqual(got.Tree, want) {
		t.Errorf("tree %+v\nwant %+v", got.Tree, want)
	}
}
