// SPDX-License-Identifier: MPL-2.0

// Package qlikapi_test writes the sandbox tenant's answers as TypeScript: one file per answer. Each is an object literal with the answer's
// type in the npm package @qlik/api. check.sh lets the TypeScript compiler check them. The test uses only net/http, so that none of our
// types affects the result.
package qlikapi_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestAnswers requests the answers, and writes them into the folder QLIK_API_ANSWERS, if check.sh sets it.
func TestAnswers(t *testing.T) {
	t.Parallel()
	tn, err := tenant.Start(t.Context(), tenant.Config{ReloadDuration: time.Millisecond, EventTypes: tenant.RunEventTypes()})
	if err != nil {
		t.Fatal(err)
	}
	defer tn.Close()
	r := &recorder{ctx: t.Context(), tenant: tn, dir: cmp.Or(os.Getenv("QLIK_API_ANSWERS"), t.TempDir()), key: tn.APIKey()}
	for _, record := range []func() error{r.accounts, r.catalog, r.reloads, r.automations, r.dataTasks, r.scheduledTasks, r.webhooks} {
		if err := record(); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(r.dir, "answers.txt"), []byte(strings.Join(r.answers, "")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// recorder calls the tenant and records its answers.
type recorder struct {
	ctx     context.Context // of the test
	tenant  *tenant.Tenant
	dir     string
	key     string
	answers []string // a line for each: FILE, a tab, the request
}

// answered is the type of a whole answer, body and status, by its name in a module of @qlik/api.
func answered(name string) string { return "Pick<api." + name + `, "data" | "status">` }

// identifier matches the parts of a path that vary from run to run.
var identifier = regexp.MustCompile(`[0-9a-f]{24}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// answer sends a request and writes its answer as a file that declares it to be of the given type of the module.
func (r *recorder) answer(module, kind, method, path string, body any) (map[string]any, error) {
	status, content, err := r.call(method, path, body)
	if err != nil {
		return nil, err
	}
	data := "undefined"
	var members map[string]any
	if len(content) > 0 {
		if err := json.Unmarshal(content, &members); err != nil {
			return nil, fmt.Errorf("%s %s answered %d with what is no JSON object: %s", method, path, status, content)
		}
		data = string(content)
	}
	name := fmt.Sprintf("%02d.ts", len(r.answers)+1)
	source := fmt.Sprintf("import type * as api from %q;\nexport const answer: %s = {\n  status: %d,\n  data: %s,\n};\n",
		"@qlik/api/"+module, kind, status, data)
	r.answers = append(r.answers, fmt.Sprintf("%s\t%d %-6s %s: %s %s\n",
		name, status, method, identifier.ReplaceAllString(path, "{id}"), module, kind))
	return members, os.WriteFile(filepath.Join(r.dir, name), []byte(source), 0o600)
}

func (r *recorder) call(method, path string, body any) (int, []byte, error) {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return 0, nil, err
		}
	}
	req, err := http.NewRequestWithContext(r.ctx, method, r.tenant.URL()+path, bytes.NewReader(data))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+r.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it has been read, or the error says why not
	content, err := io.ReadAll(resp.Body)
	return resp.StatusCode, content, err
}

// as calls record with another API key.
func (r *recorder) as(key string, record func() error) error {
	own := r.key
	r.key = key
	defer func() { r.key = own }()
	return record()
}

// exchange is a request and the type that its answer must have.
type exchange struct {
	kind, method, path string
	body               any
}

// all checks several answers without using their bodies.
func (r *recorder) all(module string, exchanges []exchange) error {
	for _, e := range exchanges {
		if _, err := r.answer(module, e.kind, e.method, e.path, e.body); err != nil {
			return err
		}
	}
	return nil
}

// listener receives the webhooks' deliveries.
func listener() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) }))
}
