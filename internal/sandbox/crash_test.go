// SPDX-License-Identifier: MPL-2.0

package sandbox_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// outsideCalls are the outside calls of one run of the function.
var outsideCalls = []string{"ssm PutParameter", "qlik POST /api/v1/reloads", "ssm PutParameter"}

// TestCrashAt kills the function at each of its outside calls, before and after the call is carried out. Lambda retries the event a minute
// later, after the end of the reload.
func TestCrashAt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		call                   int
		after                  bool
		first, reloads, second int // how often each was carried out, with the second attempt
	}{
		{1, false, 1, 1, 1}, {1, true, 2, 1, 1}, {2, false, 2, 1, 1}, {2, true, 2, 2, 1}, {3, false, 2, 2, 1}, {3, true, 2, 2, 2},
	} {
		t.Run(fmt.Sprintf("call %d, after %v", test.call, test.after), func(t *testing.T) {
			t.Parallel()
			c := start(t)
			began := c.Clock.Now()
			crash := c.CrashAt(test.call, test.after)
			if name, happened := crash.Point(); name != "" || happened {
				t.Errorf("before the call the crash has happened: %v, at %q", happened, name)
			}
			c.send(t, c.calls(t))
			c.run(t)
			if name, happened := crash.Point(); name != outsideCalls[test.call-1] || !happened {
				t.Errorf("the crash has happened: %v, at %q; want %q", happened, name, outsideCalls[test.call-1])
			}
			if want := append(slices.Clone(outsideCalls[:test.call]), outsideCalls...); !slices.Equal(c.OutsideCalls(), want) {
				t.Errorf("the calls were %q, want %q", c.OutsideCalls(), want)
			}
			first, second, reloads := c.written(t, "/first"), c.written(t, "/second"), len(c.Tenant.Reloads())
			if first != int64(test.first) || reloads != test.reloads || second != int64(test.second) {
				t.Errorf("carried out: %d, %d, %d; want %d, %d, %d", first, reloads, second, test.first, test.reloads, test.second)
			}
			if waited := c.Clock.Now().Sub(began); waited < time.Minute {
				t.Errorf("the event was tried again after %v", waited)
			}
		})
	}
}

// TestCrashOfAll kills every process of the function once. A crash that was planned before a reset does not happen.
func TestCrashOfAll(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.CrashAt(4, false)
	c.send(t, c.calls(t))
	c.run(t)
	c.ResetOutsideCalls()
	if calls := c.OutsideCalls(); len(calls) != 0 {
		t.Errorf("the calls were %q after the reset", calls)
	}
	arrived := make(chan struct{}, 1)
	endless := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	}))
	defer endless.Close()
	c.send(t, payload(t, map[string]string{"do": "get", "url": endless.URL}))
	<-arrived
	crash := c.CrashAt(1, true)
	c.send(t, c.calls(t))
	if err := c.Cloud.Lambda().Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, happened := crash.Point(); !happened || len(c.OutsideCalls()) != 1 || c.Cloud.Lambda().Attempts() != 3 {
		t.Errorf("happened: %v; the calls were %q in %d attempts", happened, c.OutsideCalls(), c.Cloud.Lambda().Attempts())
	}
}
