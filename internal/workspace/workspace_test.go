// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package workspace_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// shell is terraform by hand, on examples/nightly.
type shell struct {
	*workspace.Workspace
	t *testing.T
}

// newShell starts a sandbox and a workspace with an initialised copy of examples/nightly.
func newShell(t *testing.T) (*sandbox.Sandbox, *shell) {
	t.Helper()
	return newShellOn(t, filepath.Join("..", "..", "examples", "nightly"))
}

// newShellOn is newShell for the configuration in a folder.
func newShellOn(t *testing.T, example string) (*sandbox.Sandbox, *shell) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	provider := filepath.Join(root, "bin", "terraform-provider-qlik")
	if _, err := os.Stat(provider); err != nil {
		t.Fatalf("the provider is not built; run `make build` first: %v", err)
	}
	binary, err := terraform.Find(t.Context(), filepath.Join(root, ".cache"), 3*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.Start(t.Context(), sandbox.Config{Apps: sandbox.NightlyApps(10 * time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w, err := workspace.New(t.TempDir(), binary, provider, example, s.Environment())
	if err != nil {
		t.Fatal(err)
	}
	sh := &shell{w, t}
	sh.succeed("init")
	return s, sh
}

// insertFlag puts -no-color behind the command's name, where every command takes it.
func insertFlag(args []string) []string { return slices.Insert(slices.Clone(args), 1, "-no-color") }

// succeed runs terraform and returns what it printed.
func (s *shell) succeed(args ...string) string {
	s.t.Helper()
	var output bytes.Buffer
	if err := s.Terraform(s.t.Context(), &output, insertFlag(args)...); err != nil {
		s.t.Fatalf("%v\n%s", err, &output)
	}
	return output.String()
}

// fail runs terraform, which has to fail with these words.
func (s *shell) fail(words string, args ...string) {
	s.t.Helper()
	var output bytes.Buffer
	err := s.Terraform(s.t.Context(), &output, insertFlag(args)...)
	said := strings.Join(strings.Fields(strings.ReplaceAll(output.String(), "│", " ")), " ")
	if err == nil || !strings.Contains(said, words) {
		s.t.Fatalf("want a failure with %q, got %v\n%s", words, err, &output)
	}
}

// TestUntaint goes on with a failed create from where it stopped, as its error says.
func TestUntaint(t *testing.T) {
	t.Parallel()
	s, terraform := newShell(t)
	s.Cloud.Faults().Add(cloud.Fault{Service: "apigateway", Operation: "CreateStage", Kind: cloud.FaultAccessDenied})
	terraform.fail("run `terraform untaint` on this resource", "apply", "-auto-approve")
	before := strings.Join(s.Objects()["apigateway"], " ")
	s.Cloud.Faults().Clear()
	terraform.succeed("untaint", "qlik_task_chain.nightly")
	if said := terraform.succeed("apply", "-auto-approve"); !strings.Contains(said, "0 added, 1 changed, 0 destroyed") {
		t.Errorf("apply did not go on:\n%s", said)
	}
	for _, object := range strings.Fields(before) {
		if !strings.Contains(strings.Join(s.Objects()["apigateway"], " "), object) {
			t.Errorf("%s was made anew: %v", object, s.Objects())
		}
	}
	terraform.succeed("plan", "-detailed-exitcode")
	terraform.succeed("destroy", "-auto-approve")
	if left := s.Objects(); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestSavedPlanWithOtherCredentials: one job plans, another applies, each with an API key of its own.
func TestSavedPlanWithOtherCredentials(t *testing.T) {
	t.Parallel()
	s, terraform := newShell(t)
	terraform.succeed("plan", "-out", "saved")
	terraform.Set("QLIK_API_KEY", s.Tenant.AddAPIKey())
	terraform.succeed("apply", "saved")
	terraform.succeed("plan", "-detailed-exitcode")
	terraform.succeed("destroy", "-auto-approve")
}
