// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// maxTags is how many tags an object can have in AWS. https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
const maxTags = 50

// tagCheck reports tags that AWS would refuse, or that are the chain's own, before anything is created.
type tagCheck struct {
	diags *diag.Diagnostics
	own   map[string]bool // keys that the chain's configuration has; the others are the provider's
}

// checkTags checks each of the tags. They are the chain's alone, or the chain's and the provider's.
func checkTags(diags *diag.Diagnostics, tags map[string]string, configured types.Map) {
	c := tagCheck{diags: diags, own: map[string]bool{}}
	for key := range configured.Elements() {
		c.own[key] = true
	}
	byLower := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		c.check(key, tags[key])
		lower := strings.ToLower(key)
		if other := byLower[lower]; other != "" {
			c.report(key, "The tags %q and %q differ in upper and lower case only, which IAM refuses. Rename one.", other, key)
		}
		byLower[lower] = key
	}
}

// checkAllTags checks the tags that an object of the chain gets: the chain's and the provider's.
func checkAllTags(diags *diag.Diagnostics, tags map[string]string, configured types.Map) {
	checkTagCount(diags, tags)
	checkTags(diags, tags, configured)
}

// checkTagCount reports that the chain's and the provider's tags together are more than an object can have.
func checkTagCount(diags *diag.Diagnostics, tags map[string]string) {
	if most := maxTags - len(stack.OwnTags); len(tags) > most {
		diags.AddAttributeError(path.Root("tags"), "Too many tags", fmt.Sprintf("There are %d tags, those of the provider's default_tags "+
			"included. Remove %d: AWS allows %d on an object, and %d are the chain's own.",
			len(tags), len(tags)-most, maxTags, len(stack.OwnTags)))
	}
}

// check reports what is wrong with one tag.
func (c *tagCheck) check(key, value string) {
	lower := strings.ToLower(key)
	switch {
	case slices.Contains(stack.OwnTags, lower):
		c.report(key, "The tag %q is the chain's own. Remove it.", key)
		return
	case strings.HasPrefix(lower, "aws:"):
		c.report(key, "The tag %q begins with aws:, which AWS keeps for itself. Rename it.", key)
		return
	}
	if problem := tagKey.problem(fmt.Sprintf("The key of the tag %q", key), key); problem != "" {
		c.report(key, "%s", problem)
	}
	if value == "" {
		c.report(key, "The tag %q has no value, which EventBridge Scheduler refuses. Give it one, or remove the tag.", key)
	} else if strings.HasPrefix(strings.ToLower(value), "aws:") {
		c.report(key, "The value of the tag %q begins with aws:, which AWS keeps for itself. Change it.", key)
	} else if problem := tagValue.problem(fmt.Sprintf("The value of the tag %q", key), value); problem != "" {
		c.report(key, "%s", problem)
	}
}

func (c *tagCheck) report(key, format string, args ...any) {
	detail := fmt.Sprintf(format, args...)
	if c.own[key] {
		c.diags.AddAttributeError(path.Root("tags").AtMapKey(key), "Invalid tag", detail)
		return
	}
	c.diags.AddError("Invalid default tag", detail+
		" It is one of the provider's default_tags, or comes from the environment variable "+envDefaultTagPrefix+key+".")
}

// knownTags returns the tags of a configuration with a known value. A null value becomes an empty one.
func knownTags(tags types.Map) map[string]string {
	known := map[string]string{}
	for key, value := range tags.Elements() {
		if text, isString := value.(types.String); isString && !text.IsUnknown() {
			known[key] = text.ValueString()
		}
	}
	return known
}
