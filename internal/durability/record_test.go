// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	chainrun "github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestARecordOfAYear: a chain with the runs of a year in its record handles an event with the calls and in the time of a new one, and lists
// the newest runs, and the few that failed, in answers that are small.
func TestARecordOfAYear(t *testing.T) {
	t.Parallel()
	d := deploy(t, quick(), line(), nil)
	config := d.AWS()
	config.HTTPClient = http.DefaultClient
	store := aws.NewTable(config, d.state.TableName)
	const nights, aNight = 365, 10
	var writes []engine.Write
	flush := func() {
		if err := store.Write(d.ctx, writes...); err != nil {
			t.Fatal(err)
		}
		writes = nil
	}
	for night := range nights {
		for n := range aNight {
			at := time.Now().AddDate(0, 0, -1-night).Add(-time.Duration(n) * time.Minute)
			record := engine.RunRecord{
				ID: fmt.Sprintf("%s-%08x", at.UTC().Format("20060102T150405Z"), n), Cycle: at.UTC().Format("20060102") + "T1800Z",
				Date: at.Format(time.DateOnly), Origin: "first", StartedBy: engine.StartedBySchedule, At: at, Status: chainrun.StatusSucceeded,
				EndedAt: at.Add(time.Hour), Seconds: 3600, Counts: &engine.Counts{Steps: 3, Succeeded: 3},
			}
			if night%100 == 50 && n == 0 {
				record.Status = chainrun.StatusFailed
			}
			key := engine.Key{PK: chain.RunsPK, SK: record.ID}
			writes = append(writes, engine.Write{Key: key, Doc: record, Expires: time.Now().AddDate(1, 0, 0)})
			if len(writes) == 100 {
				flush()
			}
		}
	}
	flush()
	d.reload("first")
	d.quiet()
	d.expect(map[string]int{"first": 1, "second": 1, "third": 1})

	list := func(query string) (runs []engine.RunRecord, next string) {
		began := time.Now()
		var page struct {
			Runs []engine.RunRecord
			Next string
		}
		d.get("/runs?"+query, &page)
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("GET /runs?%s took %s", query, took)
		}
		return page.Runs, page.Next
	}
	newest, more := list("limit=100")
	if len(newest) != 100 || more == "" || newest[0].Status != chainrun.StatusSucceeded || newest[0].Counts.Steps != 3 {
		t.Errorf("the newest run is %+v", newest[0])
	}
	var failed []engine.RunRecord
	pages, before := 0, ""
	for {
		runs, next := list("status=failed&limit=2&before=" + before)
		failed = append(failed, runs...)
		if pages++; next == "" || pages > nights*aNight {
			break
		}
		before = next
	}
	if len(failed) != 4 {
		t.Errorf("%d runs have failed in the year, want 4", len(failed))
	}
	status, picture, err := sandbox.Call(d.ctx, http.MethodGet, d.state.InvokeURL+"/graph", map[string]string{"x-api-key": d.key}, nil)
	if err != nil || status != http.StatusOK || len(picture) > 100<<10 {
		t.Errorf("GET /graph = %d with %d bytes, %v", status, len(picture), err)
	}
	fmt.Printf("record: %d runs of a year; those that failed in %d pages; the picture has %d bytes\n", nights*aNight+1, pages, len(picture))
}
