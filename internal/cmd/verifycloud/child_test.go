// SPDX-License-Identifier: MPL-2.0

//go:build acceptance && unix

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// asCommand makes this test's binary the command itself.
const asCommand = "VERIFY_CLOUD_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// project is the project's folder, where `make build` has put what the command needs.
func project(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// outside is a sandbox that the command finds by its environment, as it finds AWS and a tenant.
func outside(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{
		Cloud: cloud.Config{Lambda: function.Config{
			PendingFor: 200 * time.Millisecond, UpdateFor: 200 * time.Millisecond, HostBootstrap: filepath.Join(project(t), "bin", "bootstrap"),
		}},
		Tenant: tenant.Config{ReloadDuration: 300 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the sandbox: %v", err)
		}
	})
	return s
}

// nothingLeft fails when anything of a chain is left in the sandbox. others are the objects that the test itself has made.
func nothingLeft(t *testing.T, s *sandbox.Sandbox, others ...string) {
	t.Helper()
	for service, objects := range s.Objects() {
		for _, o := range objects {
			if !strings.Contains(strings.Join(others, "\n"), o) {
				t.Errorf("left behind in %s: %s", service, o)
			}
		}
	}
	client, err := qlik.NewClient(qlik.Config{TenantURL: s.Tenant.URL(), Credentials: qlik.Credentials{APIKey: s.Tenant.APIKey()}})
	if err != nil {
		t.Fatal(err)
	}
	items, err := client.Items(t.Context(), qlik.ItemFilter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range items {
		t.Errorf("left behind in the tenant: the app %s", item.Name)
	}
}

// command is the running command.
type command struct {
	*exec.Cmd
	t   *testing.T
	dir string

	mu      sync.Mutex
	output  bytes.Buffer
	written chan struct{} // after each write
	ended   chan struct{}
	err     error // of its end
}

// Write takes the command's output.
func (c *command) Write(data []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		select {
		case c.written <- struct{}{}:
		default:
		}
	}()
	return c.output.Write(data)
}

func (c *command) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.output.String()
}

// start starts the command in a process group of its own, as a shell does, without an input. environment is NAME=value.
func start(t *testing.T, dir string, environment []string, args ...string) *command {
	t.Helper()
	in, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.Close() }()
	return startWith(t, in, dir, environment, args...)
}

// startWith is start with an input.
func startWith(t *testing.T, in *os.File, dir string, environment []string, args ...string) *command {
	t.Helper()
	return startTo(t, in, nil, dir, environment, args...)
}

// startTo is startWith with an output of its own, unless that is nil. What the command says of errors is remembered either way.
func startTo(t *testing.T, in, out *os.File, dir string, environment []string, args ...string) *command {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := &command{Cmd: exec.Command(self, append([]string{"-dir", dir}, args...)...), t: t, dir: dir, written: make(chan struct{}, 1),
		ended: make(chan struct{})}
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") && !strings.HasPrefix(variable, "QLIK_") {
			c.Env = append(c.Env, variable)
		}
	}
	c.Env = append(append(c.Env, environment...), asCommand+"=1")
	c.Dir, c.Stdin, c.Stdout, c.Stderr = project(t), in, c, c
	if out != nil {
		c.Stdout = out
	}
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		c.err = c.Wait()
		close(c.ended)
	}()
	t.Cleanup(func() {
		select {
		case <-c.ended:
		default:
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // ours, and its group
			<-c.ended
		}
		if t.Failed() {
			t.Logf("the command said:\n%s", c.said())
		}
	})
	return c
}

// waitFor waits until a condition holds, looked at after each line of output and each tenth of a second.
func (c *command) waitFor(what string, condition func() bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 5*time.Minute)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-c.written:
		case <-ticker.C:
		case <-c.ended:
			if !condition() {
				c.t.Fatalf("the command ended before %s: %v", what, c.err)
			}
		case <-ctx.Done():
			c.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// says waits until the output has a text.
func (c *command) says(text string) {
	c.t.Helper()
	c.waitFor(fmt.Sprintf("it says %q", text), func() bool { return strings.Contains(c.said(), text) })
}

// ends waits for the command's end with an exit code.
func (c *command) ends(code int) {
	c.t.Helper()
	c.waitFor("its end", func() bool {
		select {
		case <-c.ended:
			return true
		default:
			return false
		}
	})
	var exit *exec.ExitError
	switch {
	case c.err == nil && code == 0:
	case errors.As(c.err, &exit) && exit.ExitCode() == code:
	default:
		c.t.Fatalf("the command ended with %v instead of exit code %d", c.err, code)
	}
}

// page reads the one page that the command has written, and the record beside it.
func (c *command) page() (page, record string) {
	c.t.Helper()
	for file, content := range map[string]*string{"report-*.md": &page, "report-*.jsonl": &record} {
		found, err := filepath.Glob(filepath.Join(c.dir, file))
		if err != nil || len(found) != 1 {
			c.t.Fatalf("%d files %s instead of one: %v", len(found), file, err)
		}
		text, err := os.ReadFile(found[0])
		if err != nil {
			c.t.Fatal(err)
		}
		*content = string(text)
	}
	return page, record
}

// journals are the folders of runs that did not end well.
func (c *command) journals() []string {
	found, err := filepath.Glob(filepath.Join(c.dir, "verify-cloud-*"))
	if err != nil {
		c.t.Fatal(err)
	}
	return found
}
