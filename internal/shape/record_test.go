// SPDX-License-Identifier: MPL-2.0

package shape

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// TestRecorder records an AWS client's and an HTTP client's answers. Both still get them whole, and the request is what it is without.
func TestRecorder(t *testing.T) {
	t.Parallel()
	var authorizations []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorizations = append(authorizations, r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.Contains(r.URL.Path, "missing"):
			w.Header().Set("X-Amzn-ErrorType", "ResourceNotFoundException")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"Message":"no such function: missing"}`)
		default:
			fmt.Fprint(w, `{"Configuration":{"FunctionName":"nightly","Timeout":60},"data":"whole"}`)
		}
	}))
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "answers.jsonl")
	recorder, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	config := aws.Config{Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIAX",
		"secretkey", "")}
	config.APIOptions = append(config.APIOptions, recorder.AWS)
	client := lambda.NewFromConfig(config)
	for range 3 { // one line for what is the same
		out, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("nightly")})
		if err != nil || aws.ToInt32(out.Configuration.Timeout) != 60 {
			t.Fatalf("the client got %+v, %v", out, err)
		}
	}
	if _, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String("missing")}); err == nil ||
		!strings.Contains(err.Error(), "no such function") {
		t.Errorf("the client got %v", err)
	}
	for _, path := range []string{"/api/v1/apps/0c6f1a2b/scripts", "/api/v1/items?name=secretname"} {
		get(t, &http.Client{Transport: recorder.Transport("Qlik Cloud", nil)}, server.URL+path)
	}
	get(t, &http.Client{Transport: recorder.Below("/restapis/abc/live", "the chain's API")}, server.URL+"/restapis/abc/live/runs/2026-11-30")
	const unused = "http://127.0.0.1:1" // a reserved port, which no other test can get
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, unused+"/api/v1/items", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	if response, err := recorder.Transport("Qlik Cloud", nil).RoundTrip(request); err == nil {
		t.Error("an address where nothing listens answered", response.Body.Close())
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const fields = `"fields":{"$":"object","$.Configuration":"object","$.Configuration.FunctionName":"string",` +
		`"$.Configuration.Timeout":"number","$.data":"string"}`
	want := []string{
		`{"service":"Lambda","operation":"GetFunction","status":200,"media":"application/json",` + fields + `}`,
		`{"service":"Lambda","operation":"GetFunction","status":404,"code":"ResourceNotFoundException",` +
			`"media":"application/json","headers":["x-amzn-errortype"],` +
			`"fields":{"$":"object","$.Message":"string"}}`,
		`{"service":"Qlik Cloud","operation":"GET /api/v1/apps/{id}/scripts","status":200,"media":"application/json",` + fields + `}`,
		`{"service":"Qlik Cloud","operation":"GET /api/v1/items","status":200,"media":"application/json",` + fields + `}`,
		`{"service":"the chain's API","operation":"GET /runs/{id}","status":200,"media":"application/json"}`,
		`{"service":"Qlik Cloud","operation":"GET /api/v1/items","status":0}`,
	}
	if got := strings.TrimSpace(string(text)); got != strings.Join(want, "\n") {
		t.Errorf("the record is\n%s\nnot\n%s", got, strings.Join(want, "\n"))
	}
	if !strings.HasPrefix(authorizations[0], "AWS4-HMAC-SHA256 Credential=AKIAX/") {
		t.Errorf("the request was signed so: %s", authorizations[0])
	}
}

func get(t *testing.T, client *http.Client, url string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), "whole") {
		t.Errorf("the client got %s, %v", body, err)
	}
}

// TestNoRecorder: without a Recorder nothing is wrapped.
func TestNoRecorder(t *testing.T) {
	t.Parallel()
	var none *Recorder
	if none.Transport("Qlik Cloud", nil) != http.DefaultTransport {
		t.Error("the transport is wrapped")
	}
	if err := none.AWS(nil); err != nil {
		t.Error(err)
	}
}
