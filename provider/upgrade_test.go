// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

// TestUpgradeState lifts a state that the provider wrote when the schema's version was 0: what was in it stays if the schema still has it,
// what is new or has another type is null.
func TestUpgradeState(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "state", "v0.json"))
	if err != nil {
		t.Fatal(err)
	}
	server := providerserver.NewProtocol6(provider.New("test")())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	upgraded, err := server.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: "qlik_task_chain", Version: 0, RawState: &tfprotov6.RawState{JSON: text},
	})
	if err != nil || len(upgraded.Diagnostics) > 0 {
		t.Fatalf("upgrading: %v %+v", err, upgraded)
	}
	kind := schemas.ResourceSchemas["qlik_task_chain"].ValueType()
	value, err := upgraded.UpgradedState.Unmarshal(kind)
	if err != nil {
		t.Fatal(err)
	}
	var after map[string]tftypes.Value
	if err := value.As(&after); err != nil {
		t.Fatal(err)
	}
	var before map[string]json.RawMessage
	if err := json.Unmarshal(text, &before); err != nil {
		t.Fatal(err)
	}
	object, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("the resource is a %s", kind)
	}
	for name, value := range after {
		old, was := before[name]
		if !was || object.AttributeTypes[name].Is(tftypes.DynamicPseudoType) {
			if !value.IsNull() {
				t.Errorf("%s, which is new or has another type, is %s instead of null", name, value)
			}
			continue
		}
		want, err := tftypes.ValueFromJSON(old, object.AttributeTypes[name]) //nolint:staticcheck // the only reader of JSON that there is
		if err != nil {
			t.Fatal(err)
		}
		if !value.Equal(want) {
			t.Errorf("%s is %s, was %s", name, value, want)
		}
	}
	gone := []string{"definition_sha256", "diagram"} // the schema has them no more
	for name := range before {
		if _, is := after[name]; is == slices.Contains(gone, name) {
			t.Errorf("after the upgrade there is the attribute %s: %t", name, is)
		}
	}
}

// olderCode returns a deployment package that does what the present one does and has another hash.
func olderCode(t *testing.T) (code []byte, hash string) {
	t.Helper()
	current, err := bundle.Load(function.HostArchitecture())
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(current.Zip), int64(len(current.Zip)))
	if err != nil {
		t.Fatal(err)
	}
	var older bytes.Buffer
	writer := zip.NewWriter(&older)
	for _, file := range archive.File {
		if err := writer.Copy(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(writer.SetComment("an earlier release"), writer.Close()); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(older.Bytes())
	return older.Bytes(), base64.StdEncoding.EncodeToString(sum[:])
}

// asVersion0 makes of the state what the provider would have written when the schema's version was 0.
func (l *life) asVersion0(codeSHA256 string) {
	l.t.Helper()
	path := filepath.Join(l.dir, "terraform.tfstate")
	text, err := os.ReadFile(path)
	if err != nil {
		l.t.Fatal(err)
	}
	type instance struct {
		SchemaVersion int            `json:"schema_version"`
		Attributes    map[string]any `json:"attributes"`
	}
	var state struct {
		Version          int            `json:"version"`
		TerraformVersion string         `json:"terraform_version"`
		Serial           int            `json:"serial"`
		Lineage          string         `json:"lineage"`
		Outputs          map[string]any `json:"outputs"`
		Resources        []struct {
			Mode      string     `json:"mode"`
			Type      string     `json:"type"`
			Name      string     `json:"name"`
			Provider  string     `json:"provider"`
			Instances []instance `json:"instances"`
		} `json:"resources"`
	}
	if err := json.Unmarshal(text, &state); err != nil {
		l.t.Fatal(err)
	}
	written, err := os.ReadFile(filepath.Join("testdata", "state", "v0.json"))
	if err != nil {
		l.t.Fatal(err)
	}
	var known map[string]any
	if err := json.Unmarshal(written, &known); err != nil {
		l.t.Fatal(err)
	}
	chain := &state.Resources[0].Instances[0]
	maps.DeleteFunc(chain.Attributes, func(name string, _ any) bool { _, was := known[name]; return !was })
	chain.Attributes["code_sha256"], chain.SchemaVersion = codeSHA256, 0
	if text, err = json.Marshal(state); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		l.t.Fatal(err)
	}
}

// TestAccUpgrade checks that a chain of an earlier release is updated in place. Its state has an earlier form, and its function has other
// code. The plan shows the code, and no event is lost meanwhile.
func TestAccUpgrade(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	l.configure(h.chain(shortChain))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	code, hash := olderCode(t)
	client := lambda.NewFromConfig(h.AWS())
	if _, err := client.UpdateFunctionCode(t.Context(),
		&lambda.UpdateFunctionCodeInput{FunctionName: aws.String(objectName), ZipFile: code}); err != nil {
		t.Fatal(err)
	}
	l.asVersion0(hash)
	plan, err := l.plan()
	if err != nil {
		t.Fatal(err)
	}
	if change := plan.ResourceChanges[0].Change; !change.Actions.Update() ||
		difference(change) != fmt.Sprintf("code_sha256: %v, was %s", attributes(change.After)["code_sha256"], hash) {
		t.Errorf("the plan is to %v: %s", change.Actions, difference(change))
	}
	if err := h.during(func() error { return l.apply() }); err != nil {
		t.Error(err)
	}
	if err := errors.Join(l.expectNoChange(), l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccAnotherContract checks that a function does not act on an environment that another release has written. It reports why, Lambda
// keeps the event, and the chain continues after the apply that repairs it.
func TestAccAnotherContract(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	l.configure(h.chain(shortChain))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	client := lambda.NewFromConfig(h.AWS())
	deployed, err := client.GetFunctionConfiguration(t.Context(), &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(objectName)})
	if err != nil {
		t.Fatal(err)
	}
	environment := deployed.Environment.Variables
	environment["CONTRACT"] = "999"
	if _, err := client.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String(objectName), Environment: &lambdatypes.Environment{Variables: environment},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Tenant.StartReload(sandbox.AppExtract); err != nil {
		t.Fatal(err)
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines, err := h.LogLines(t.Context(), logGroup)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, "was written for version 999 of the contract") }) {
		t.Errorf("the function does not say why it does not start: %s", strings.Join(lines, "\n"))
	}
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	if err := h.RunUntilQuiet(t.Context(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	var reloaded []string
	for _, reload := range h.Tenant.Reloads() {
		reloaded = append(reloaded, reload.AppID)
	}
	if want := []string{sandbox.AppExtract, sandbox.AppTransform}; !slices.Equal(reloaded, want) {
		t.Errorf("these apps were reloaded: %q, want %q", reloaded, want)
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}
