// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// request is a request for what is at path below the stage; prefix is the base path of a custom domain name.
func request(method, prefix, path string) events.APIGatewayProxyRequest {
	r := events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: "/", Path: prefix + path,
		Headers: map[string]string{"x-api-key": "hidden"},
		RequestContext: events.APIGatewayProxyRequestContext{
			RequestID: "gateway-2", Stage: "v1", Identity: events.APIGatewayRequestIdentity{APIKeyID: "key1"}, // the operators', see newFunction
		},
	}
	path, query, _ := strings.Cut(path, "?")
	if proxy := strings.TrimPrefix(path, "/"); proxy != "" {
		r.Resource, r.PathParameters = "/{proxy+}", map[string]string{"proxy": proxy}
	}
	for _, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if r.QueryStringParameters == nil {
			r.QueryStringParameters = map[string]string{}
		}
		r.QueryStringParameters[name] = value
	}
	return r
}

// ask returns the answer to a request, with its JSON body read into content, and its log line.
func (f *function) ask(t *testing.T, r events.APIGatewayProxyRequest, content any) (events.APIGatewayProxyResponse, map[string]any) {
	t.Helper()
	answer, line, err := f.invoke(t.Context(), t, "request", r)
	if err != nil {
		t.Fatal(err)
	}
	var response events.APIGatewayProxyResponse
	if err := json.Unmarshal(answer, &response); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(response.Body), content); err != nil {
		t.Fatalf("%v in %s", err, response.Body)
	}
	if response.Headers["content-type"] != "application/json; charset=utf-8" {
		t.Errorf("the headers are %v", response.Headers)
	}
	expectKnownOutcome(t, response)
	return response, line
}

func TestGetShowsTheChain(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	var view engine.View
	response, line := f.ask(t, request("GET", "/chains/nightly", "/"), &view)
	if response.StatusCode != http.StatusOK || view.Chain != "nightly" || len(view.Steps) != 4 || len(view.Links) != 3 ||
		len(view.DefinitionSHA256) != 64 || !strings.HasPrefix(view.Mermaid, "flowchart LR\n") {
		t.Errorf("GET / = %d %s", response.StatusCode, response.Body)
	}
	if !view.Steps[0].Root || view.Steps[1].Root || view.Steps[1].Weight != 7 {
		t.Errorf("the steps are %+v", view.Steps)
	}
	if want := (engine.Link{
		From: "a", To: "c", Condition: "failure", FromAppID: "80c6f35f-c9d7-4488-bb5a-000000000003", ToAppID: appC,
	}); view.Links[1] != want {
		t.Errorf("the second link is %+v, want %+v", view.Links[1], want)
	}
	for _, secret := range []string{secretVariable, signingSecret, apiKey} {
		if strings.Contains(response.Body, secret) {
			t.Errorf("GET / tells %q", secret)
		}
	}
	if !strings.Contains(response.Body, `step_a -->|success| step_b`) {
		t.Errorf("the diagram is not readable in %s", response.Body)
	}
	expect(t, line, object{"level": "INFO", "method": "GET", "path": "/chains/nightly/", "status": 200, "gateway_request_id": "gateway-2"})
}

// The Qlik REST connector makes a table of each list: every row has the same columns, and each holds one value.
func TestGetGivesFlatTables(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	var tables map[string]any
	f.ask(t, request("GET", "", "/"), &tables)
	for table, columns := range map[string][]string{
		"steps": {"app_id", "automation_id", "data_project_id", "data_task_id", "enabled", "kind", "name", "partial", "root", "url", "weight"},
		"links": {"condition", "from", "from_app_id", "to", "to_app_id"},
		"tree":  {"app_id", "condition", "level", "name", "node_id", "parent_id", "reference"},
	} {
		rows, _ := tables[table].([]any)
		if len(rows) == 0 {
			t.Errorf("the table %s has no rows", table)
		}
		for _, row := range rows {
			fields, _ := row.(object)
			if got := slices.Sorted(maps.Keys(fields)); !slices.Equal(got, columns) {
				t.Errorf("a row of %s has the columns %q, want %q", table, got, columns)
			}
			for column, value := range fields {
				switch value.(type) {
				case string, float64, bool:
				default:
					t.Errorf("%s.%s is %v, not one value", table, column, value)
				}
			}
		}
	}
}

func TestOtherRequestsAreToldWhatThereIs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		request events.APIGatewayProxyRequest
		status  int
		says    string
	}{
		"path":   {request("GET", "", "/rums"), 404, "There is no path /rums."},
		"method": {request("DELETE", "", "/"), 405, "DELETE is not possible at /."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t)
			var content apiError
			response, line := f.ask(t, tt.request, &content)
			if response.StatusCode != tt.status || content.Error != tt.says || content.Hint != whatThereIs {
				t.Errorf("the answer is %d %s", response.StatusCode, response.Body)
			}
			if allow := response.Headers["allow"]; (tt.status == 405) != (allow == "GET") {
				t.Errorf("the header Allow is %q", allow)
			}
			expect(t, line, object{"level": "INFO", "status": tt.status})
			if f.parameters.calls != 0 {
				t.Errorf("SSM was called %d times", f.parameters.calls)
			}
		})
	}
}

func TestGetWithoutADefinition(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.parameters.err = errors.New("AccessDeniedException: arn:aws:ssm")
	var content apiError
	response, line := f.ask(t, request("GET", "", "/"), &content)
	if response.StatusCode != 500 || !strings.Contains(content.Error, "gateway-2") || strings.Contains(response.Body, "arn:aws") {
		t.Errorf("the answer is %d %s", response.StatusCode, response.Body)
	}
	expect(t, line, object{"level": "ERROR", "status": 500})
	if reason, _ := line["reason"].(string); !strings.Contains(reason, "AccessDeniedException") {
		t.Errorf("the line says %v", line)
	}
}

func TestGetShowsTheRuns(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	for i := range 3 {
		f.deliver(t, ofReload(eventBody(t, "reload-finished"), i+1))
	}
	var first, second runsPage
	if response, _ := f.ask(t, request("GET", "/base", "/runs?limit=2"), &first); response.StatusCode != 200 || len(first.Runs) != 2 ||
		first.Next != first.Runs[1].ID {
		t.Fatalf("GET /runs?limit=2 = %d %s", response.StatusCode, response.Body)
	}
	if response, _ := f.ask(t, request("GET", "", "/runs?before="+first.Next), &second); len(second.Runs) != 1 || second.Next != "" {
		t.Errorf("GET /runs?before=%s = %d %s", first.Next, response.StatusCode, response.Body)
	}
	var run engine.RunView
	response, _ := f.ask(t, request("GET", "", "/runs/"+second.Runs[0].ID), &run)
	if response.StatusCode != 200 || run.Origin != "a" || len(run.Starts) != 3 || len(run.Steps) != 4 ||
		run.Steps[2].Reason != "is not needed: starts after a = failure; a succeeded" {
		t.Errorf("GET /runs/… = %d %s", response.StatusCode, response.Body)
	}
	for _, secret := range []string{secretVariable, signingSecret, apiKey} {
		if strings.Contains(response.Body, secret) {
			t.Errorf("GET /runs/… tells %q", secret)
		}
	}
}

func TestGetRefusesWhatIsNoRun(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{"/runs/none": 404, "/runs?limit=0": 400, "/runs?limit=x": 400, "/runs?limit=101": 400} {
		f := newFunction(t)
		var content apiError
		if response, _ := f.ask(t, request("GET", "", path), &content); response.StatusCode != status || content.Error == "" {
			t.Errorf("GET %s = %d %s, want %d", path, response.StatusCode, response.Body, status)
		}
	}
}
