// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// secretsConfig gives the function credentials of its own, and reads the API key, both without a trace.
func secretsConfig(version, rotation string) string {
	return providerSource + `
provider "qlik" {}

variable "function_key" {
  type      = string
  ephemeral = true
}

ephemeral "qlik_task_chain_key" "test" {
  api_key_id = qlik_task_chain.test.api_key_id
}
` + chainResource(nightlySteps, "credentials_wo = { api_key = var.function_key }", "credentials_wo_version = "+version,
		fmt.Sprintf("api_key_rotation = %q", rotation), fmt.Sprintf("signing_secret_rotation = %q", rotation))
}

// TestAccSecretsLeaveNoTrace looks for every secret in the plan file, the state files and the logs. The logs are Terraform's and the
// provider's at TRACE, and the function's. It covers the life of a chain with write-only credentials, rotations and failures.
func TestAccSecretsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	binary, err := filepath.Abs(filepath.Join("..", "bin", "terraform-provider-qlik"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o750); err != nil {
		t.Fatal(err)
	}
	w, err := workspace.New(dir, os.Getenv("TF_ACC_TERRAFORM_PATH"), binary, empty, h.Environment())
	if err != nil {
		t.Fatal(err)
	}
	w.Set("TF_LOG", "TRACE")
	w.Set("TF_LOG_PATH", filepath.Join(w.Dir, "trace.log"))
	secrets := map[string]string{"provider's tenant key": h.Tenant.APIKey(), "AWS secret key": secretKey}
	note := func() {
		keys, signing, err := h.secrets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			secrets[fmt.Sprintf("API key number %d", len(secrets))] = key
		}
		secrets[fmt.Sprintf("signing secret number %d", len(secrets))] = signing
	}
	run := func(version, rotation, functionKey string, args ...string) error {
		secrets["function's tenant key of version "+version] = functionKey
		w.Set("TF_VAR_function_key", functionKey)
		if err := os.WriteFile(filepath.Join(w.Dir, "main.tf"), []byte(secretsConfig(version, rotation)), 0o600); err != nil {
			return err
		}
		output, err := os.OpenFile(filepath.Join(w.Dir, "output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		return errors.Join(w.Terraform(t.Context(), output, args...), output.Close())
	}
	apply := func(version, rotation, functionKey string) {
		t.Helper()
		if err := errors.Join(run(version, rotation, functionKey, "plan", "-no-color", "-out=plan-"+version+rotation),
			run(version, rotation, functionKey, "apply", "-no-color", "plan-"+version+rotation)); err != nil {
			text, _ := os.ReadFile(filepath.Join(w.Dir, "output"))
			t.Fatalf("%v: %s", err, text)
		}
		note()
		if err := h.expectCredentials(t.Context(), functionKey); err != nil {
			t.Error(err)
		}
		if err := h.runs(t.Context()); err != nil {
			t.Error(err)
		}
	}
	first, second, third := h.Tenant.AddAPIKey(), h.Tenant.AddAPIKey(), h.Tenant.AddAPIKey()
	if err := run("1", "a", first, "init", "-no-color"); err != nil {
		t.Fatal(err)
	}
	h.Cloud.Faults().Add(cloud.Fault{Service: "lambda", Operation: "CreateFunction", Kind: cloud.FaultAccessDenied, Times: 1})
	if err := run("1", "a", first, "apply", "-no-color", "-auto-approve"); err == nil {
		t.Error("the failing create did not fail")
	}
	if err := run("1", "a", first, "untaint", "-no-color", "qlik_task_chain.test"); err != nil {
		t.Fatal(err)
	}
	apply("1", "a", first)
	apply("2", "a", second) // other credentials
	apply("2", "b", second) // other key and secret
	if err := run("2", "b", third, "apply", "-no-color", "-auto-approve"); err != nil {
		t.Fatal(err)
	}
	if err := h.expectCredentials(t.Context(), second); err != nil { // the version is what counts
		t.Error(err)
	}
	lines, err := h.LogLines(t.Context(), logGroup)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.Dir, "cloudwatch.log"), []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run("2", "b", second, "destroy", "-no-color", "-auto-approve"); err != nil {
		t.Error(err)
	}
	files, err := searchSecrets(w.Dir, secrets)
	if err != nil {
		t.Error(err)
	}
	for _, wanted := range []string{"plan-1a", "trace.log", "terraform.tfstate", "terraform.tfstate.backup", "cloudwatch.log", "output"} {
		if !slices.Contains(files, wanted) {
			t.Errorf("%s was not searched: %q", wanted, files)
		}
	}
	t.Logf("secrets: %d looked for in %d files, none found", len(secrets), len(files))
}

// expectCredentials checks which key of the tenant the function has.
func (h *harness) expectCredentials(ctx context.Context, want string) error {
	out, err := ssm.NewFromConfig(h.AWS()).GetParameter(ctx, &ssm.GetParameterInput{
		Name: aws.String("/qlik-task-chain/nightly/credentials"), WithDecryption: aws.Bool(true),
	})
	if err != nil {
		return err
	}
	if got := aws.ToString(out.Parameter.Value); got != fmt.Sprintf(`{"api_key":%q}`, want) {
		return errors.New("the function has other credentials than it was given")
	}
	return nil
}

// searchSecrets looks for secrets in all files below a folder, also inside of plan files, which are zips. It returns which files it has
// searched.
func searchSecrets(dir string, secrets map[string]string) (searched []string, err error) {
	search := func(name string, content []byte) {
		for what, secret := range secrets {
			if len(secret) < 16 {
				err = errors.Join(err, fmt.Errorf("the %s is too short to be looked for", what))
			}
			if strings.Contains(string(content), secret) {
				err = errors.Join(err, fmt.Errorf("the %s is in %s", what, name))
			}
		}
	}
	walked := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, walking error) error {
		if walking != nil || entry.IsDir() || strings.Contains(path, ".terraform"+string(filepath.Separator)) {
			return walking
		}
		content, reading := os.ReadFile(path)
		if reading != nil {
			return reading
		}
		search(entry.Name(), content)
		searched = append(searched, entry.Name())
		archive, notZip := zip.OpenReader(path)
		if notZip != nil {
			return nil
		}
		defer func() { _ = archive.Close() }()
		for _, file := range archive.File {
			reader, opening := file.Open()
			if opening != nil {
				return opening
			}
			content, reading := io.ReadAll(reader)
			search(entry.Name()+" ("+file.Name+")", content)
			if reading != nil {
				return reading
			}
		}
		return nil
	})
	return searched, errors.Join(err, walked)
}
