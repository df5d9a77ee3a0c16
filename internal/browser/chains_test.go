// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package browser_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
)

// step is a step in Terraform's JSON syntax.
type step map[string]any

// chains are the chains of the tests, by name.
func chains() map[string]map[string]step {
	return map[string]map[string]step{"nightly": nightly(), "three": three(), "thirty": thirty(), "threehundred": threeHundred(),
		"healthy": healthy()}
}

// nightly is the chain of examples/nightly without its retry, which would have to be waited for.
func nightly() map[string]step {
	return map[string]step{
		"extract_sales": {"app": sandbox.AppExtract}, "extract_hr": {"app": sandbox.AppExtractHR},
		"transform": {"app": sandbox.AppTransform, "after": after("success", "extract_sales", "extract_hr")},
		"dashboard": {"app": sandbox.AppDashboard, "after": after("success", "transform"), "weight": 5},
		"fallback":  {"app": sandbox.AppFallback, "after": after("failure", "transform")},
		"archive":   {"app": sandbox.AppArchive, "after": after("completion", "transform")},
	}
}

// healthy is a chain in which nothing goes wrong.
func healthy() map[string]step {
	return map[string]step{"load": {}, "erp": {"signal": step{}}, "report": {"after": after("success", "load", "erp")}}
}

func three() map[string]step {
	return map[string]step{
		"extract": {}, "transform": {"after": after("success", "extract")},
		"dashboard": {"after": after("success", "transform"), "retry": step{"max_attempts": 3}},
	}
}

// Names that have to be drawn, and must not do anything else.
const (
	markupName = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`
	quotedName = `say "hi" & 'bye' \N {{x}} </text>`
	emojiName  = "Umsätze 👩‍💻 🇪🇺"
	rightName  = "דוח מכירות יומי (חדש)"
)

var longName = "long " + strings.Repeat("name ", 39)[:195]

// thirty is a chain of 30 steps, some of them with odd names.
func thirty() map[string]step {
	steps := warehouse(6, 3, 10)
	for name, s := range map[string]step{
		markupName: {"after": after("success", "mart_00")}, quotedName: {"after": after("failure", "mart_00")},
		emojiName: {"after": after("completion", "mart_01")}, rightName: {"after": after("success", "mart_01", "mart_02")},
		longName: {"after": after("success", "mart_02"), "enabled": false},
	} {
		steps[name] = s
	}
	return steps
}

func threeHundred() map[string]step { return warehouse(60, 20, 160) }

// warehouse is a chain as there are many: extracts, a transformation of each, marts that join some of these, and dashboards of the marts.
func warehouse(extracts, marts, dashboards int) map[string]step {
	steps := map[string]step{}
	for i := range extracts {
		extract, transform := fmt.Sprintf("extract_%02d", i), fmt.Sprintf("transform_%02d", i)
		steps[extract] = step{"after": after("success", "start")}
		steps[transform] = step{"after": after("success", extract)}
	}
	steps["start"] = step{}
	each := extracts / marts
	for i := range marts {
		var from []string
		for j := range each {
			from = append(from, fmt.Sprintf("transform_%02d", i*each+j))
		}
		steps[fmt.Sprintf("mart_%02d", i)] = step{"after": after("success", from...)}
	}
	for i := range dashboards - 1 {
		steps[fmt.Sprintf("dashboard_%03d", i)] = step{"after": after([]string{"success", "success", "completion", "failure"}[i%4],
			fmt.Sprintf("mart_%02d", i%marts))}
	}
	return steps
}

func after(condition string, upstreams ...string) map[string]string {
	m := map[string]string{}
	for _, u := range upstreams {
		m[u] = condition
	}
	return m
}

// configuration writes a folder with the chains in Terraform's JSON syntax, and gives each step without an app one. It returns the folder,
// and the apps' ids by chain and step.
func configuration(t *testing.T) (folder string, ids map[string]map[string]string) {
	t.Helper()
	resources, outputs, n := map[string]any{}, map[string]any{}, 0
	ids = map[string]map[string]string{}
	all := chains()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		ids[name] = map[string]string{}
		for _, key := range slices.Sorted(maps.Keys(all[name])) {
			s := all[name][key]
			if s["app"] == nil && s["signal"] == nil {
				n++
				s["app"] = fmt.Sprintf("90c6f35f-c9d7-4488-bb5a-%012x", n)
			}
			if s["app"] != nil {
				ids[name][key] = fmt.Sprint(s["app"])
			}
		}
		auth := "key"
		if name == "three" {
			auth = "iam"
		}
		resource := map[string]any{"operator_auth": auth, "name": name, "architecture": function.HostArchitecture(),
			"timezone": "Europe/Berlin", "steps": all[name], "viewer_key": name == "nightly"}
		switch name {
		case "nightly":
			resource["failure_log"] = step{"lines": 20}
		case "healthy": // a schedule that does not come while the tests run
			resource["schedule"] = step{"cron": "0 2 29 2 ? *"}
			resource["expect_by"] = step{"time": "06:00"}
		}
		resources[name] = resource
		outputs[name] = map[string]any{"value": "${qlik_task_chain." + name + ".invoke_url}"}
	}
	text, err := json.Marshal(map[string]any{
		"terraform": map[string]any{"required_providers": map[string]any{"qlik": map[string]any{"source": "qlik-task-chain/qlik"}}},
		"provider":  map[string]any{"qlik": map[string]any{}},
		"resource":  map[string]any{"qlik_task_chain": resources},
		"output":    outputs,
	})
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.tf.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, ids
}
