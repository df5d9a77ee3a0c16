// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	tfjson "github.com/hashicorp/terraform-json"
	tfprovider "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// life is a folder in which the real terraform works on one configuration, with the provider in this process. It is for tests that
// run terraform many times: each run is one process, where terraform-plugin-testing starts a dozen for each step.
type life struct {
	t   *testing.T
	dir string
	env []string
}

// providerSource heads a configuration that a life works on.
const providerSource = "terraform {\n  required_providers {\n    qlik = { source = \"qlik-task-chain/qlik\" }\n  }\n}\n"

// newLife serves the provider for one folder until the test ends.
func newLife(t *testing.T, answer time.Duration, speed float64) *life {
	t.Helper()
	return serve(t, provider.NewImpatient(testedVersion, answer, speed))
}

// serve does the same as newLife, for any provider.
func serve(t *testing.T, tested func() tfprovider.Provider) *life {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	config, closed := make(chan *plugin.ReattachConfig), make(chan struct{})
	server := func() tfprotov6.ProviderServer {
		return providerserver.NewProtocol6(tested())()
	}
	served := make(chan error, 1)
	go func() {
		served <- tf6server.Serve("registry.terraform.io/qlik-task-chain/qlik", server, tf6server.WithDebug(ctx, config, closed),
			tf6server.WithGoPluginLogger(hclog.NewNullLogger()), tf6server.WithLoggingSink(t), tf6server.WithoutLogStderrOverride())
	}()
	l := &life{t: t, dir: t.TempDir()}
	t.Cleanup(func() {
		cancel()
		<-closed
	})
	select {
	case err := <-served:
		t.Fatalf("serving the provider: %v", err)
	case reattach := <-config:
		type address struct{ Network, String string }
		here := map[string]any{
			"Protocol": string(reattach.Protocol), "ProtocolVersion": reattach.ProtocolVersion, "Pid": reattach.Pid, "Test": true,
			"Addr": address{reattach.Addr.Network(), reattach.Addr.String()},
		}
		// Each of terraform and tofu looks for providers in a registry of its own.
		text, err := json.Marshal(map[string]any{"registry.terraform.io/qlik-task-chain/qlik": here,
			"registry.opentofu.org/qlik-task-chain/qlik": here})
		if err != nil {
			t.Fatal(err)
		}
		l.env = append(os.Environ(), "TF_REATTACH_PROVIDERS="+string(text), "TF_IN_AUTOMATION=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
	}
	return l
}

// configure writes the configuration that the next runs work on.
func (l *life) configure(config string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, "main.tf"), []byte(providerSource+config), 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// terraform runs terraform and returns what it prints, in one line as says expects it.
func (l *life) terraform(args ...string) (string, error) {
	var output bytes.Buffer
	err := l.run(&output, args...)
	return strings.Join(strings.Fields(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(output.String())), " "), err
}

func (l *life) run(output io.Writer, args ...string) error {
	command := exec.CommandContext(l.t.Context(), os.Getenv("TF_ACC_TERRAFORM_PATH"), args...)
	command.Dir, command.Env, command.Stdout, command.Stderr = l.dir, l.env, output, output
	if err := command.Run(); err != nil {
		return fmt.Errorf("terraform %s: %w", args[0], err)
	}
	return nil
}

// apply, like destroy, fails with what terraform printed.
func (l *life) apply(args ...string) error {
	return l.must(append([]string{"apply", "-auto-approve", "-no-color", "-input=false"}, args...)...)
}

func (l *life) destroy() error {
	return l.must("destroy", "-auto-approve", "-no-color", "-input=false")
}

func (l *life) must(args ...string) error {
	output, err := l.terraform(args...)
	if err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}

// plan makes a plan and reads it.
func (l *life) plan(args ...string) (*tfjson.Plan, error) {
	if err := l.must(append([]string{"plan", "-no-color", "-input=false", "-out=plan"}, args...)...); err != nil {
		return nil, err
	}
	var text bytes.Buffer
	if err := l.run(&text, "show", "-json", "plan"); err != nil {
		return nil, fmt.Errorf("%w: %s", err, text.String())
	}
	plan := new(tfjson.Plan)
	if err := plan.UnmarshalJSON(text.Bytes()); err != nil {
		return nil, err
	}
	return plan, nil
}

// expectNoChange fails unless a plan has nothing to do.
func (l *life) expectNoChange() error {
	output, err := l.terraform("plan", "-detailed-exitcode", "-no-color", "-input=false")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		return fmt.Errorf("the plan is not empty: %s", output)
	}
	if err != nil {
		return fmt.Errorf("%w: %s", err, output)
	}
	return nil
}
