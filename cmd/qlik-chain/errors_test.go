// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

// put writes an SSM parameter.
func (w *world) put(name, value string) {
	w.t.Helper()
	if _, err := ssm.NewFromConfig(w.AWS()).PutParameter(w.t.Context(), &ssm.PutParameterInput{
		Name: aws.String(name), Value: aws.String(value), Type: ssmtypes.ParameterTypeString,
	}); err != nil {
		w.t.Fatal(err)
	}
}

// route matches what names a route of the API, which users of the command do not call.
var route = regexp.MustCompile(`\b(GET|POST) /`)

// TestErrors checks what each failure says, and its exit code.
func TestErrors(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	w.deploy(orders(), nil)
	w.put("/qlik-task-chain/young/owner/1", `{"instance":"0123456789abcdef","tenant_id":"`+w.Tenant.ID()+`","stage":"creating",`+
		`"created_by":"arn:aws:iam::123456789012:user/ann","created_at":"2026-11-24T02:00:00Z"}`)
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte("[profile regional]\nregion = eu-central-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args []string
		env  []string
		in   string
		code int
		want string
	}{
		"no command line":  {args: []string{"runs"}, code: 2, want: "Usage: qlik-chain runs NAME"},
		"limit of no wait": {args: []string{"start", "nightly", "--timeout", "2h"}, code: 2, want: "--timeout is for --wait"},
		"unknown command":  {args: []string{"stat"}, code: 2, want: "start"},
		"unknown flag":     {args: []string{"runs", "nightly", "--limt", "3"}, code: 2, want: "Unknown flag: --limt"},
		"unknown output":   {args: []string{"list", "-o", "yaml"}, code: 2, want: "Use table or json"},
		"both keys":        {args: []string{"page", "nightly", "--key", "--viewer"}, code: 2, want: "Choose one"},
		"no region":        {args: []string{"list"}, env: []string{"AWS_REGION=", "AWS_DEFAULT_REGION="}, code: 2, want: "no AWS region is set"},
		"unknown profile":  {args: []string{"list", "--profile", "nobody"}, code: 4, want: "nobody"},
		"no credentials": {args: []string{"list"}, env: []string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="}, code: 4,
			want: "there are no AWS credentials"},
		"unknown key": {args: []string{"list"}, env: []string{"AWS_ACCESS_KEY_ID=AKIANOBODYKNOWSTHIS0"}, code: 4,
			want: "does not know the credentials"},
		"wrong secret": {args: []string{"list"}, env: []string{"AWS_SECRET_ACCESS_KEY=wrong"}, code: 4, want: "refused the signature"},
		"AWS out of reach": {args: []string{"list", "--endpoint-url", "http://127.0.0.1:1"}, env: []string{"AWS_MAX_ATTEMPTS=1"}, code: 1,
			want: "cannot be reached"},
		"unknown chain": {args: []string{"runs", "nightl"}, code: 3, want: `Did you mean "nightly"? Or choose with --region and --profile`},
		"no chain like it": {args: []string{"runs", "zebra"}, code: 3,
			want: "in the account 123456789012, region eu-central-1. qlik-chain list shows the existing ones; choose with --region and --profile"},
		"unknown run": {args: []string{"run", "nightly", "x"}, code: 3,
			want: `There is no run "x", or its record is no longer kept. qlik-chain runs nightly lists the existing ones.`},
		"repeats no run": {args: []string{"rerun", "nightly", "x"}, code: 3, want: "qlik-chain runs nightly lists the existing ones."},
		"cancels no run": {args: []string{"cancel", "nightly", "x"}, code: 3, want: "qlik-chain runs nightly lists the existing ones."},
		"no run yet":     {args: []string{"run", "nightly"}, code: 3, want: "has not run yet"},
		"unknown step": {args: []string{"start", "nightly", "extrct"}, code: 3,
			want: `There is no such step: the chain has no step "extrct". Did you mean "extract"?`},
		"no step like it": {args: []string{"start", "nightly", "zebra"}, code: 3,
			want: "The chain's steps are dashboard, extract, fallback and transform."},
		"no signal": {args: []string{"signal", "nightly", "extract"}, code: 3,
			want: "and no other one of the chain does. qlik-chain start nightly STEP begins a run"},
		"unknown outcome": {args: []string{"signal", "orders", "erp", "--outcome", "fine"}, code: 2, want: "Use success, failure or canceled"},
		"unknown status":  {args: []string{"runs", "nightly", "--status", "fine"}, code: 2, want: "succeeded"},
		"no date":         {args: []string{"runs", "nightly", "--cycle", "24.11.2026"}, code: 2, want: "Use the date of a cycle"},
		"no chain's name": {args: []string{"runs", "../x"}, code: 3, want: "There is no task chain"},
		"too many runs":   {args: []string{"runs", "nightly", "--limit", "1000"}, code: 2, want: "from 1 to 100"},
		"unknown cycle": {args: []string{"start", "nightly", "--cycle", "1999-01-01"}, code: 2,
			want: "qlik-chain runs nightly -o json has the ids."},
		"no viewers' key": {args: []string{"page", "nightly", "--viewer"}, code: 3,
			want: "The chain nightly has no such key. Set viewer_key = true in its configuration and apply it, or use another key."},
		"chain in creation": {args: []string{"runs", "young"}, code: 5, want: "is being created by arn:aws:iam::123456789012:user/ann"},
		"its page":          {args: []string{"page", "young"}, code: 5, want: "is being created by"},
		"no migration":      {args: []string{"migrate"}, code: 2, want: "Name what to read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := w.playIn(w.environment(append([]string{"AWS_CONFIG_FILE=" + config}, test.env...)...), test.in, test.args...)
			if r.code != test.code || !strings.Contains(strings.ToLower(r.err), strings.ToLower(test.want)) || r.out != "" ||
				strings.Contains(r.err, "Grant your AWS identity") || // what no permission would help
				route.MatchString(r.err) || strings.Contains(r.err, "Terraform waits") {
				t.Errorf("exits with %d, want %d and %q\nout: %s\nerr: %s", r.code, test.code, test.want, r.out, r.err)
			}
		})
	}
}

// TestKeyRefused checks what a key that API Gateway no longer takes leads to.
func TestKeyRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	client := apigateway.NewFromConfig(w.AWS())
	keys, err := client.GetApiKeys(t.Context(), &apigateway.GetApiKeysInput{NameQuery: aws.String("qlik-task-chain-nightly")})
	if err != nil || len(keys.Items) < 2 {
		t.Fatalf("%v %v", keys, err)
	}
	for _, key := range keys.Items {
		if _, err := client.UpdateApiKey(t.Context(), &apigateway.UpdateApiKeyInput{ApiKey: key.Id, PatchOperations: []apitypes.PatchOperation{
			{Op: apitypes.OpReplace, Path: aws.String("/enabled"), Value: aws.String("false")},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	if r := w.play("runs", "nightly"); r.code != 4 || !strings.Contains(r.err, "API Gateway refuses the chain's key") {
		t.Errorf("%+v", r)
	}
}

// TestKeyDeleted checks what each command says after the key of a chain was deleted by hand.
func TestKeyDeleted(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	client := apigateway.NewFromConfig(w.AWS())
	keys, err := client.GetApiKeys(t.Context(), &apigateway.GetApiKeysInput{NameQuery: aws.String("qlik-task-chain-nightly")})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys.Items {
		if _, err := client.DeleteApiKey(t.Context(), &apigateway.DeleteApiKeyInput{ApiKey: key.Id}); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"page", "nightly", "--key"}, {"runs", "nightly"}, {"start", "nightly"}} {
		if r := w.play(args...); r.code != 3 || !strings.Contains(r.err, "The chain nightly no longer has its API key. Apply its configuration") {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

// TestChainFails checks an answer that reports a failure of the chain. It is asked again a few times before.
func TestChainFails(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	w.Cloud.Faults().Add(cloud.Fault{Service: "dynamodb", Operation: "Query", Kind: cloud.FaultServer})
	r := w.play("runs", "nightly")
	if r.code != 1 || !strings.Contains(r.err, "The runs could not be read") || !strings.Contains(r.err, "(500)") {
		t.Errorf("%+v", r)
	}
	w.Cloud.Faults().Clear()
	w.must("runs", "nightly")
}

// TestQlikRefuses checks a start that Qlik Cloud refuses.
func TestQlikRefuses(t *testing.T) {
	w := newWorld(t, nil)
	d := nightly()
	missing := d.Steps["extract"]
	missing.App = strings.Replace(sandbox.AppExtract, "7b0a", "ffff", 1)
	d.Steps["extract"] = missing
	w.deploy(d, nil)
	if r := w.play("start", "nightly", "extract"); r.code != 1 || !strings.Contains(r.err, "The reload of extract was not started") ||
		!strings.Contains(r.err, "qlik-chain run nightly "+w.latest("nightly")+" shows the run.") || route.MatchString(r.err) {
		t.Errorf("%+v", r)
	}
}
