// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine/enginetest"
)

const (
	tenantID       = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
	apiKey         = "eyJhbGciOiJFUzM4NCJ9.secret.key"
	signingSecret  = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	secretVariable = "value-of-a-variable"
)

// definition is a → b (success), c (failure), d (completion). The events of engine/testdata are about a.
const definition = `{"version": 1, "name": "nightly", "steps": {
  "a": {"app": "80c6f35f-c9d7-4488-bb5a-000000000003"},
  "b": {"app": "80c6f35f-c9d7-4488-bb5a-000000000004", "after": {"a": "success"},
    "variables": {"mode": "value-of-a-variable"}, "weight": 7},
  "c": {"app": "80c6f35f-c9d7-4488-bb5a-000000000005", "after": {"a": "failure"}},
  "d": {"app": "80c6f35f-c9d7-4488-bb5a-000000000006", "after": {"a": "completion"}, "partial": true}
}}`

const (
	appB = "80c6f35f-c9d7-4488-bb5a-000000000004"
	appC = "80c6f35f-c9d7-4488-bb5a-000000000005"
	appD = "80c6f35f-c9d7-4488-bb5a-000000000006"
)

// parameterStore answers like SSM.
type parameterStore struct {
	mu     sync.Mutex
	values map[string]string
	err    error
	calls  int
}

func (p *parameterStore) Get(_ context.Context, names []string) (map[string]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.err != nil {
		return nil, p.err
	}
	return pick(p.values, names)
}

// pick answers for parameters with these values.
func pick(values map[string]string, names []string) (map[string]string, error) {
	if len(names) > aws.MaxParameters {
		return nil, fmt.Errorf("ValidationException: %d names", len(names))
	}
	found := map[string]string{}
	for _, name := range names {
		if value, ok := values[name]; ok {
			found[name] = value
		}
	}
	return found, nil
}

// tenant answers POST /api/v1/reloads like Qlik Cloud.
type tenant struct {
	mu       sync.Mutex
	requests []qlik.ReloadRequest
	keys     []string          // the Authorization headers that came
	refuse   map[string]string // a body to refuse an app's reload with; its first word is the status
	hang     bool              // never answer
	canceled int               // how often a reload was to be canceled
	lists    bool              // the reloads that were asked for; else there is none
}

// listed is the list of an app's reloads.
func (f *tenant) listed(app string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n := f.asked(app); f.lists && n > 0 {
		return fmt.Sprintf(`{"id": %q, "appId": %q, "type": "external", "status": "RELOADING", "creationTime": "2026-11-23T04:12:10Z"}`,
			reloadOf(app, n), app)
	}
	return ""
}

// asked is how many reloads of an app were asked for.
func (f *tenant) asked(app string) (n int) {
	for _, r := range f.requests {
		if r.AppID == app {
			n++
		}
	}
	return n
}

// reloadOf is the id of the n-th reload of an app.
func reloadOf(app string, n int) string {
	if n == 1 {
		return "reload-of-" + app
	}
	return fmt.Sprintf("reload-of-%s-%d", app, n)
}

func (f *tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var request qlik.ReloadRequest
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/actions/cancel") {
		f.mu.Lock()
		f.canceled++
		f.mu.Unlock()
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == "/api/v1/reloads" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"data": [%s]}`, f.listed(r.URL.Query().Get("appId")))
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/v1/reloads" {
		http.Error(w, "unexpected request", http.StatusNotFound)
		return
	}
	f.mu.Lock()
	f.requests, f.keys = append(f.requests, request), append(f.keys, r.Header.Get("Authorization"))
	refusal, hang, id := f.refuse[request.AppID], f.hang, reloadOf(request.AppID, f.asked(request.AppID))
	f.mu.Unlock()
	if hang {
		<-r.Context().Done()
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if status, body, ok := strings.Cut(refusal, " "); ok {
		var code int
		if _, err := fmt.Sscan(status, &code); err != nil {
			panic(err)
		}
		w.WriteHeader(code)
		_, _ = fmt.Fprint(w, body)
		return
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"id": %q, "appId": %q, "status": "QUEUED", "creationTime": "2026-11-23T04:12:10Z"}`, id, request.AppID)
}

func (f *tenant) cancels() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.canceled
}

func (f *tenant) apps() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for _, r := range f.requests {
		ids = append(ids, r.AppID)
	}
	slices.Sort(ids)
	return ids
}

// timers remembers the timers that were set.
type timers struct {
	mu  sync.Mutex
	set map[string]chain.Timer
}

func (t *timers) Set(_ context.Context, name string, timer chain.Timer) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.set[name] = timer
	return nil
}

// function is a handler with a world around it.
type function struct {
	*handler
	parameters *parameterStore
	tenant     *tenant
	table      *enginetest.Memory
	timers     *timers
	now        time.Time
	output     bytes.Buffer
}

func newFunction(t testing.TB) *function {
	t.Helper()
	f := &function{tenant: &tenant{}, table: enginetest.NewMemory(), timers: &timers{set: map[string]chain.Timer{}},
		now: time.Date(2026, 11, 23, 4, 12, 0, 0, time.UTC)}
	server := httptest.NewServer(f.tenant)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections)
	env := environment()
	env["QLIK_TENANT_URL"] = server.URL
	s, err := read(env)
	if err != nil {
		t.Fatal(err)
	}
	f.parameters = &parameterStore{values: map[string]string{
		s.definitionParameter: definition, s.credentialsParameter: credentialsJSON(t, apiKey),
		s.signingSecretParameter: chain.SigningSecret{Current: signingSecret}.Store(),
	}}
	f.handler = newHandler(services{
		settings: s, parameters: f.parameters, store: f.table, timers: f.timers, queue: &letters{}, now: func() time.Time { return f.now },
		log: slog.New(slog.NewJSONHandler(&f.output, nil)),
	})
	return f
}

func credentialsJSON(t testing.TB, key string) string {
	t.Helper()
	text, err := json.Marshal(qlik.Credentials{APIKey: key})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func eventBody(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("engine", "testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// ofReload is an event about another reload of the same app.
func ofReload(body string, number int) string {
	return strings.NewReplacer("6a849f7f18ec290e6ceb0001", fmt.Sprintf("6a849f7f18ec290e6ceb%04x", number),
		"7f1c2e0a-4f55-4c0e-9c1b-0d7b3f5b1a11", fmt.Sprintf("7f1c2e0a-4f55-4c0e-9c1b-%012x", number),
		"0f8f6a52-8f5a-4a6e-8c3e-5d7a1c2b3d4e", fmt.Sprintf("0f8f6a52-8f5a-4a6e-8c3e-%012x", number)).Replace(body)
}

// signed is the delivery of a body with its signature.
func signed(body string) chain.Delivery {
	return chain.Delivery{
		Source: chain.DeliverySource, RequestID: "gateway-1", Body: []byte(body), Signature: []byte(qlik.Sign(signingSecret, []byte(body))),
	}
}

// invoke hands a payload over as Lambda does, and checks that it ends in one line of the log with the message, which it returns.
func (f *function) invoke(ctx context.Context, t *testing.T, message string, payload any) (answer []byte, line map[string]any, err error) {
	t.Helper()
	text, err := json.Marshal(payload)
	if err != nil {
		t.Fatal(err)
	}
	f.output.Reset()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "invocation-1"})
	answer, err = f.Invoke(ctx, text)
	for _, secret := range []string{signingSecret, apiKey, secretVariable} {
		if strings.Contains(f.output.String(), secret) {
			t.Errorf("the log tells %q:\n%s", secret, f.output.String())
		}
	}
	for _, l := range f.lines(t) {
		if l["msg"] != message {
			continue
		}
		if line != nil {
			t.Errorf("there is more than one line %q:\n%s", message, f.output.String())
		}
		line = l
	}
	if line == nil {
		t.Fatalf("there is no line %q:\n%s", message, f.output.String())
	}
	if line["chain"] != "nightly" || line["request_id"] != "invocation-1" {
		t.Errorf("the line names neither the chain nor the invocation: %v", line)
	}
	return answer, line, err
}

func (f *function) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for text := range strings.Lines(f.output.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v in the log line %s", err, text)
		}
		lines = append(lines, line)
	}
	return lines
}

// deliver delivers a signed body and expects no error.
func (f *function) deliver(t *testing.T, body string) map[string]any {
	t.Helper()
	_, line, err := f.invoke(t.Context(), t, "event", signed(body))
	if err != nil {
		t.Errorf("Invoke() = %v", err)
	}
	return line
}

// expect checks fields of a log line; a nil value stands for a field that must not be there.
func expect(t *testing.T, line, want map[string]any) {
	t.Helper()
	for key, value := range want {
		got, err := json.Marshal(line[key])
		if err != nil {
			t.Fatal(err)
		}
		expected, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, expected) {
			t.Errorf("%s is %s, want %s in %v", key, got, expected, line)
		}
	}
}
