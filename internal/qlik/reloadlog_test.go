// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestReloadLogTail keeps the end of a long log, asks for a text, and gives up on one that never ends.
func TestReloadLogTail(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/v1/apps/a1/reloads/logs/r1" || r.Header.Get("Accept") != "text/plain" {
			t.Errorf("%s was asked for as %s", r.URL.Path, r.Header.Get("Accept"))
		}
		for i := range 40_000 {
			_, _ = fmt.Fprintf(w, "line %d\r\n", i) // a failure shows below
		}
	})
	got, err := c.ReloadLogTail(t.Context(), "a1", "r1", 1000)
	if err != nil || len(got) != 1000 || !strings.HasSuffix(string(got), "line 39998\r\nline 39999\r\n") {
		t.Errorf("the end is %q (%v)", got, err)
	}
	if _, err := c.ReloadLogTail(t.Context(), "", "r1", 10); err == nil {
		t.Error("the log of no app was read")
	}
	end := tail{most: 10}
	if err := end.read(endless{}); err == nil || len(end.kept) > 100_000 {
		t.Errorf("of a text without an end, %d bytes are kept (%v)", len(end.kept), err)
	}
}

// endless is a text without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
