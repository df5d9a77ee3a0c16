// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/page"
)

// fetch returns the answer to a request, whatever its media type.
func (f *function) fetch(t *testing.T, r events.APIGatewayProxyRequest) events.APIGatewayProxyResponse {
	t.Helper()
	payload, line, err := f.invoke(t.Context(), t, "request", r)
	if err != nil {
		t.Fatal(err)
	}
	var response events.APIGatewayProxyResponse
	if err := json.Unmarshal(payload, &response); err != nil {
		t.Fatal(err)
	}
	if status, ok := line["status"].(float64); !ok || int(status) != response.StatusCode {
		t.Errorf("the log says %v of an answer %d", line, response.StatusCode)
	}
	if response.Headers["x-content-type-options"] != "nosniff" || response.Headers["referrer-policy"] != "no-referrer" ||
		!strings.Contains(response.Headers["content-security-policy"], "default-src 'none'") ||
		!strings.Contains(response.Headers["content-security-policy"], "frame-ancestors 'none'") {
		t.Errorf("the headers of %s are %v", r.Path, response.Headers)
	}
	return response
}

func with(r events.APIGatewayProxyRequest, name, value string) events.APIGatewayProxyRequest {
	r.Headers = map[string]string{name: value}
	return r
}

func TestAnAnswerThatIsKnown(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.deliver(t, eventBody(t, "reload-finished"))
	for _, path := range []string{"/", "/runs", "/runs/20261123T041007600Z-3f68f449", "/graph", "/graph?format=svg", "/page"} {
		r := request("GET", "", path)
		first := f.fetch(t, r)
		tag := first.Headers["etag"]
		if first.StatusCode != 200 || len(tag) != 34 || !strings.Contains(first.Headers["cache-control"], "no-cache") {
			t.Fatalf("GET %s = %d %v", path, first.StatusCode, first.Headers)
		}
		for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			again := f.fetch(t, with(r, "if-none-match", known))
			if again.StatusCode != http.StatusNotModified || again.Body != "" || again.Headers["etag"] != tag {
				t.Errorf("GET %s with If-None-Match: %s = %d %v", path, known, again.StatusCode, again.Headers)
			}
		}
		if other := f.fetch(t, with(r, "If-None-Match", `"other"`)); other.StatusCode != 200 || other.Body != first.Body {
			t.Errorf("GET %s with another tag = %d", path, other.StatusCode)
		}
	}
	before := f.fetch(t, request("GET", "", "/runs"))
	f.deliver(t, ofReload(eventBody(t, "reload-finished"), 2))
	if after := f.fetch(t, with(request("GET", "", "/runs"), "If-None-Match", before.Headers["etag"])); after.StatusCode != 200 {
		t.Errorf("GET /runs after another reload = %d", after.StatusCode)
	}
	if missing := f.fetch(t, with(request("GET", "", "/runs/none"), "If-None-Match", "*")); missing.StatusCode != 404 ||
		missing.Headers["cache-control"] != "no-store" {
		t.Errorf("GET of a run that there is not = %d %v", missing.StatusCode, missing.Headers)
	}
}

func TestThePictureInTheFormatThatIsAskedFor(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	for _, tt := range []struct{ path, accept, want string }{
		{"/graph", "", "application/json"},
		{"/graph", "*/*", "application/json"},
		{"/graph", "image/svg+xml", "image/svg+xml"},
		{"/graph", "text/html, application/xhtml+xml, image/*;q=0.8", "image/svg+xml"},
		{"/graph", "application/json;q=0.5, text/vnd.graphviz", "text/vnd.graphviz"},
		{"/graph", "application/vnd.mermaid", "application/vnd.mermaid"},
		{"/graph?format=mermaid", "image/svg+xml", "application/vnd.mermaid"},
		{"/graph?format=dot", "", "text/vnd.graphviz"},
		{"/graph?format=svg", "", "image/svg+xml"},
		{"/graph?format=json", "text/html", "application/json"},
		{"/graph", "text/html", ""},
		{"/graph", "nonsense", ""},
		{"/graph", "image/svg+xml;q=0", ""},
		{"/graph?format=png", "", ""},
	} {
		response := f.fetch(t, with(request("GET", "", tt.path), "accept", tt.accept))
		if tt.want == "" {
			var content apiError
			if err := json.Unmarshal([]byte(response.Body), &content); err != nil || response.StatusCode != http.StatusNotAcceptable ||
				!strings.Contains(content.Error, "image/svg+xml") || !strings.Contains(content.Error, "json, svg, mermaid, dot") {
				t.Errorf("GET %s, Accept: %s = %d %s", tt.path, tt.accept, response.StatusCode, response.Body)
			}
			continue
		}
		if response.StatusCode != 200 || response.Headers["content-type"] != tt.want+"; charset=utf-8" || response.Headers["vary"] != "Accept" {
			t.Errorf("GET %s, Accept: %s = %d %v", tt.path, tt.accept, response.StatusCode, response.Headers)
		}
	}
	if svg := f.fetch(t, request("GET", "", "/graph?format=svg")).Body; xml.Unmarshal([]byte(svg), new(struct{})) != nil ||
		!strings.HasPrefix(svg, "<svg ") {
		t.Errorf("the SVG is %s", svg)
	}
}

func TestThePictureOfARun(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.deliver(t, eventBody(t, "reload-finished"))
	statuses := func(path string) map[string]draw.Status {
		var p draw.Picture
		response := f.fetch(t, request("GET", "", path))
		if err := json.Unmarshal([]byte(response.Body), &p); err != nil || response.StatusCode != 200 {
			t.Fatalf("GET %s = %d %s", path, response.StatusCode, response.Body)
		}
		if strings.Contains(response.Body, secretVariable) {
			t.Errorf("GET %s tells a variable's value", path)
		}
		all := map[string]draw.Status{}
		for _, n := range p.Nodes {
			all[n.Step] = n.Status
		}
		return all
	}
	for _, path := range []string{"/graph", "/graph?run=20261123T041007600Z-3f68f449"} {
		if got := statuses(path); got["a"] != "succeeded" || got["b"] != "running" || got["c"] != "skipped" || got["d"] != "running" {
			t.Errorf("GET %s shows %v", path, got)
		}
	}
	if got := statuses("/graph?run=none"); got["a"] != "idle" {
		t.Errorf("without a run it shows %v", got)
	}
	var content apiError
	if response, _ := f.ask(t, request("GET", "", "/graph?run=20200101T000000000Z-00000000"), &content); response.StatusCode != 404 ||
		!strings.Contains(content.Error, "There is no run") {
		t.Errorf("of a run that there is not: %d %s", response.StatusCode, response.Body)
	}
}

func TestThePageHoldsNoData(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	r := request("GET", "/base", "/page?run=%3Cscript%3E")
	r.Resource, r.PathParameters = page.Path, nil
	response := f.fetch(t, r)
	if response.StatusCode != 200 || response.Headers["content-type"] != "text/html; charset=utf-8" || response.Body != string(page.HTML()) {
		t.Errorf("GET /page = %d %v", response.StatusCode, response.Headers)
	}
	if response.Headers["cache-control"] != "no-cache" || response.Headers["x-frame-options"] != "DENY" ||
		response.Headers["cross-origin-opener-policy"] != "same-origin" {
		t.Errorf("the headers are %v", response.Headers)
	}
	policy := response.Headers["content-security-policy"]
	for _, want := range []string{"script-src 'sha256-", "style-src 'sha256-", "connect-src 'self'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %s does not have %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %s", policy)
	}
	if f.parameters.calls != 0 {
		t.Errorf("SSM was called %d times for the page", f.parameters.calls)
	}
}
