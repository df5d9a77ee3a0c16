// SPDX-License-Identifier: MPL-2.0

//go:build acceptance && unix

package provider_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// killable is the real terraform with the real provider, each in a process of its own, in a folder of its own.
type killable struct {
	*workspace.Workspace
	t      *testing.T
	folder string
	pids   string       // the file with the ids of the provider's processes
	state  *stateServer // nil if the state is a file
	mu     sync.Mutex
	groups []int // the process groups of the runs, which have the ids of their terraform
}

// newKillable makes a workspace. Its provider is a script that writes down its process id and becomes the built provider.
func newKillable(t *testing.T, h *harness, remoteState bool) *killable {
	t.Helper()
	built, err := filepath.Abs(filepath.Join("..", "bin", "terraform-provider-qlik"))
	if err != nil {
		t.Fatal(err)
	}
	folder, empty := t.TempDir(), t.TempDir()
	k := &killable{t: t, folder: folder, pids: filepath.Join(folder, "pids")}
	script := filepath.Join(folder, "provider")
	text := fmt.Sprintf("#!/bin/sh\necho $$ >> '%s'\nexec '%s' \"$@\"\n", k.pids, built)
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	if remoteState {
		k.state = newStateServer(t)
	}
	k.Workspace, err = workspace.New(folder, os.Getenv("TF_ACC_TERRAFORM_PATH"), script, empty, h.Environment())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.endOrphans)
	return k
}

// configure writes the configuration that the next runs work on.
func (k *killable) configure(config string) {
	k.t.Helper()
	backend := ""
	if k.state != nil {
		const form = "terraform {\n  backend \"http\" {\n    address = %[1]q\n    lock_address = %[1]q\n    unlock_address = %[1]q\n  }\n}\n"
		backend = fmt.Sprintf(form, k.state.url)
	}
	text := providerSource + backend + "provider \"qlik\" {}\n" + config
	if err := os.WriteFile(filepath.Join(k.Dir, "main.tf"), []byte(text), 0o600); err != nil {
		k.t.Fatal(err)
	}
}

// run runs terraform and returns what it prints, in one line.
func (k *killable) run(ctx context.Context, args ...string) (string, error) {
	var output bytes.Buffer
	command := k.Command(ctx, &output, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.WaitDelay = 10 * time.Second
	k.mu.Lock()
	err := command.Start()
	if err == nil {
		k.groups = append(k.groups, command.Process.Pid)
	}
	k.mu.Unlock()
	if err == nil {
		err = command.Wait()
	}
	said := strings.Join(strings.Fields(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(output.String())), " ")
	if err != nil {
		return said, fmt.Errorf("terraform %s: %w: %s", args[0], err, said)
	}
	return said, nil
}

// kill ends processes of the terraform that runs, as SIGKILL does: at once, and with nothing left to say.
func (k *killable) kill(who string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	latest := k.groups[len(k.groups)-1]
	switch who {
	case "terraform":
		return syscall.Kill(latest, syscall.SIGKILL)
	case "both":
		return syscall.Kill(-latest, syscall.SIGKILL)
	}
	providers, err := k.providers(latest)
	if err != nil {
		return err
	}
	if len(providers) == 0 {
		return errors.New("no process of the provider runs")
	}
	return syscall.Kill(providers[len(providers)-1], syscall.SIGKILL)
}

// providers returns the processes of the provider that run in these process groups. The caller holds mu.
func (k *killable) providers(groups ...int) ([]int, error) {
	text, err := os.ReadFile(k.pids)
	if err != nil {
		return nil, err
	}
	var running []int
	for _, line := range strings.Fields(string(text)) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			return nil, err
		}
		if group, err := syscall.Getpgid(pid); err == nil && slices.Contains(groups, group) {
			running = append(running, pid)
		}
	}
	return running, nil
}

// endOrphans ends the provider's processes that a killed terraform has left.
func (k *killable) endOrphans() {
	k.mu.Lock()
	defer k.mu.Unlock()
	orphans, err := k.providers(k.groups...)
	if err != nil {
		k.t.Error(err)
	}
	for _, pid := range orphans {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			k.t.Error(err)
		}
	}
}

// What terraform prints of a lock that a killed one has left, and of a chain that only an import can bring back.
var (
	lockID  = regexp.MustCompile(`Error acquiring the state lock.* ID: ([0-9a-f-]{36})`)
	imports = regexp.MustCompile("`terraform import (?:ADDRESS|qlik_task_chain[.][a-z]+) ([^` ]+)`")
)

// converge does what a user does after a kill: the same again, and what terraform asks for: to unlock the state, to import the chain.
func (k *killable) converge(ctx context.Context, args ...string) (imported bool, err error) {
	said, err := k.run(ctx, args...)
	if lock := lockID.FindStringSubmatch(said); err != nil && lock != nil {
		if said, err := k.run(ctx, "force-unlock", "-no-color", "-force", lock[1]); err != nil {
			return false, fmt.Errorf("%w: %s", err, said)
		}
		said, err = k.run(ctx, args...)
	}
	if name := imports.FindStringSubmatch(said); err != nil && name != nil {
		if _, err := k.run(ctx, "import", "-no-color", "-input=false", chainAddress, name[1]); err != nil {
			return true, err
		}
		_, err = k.run(ctx, args...)
		return true, err
	}
	return false, err
}

// stateServer keeps a state and its lock, as a remote backend does: the lock of a terraform that is killed stays.
// Source: https://developer.hashicorp.com/terraform/language/backend/http
type stateServer struct {
	url string

	mu      sync.Mutex
	state   []byte
	lock    []byte
	writing func() (cut, stored bool) // of each write: whether the connection ends without an answer, and whether the state is kept
}

func newStateServer(t *testing.T) *stateServer {
	s := &stateServer{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// atWrite lets writes of the state meet something; nil ends that.
func (s *stateServer) atWrite(do func() (cut, stored bool)) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writing = do
}

// ServeHTTP implements http.Handler.
func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Method {
	case http.MethodGet:
		if s.state == nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(s.state) // terraform says that it got too little
	case http.MethodPost:
		cut, stored := false, true
		if s.writing != nil {
			cut, stored = s.writing()
		}
		if stored {
			s.state = body
		}
		if cut {
			panic(http.ErrAbortHandler)
		}
	case "LOCK":
		if s.lock != nil {
			w.WriteHeader(http.StatusLocked)
			_, _ = w.Write(s.lock)
			return
		}
		s.lock = body
	case "UNLOCK":
		s.lock = nil
	default:
		http.Error(w, r.Method, http.StatusMethodNotAllowed)
	}
}
