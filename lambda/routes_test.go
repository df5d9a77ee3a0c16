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

func request(method, resource, path string) events.APIGatewayProxyRequest {
	return events.APIGatewayProxyRequest{
		HTTPMethod: method, Resource: resource, Path: path,
		Headers:        map[string]string{"x-api-key": "hidden"},
		RequestContext: events.APIGatewayProxyRequestContext{RequestID: "gateway-2", Stage: "v1"},
	}
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
	if response.Headers["content-type"] != "application/json; charset=utf-8" || response.Headers["cache-control"] != "no-store" {
		t.Errorf("the headers are %v", response.Headers)
	}
	return response, line
}

func TestGetShowsTheChain(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	var view engine.View
	response, line := f.ask(t, request("GET", "/", "/chains/nightly"), &view)
	if response.StatusCode != http.StatusOK || view.Chain != "nightly" || len(view.Apps) != 4 || len(view.Links) != 3 ||
		len(view.DefinitionSHA256) != 64 || !strings.HasPrefix(view.Mermaid, "flowchart LR\n") {
		t.Errorf("GET / = %d %s", response.StatusCode, response.Body)
	}
	if !view.Apps[0].Root || view.Apps[1].Root || view.Apps[1].Weight != 7 {
		t.Errorf("the apps are %+v", view.Apps)
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
	if !strings.Contains(response.Body, `app_a -->|success| app_b`) {
		t.Errorf("the diagram is not readable in %s", response.Body)
	}
	expect(t, line, object{"level": "INFO", "method": "GET", "path": "/chains/nightly", "status": 200, "gateway_request_id": "gateway-2"})
}

// The Qlik REST connector makes a table of each list: every row has the same columns, and each holds one value.
func TestGetGivesFlatTables(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	var tables map[string]any
	f.ask(t, request("GET", "/", "/"), &tables)
	for table, columns := range map[string][]string{
		"apps":  {"app_id", "enabled", "name", "partial", "root", "weight"},
		"links": {"condition", "from", "from_app_id", "to", "to_app_id"},
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
		"path":   {request("GET", "/{proxy+}", "/runs"), 404, "There is nothing at /runs. GET / shows the chain."},
		"method": {request("DELETE", "/", "/"), 405, "DELETE is not possible here. GET / shows the chain."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t)
			var content apiError
			response, line := f.ask(t, tt.request, &content)
			if response.StatusCode != tt.status || content.Error != tt.says {
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
	response, line := f.ask(t, request("GET", "/", "/"), &content)
	if response.StatusCode != 500 || !strings.Contains(content.Error, "gateway-2") || strings.Contains(response.Body, "arn:aws") {
		t.Errorf("the answer is %d %s", response.StatusCode, response.Body)
	}
	expect(t, line, object{"level": "ERROR", "status": 500})
	if reason, _ := line["reason"].(string); !strings.Contains(reason, "AccessDeniedException") {
		t.Errorf("the line says %v", line)
	}
}
