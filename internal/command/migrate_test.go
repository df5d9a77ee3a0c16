// SPDX-License-Identifier: MPL-2.0

package command

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	testdata := filepath.Join("..", "migrate", "testdata")
	ids := filepath.Join(t.TempDir(), "ids.json")
	if err := os.WriteFile(ids, []byte(`{"7B0A3A52-3A0C-4E0E-9D3F-0C6F1A2B3C01": "80c6f35f-c9d7-4488-bb5a-ad973b13ec00"}`),
		0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args        []string
		in          string
		out, notes  string
		wantFailure string
	}{
		"a file": {args: []string{"--from", "ctrl-q", "--name", "nightly", filepath.Join(testdata, "tasks.csv")},
			out: `resource "qlik_task_chain" "nightly" {`, notes: `"Alone" (task a0000000-0000-4000-8000-000000000012) starts after no other step`},
		"standard input": {args: []string{"--from", "apps-js", "-"}, in: `[{"name":"a","chain":["b"]}]`, out: `name = "a"`,
			notes: "There is no app id."},
		"other ids": {args: []string{"--from", "apps-js", "--ids", ids, filepath.Join(testdata, "apps.json")},
			out: `"80c6f35f-c9d7-4488-bb5a-ad973b13ec00"`, notes: "is not among the given ones"},
		"tasks of Qlik Cloud": {args: []string{"--from", "qlik-tasks", filepath.Join(testdata, "qlik-tasks.json")},
			out: `cron = "0 2 * * ? *", timezone = "Europe/Zurich"`, notes: "Disable these tasks in Qlik Cloud"},
		"no file": {args: []string{"--from", "ctrl-q"}, wantFailure: "Name what to read"},
		"no kind": {args: []string{"x"}, wantFailure: "Name what to read"},
		"no such file": {args: []string{"--from", "ctrl-q", "nowhere"},
			wantFailure: "There is no file nowhere. Name a file that --from ctrl-q reads"},
		"no ids": {args: []string{"--from", "apps-js", "--ids", filepath.Join(testdata, "tasks.csv"), filepath.Join(testdata, "apps.json")},
			wantFailure: "JSON object"},
		"no chain": {args: []string{"--from", "apps-js", "-"}, in: "{}", wantFailure: "Reading -: it contains no chain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, notes strings.Builder
			code := migrateWith(t, test.args, test.in, &out, &notes)
			switch {
			case test.wantFailure != "":
				if code == ExitOK || !strings.Contains(notes.String(), test.wantFailure) || out.Len() > 0 {
					t.Errorf("%d %s, want %q; out: %s", code, notes.String(), test.wantFailure, out.String())
				}
			case code != ExitOK || !strings.Contains(out.String(), test.out) || !strings.Contains(notes.String(), test.notes):
				t.Errorf("%d\nout: %s\nnotes: %s", code, out.String(), notes.String())
			}
		})
	}
}

// migrateWith runs qlik-chain migrate and returns its exit code.
func migrateWith(t *testing.T, args []string, in string, out, notes io.Writer) int {
	t.Helper()
	return Run(t.Context(), "test", append([]string{"migrate"}, args...), strings.NewReader(in), out, notes)
}

// TestMigrateTenant: without a file, the tasks are those of the tenant in the environment.
func TestMigrateTenant(t *testing.T) {
	t.Setenv("QLIK_TENANT_URL", "")
	t.Setenv("QLIK_API_KEY", "")
	args := []string{"--from", "qlik-tasks", "--name", "nightly"}
	var out, notes strings.Builder
	if code := migrateWith(t, args, "", &out, &notes); code != ExitFailed ||
		!strings.Contains(notes.String(), "Reading a tenant, as there is no FILE") {
		t.Errorf("without settings: %d %s", code, notes.String())
	}
	acme, err := tenant.Start(t.Context(), tenant.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(acme.Close)
	first, second := acme.AddApp(tenant.App{Name: "Extract"}), acme.AddApp(tenant.App{Name: "Dashboard"})
	daily, err := acme.AddScheduledTask(tenant.ScheduledTask{
		Name: "Daily", AppID: first, Enabled: true, Recurrence: "RRULE:FREQ=DAILY;INTERVAL=1", StartAt: "2026-11-30T02:30:00",
		Timezone: "Asia/Tokyo",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := acme.AddScheduledTask(tenant.ScheduledTask{
		Name: "After", AppID: second, Enabled: true, After: []tenant.TaskTrigger{{TaskID: daily, Status: "succeeded"}},
	}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("QLIK_TENANT_URL", acme.URL())
	t.Setenv("QLIK_API_KEY", acme.APIKey())
	if code := migrateWith(t, args, "", &out, &notes); code != ExitOK {
		t.Fatal(code, notes.String())
	}
	for _, want := range []string{first, second, `timezone = "Asia/Tokyo"`, `schedule = { cron = "30 2 * * ? *" }`,
		`after = { daily = "success" }`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s is missing: %s", want, out.String())
		}
	}
	if strings.Contains(out.String()+notes.String(), acme.APIKey()) {
		t.Error("the API key is shown")
	}
}
