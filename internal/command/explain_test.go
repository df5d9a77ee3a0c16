// SPDX-License-Identifier: MPL-2.0

package command

import (
	"strings"
	"testing"
)

// aPlan is the plan of two chains: one is changed, and one with an address that is hostile to Markdown is destroyed.
const aPlan = `{"format_version": "1.2", "resource_changes": [
	{"address": "qlik_task_chain.b[\"x\"]", "mode": "managed", "type": "qlik_task_chain", "change": {"actions": ["delete"],
		"before": {"name": "b", "timezone": "UTC", "steps": {"hr": {"app": "80c6f35f-c9d7-4488-bb5a-000000000001"}}}, "after": null,
		"after_unknown": {}, "before_sensitive": {}, "after_sensitive": false}},
	{"address": "qlik_task_chain.a", "mode": "managed", "type": "qlik_task_chain", "change": {"actions": ["update"],
		"before": {"name": "a", "timezone": "UTC", "memory_size": 256, "steps": {"hr": {"app": "80c6f35f-c9d7-4488-bb5a-000000000001"},
			"<b>_x_": {"app": "80c6f35f-c9d7-4488-bb5a-000000000002", "after": {"hr": "completion"}}}},
		"after": {"name": "a", "timezone": "UTC", "memory_size": 512, "steps": {"hr": {"app": "80c6f35f-c9d7-4488-bb5a-000000000001"},
			"<b>_x_": {"app": "80c6f35f-c9d7-4488-bb5a-000000000002", "after": {"hr": "success"}}}},
		"after_unknown": {"steps": {"hr": {}, "<b>_x_": {"after": {}}}}, "before_sensitive": {}, "after_sensitive": {}}},
	{"address": "aws_vpc.x", "mode": "managed", "type": "aws_vpc", "change": {"actions": ["create"], "before": null, "after": {}}}]}`

func TestExplain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args []string
		in   string
		want []string
		code int
	}{
		"text": {[]string{"explain", "-"}, aPlan, []string{
			"qlik_task_chain.a is changed.\n  - <b>_x_ starts on success of hr only.\n  - memory_size changes from 256 to 512.\n" +
				"  - For runs: <b>_x_ no longer runs when hr fails.\n\nqlik_task_chain.b[\"x\"] is destroyed.\n",
		}, ExitOK},
		"markdown": {[]string{"explain", "-", "-o", "markdown"}, aPlan, []string{
			"<!-- qlik-chain explain -->\n### `qlik_task_chain.a` is changed\n\n- &lt;b>\\_x\\_ starts on success of hr only.\n",
			"```mermaid\nflowchart LR\n", "success, CHANGED",
		}, ExitOK},
		"json":       {[]string{"explain", "-", "-o", "json"}, aPlan, []string{`"runs": [`, `"action": "destroy"`}, ExitOK},
		"no chain":   {[]string{"explain", "-"}, `{"format_version": "1.2"}`, []string{"The plan changes no task chain.\n"}, ExitOK},
		"no comment": {[]string{"explain", "-", "-o", "markdown"}, `{"format_version": "1.2"}`, []string{""}, ExitOK},
		"no plan": {[]string{"explain", "-"}, "x", []string{
			"Reading -: this is not the output of `terraform show -json` of a plan (invalid character 'x' looking for beginning of value). " +
				"Name a file with the output of terraform show -json PLAN, or - for standard input.",
		}, ExitUsage},
		"no file": {[]string{"explain", "nope.json"}, "", []string{
			"There is no file nope.json. Name a file with the output of terraform show -json PLAN, or - for standard input.",
		}, ExitUsage},
		"markdown of something": {[]string{"list", "-o", "markdown"}, "", []string{`--output is "markdown"`}, ExitUsage},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, notes strings.Builder
			code := Run(t.Context(), "1.0.0", test.args, strings.NewReader(test.in), &out, &notes)
			if code != test.code {
				t.Errorf("exit code %d, want %d: %s", code, test.code, notes.String())
			}
			for _, want := range test.want {
				if !strings.Contains(out.String()+notes.String(), want) || want == "" && out.Len() > 0 {
					t.Errorf("there is no %q in %s%s", want, out.String(), notes.String())
				}
			}
		})
	}
}
