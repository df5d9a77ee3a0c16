package engine_test

import (
	"reflect"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func TestNewView(t *testing.T) {
	t.Parallel()
	d := nightly()
	got := engine.NewView(d, "abc", "https://acme.eu.qlikcloud.com")
	want := engine.View{
		Chain: "nightly", TenantURL: "https://acme.eu.qlikcloud.com", DefinitionSHA256: "abc", Mermaid: d.Mermaid(),
		Apps: []engine.App{
			{Name: "archive", AppID: appID(7), Weight: 1},
			{Name: "audit", AppID: appID(6), Enabled: true, Weight: 1},
			{Name: "dashboard", AppID: appID(4), Enabled: true, Partial: true, Weight: 7},
			{Name: "extract_hr", AppID: appID(2), Root: true, Enabled: true, Weight: 1},
			{Name: "extract_sales", AppID: appID(1), Root: true, Enabled: true, Weight: 1},
			{Name: "fallback", AppID: appID(5), Enabled: true, Weight: 1},
			{Name: "transform", AppID: appID(3), Enabled: true, Weight: 1},
		},
		Links: []engine.Link{
			{From: "extract_hr", To: "transform", Condition: chain.ConditionSuccess, FromAppID: appID(2), ToAppID: appID(3)},
			{From: "extract_sales", To: "transform", Condition: chain.ConditionSuccess, FromAppID: appID(1), ToAppID: appID(3)},
			{From: "transform", To: "archive", Condition: chain.ConditionSuccess, FromAppID: appID(3), ToAppID: appID(7)},
			{From: "transform", To: "audit", Condition: chain.ConditionCompletion, FromAppID: appID(3), ToAppID: appID(6)},
			{From: "transform", To: "dashboard", Condition: chain.ConditionSuccess, FromAppID: appID(3), ToAppID: appID(4)},
			{From: "transform", To: "fallback", Condition: chain.ConditionFailure, FromAppID: appID(3), ToAppID: appID(5)},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("NewView() = %+v\nwant %+v", got, want)
	}
}
