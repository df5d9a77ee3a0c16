// SPDX-License-Identifier: MPL-2.0

// Package functiontest has the helpers that the tests of the sandbox's Lambda and API Gateway share: a function that follows its event, and
// stand-ins for IAM, STS and CloudWatch Logs.
package functiontest

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// RoleARN is the role that Roles knows.
const RoleARN = "arn:aws:iam::123456789012:role/chain"

// Morning is a time for the tests' clocks: 05:00 UTC on a Monday.
var Morning = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// Account is the account of the tests.
var Account = wire.Account{ID: "123456789012", Region: "eu-central-1"}

// built is the path of the test function, built once for all tests of a package. It stays in the project's cache.
var built = sync.OnceValues(func() (string, error) {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return "", errors.New("no path of the source")
	}
	cache := filepath.Join(filepath.Dir(file), "..", "..", "..", "..", "..", ".cache", "functiontest")
	if err := os.MkdirAll(cache, 0o750); err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(cache, "build-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)                                                                   //nolint:errcheck // a temporary folder
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", dir, "./testdata/bootstrap") //nolint:gosec // fixed arguments
	build.Dir = filepath.Dir(file)
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the test function: %w\n%s", err, output)
	}
	program := filepath.Join(cache, "bootstrap") // tests of another package may be running the existing file
	return program, os.Rename(filepath.Join(dir, "bootstrap"), program)
})

// Program returns the path of the test function's executable.
func Program(t testing.TB) string {
	t.Helper()
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Bootstrap returns the test function as a script, which Lambda also accepts. The executable has five megabytes, too much to upload with
// every new function.
func Bootstrap(t testing.TB) []byte {
	t.Helper()
	return fmt.Appendf(nil, "#!/bin/sh\nexec '%s' \"$@\"\n", Program(t))
}

// Zip returns a deployment package with one file, named bootstrap.
func Zip(t testing.TB, content []byte, mode os.FileMode) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Store}
	header.SetMode(mode)
	file, err := writer.CreateHeader(header)
	if err == nil {
		_, err = file.Write(content)
	}
	if err = errors.Join(err, writer.Close()); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// Roles lets Lambda assume RoleARN and nothing else.
type Roles struct{}

// CanAssume implements function.Roles.
func (Roles) CanAssume(roleARN, service string) bool {
	return roleARN == RoleARN && service == "lambda.amazonaws.com"
}

// RoleID implements function.Roles.
func (Roles) RoleID(roleARN string) string { return "id of " + roleARN }

// Credentials issues credentials that contain their role and session.
type Credentials struct{}

// AssumeForService implements function.Credentials.
func (Credentials) AssumeForService(_ context.Context, roleARN, session string) (execution.Credentials, error) {
	return execution.Credentials{
		AccessKeyID: "ASIATEST", SecretAccessKey: "secret", SessionToken: roleARN + "/" + session, RoleID: Roles{}.RoleID(roleARN),
	}, nil
}

// Logs stores log lines.
type Logs struct {
	mu    sync.Mutex
	lines []execution.LogLine
}

// AppendLine implements function.Logs. The group /missing does not exist.
func (l *Logs) AppendLine(_ context.Context, line execution.LogLine) error {
	if line.Group == "/missing" {
		return errors.New("the group does not exist")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

// Lines returns all lines so far.
func (l *Logs) Lines() []execution.LogLine {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]execution.LogLine(nil), l.lines...)
}

// Text returns the messages, one per line.
func (l *Logs) Text() string {
	var messages []string
	for _, line := range l.Lines() {
		messages = append(messages, line.Message)
	}
	return strings.Join(messages, "\n")
}

// Handler serves a service without signatures.
func Handler(service wire.Service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		request := &wire.Request{HTTP: r, Body: body, ID: uuid.NewString(), Region: Account.Region}
		w.Header().Set("X-Amzn-Requestid", request.ID)
		call, err := service.Call(request)
		if err != nil {
			service.WriteError(w, request, err)
			return
		}
		response, err := call.Run()
		if err != nil {
			service.WriteError(w, request, err)
			return
		}
		for name, values := range response.Header {
			w.Header()[name] = values
		}
		if response.Status == 0 {
			response.Status = http.StatusOK
		}
		w.WriteHeader(response.Status)
		_, _ = w.Write(response.Body)
	})
}

// Serve serves a handler on loopback until the test ends. It returns the URL.
func Serve(t testing.TB, handler http.Handler) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}
