// SPDX-License-Identifier: MPL-2.0

package command

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// runRow is what tables show of a run.
type runRow struct {
	Run       string     `json:"run"`
	Cycle     string     `json:"cycle"`
	Date      string     `json:"date"`
	Origin    string     `json:"origin"`
	Only      bool       `json:"only"`
	StartedBy string     `json:"started_by"`
	By        string     `json:"by"`
	At        time.Time  `json:"at"`
	EndedAt   time.Time  `json:"ended_at"`
	Status    run.Status `json:"status"`
	Seconds   float64    `json:"seconds"`
	Counts    *struct {
		Steps     int `json:"steps"`
		Succeeded int `json:"succeeded"`
		Failed    int `json:"failed"`
		Blocked   int `json:"blocked"`
		Expired   int `json:"expired"`
		Continued int `json:"continued"`
	} `json:"counts"`
}

// covers names the steps at which a run began, and says if nothing follows there.
func (r *runRow) covers() string {
	if r.Only {
		return r.Origin + " alone"
	}
	return r.Origin
}

// steps describes how far a run is.
func (r *runRow) steps() string {
	if r.Counts == nil {
		return ""
	}
	text := fmt.Sprintf("%d of %d", r.Counts.Succeeded, r.Counts.Steps)
	if r.Counts.Failed > 0 {
		text += fmt.Sprintf(", %d failed", r.Counts.Failed)
	}
	if r.Counts.Blocked > 0 {
		text += fmt.Sprintf(", %d blocked", r.Counts.Blocked)
	}
	if r.Counts.Expired > 0 {
		text += fmt.Sprintf(", %d expired", r.Counts.Expired)
	}
	if r.Counts.Continued > 0 {
		text += fmt.Sprintf(", %d continued", r.Counts.Continued)
	}
	return text
}

// took is how long a run took. It is empty while the run goes on.
func (r *runRow) took() string {
	if r.EndedAt.IsZero() {
		return ""
	}
	return duration(r.Seconds)
}

func newRuns(a *app) *cobra.Command {
	var status, cycle, before string
	var limit int
	var w waiting
	cmd := &cobra.Command{
		Use: "runs NAME", Short: "List the runs of a chain, the newest first", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.complete(chainNames),
		Long: "Lists the runs of a chain, the newest first. With --wait, it waits until the work of each listed run has\n" +
			"ended, also where it goes on in another run or a failed run is repeated, and lists those runs too.",
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := a.find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			api, err := t.reader(cmd.Context())
			if err != nil {
				return err
			}
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			for name, value := range map[string]string{"status": status, "cycle": cycle, "before": before} {
				if value != "" {
					query.Set(name, value)
				}
			}
			var raw json.RawMessage
			if err := api.Call(cmd.Context(), http.MethodGet, "/runs?"+query.Encode(), nil, &raw); err != nil {
				return err
			}
			found, err := runsIn(raw)
			if err != nil {
				return err
			}
			a.inZone(found.Timezone)
			if w.on {
				return a.awaitAll(cmd.Context(), api, &w, found.Runs)
			}
			if a.output == outputJSON {
				return a.json(raw)
			}
			if len(found.Runs) == 0 && found.Next == "" && status == "" && cycle == "" && before == "" {
				a.say("The chain has no runs yet.")
				return nil
			}
			return a.runTable(found.Runs, found.Next)
		},
	}
	flags := cmd.Flags()
	flags.IntVar(&limit, "limit", 20, "how many runs, at most 100")
	flags.StringVar(&status, "status", "", "only runs with this status, for example failed")
	flags.StringVar(&cycle, "cycle", "", "only runs of the cycle of this date, for example 2026-11-24")
	flags.StringVar(&before, "before", "", "only runs before this `run`")
	w.flags(flags)
	return cmd
}

// runsPage is the answer of GET /runs.
type runsPage struct {
	Runs     []runRow `json:"runs"`
	Timezone string   `json:"timezone"`
	Next     string   `json:"next"`
}

func runsIn(raw json.RawMessage) (page runsPage, err error) {
	if err := json.Unmarshal(raw, &page); err != nil {
		return page, fmt.Errorf("the chain's list of runs cannot be read: %w", err)
	}
	return page, nil
}

// runTable prints runs. next is the run to continue before.
func (a *app) runTable(runs []runRow, next string) error {
	if len(runs) == 0 {
		a.say("There are no such runs.")
		a.sayOlder(next)
		return nil
	}
	rows := make([][]string, len(runs))
	for i := range runs {
		r := &runs[i]
		rows[i] = []string{r.Run, string(r.Status), a.clock(r.At), r.took(), r.steps(), r.covers(), r.StartedBy}
	}
	if err := a.table([]string{"RUN", "STATUS", a.timesHeader("BEGAN"), "TOOK", "SUCCEEDED", "ORIGIN", "STARTED BY"}, rows); err != nil {
		return err
	}
	a.sayOlder(next)
	return nil
}

// sayOlder says how to continue a list of runs, unless next is empty.
func (a *app) sayOlder(next string) {
	if next != "" {
		fmt.Fprintf(a.err, "There are older runs: --before %s\n", next)
	}
}
