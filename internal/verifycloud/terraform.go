// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

//go:embed chain/main.tf
var configuration embed.FS

const resourceAddress = "qlik_task_chain.verify"

// variables are the configuration's.
type variables struct {
	Name         string            `json:"name"`
	Architecture string            `json:"architecture"`
	WebhookLevel string            `json:"webhook_level"`
	Apps         map[string]string `json:"apps"`
	Paused       bool              `json:"paused"`
	Rotation     string            `json:"rotation"`
}

// outputs are the configuration's.
type outputs struct {
	InvokeURL string `json:"invoke_url"`
	APIKeyID  string `json:"api_key_id"`
	WebhookID string `json:"webhook_id"`
}

// rootModule is a folder in which terraform works on the configuration.
type rootModule struct {
	*workspace.Workspace
	log io.Writer
}

// newRoot makes such a folder below dir, with `terraform init` done.
func (l *life) newRoot(ctx context.Context, dir string) (*rootModule, error) {
	if err := os.CopyFS(filepath.Join(dir, "source"), configuration); err != nil {
		return nil, err
	}
	provider := filepath.Join(l.options.Root, "bin", "terraform-provider-qlik")
	w, err := workspace.New(dir, l.options.Terraform, provider, filepath.Join(dir, "source", "chain"), l.place.environment)
	if err != nil {
		return nil, err
	}
	w.Set("QLIK_TASK_CHAIN_RECORD", l.recordFile)
	if l.place.local() {
		w.Set("QLIK_TASK_CHAIN_HURRY", "1")
	}
	r := &rootModule{w, l.log}
	if err := l.writeVariables(r); err != nil {
		return nil, err
	}
	return r, r.run(ctx, "init", "-input=false")
}

// writeVariables writes the life's variables as they are now.
func (l *life) writeVariables(r *rootModule) error {
	content, err := json.Marshal(l.variables)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.Dir, "terraform.tfvars.json"), content, 0o600)
}

// terraformError is a run of terraform that failed, with its errors.
type terraformError struct {
	err  error
	said string
}

// Error returns the failure with terraform's errors.
func (e *terraformError) Error() string { return e.err.Error() + ": " + e.said }

// Unwrap returns the failure without terraform's errors.
func (e *terraformError) Unwrap() error { return e.err }

// run runs terraform.
func (r *rootModule) run(ctx context.Context, args ...string) error {
	_, err := r.output(ctx, args...)
	return err
}

func (r *rootModule) output(ctx context.Context, args ...string) ([]byte, error) {
	var output bytes.Buffer
	fmt.Fprintf(r.log, "\n$ terraform %s\n", strings.Join(args, " "))
	err := r.Terraform(ctx, io.MultiWriter(&output, r.log), append(args, "-no-color")...)
	if err != nil {
		return output.Bytes(), &terraformError{err, errorsOf(output.String())}
	}
	return output.Bytes(), nil
}

// errorsOf returns the errors in terraform's output, in one line.
func errorsOf(output string) string {
	plain := strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(output)
	if place := strings.Index(plain, "Error:"); place >= 0 {
		plain = plain[place:]
	}
	return strings.Join(strings.Fields(plain), " ")
}

func (r *rootModule) apply(ctx context.Context) error {
	return r.run(ctx, "apply", "-input=false", "-auto-approve")
}

func (r *rootModule) destroy(ctx context.Context) error {
	return r.run(ctx, "destroy", "-input=false", "-auto-approve", "-lock-timeout=20m")
}

// plan makes a plan. It returns nil if there is nothing to do.
func (r *rootModule) plan(ctx context.Context) (*tfjson.Plan, error) {
	err := r.run(ctx, "plan", "-input=false", "-detailed-exitcode", "-out=plan")
	if err == nil {
		return nil, nil
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 2 {
		return nil, err
	}
	text, err := r.output(ctx, "show", "-json", "plan")
	if err != nil {
		return nil, err
	}
	plan := new(tfjson.Plan)
	return plan, plan.UnmarshalJSON(text)
}

// expectNoChange fails unless a plan has nothing to do.
func (r *rootModule) expectNoChange(ctx context.Context) error {
	plan, err := r.plan(ctx)
	if err != nil {
		return err
	}
	if plan != nil {
		return fmt.Errorf("the plan is not empty: it changes %s", strings.Join(changed(plan), ", "))
	}
	return nil
}

// changed returns the attributes that a plan changes, and the settings that have drifted.
func changed(plan *tfjson.Plan) []string {
	var all []string
	for _, change := range plan.ResourceChanges {
		before, _ := change.Change.Before.(map[string]any)
		after, _ := change.Change.After.(map[string]any)
		for name, value := range before {
			settings, many := value.(map[string]any)
			switch {
			case fmt.Sprint(value) == fmt.Sprint(after[name]):
			case many && name == "drift":
				all = append(all, "drift of "+strings.Join(slices.Sorted(maps.Keys(settings)), " and "))
			default:
				all = append(all, name)
			}
		}
	}
	return all
}

// before returns the chain as a plan found it.
func before(plan *tfjson.Plan) map[string]any {
	if plan == nil {
		return nil
	}
	for _, change := range plan.ResourceChanges {
		if change.Address == resourceAddress {
			found, _ := change.Change.Before.(map[string]any)
			return found
		}
	}
	return nil
}

// outputs reads the configuration's output.
func (r *rootModule) outputs(ctx context.Context) (outputs, error) {
	var o outputs
	text, err := r.output(ctx, "output", "-json", "chain")
	if err != nil {
		return o, err
	}
	return o, json.Unmarshal(text, &o)
}
