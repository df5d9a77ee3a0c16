// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestFieldsAreTheDefinitions checks that the lists of fields and the Go types of a definition have the same names, and kinds that match.
// Each field is described, and the tests' definition contains each attribute of a step.
func TestFieldsAreTheDefinitions(t *testing.T) {
	t.Parallel()
	goKinds := map[kind]reflect.Type{
		aText: reflect.TypeFor[string](), aDecimal: reflect.TypeFor[float64](), aFlag: reflect.TypeFor[bool](),
	}
	var compare func(path string, fields []field, of reflect.Type)
	compare = func(path string, fields []field, of reflect.Type) {
		inGo := map[string]reflect.Type{}
		for f := range of.Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			inGo[name] = f.Type
		}
		if got, want := names(fields), slices.Sorted(maps.Keys(inGo)); path != "" && !slices.Equal(got, want) {
			t.Errorf("%s has the fields %q, and the type %s %q", path, got, of, want)
		}
		for _, f := range fields {
			at, is := path+f.name, inGo[f.name]
			if is != nil && is.Kind() == reflect.Pointer {
				is = is.Elem()
			}
			if f.doc == "" && path != "" {
				t.Errorf("%s is not described", at)
			}
			fits := is != nil
			switch f.kind {
			case aDuration:
				fits = is == reflect.TypeFor[chain.Duration]() || is == reflect.TypeFor[time.Duration]()
			case aTextSet:
				fits = fits && is.Kind() == reflect.Slice && is.Elem().Kind() == reflect.String
			case aTextMap:
				fits = fits && is.Kind() == reflect.Map && is.Elem().Kind() == reflect.String
			case aDurationMap:
				fits = is == reflect.TypeFor[map[string]chain.Duration]()
			case anObject:
				if texts := reflect.TypeFor[map[string]string](); fits && is.Kind() == reflect.Struct {
					compare(at+".", f.fields, is)
				} else {
					fits = is == texts && !slices.ContainsFunc(f.fields, func(member field) bool { return member.kind != aText })
				}
			case anObjectMap:
				if fits = fits && is.Kind() == reflect.Map; fits {
					compare(at+".", f.fields, is.Elem())
				}
			case aNumber:
				fits = fits && (is.Kind() == reflect.Int || is.Kind() == reflect.Int32)
			default:
				fits = fits && is.Kind() == goKinds[f.kind].Kind()
			}
			if !fits {
				t.Errorf("%s does not fit %v", at, is)
			}
		}
	}
	compare("", chainFields(), reflect.TypeFor[chain.Definition]())
	compare("", settingFields(), reflect.TypeFor[objectSettings]())
	compare("aws.", awsField().fields, reflect.TypeFor[awsArguments]())
	for _, f := range stepFields() {
		tested := false
		for _, step := range everything().Steps {
			tested = tested || !f.isSilent(fieldOf(reflect.ValueOf(step), f.name))
		}
		if !tested {
			t.Errorf("%s is in no step of everything(): add it", f.name)
		}
	}
}

// TestNoTypedObjects checks that no argument of the provider, a resource, a data source, an ephemeral resource, an action or a function is
// a typed object, at any depth. Terraform would drop what is misspelled in it.
func TestNoTypedObjects(t *testing.T) {
	t.Parallel()
	schemas, err := providerserver.NewProtocol6(New("test")())().GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	blocks := map[string]*tfprotov6.SchemaBlock{"the provider": schemas.Provider.Block}
	for _, some := range []map[string]*tfprotov6.Schema{
		schemas.ResourceSchemas, schemas.DataSourceSchemas, schemas.EphemeralResourceSchemas,
	} {
		for name, schema := range some {
			blocks[fmt.Sprintf("%s (%d)", name, len(blocks))] = schema.Block
		}
	}
	for name, schema := range schemas.ActionSchemas {
		blocks[name] = schema.Schema.Block
	}
	for name, block := range blocks {
		for _, attribute := range block.Attributes {
			settable := attribute.Required || attribute.Optional
			if settable && (attribute.NestedType != nil || hasObject(attribute.Type)) {
				t.Errorf("%s of %s is a typed object: make it dynamic, with a list of fields", attribute.Name, name)
			}
		}
	}
	for name, function := range schemas.Functions {
		for _, parameter := range append(function.Parameters, function.VariadicParameter) {
			if parameter != nil && hasObject(parameter.Type) {
				t.Errorf("the parameter %s of the function %s is a typed object: make it dynamic", parameter.Name, name)
			}
		}
	}
}

func hasObject(kind tftypes.Type) bool {
	switch kind := kind.(type) {
	case tftypes.Object:
		return true
	case tftypes.List:
		return hasObject(kind.ElementType)
	case tftypes.Set:
		return hasObject(kind.ElementType)
	case tftypes.Map:
		return hasObject(kind.ElementType)
	default:
		return false
	}
}

// converted are values of each kind in other types, with what Terraform makes of them, as its console says: tonumber("5.0") is 5,
// tonumber("") an error, tobool("1") is true, tobool("True") an error, tostring(0.5) is "0.5".
var converted = []struct {
	attribute string
	value     attr.Value
	want      any // nil: refused
}{
	{"weight", types.StringValue("5"), 5}, {"weight", types.StringValue("5.0"), 5}, {"weight", types.StringValue("5e0"), 5},
	{"weight", types.Int32Value(5), 5}, {"weight", types.StringValue("five"), nil}, {"weight", types.StringValue(""), nil},
	{"weight", types.StringValue(" 5"), nil}, {"weight", types.StringValue("0x5"), nil}, {"weight", types.BoolValue(true), nil},
	{"weight", types.NumberValue(big.NewFloat(5.5)), nil}, {"weight", types.NumberValue(big.NewFloat(1 << 33)), nil},
	{"weight", valueOf([]any{5}), nil}, {"weight", valueOf(map[string]any{}), nil},
	{"partial", types.StringValue("true"), true}, {"partial", types.StringValue("1"), true}, {"partial", types.StringValue("0"), false},
	{"partial", types.StringValue("false"), false}, {"partial", types.StringValue("True"), nil}, {"partial", types.StringValue("yes"), nil},
	{"partial", valueOf(1), nil},
	{"when", valueOf(true), "true"}, {"when", valueOf(12), "12"}, {"when", types.NumberValue(big.NewFloat(0.5)), "0.5"},
	{"when", valueOf([]any{"day == 1"}), nil}, {"when", valueOf(map[string]any{"day": "1"}), nil},
	{"delay", types.StringValue("90m"), chain.Duration(90 * time.Minute)}, {"delay", valueOf(90), nil},
	{"variables", valueOf(map[string]any{"year": 2026, "full": true}), map[string]string{"year": "2026", "full": "true"}},
	{"variables", types.MapValueMust(types.NumberType, map[string]attr.Value{"year": valueOf(2026)}), map[string]string{"year": "2026"}},
	{"variables", valueOf(map[string]any{"list": []any{}}), nil}, {"variables", valueOf([]any{"a"}), nil},
	{"variables", valueOf(map[string]any{"none": nil}), nil},
	{"after", valueOf(map[string]any{"a": "success"}), map[string]chain.Condition{"a": chain.ConditionSuccess}},
}

// TestConversions checks values of other types. Each is converted as Terraform would convert it for an attribute with a type, or is an
// error.
func TestConversions(t *testing.T) {
	t.Parallel()
	for _, test := range converted {
		read, step := &decoder{}, chain.Step{}
		values := map[string]attr.Value{"app": types.StringValue(someApp), test.attribute: test.value}
		read.object(nil, stepFields(), values, reflect.ValueOf(&step).Elem())
		got := fieldOf(reflect.ValueOf(step), test.attribute).Interface()
		switch {
		case test.want == nil && len(read.problems) != 1:
			t.Errorf("%s = %v is read as %v, with the problems %v", test.attribute, test.value, got, read.problems)
		case test.want != nil && (len(read.problems) > 0 || !reflect.DeepEqual(got, test.want)):
			t.Errorf("%s = %v is read as %v instead of %v: %v", test.attribute, test.value, got, test.want, read.problems)
		}
	}
}

// TestSetsInAnyForm checks that a list, a tuple and a set are the same, in any order and with repetitions. null is none.
func TestSetsInAnyForm(t *testing.T) {
	t.Parallel()
	both := []attr.Value{types.StringValue("failed"), types.StringValue("exceeded_limit")}
	for name, value := range map[string]attr.Value{
		"tuple": valueOf([]any{"failed", "exceeded_limit"}), "the other way round": valueOf([]any{"exceeded_limit", "failed", "failed"}),
		"list": types.ListValueMust(types.StringType, both), "set": types.SetValueMust(types.StringType, both),
		"dynamic": types.DynamicValue(valueOf([]any{"failed", "exceeded_limit"})),
	} {
		model := modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"retry": retryOf(map[string]attr.Value{"retry_on": value})})})
		got, read := model.readDefinition()
		if len(read.problems) > 0 || !slices.Equal(got.Steps["a"].Retry.RetryOn, chain.RetryOns()) {
			t.Errorf("%s: %v, %v", name, got.Steps["a"].Retry, read.problems)
		}
		before := model.Steps
		if model.setChain(got.Canonical()); !model.Steps.Equal(before) {
			t.Errorf("%s: the refresh has made %v of %v", name, model.Steps, before)
		}
	}
	for name, value := range map[string]attr.Value{"null": types.DynamicNull(), "a null list": types.ListNull(types.StringType)} {
		model := modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"retry": retryOf(map[string]attr.Value{"retry_on": value})})})
		if got, read := model.readDefinition(); len(read.problems) > 0 || got.Steps["a"].Retry.RetryOn != nil {
			t.Errorf("%s: %v, %v", name, got.Steps["a"].Retry, read.problems)
		}
	}
}

// TestEveryProblemAtOnce checks that misspelled, missing and wrongly typed attributes are reported together. No problem is reported that
// only follows from another.
func TestEveryProblemAtOnce(t *testing.T) {
	t.Parallel()
	steps := map[string]attr.Value{
		"a": valueOf(map[string]any{"ap": someApp, "wait_for": "any", "aftr": map[string]any{"b": "success"}, "timeout": 5}),
		"b": valueOf(map[string]any{"app": someApp, "retry": map[string]any{}, "expect_by": "06:00", "after": map[string]any{"a": nil}}),
		"c": valueOf("an app"), "d": valueOf(nil), "e": types.DynamicUnknown(),
		"f": valueOf(map[string]any{"app": types.StringUnknown(), "whenn": types.StringUnknown()}),
	}
	_, read := modelOf(steps).readDefinition()
	var got []string
	for _, problem := range read.problems {
		got = append(got, problem.Error())
	}
	slices.Sort(got)
	want := []string{
		`steps["a"].ap: There is no attribute "ap". Did you mean "app"?`,
		`steps["a"].aftr: There is no attribute "aftr". Did you mean "after"?`,
		`steps["a"].timeout: There is no attribute "timeout". Did you mean "max_duration"?`,
		`steps["b"].after["a"]: The value is null. Give it a value, or leave the entry out.`,
		`steps["b"].expect_by: This must be an object, such as { time = "06:00" }.`,
		`steps["b"].retry.max_attempts: max_attempts is required, and is missing.`,
		`steps["c"]: This must be an object, such as { app = "…" }.`,
		`steps["d"]: The value is null. Give it a value, or leave the entry out.`,
		`steps["f"].whenn: There is no attribute "whenn". Did you mean "when"?`,
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// mostFiles is how many production files a new attribute of a step may touch.
const mostFiles = 6

// TestContributingNamesTheFiles checks that the guide for contributors names the files that a new attribute of a step touches. These files
// exist and are few. Only they, and the checks of values, mention attributes by name in the provider and the definition.
func TestContributingNamesTheFiles(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(guide), "\n## How to add an attribute to a step\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var files []string
	for line := range strings.Lines(section) {
		if cell, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(cell, "`")
			files = append(files, name)
		}
	}
	if !found || len(files) == 0 || len(files) > mostFiles {
		t.Fatalf("CONTRIBUTING.md names %d files for an attribute of a step, at most %d are allowed: %q", len(files), mostFiles, files)
	}
	for _, name := range files {
		if _, err := os.Stat("../" + name); err != nil {
			t.Errorf("CONTRIBUTING.md: %v", err)
		}
	}
	named := regexp.MustCompile(`"(carry_over|delay|max_starts_per_hour|partial|wait_for|weight)[",]`)
	for _, root := range []string{"../provider", "../internal/chain"} {
		err := filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
			name, inCheck := strings.TrimPrefix(path, "../"), strings.HasPrefix(entry.Name(), "validate_")
			if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") || inCheck || slices.Contains(files, name) {
				return err
			}
			text, err := os.ReadFile(path)
			if found := named.Find(text); found != nil {
				t.Errorf("%s knows the attribute %s of a step by its name: make it follow from the list of fields", name, found)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}
