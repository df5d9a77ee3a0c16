// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestASecondRerunIsRefused: a second request for a repeated step names the run that has repeated it, and how to insist.
func TestASecondRerunIsRefused(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	line := f.deliver(t, eventBody(t, "reload-finished"))
	run, _ := line["run"].(string)
	path := "/runs/" + run + "/rerun/a"
	var first, second started
	f.ask(t, f.keyed(path, "1", ""), &first)
	if len(first.Started) != 1 || first.Again == nil {
		t.Fatalf("the first rerun is %+v", first)
	}
	f.deliver(t, strings.ReplaceAll(eventBody(t, "reload-finished"), "6a849f7f18ec290e6ceb0001", first.Started[0].Reload))
	var refused apiError
	if err := json.Unmarshal([]byte(f.post(t, f.keyed(path, "2", ""), 409).Body), &refused); err != nil {
		t.Fatal(err)
	}
	if refused.Refusal != "repaired" || refused.Run != first.Run ||
		refused.Error != "Nothing is started: a was repeated by the run "+first.Run+"." || !strings.Contains(refused.Hint, "again = true") {
		t.Errorf("the second rerun: %+v", refused)
	}
	f.post(t, f.keyed(path, "3", `{"again": "yes"}`), 400)
	f.ask(t, f.keyed(path, "2", `{"again": true}`), &second)
	if second.Run == "" || second.Run == first.Run || len(second.Started) != 1 {
		t.Errorf("the operator insists: %+v", second)
	}
	f.post(t, f.keyed("/start/a", "4", `{"again": true}`), 400)
}
