// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// everyPath has paths by the only method that they have. R stands for a run.
var everyPath = map[string][]string{
	http.MethodGet: {
		"", "/", "//", "runs", "runs/", "/runs", "ru%6Es", "graph", "operations", "page", "page/", "runs/R", "runs/R/",
		"runs/none", "runs/..", "runs/.", "runs/%2F", "runs/a%2Fb", "runs/cancel", "runs/rerun", "runs//R",
	},
	http.MethodPost: {
		"pause", "resume", "redrive", "start", "start/", "start//", "start/a", "start/a/", "start//a", "start/a/b",
		"start/a//b", "start/a%2Fb", "start/..", "start/.", "start/../runs", "start/%2E%2E", "start/%2F", "start/%",
		"start/a?b", "start/*", "start/{step...}", "start/\x00", "skip/a", "skip/a/b", "skip/..", "skip/%2F", "runs/R/cancel",
		"runs/R/cancel/", "runs/../cancel", "runs/%2F/cancel", "runs/R/rerun", "runs/R/rerun/", "runs/R/rerun/a",
		"runs/R/rerun/a/b", "runs/R/rerun/..", "runs/rerun/rerun", "runs/R/succeed/a", "runs/R/succeed/a/b",
		"runs/R/succeed/%2F", "runs/%2F/succeed/a", "signal/a", "signal/a/b", "signal/..", "signal/%2F",
	},
	nothing: {
		"skip", "skip/", "signal", "signal/", "runs/R/succeed", "runs/R/succeed/", "runs/R/x", "runs/R/cancel/x", "graph/x", "page/x", "pause/x",
		"operations/x", "%2F", "%2Fpage", "page%2F", "runs%2FR", "..", ".", "./runs", "../runs", "RUNS", "rums", "*",
		"{proxy+}", "%zz", "runs?x", "runs/./R",
	},
}

// nothing is the method of a path at which there is nothing.
const nothing = ""

// TestEveryPath asks every route, and paths that are odd, with every method. A path that has a route is answered by its method alone; no
// path is redirected.
func TestEveryPath(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.deployment.queue = &letters{}
	run, _ := f.deliver(t, eventBody(t, "reload-finished"))["run"].(string)
	for method, paths := range everyPath {
		for _, path := range paths {
			f.askEveryMethod(t, method, path, run)
		}
	}
}

// askEveryMethod asks for a path that has one method, or none.
func (f *function) askEveryMethod(t *testing.T, method, path, run string) {
	t.Helper()
	for _, with := range []string{"GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "CONNECT", "get"} {
		r := request(with, "", "/")
		r.Resource, r.PathParameters = "/{proxy+}", map[string]string{"proxy": strings.ReplaceAll(path, "R", run)}
		response := f.fetch(t, r)
		var content apiError
		if response.StatusCode >= 400 {
			if err := json.Unmarshal([]byte(response.Body), &content); err != nil {
				t.Fatal(err)
			}
		}
		found := !strings.HasPrefix(content.Error, "There is no path /")
		is := response.StatusCode == http.StatusMethodNotAllowed
		switch {
		case response.StatusCode >= 300 && response.StatusCode < 400, response.StatusCode >= 500:
			t.Errorf("%s %q = %d", with, path, response.StatusCode)
		case method == nothing && (found || response.StatusCode != http.StatusNotFound), method != nothing && !found:
			t.Errorf("%s %q = %d %s", with, path, response.StatusCode, content.Error)
		case method != nothing && (is != (with != method) || is && response.Headers["allow"] != method):
			t.Errorf("%s %q = %d, and %q is allowed", with, path, response.StatusCode, response.Headers["allow"])
		}
	}
}

// oddNames are names of steps that are odd in a path.
var oddNames = []string{
	"a / b", "a/b", "a//b", "a///b", ".", "..", "../runs", "a/../b", "100%", "50% / 50%", "a%zz", "a?b=c", "a#b", "a;b", "a+b", "a&b", "ü/ö",
	"{step...}", "cancel", "rerun", "rerun/rerun", "%", "*", "http://example.com/x", "C:\\x",
}

// TestOddNamesOfSteps: API Gateway passes a name in a path decoded, or as the client has encoded it. Both name the very step.
func TestOddNamesOfSteps(t *testing.T) {
	t.Parallel()
	for _, name := range append(oddNames, "/", "/a", "a/", "50%25", "a%2Fb") {
		for form, text := range map[string]string{"encoded": url.PathEscape(name), "decoded": name} {
			if form == "decoded" && (strings.Trim(name, "/") != name || name != unescape(name)) {
				continue // it names another step: a client has to encode it twice
			}
			t.Run(form+" "+name, func(t *testing.T) {
				t.Parallel()
				f := newFunction(t)
				f.parameters.values[f.deployment.settings.definitionParameter] = named(t, name)
				var begun, again, marked started
				f.startAt(t, "start/"+text, &begun)
				if begun.Step != name || len(begun.Started) != 1 || begun.Started[0].Step != name {
					t.Fatalf("it began %+v", begun)
				}
				f.cancelAll(t, begun.Run)
				if f.startAt(t, "runs/"+begun.Run+"/rerun/"+text, &again); again.Step != name || again.Run == "" {
					t.Errorf("it repeated %+v", again)
				}
				f.cancelAll(t, again.Run)
				if f.startAt(t, "runs/"+begun.Run+"/succeed/"+text, &marked); marked.Run == "" {
					t.Errorf("it marked %+v", marked)
				}
				var kept skipped
				if f.startAt(t, "skip/"+text, &kept); kept.Step != name {
					t.Errorf("it skipped %+v", kept)
				}
			})
		}
	}
}

// named is a chain of two steps. The first one has this name.
func named(t *testing.T, name string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"version": chain.Version, "name": "nightly", "steps": map[string]any{
		name: map[string]any{"app": appB}, "other": map[string]any{"app": appC, "after": map[string]any{name: "success"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// startAt sends a POST for a path as API Gateway passes it, and expects that it is accepted.
func (f *function) startAt(t *testing.T, path string, content any) {
	t.Helper()
	r := request("POST", "", "/")
	r.Resource, r.PathParameters = "/{proxy+}", map[string]string{"proxy": path}
	r.RequestContext.RequestID = path
	if response, _ := f.ask(t, r, content); response.StatusCode != http.StatusAccepted {
		t.Fatalf("POST /%s = %d %s", path, response.StatusCode, response.Body)
	}
}

// cancelAll cancels a run.
func (f *function) cancelAll(t *testing.T, run string) {
	t.Helper()
	var done canceled
	f.startAt(t, "runs/"+run+"/cancel", &done)
}

// TestTheGatewaysRequest: what a request has is read from the event, whatever its spelling.
func TestTheGatewaysRequest(t *testing.T) {
	t.Parallel()
	event := events.APIGatewayProxyRequest{
		HTTPMethod: "POST", Path: "/base/start/a", Resource: "/{proxy+}", PathParameters: map[string]string{"proxy": "start/a"},
		QueryStringParameters: map[string]string{"reason": "a;b&c=d %zz", "": "x"},
		Headers:               map[string]string{"IDEMPOTENCY-KEY": "k", "accept": "text/plain"},
		MultiValueHeaders:     map[string][]string{"Accept": {"image/svg+xml", "text/plain"}},
		Body:                  "e30=", IsBase64Encoded: true,
	}
	r := httpRequest(t.Context(), event)
	if got := headerOf(r, "Idempotency-Key"); got != "k" {
		t.Errorf("the key is %q", got)
	}
	if got := headerOf(r, "Accept"); got != "image/svg+xml, text/plain" {
		t.Errorf("Accept is %q", got)
	}
	if got := r.URL.Query(); got.Get("reason") != "a;b&c=d %zz" || got.Get("") != "x" || len(got) != 2 {
		t.Errorf("the query is %q", got)
	}
	f := newFunction(t)
	who, refused := f.readOperation(r, []string{"reason"})
	if refused != nil || who.Reason != "a;b&c=d %zz" || !strings.HasSuffix(string(who.content), "\n{}") {
		t.Errorf("asked() = %+v, %+v", who, refused)
	}
	if pathOf(r) != "/start/a" || gatewayEvent(r.Context()).Path != "/base/start/a" {
		t.Errorf("the path is %s, of %s", pathOf(r), gatewayEvent(r.Context()).Path)
	}
}
