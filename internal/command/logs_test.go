// SPDX-License-Identifier: MPL-2.0

package command

import (
	"strings"
	"testing"
)

// TestShowLine checks how a line of the log looks. Lambda's own lines show only if an invocation has failed.
func TestShowLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		`{"time":"2026-11-24T02:00:07.5Z","level":"WARN","msg":"event","reason":"no step","run":"r1","n":2,"started":[{"step":"a b"}]}`: "" +
			`2026-11-24 02:00:07  WARN   event n=2 reason="no step" run=r1 started=[{"step":"a b"}]` + "\n",
		`{"time":"2026-11-24T02:00:07Z","type":"platform.report","record":{"status":"success"}}`: "",
		`{"time":"2026-11-24T02:00:07Z","type":"platform.start","record":{"requestId":"1"}}`:     "",
		`{"time":"2026-11-24T02:00:07Z","type":"platform.report","record":{"status":"timeout"}}`: "" +
			`2026-11-24 02:00:07          record={"status":"timeout"} type=platform.report` + "\n",
		"panic: \x1b[31mboom": "panic: \ufffd[31mboom\n",
	} {
		var out strings.Builder
		a := &app{out: &out, output: outputTable, utc: true}
		a.showLine(line)
		if out.String() != want {
			t.Errorf("%s:\n%q, want\n%q", line, out.String(), want)
		}
	}
}
