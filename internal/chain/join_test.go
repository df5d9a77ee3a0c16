// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// arrives makes an arrival from "upstream reload@minute run/origin run/origin".
func arrives(t *testing.T, text string) chain.Arrival {
	t.Helper()
	var minute int
	fields := strings.Fields(text)
	event, at, _ := strings.Cut(fields[1], "@")
	if _, err := fmt.Sscan(at, &minute); err != nil {
		t.Fatal(err)
	}
	a := chain.Arrival{Upstream: fields[0], Event: event, At: time.Date(2026, 11, 24, 0, minute, 0, 0, time.UTC), Attempt: 1, Depth: 1}
	for _, run := range fields[2:] {
		id, origin, _ := strings.Cut(run, "/")
		a.Runs = append(a.Runs, chain.RunRef{ID: id, Origin: origin})
	}
	return a
}

// TestJoin tells arrivals to a step that waits for a, b (and c), within an hour. What it says to each: the events that went into the
// fire, or what it waits for.
func TestJoin(t *testing.T) {
	t.Parallel()
	ab, abc := []string{"a", "b"}, []string{"a", "b", "c"}
	tests := map[string]struct {
		upstreams []string
		arrivals  []string
		want      []string
	}{
		"one run":                       {ab, []string{"a r1@1 1/root", "b r2@2 1/root"}, []string{"waits b", "r1 r2"}},
		"the other way round":           {ab, []string{"b r2@2 1/root", "a r1@1 1/root"}, []string{"waits a", "r1 r2"}},
		"two runs of different origins": {ab, []string{"a r1@1 1/a", "b r2@2 2/b"}, []string{"waits b", "r1 r2"}},
		"reset":                         {ab, []string{"a r1@1 1/a", "b r2@2 2/b", "a r3@3 3/a", "b r4@4 4/b"}, []string{"waits b", "r1 r2", "waits b", "r3 r4"}},
		"the latest stands in":          {ab, []string{"a r1@1 1/a", "a r2@2 2/a", "b r3@3 3/b"}, []string{"waits b", "waits b", "r2 r3"}},
		"none stands in twice":          {ab, []string{"a r1@1 1/a", "b r2@2 2/b", "b r3@3 3/b"}, []string{"waits b", "r1 r2", "waits a"}},
		"told again":                    {ab, []string{"a r1@1 1/a", "a r1@1 1/a", "b r2@2 2/b", "b r2@2 2/b", "a r1@1 1/a"}, []string{"waits b", "waits b", "r1 r2", "r1 r2", "used"}},
		"within the window":             {ab, []string{"a r1@0 1/a", "b r2@60 2/b"}, []string{"waits b", "r1 r2"}},
		"past the window":               {ab, []string{"a r1@0 1/a", "b r2@61 2/b", "a r3@62 3/a"}, []string{"waits b", "waits a", "r3 r2"}},
		"past the window in one run":    {ab, []string{"a r1@0 1/root", "b r2@61 1/root"}, []string{"waits b", "waits a"}},
		"two overlapping rounds": {
			ab, []string{"a r1@1 1/root", "a r2@2 2/root", "b r3@3 1/root", "b r4@4 2/root"}, []string{"waits b", "waits b", "r1 r3", "r2 r4"},
		},
		"overlapping rounds crosswise": {
			ab, []string{"a r1@1 1/root", "b r2@2 2/root", "b r3@3 1/root", "a r4@4 2/root"}, []string{"waits b", "waits a", "r1 r3", "r4 r2"},
		},
		"by hand for the one that failed": {ab, []string{"a r1@1 1/root", "b r2@30 2/b"}, []string{"waits b", "r1 r2"}},
		"by hand, and the run's own after all": {
			ab, []string{"a r1@1 1/root", "b r2@3 2/b", "b r3@5 1/root"}, []string{"waits b", "r1 r2", "r1 r3"},
		},
		"three, of two runs":         {abc, []string{"a r1@1 1/x", "c r2@2 2/y", "b r3@3 1/x 2/y"}, []string{"waits b c", "waits b", "r1 r3 r2"}},
		"runs that have met before":  {ab, []string{"a r1@1 1/p 2/q", "b r2@2 2/q 3/r"}, []string{"waits b", "r1 r2"}},
		"two partners too far apart": {abc, []string{"a r1@0 1/a", "c r2@100 2/c", "b r3@50 3/b"}, []string{"waits b c", "waits a b", "waits a"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var j chain.Join
			for i, text := range tt.arrivals {
				before, _ := json.Marshal(j)
				r := j.Arrive("step", tt.upstreams, time.Hour, arrives(t, text))
				if got := told(r); got != tt.want[i] {
					t.Errorf("arrival %d, %s: %s, want %s", i+1, text, got, tt.want[i])
				}
				if after, _ := json.Marshal(j); r.Changed != (string(before) != string(after)) {
					t.Errorf("arrival %d, %s: Changed is %t", i+1, text, r.Changed)
				}
			}
		})
	}
}

func told(r chain.JoinResult) string {
	switch {
	case r.Fire != nil:
		var events []string
		for _, c := range r.Fire.Causes {
			events = append(events, c.Event)
		}
		return strings.Join(events, " ")
	case r.UsedBy != "":
		return "used"
	default:
		return "waits " + strings.Join(r.Waits, " ")
	}
}

// TestJoinIsTheSameInEveryOrder: arrivals of one run make the same fire in whatever order they come.
func TestJoinIsTheSameInEveryOrder(t *testing.T) {
	t.Parallel()
	texts := []string{"a r1@1 1/x", "b r2@2 1/x 2/y", "c r3@3 2/y", "d r4@4 1/x"}
	var want *chain.Fire
	for range 50 {
		rand.Shuffle(len(texts), func(i, j int) { texts[i], texts[j] = texts[j], texts[i] })
		var j chain.Join
		var fires []*chain.Fire
		for _, text := range texts {
			if r := j.Arrive("step", []string{"a", "b", "c", "d"}, time.Hour, arrives(t, text)); r.Fire != nil {
				fires = append(fires, r.Fire)
			}
		}
		if len(fires) == 0 { // c and d share no run; whether b came between decides whether they meet
			continue
		}
		if want == nil {
			want = fires[0]
		}
		if len(fires) != 1 || !reflect.DeepEqual(fires[0], want) {
			t.Fatalf("in the order %v: %+v, want %+v", texts, fires, want)
		}
	}
	if want == nil || want.Last().Event != "r4" || len(want.Runs()) != 2 || want.Depth() != 2 {
		t.Errorf("the fire is %+v", want)
	}
}

// TestJoinStaysSmall: a step that is due every ten minutes for a week.
func TestJoinStaysSmall(t *testing.T) {
	t.Parallel()
	var j chain.Join
	for i := range 7 * 24 * 6 {
		for _, upstream := range []string{"a", "b", "c"} {
			at := time.Date(2026, 11, 24, 0, 10*i, 0, 0, time.UTC)
			run := chain.RunRef{ID: at.Format("20060102T150405Z") + "-0123abcd", Origin: "root"}
			r := j.Arrive("step", []string{"a", "b", "c"}, 7*24*time.Hour, chain.Arrival{
				Upstream: upstream, Event: fmt.Sprintf("6a849f7f18ec290e%s%07d", upstream, i), At: at, Runs: []chain.RunRef{run}, Depth: 2, Attempt: 1,
			})
			if (r.Fire != nil) != (upstream == "c") {
				t.Fatalf("round %d, %s: %s", i, upstream, told(r))
			}
		}
	}
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 390_000 {
		t.Errorf("the join takes %d bytes, more than a DynamoDB item holds", len(text))
	}
	if i := slices.IndexFunc(j.Arrivals, func(a chain.HeldArrival) bool { return a.Used == "" }); i >= 0 {
		t.Errorf("%+v still waits", j.Arrivals[i])
	}
}

// TestJoinOfManyRuns: as many extracts as a definition holds, each of which somebody else starts, joined by twenty steps, which are joined
// again: each arrival there belongs to all of the runs.
func TestJoinOfManyRuns(t *testing.T) {
	t.Parallel()
	const extracts, transforms, days = 600, 20, 1
	upstreams := func(kind string, n int) []string {
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprintf("%s_%03d", kind, i))
		}
		return keys
	}
	var first, second chain.Join
	random := rand.New(rand.NewPCG(1, 2))
	id := func() string { return fmt.Sprintf("%016x%08x", random.Uint64(), random.Uint32()) }
	largest := 0
	for day := range days {
		var fire *chain.Fire
		for i, upstream := range upstreams("extract", extracts) {
			at := time.Date(2026, 11, 24+day, 2, 0, i, 0, time.UTC)
			run := fmt.Sprintf("%s-%08x", at.Format("20060102T150405Z"), random.Uint32())
			r := first.Arrive("transform", upstreams("extract", extracts), 12*time.Hour, chain.Arrival{
				Upstream: upstream, Event: id(), At: at, Run: run, Runs: []chain.RunRef{{ID: run, Origin: upstream}}, Depth: 1, Attempt: 1,
			})
			fire = r.Fire
		}
		if fire == nil {
			t.Fatalf("day %d: the first join did not become complete", day)
		}
		var last chain.JoinResult
		for i, upstream := range upstreams("transform", transforms) {
			last = second.Arrive("done", upstreams("transform", transforms), 12*time.Hour, chain.Arrival{
				Upstream: upstream, Event: id(), At: fire.Last().At.Add(time.Duration(i) * time.Minute), Run: fire.Run(), Runs: fire.Runs(), Depth: 2, Attempt: 1,
			})
		}
		if last.Fire == nil {
			t.Fatalf("day %d: the second join did not become complete", day)
		}
		for _, j := range []*chain.Join{&first, &second} {
			largest = max(largest, compressed(t, j))
		}
	}
	if largest > 380_000 {
		t.Errorf("a join takes %d bytes when it is compressed, more than a DynamoDB item holds", largest)
	}
	t.Logf("the largest join takes %d bytes when it is compressed", largest)
}

func compressed(t *testing.T, j *chain.Join) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(j); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}
