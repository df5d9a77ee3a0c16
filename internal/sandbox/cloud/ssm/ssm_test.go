// SPDX-License-Identifier: MPL-2.0

package ssm_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func start(t *testing.T) (*cloud.Cloud, *ssm.Client) {
	t.Helper()
	c := cloudtest.Start(t, cloud.Config{})
	return c, ssm.NewFromConfig(cloudtest.UserConfig(c))
}

// put puts a String with the given changes.
func put(t *testing.T, client *ssm.Client, name, value string, change ...func(*ssm.PutParameterInput)) (*ssm.PutParameterOutput, error) {
	t.Helper()
	input := &ssm.PutParameterInput{Name: aws.String(name), Value: aws.String(value), Type: types.ParameterTypeString}
	for _, c := range change {
		c(input)
	}
	return client.PutParameter(t.Context(), input)
}

func mustPut(t *testing.T, client *ssm.Client, name, value string, change ...func(*ssm.PutParameterInput)) {
	t.Helper()
	if _, err := put(t, client, name, value, change...); err != nil {
		t.Fatal(err)
	}
}

func overwrite(in *ssm.PutParameterInput) { in.Overwrite = aws.Bool(true) }
func secure(in *ssm.PutParameterInput)    { in.Type = types.ParameterTypeSecureString }

func TestVersions(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	ctx := t.Context()
	const name = "/qlik-task-chain/nightly/definition"
	first, err := put(t, client, name, "one", func(in *ssm.PutParameterInput) { in.Description = aws.String("the chain") })
	if err != nil || first.Version != 1 || first.Tier != types.ParameterTierStandard {
		t.Fatalf("the first put: %+v, %v", first, err)
	}
	_, err = put(t, client, name, "two")
	cloudtest.WantError(t, err, 400, "ParameterAlreadyExists", "set the overwrite option in the request to true")
	second, err := put(t, client, name, "two", overwrite, func(in *ssm.PutParameterInput) { in.Type = "" })
	if err != nil || second.Version != 2 {
		t.Fatalf("the second put: %+v, %v", second, err)
	}
	got, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name)})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.Parameter; *p.Value != "two" || *p.Name != name || *p.ARN != "arn:aws:ssm:eu-central-1:123456789012:parameter"+name ||
		p.LastModifiedDate.IsZero() {
		t.Errorf("got %+v", p)
	}
	_, err = client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name + ":1")})
	cloudtest.WantError(t, err, 400, "ValidationException", "the latest version of a parameter alone")
}

func TestSecureString(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	const secret = "signing-secret"
	mustPut(t, client, "/secret", secret, secure)
	for _, decrypt := range []bool{true, false} {
		one, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/secret"), WithDecryption: aws.Bool(decrypt)})
		if err != nil {
			t.Fatal(err)
		}
		many, err := client.GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{"/secret"}, WithDecryption: aws.Bool(decrypt)})
		if err != nil {
			t.Fatal(err)
		}
		path, err := client.GetParametersByPath(t.Context(),
			&ssm.GetParametersByPathInput{Path: aws.String("/"), WithDecryption: aws.Bool(decrypt)})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []types.Parameter{*one.Parameter, many.Parameters[0], path.Parameters[0]} {
			if (*p.Value == secret) != decrypt || len(*p.Value) < len(secret) || p.Type != types.ParameterTypeSecureString {
				t.Errorf("decrypted %v: %s %q", decrypt, p.Type, *p.Value)
			}
		}
	}
	key := func() string {
		described, err := client.DescribeParameters(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return *described.Parameters[0].KeyId
	}
	if got := key(); got != "alias/aws/ssm" {
		t.Errorf("the key is %s", got)
	}
	again := func(in *ssm.PutParameterInput) { secure(in); in.Overwrite = aws.Bool(true) }
	mustPut(t, client, "/secret", secret, func(in *ssm.PutParameterInput) { again(in); in.KeyId = aws.String("alias/mine") })
	if got := key(); got != "alias/mine" {
		t.Errorf("the key is %s after it was set", got)
	}
	mustPut(t, client, "/secret", secret, again)
	if got := key(); got != "alias/aws/ssm" {
		t.Errorf("the key is %s after a value without one", got)
	}
}

func TestGetMany(t *testing.T) {
	t.Parallel()
	c, client := start(t)
	ctx := t.Context()
	for i := range 12 {
		mustPut(t, client, fmt.Sprintf("/chain/%02d", i), "v")
	}
	mustPut(t, client, "/chain/deep/er", "v")
	mustPut(t, client, "/chains", "v")
	got, err := client.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/chain/01", "/none"}})
	if err != nil || len(got.Parameters) != 1 || !slices.Equal(got.InvalidParameters, []string{"/none"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	_, err = client.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/chain/01:1"}})
	cloudtest.WantError(t, err, 400, "ValidationException", "the latest version of a parameter alone")
	for recursive, want := range map[bool]int{false: 12, true: 13} {
		pages := ssm.NewGetParametersByPathPaginator(client,
			&ssm.GetParametersByPathInput{Path: aws.String("/chain"), Recursive: aws.Bool(recursive)})
		count := 0
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				t.Fatal(err)
			}
			count += len(page.Parameters)
		}
		if count != want {
			t.Errorf("%d parameters under /chain (recursive %v), want %d", count, recursive, want)
		}
	}
	if _, err := client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String("/chain/00")}); err != nil {
		t.Error(err)
	}
	_, err = client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String("/chain/00")})
	cloudtest.WantError(t, err, 400, "ParameterNotFound", "")
	_, err = client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("/chain/00")})
	var missing *types.ParameterNotFound
	if !errors.As(err, &missing) {
		t.Errorf("the SDK does not know the error %v", err)
	}
	if n := len(c.Objects()["ssm"]); n != 13 {
		t.Errorf("%d objects are left, want 13", n)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	for _, name := range []string{"/a/1", "/a/2", "/a/b/3", "/c"} {
		mustPut(t, client, name, "v", func(in *ssm.PutParameterInput) {
			in.Tags = []types.Tag{{Key: aws.String("chain"), Value: aws.String(name[1:2])}}
			if name == "/c" {
				in.Type = types.ParameterTypeSecureString
			}
		})
	}
	tests := map[string]struct {
		key, option string
		values      []string
		want        []string
	}{
		"name": {"Name", "BeginsWith", []string{"/a/", "/x"}, []string{"/a/1", "/a/2", "/a/b/3"}},
		"type": {"Type", "Equals", []string{"SecureString"}, []string{"/c"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			filter := types.ParameterStringFilter{Key: aws.String(tt.key), Option: aws.String(tt.option), Values: tt.values}
			got, err := client.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{filter}})
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range got.Parameters {
				names = append(names, *p.Name)
			}
			if !slices.Equal(names, tt.want) {
				t.Errorf("got %v, want %v", names, tt.want)
			}
		})
	}
	filter := func(key, option string) error {
		_, err := client.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{
			{Key: aws.String(key), Option: aws.String(option), Values: []string{"x"}},
		}})
		return err
	}
	cloudtest.WantError(t, filter("Label", "Equals"), 400, "InvalidFilterKey", "") // an error without a message in the API
	cloudtest.WantError(t, filter("Name", "Contains"), 400, "InvalidFilterOption", "Contains")
}

func TestTags(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	ctx := t.Context()
	mustPut(t, client, "/a", "v", func(in *ssm.PutParameterInput) {
		in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}
	})
	id, kind := aws.String("/a"), types.ResourceTypeForTaggingParameter
	if _, err := client.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{ResourceId: id, ResourceType: kind,
		Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("3")}}}); err != nil {
		t.Error(err)
	}
	if _, err := client.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{ResourceId: id, ResourceType: kind,
		TagKeys: []string{"b"}}); err != nil {
		t.Error(err)
	}
	got, err := client.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceId: id, ResourceType: kind})
	if err != nil || len(got.TagList) != 1 || *got.TagList[0].Value != "3" {
		t.Errorf("tags %+v, %v", got, err)
	}
	_, err = client.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceId: aws.String("/none"), ResourceType: kind})
	cloudtest.WantError(t, err, 400, "InvalidResourceId", "")
	_, err = client.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{ResourceId: id, ResourceType: types.ResourceTypeForTaggingDocument})
	cloudtest.WantError(t, err, 400, "InvalidResourceType", "")
}

// TestPutRefusals lists what PutParameter does not take.
func TestPutRefusals(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	none := func(*ssm.PutParameterInput) {}
	tests := map[string]struct {
		name, value   string
		change        func(*ssm.PutParameterInput)
		code, message string
	}{
		"too long": {"/a", strings.Repeat("x", 4097), none, "ValidationException",
			"Standard tier parameters support a maximum parameter value of 4096 characters."},
		"too long in bytes": {"/a", strings.Repeat("ü", 2049), none, "ValidationException", "4096"},
		"nested":            {"/a", `{"a": "{{ssm:other}}"}`, none, "ValidationException", "can't nest another parameter"},
		"nested, compact":   {"/a", "x{{}}", none, "ValidationException", "can't nest another parameter"},
		"tags on overwrite": {"/a", "v", func(in *ssm.PutParameterInput) {
			overwrite(in)
			in.Tags = []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}}
		}, "ValidationException", "tags and overwrite can't be used together"},
		"no type":    {"/a", "v", func(in *ssm.PutParameterInput) { in.Type = "" }, "ValidationException", "A parameter type is required"},
		"type":       {"/a", "v", func(in *ssm.PutParameterInput) { in.Type = "Text" }, "ValidationException", "enum value set"},
		"relative":   {"a/b", "v", none, "ValidationException", "fully qualified"},
		"characters": {"/a b", "v", none, "ValidationException", "letters, numbers and the following 3 symbols .-_"},
		"empty part": {"/a//b", "v", none, "ValidationException", "sub-path"},
		"ssm":        {"/SSMx", "v", none, "ValidationException", `can't be prefixed with "ssm"`},
		"aws":        {"/aws/x", "v", none, "AccessDeniedException", "No access to reserved parameter name: /aws/x."},
		"too deep":   {strings.Repeat("/a", 16), "v", none, "HierarchyLevelLimitExceededException", "15 levels"},
		"key":        {"/a", "v", func(in *ssm.PutParameterInput) { secure(in); in.KeyId = aws.String("mine") }, "InvalidKeyId", "mine"},
		"key of a String": {"/a", "v", func(in *ssm.PutParameterInput) { in.KeyId = aws.String("alias/aws/ssm") }, "ValidationException",
			"SecureString"},
		"not supported": {"/a", "v", func(in *ssm.PutParameterInput) { in.AllowedPattern = aws.String(".*") }, "ValidationException",
			`does not support the field "AllowedPattern"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := put(t, client, tt.name, tt.value, tt.change)
			cloudtest.WantError(t, err, 400, tt.code, tt.message)
		})
	}
}

func TestTiers(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	if _, err := put(t, client, "/full", strings.Repeat("x", 4096)); err != nil {
		t.Error(err)
	}
	advanced := func(in *ssm.PutParameterInput) { in.Tier = types.ParameterTierAdvanced }
	got, err := put(t, client, "/large", strings.Repeat("x", 8192), advanced)
	if err != nil || got.Tier != types.ParameterTierAdvanced {
		t.Errorf("8192 bytes: %+v, %v", got, err)
	}
	if got, err = put(t, client, "/large", "small", overwrite); err != nil || got.Tier != types.ParameterTierAdvanced {
		t.Errorf("a parameter left the advanced tier: %+v, %v", got, err)
	}
	_, err = put(t, client, "/larger", strings.Repeat("x", 8193), advanced)
	cloudtest.WantError(t, err, 400, "ValidationException", "8192")
	auto := func(in *ssm.PutParameterInput) { in.Tier = types.ParameterTierIntelligentTiering }
	if got, err = put(t, client, "/auto", "small", auto); err != nil || got.Tier != types.ParameterTierStandard {
		t.Errorf("a small value with intelligent tiering: %+v, %v", got, err)
	}
}

func TestTooManyNames(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	names := make([]string, 11)
	for i := range names {
		names[i] = fmt.Sprint("/", i)
	}
	_, err := client.GetParameters(t.Context(), &ssm.GetParametersInput{Names: names})
	cloudtest.WantError(t, err, 400, "ValidationException", "less than or equal to 10")
	_, err = client.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("/"), MaxResults: aws.Int32(11)})
	cloudtest.WantError(t, err, 400, "ValidationException", "maxResults")
	_, err = client.GetParametersByPath(t.Context(), &ssm.GetParametersByPathInput{Path: aws.String("x")})
	cloudtest.WantError(t, err, 400, "ValidationException", "forward slash")
	_, err = client.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{NextToken: aws.String("?")})
	cloudtest.WantError(t, err, 400, "InvalidNextToken", "")
	_, err = client.ListDocuments(t.Context(), nil)
	cloudtest.WantError(t, err, 400, "UnknownOperationException", "ListDocuments")
}
