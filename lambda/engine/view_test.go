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
	d := nightly()
	got := engine.NewView(d, "abc", "https://acme.eu.qlikcloud.com")
	want := engine.View{
		Chain: "nightly", TenantURL: "https://acme.eu.qlikcloud.com", DefinitionSHA256: "abc", Tree: got.Tree, Mermaid: draw.Of(d).Mermaid(),
		Steps: []engine.StepView{
			{Name: "archive", AppID: chaintest.AppID(7), URL: "https://acme.eu.qlikcloud.com/sense/app/" + chaintest.AppID(7), Weight: 1},
			{Name: "audit", AppID: chaintest.AppID(6), URL: "https://acme.eu.qlikcloud.com/sense/app/" + chaintest.AppID(6), Enabled: true,
				Weight: 1},
			{Name: "dashboard", AppID: chaintest.AppID(4), URL: "https://acme.eu.qlikcloud.com/sense/app/" + chaintest.AppID(4), Enabled: true,
				Partial: true, Weight: 7},
			{Name: "extract_hr", AppID: chaintest.AppID(2), URL: "https://acme.eu.qlikcloud.com/sense/app/" + chaintest.AppID(2), Root: true,
				Enabled: true, Weight: 1},
			{Name: "extract_sales", AppID: chaintest.AppID(1), URL: "https://acme.eu.qlikcloud.com/sense/app/" + chaintest.AppID(1), Root: true,
				Enabled: true, Weight: 1},
			{Name: "fallback", AppID: chaintest.AppID(5), URL: "https://acme.eu.qlikcloud.com/sense/app/" + chaintest.AppID(5), Enabled: true,
				Weight: 1},
			{Name: "transform", AppID: chaintest.AppID(3), URL: "https://acme.eu.qlikcloud.com/sense/app/" + chaintest.AppID(3), Enabled: true,
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
