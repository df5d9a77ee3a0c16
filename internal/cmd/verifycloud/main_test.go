// SPDX-License-Identifier: MPL-2.0

//go:build acceptance && unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

// TestLife plays the whole life in a sandbox that the environment leads to, as a role that has the policies of examples/iam and no other
// right. All phases pass, nothing is left, the answers are the built-in sandbox's, and neither the page nor the record holds a value.
func TestLife(t *testing.T) {
	t.Parallel()
	s := outside(t)
	role := verifier(t, s)
	c := start(t, t.TempDir(), append(s.Environment(), "QLIK_AWS_ASSUME_ROLE_ARN="+role), "-yes")
	c.says("Now in ")
	c.waitFor("the chain is there", func() bool { return len(s.Objects()["webhooks"]) > 0 })
	values := valuesOf(t, s)
	c.ends(0)
	nothingLeft(t, s, role)
	if left := c.journals(); len(left) > 0 {
		t.Errorf("the folder of the run is left: %v", left)
	}
	page, record := c.page()
	if n := strings.Count(page, "| passed |"); n != 13 || strings.Contains(page, "failed") {
		t.Errorf("not all of the 13 phases passed, but %d:\n%s", n, page)
	}
	if !strings.Contains(page, "They do not differ.") {
		t.Errorf("the answers differ from the sandbox's:\n%s", page)
	}
	for _, want := range []string{`"service":"Lambda","operation":"CreateFunction","status":201`,
		`"service":"Qlik Cloud","operation":"POST /api/v1/apps","status":200`,
		`$.data[].request.body.data.succeeded`, `"code":"NoSuchEntity"`, `"service":"the chain's API","operation":"POST /start/{id}"`} {
		if !strings.Contains(record, want) {
			t.Errorf("the record lacks %s", want)
		}
	}
	for _, value := range values {
		for what, text := range map[string]string{"page": page, "record": record} {
			if strings.Contains(text, value) {
				t.Errorf("the %s holds the value %q", what, value)
			}
		}
	}
	for _, call := range s.Cloud.Calls() {
		if strings.Contains(call.Error, "AccessDenied") {
			t.Errorf("the policies of examples/iam do not allow %s %s", call.Service, call.Operation)
		}
	}
}

// verifier makes a role with the policies of examples/iam.
func verifier(t *testing.T, s *sandbox.Sandbox) (arn string) {
	t.Helper()
	client := iam.NewFromConfig(s.AWS())
	role, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("verifier"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` +
			`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"` + s.Cloud.Account() + `"}}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"policy", "options"} {
		text, err := os.ReadFile(filepath.Join(project(t), "examples", "iam", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		document := strings.NewReplacer("${account}", s.Cloud.Account(), "${region}", s.Cloud.Region(),
			"${kms_key_arn}", "arn:aws:kms:"+s.Cloud.Region()+":"+s.Cloud.Account()+":key/none").Replace(string(text))
		var compact bytes.Buffer
		if err := json.Compact(&compact, []byte(document)); err != nil {
			t.Fatal(err)
		}
		_, err = client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: aws.String("verifier"), PolicyName: aws.String(name), PolicyDocument: aws.String(compact.String()),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return aws.ToString(role.Role.Arn)
}

// valuesOf are the values of a sandbox with a chain in it that no page may hold.
func valuesOf(t *testing.T, s *sandbox.Sandbox) []string {
	t.Helper()
	values := []string{
		s.Cloud.Account(), s.Cloud.AccessKey(), s.Cloud.SecretKey(), s.Tenant.ID(), s.Tenant.APIKey(), s.Tenant.UserID(),
		strings.TrimPrefix(s.Tenant.URL(), "http://"),
		strings.TrimPrefix(s.Cloud.URL(), "http://"),
	}
	chain := regexp.MustCompile(`verify-cloud-[0-9a-f]{8}`)
	for _, objects := range s.Objects() {
		for _, o := range objects {
			values = append(values, chain.FindAllString(o, -1)...)
		}
	}
	if len(values) < 10 {
		t.Fatalf("no chain was found in %v", s.Objects())
	}
	key, err := s.APIKey(t.Context(), "qlik-task-chain-"+values[len(values)-1])
	if err != nil {
		t.Fatal(err)
	}
	for _, webhook := range s.Tenant.Webhooks() {
		values = append(values, webhook.ID, webhook.Secret)
	}
	for _, reload := range s.Tenant.Reloads() {
		values = append(values, reload.ID, reload.AppID)
	}
	return append(values, key)
}

// TestOtherAnswers plays the life on an emulator that answers otherwise than the sandbox, and serves its stages elsewhere. The phases
// that call the chain are left out with a sentence, the rest passes, nothing is left, and the page names the difference.
func TestOtherAnswers(t *testing.T) {
	t.Parallel()
	s := outside(t)
	target, err := url.Parse(s.Cloud.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // it is signed
		},
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			if r.Request.Method == http.MethodGet && strings.HasSuffix(r.Request.URL.Path, "/event-invoke-config") && r.StatusCode == http.StatusOK {
				body = bytes.Replace(body, []byte(`"FunctionArn":"`), []byte(`"Surprise":{"secret-12345678":1},"MaximumRetries":"2","FunctionArn":"`),
					1)
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.Header.Del("Content-Length")
			return err
		},
	}
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "_user_request_") {
			http.NotFound(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(emulator.Close)
	c := start(t, t.TempDir(), append(s.Environment(), "AWS_ENDPOINT_URL="+emulator.URL), "-yes")
	c.ends(1)
	nothingLeft(t, s)
	page, _ := c.page()
	for _, want := range []string{
		"| reach the chain's URL | failed |", "| a run with a failing branch and a join | left out |", "This emulator serves its stages " +
			"elsewhere",
		"| empty plan | passed |", "| drift of three components | passed |", "| import into an empty state | passed |", "| destroy | passed " +
			"|", "| clean up | passed |",
		"### Missing in the sandbox", "| Lambda | GetFunctionEventInvokeConfig | 200 |", "`$.MaximumRetries: string`<br>`$.Surprise: object`",
		"### Other status or error code\n", "| the chain's API | GET  | 404 |",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "12345678") {
		t.Error("the page holds a key that is no field's name")
	}
}

// TestInterrupt interrupts the command, and all of its process group as a terminal does, while it creates and while it plays on. Nothing
// is left.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]struct {
		signal syscall.Signal
		until  func(c *command, s *sandbox.Sandbox)
	}{
		"while it makes the apps": {syscall.SIGINT, func(c *command, s *sandbox.Sandbox) {
			c.waitFor("the first app", func() bool { return s.Tenant.Statuses("POST /api/v1/apps")[http.StatusOK] > 0 })
		}},
		"while it creates": {syscall.SIGINT, func(c *command, s *sandbox.Sandbox) {
			c.waitFor("the table", func() bool { return len(s.Objects()["dynamodb"]) > 0 })
		}},
		"while it pauses": {syscall.SIGTERM, func(c *command, _ *sandbox.Sandbox) {
			c.waitFor("the plan", func() bool { return strings.Contains(c.said(), "empty plan") })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := outside(t)
			c := start(t, t.TempDir(), s.Environment(), "-yes", "-no-rehearsal")
			when.until(c, s)
			if err := syscall.Kill(-c.Process.Pid, when.signal); err != nil {
				t.Fatal(err)
			}
			c.ends(1)
			nothingLeft(t, s)
			if !strings.Contains(c.said(), "interrupted; what was made is removed") {
				t.Error("it does not say that what was made is removed")
			}
			if left := c.journals(); len(left) > 0 {
				t.Errorf("the folder of the run is left: %v", left)
			}
			if page, _ := c.page(); !strings.Contains(page, "interrupted") {
				t.Errorf("the page does not say that the run was interrupted:\n%s", page)
			}
		})
	}
}

// TestWhoReadsIsGone ends the command as Ctrl-C in `make verify-cloud | tee` does, and as a terminal does that is closed. Nothing is left.
func TestWhoReadsIsGone(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]syscall.Signal{"an interrupted pipe": syscall.SIGINT, "a closed terminal": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := outside(t)
			in, err := os.Open(os.DevNull)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = in.Close() })
			reader, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			c := startTo(t, in, out, t.TempDir(), s.Environment(), "-yes", "-no-rehearsal")
			c.waitFor("the table", func() bool { return len(s.Objects()["dynamodb"]) > 0 })
			if err := errors.Join(out.Close(), reader.Close(), syscall.Kill(-c.Process.Pid, gone)); err != nil {
				t.Fatal(err)
			}
			<-c.ended
			nothingLeft(t, s)
			if left := c.journals(); len(left) > 0 {
				t.Errorf("the folder of the run is left: %v; the command ended with %v", left, c.err)
			}
		})
	}
}

// TestKilled kills the command. The next start finds the run by its journal, offers to remove what it left, and does so by terraform and
// its state. One that knows the chain's name only removes its objects itself.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(t *testing.T, s *sandbox.Sandbox, dir, chain string) *command{
		"by terraform": func(t *testing.T, s *sandbox.Sandbox, dir, _ string) *command {
			in, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := out.WriteString("y\nn\n"); err != nil { // yes to the removal, no to a new life
				t.Fatal(err)
			}
			c := startWith(t, in, dir, s.Environment())
			c.ends(1)
			if err := errors.Join(in.Close(), out.Close()); err != nil {
				t.Error(err)
			}
			return c
		},
		"by its name": func(t *testing.T, s *sandbox.Sandbox, _, chain string) *command {
			c := start(t, t.TempDir(), s.Environment(), "-remove", chain)
			c.ends(0)
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dir := outside(t), t.TempDir()
			c := start(t, dir, s.Environment(), "-yes", "-no-rehearsal")
			c.says("reach the chain's URL")
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			<-c.ended
			left := c.journals()
			if len(left) != 1 || len(s.Objects()) < 5 {
				t.Fatalf("the killed run left %v and %v", left, s.Objects())
			}
			chain := filepath.Base(left[0])
			asked := start(t, dir, s.Environment())
			asked.ends(1)
			for _, want := range []string{"An earlier run, " + chain, "Remove what it left? [y/N]", "there was no answer"} {
				if !strings.Contains(asked.said(), want) {
					t.Errorf("it does not say %q: %s", want, asked.said())
				}
			}
			if len(s.Objects()) < 5 {
				t.Errorf("it removed without having been answered: %v", s.Objects())
			}
			again := remove(t, s, dir, chain)
			nothingLeft(t, s)
			if left := again.journals(); len(left) > 0 {
				t.Errorf("the folder of the run is left: %v", left)
			}
			byTerraform := slices.ContainsFunc(s.Cloud.Calls(), func(c cloud.Call) bool {
				return c.Operation == "DeleteFunction" && strings.Contains(c.UserAgent, "terraform-provider-qlik")
			})
			if byTerraform != (name == "by terraform") {
				t.Errorf("terraform deleted the function: %t", byTerraform)
			}
		})
	}
}

// TestAsksFirst makes nothing without an answer, in no half of reality, and without a tenant.
func TestAsksFirst(t *testing.T) {
	t.Parallel()
	s := outside(t)
	for name, test := range map[string]struct {
		environment []string
		args        []string
		want        string
	}{
		"no answer": {nil, nil, "there was no answer, so nothing was done"},
		"a real tenant": {[]string{"QLIK_TENANT_URL=https://acme.eu.qlikcloud.com"}, []string{"-yes"},
			"The tenant https://acme.eu.qlikcloud.com is a real one"},
		"the real AWS":   {[]string{"AWS_ENDPOINT_URL="}, []string{"-yes"}, "a function there cannot reach it"},
		"another region": {[]string{"AWS_REGION=", "AWS_DEFAULT_REGION="}, []string{"-yes"}, "no AWS region is set"},
		"another chain":  {nil, []string{"-remove", "nightly"}, `"nightly" is no chain of this command`},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, t.TempDir(), append(s.Environment(), test.environment...), test.args...)
			c.ends(1)
			if !strings.Contains(strings.ToLower(c.said()), strings.ToLower(test.want)) {
				t.Errorf("it does not say %q: %s", test.want, c.said())
			}
			nothingLeft(t, s)
			if n := s.Tenant.Statuses("POST /api/v1/apps"); len(n) > 0 {
				t.Errorf("apps were made: %v", n)
			}
		})
	}
}

// TestInterruptedQuestion: an interrupt is an answer, and a no among others.
func TestInterruptedQuestion(t *testing.T) {
	t.Parallel()
	s := outside(t)
	for name, test := range map[string]struct {
		reply func(c *command, in *os.File) error
		want  string
	}{
		"an interrupt": {func(c *command, _ *os.File) error { return c.Process.Signal(os.Interrupt) }, "interrupted; nothing was done"},
		"a no": {func(_ *command, in *os.File) error {
			_, err := in.WriteString("n\n")
			return err
		}, "verify-cloud: nothing was done"},
	} {
		t.Run(name, func(t *testing.T) {
			in, out, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			c := startWith(t, in, t.TempDir(), s.Environment())
			c.says("Go on? [y/N]")
			if err := test.reply(c, out); err != nil {
				t.Fatal(err)
			}
			c.ends(1)
			if !strings.Contains(c.said(), test.want) {
				t.Errorf("it does not say %q", test.want)
			}
			nothingLeft(t, s)
			if err := errors.Join(in.Close(), out.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}
