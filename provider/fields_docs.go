// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// nestedMark is the place for the nested attributes in a page.
const nestedMark = "<!-- nested attributes -->"

// writeOnlyMark marks a write-only attribute as tfplugindocs does.
const writeOnlyMark = ", [Write-only](https://developer.hashicorp.com/terraform/language/resources/ephemeral#write-only-arguments)"

// CompletePages writes the lists of fields into the generated pages of the provider and the resource, in tfplugindocs's form for nested
// attributes. The schema that tfplugindocs reads does not describe the content of a dynamic attribute.
func CompletePages(docs string) error {
	for name, fields := range map[string][]field{
		"index.md":                {awsField()},
		"resources/task_chain.md": resourceFields(),
	} {
		path := filepath.Join(docs, name)
		page, err := os.ReadFile(path) //nolint:gosec // the page that was just generated
		if err != nil {
			return err
		}
		complete, err := completePage(string(page), fields)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := os.WriteFile(path, []byte(complete), 0o644); err != nil { //nolint:gosec // a page for everyone
			return err
		}
	}
	return nil
}

func completePage(page string, fields []field) (string, error) {
	var sections strings.Builder
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	for _, f := range fields {
		if len(f.fields) == 0 {
			continue
		}
		line := "- `" + f.name + "` (Dynamic" + f.mark() + ") " + f.describe()
		if !strings.Contains(page, line) {
			return "", fmt.Errorf("the page has no line %q", line)
		}
		page = strings.Replace(page, line, f.line(f.name), 1)
		f.section(&sections, f.name)
	}
	if !strings.Contains(page, nestedMark) {
		return "", fmt.Errorf("the page has no line %q", nestedMark)
	}
	return strings.Replace(page, nestedMark, strings.TrimSpace(sections.String()), 1), nil
}

func (f *field) mark() string {
	if f.writeOnly {
		return writeOnlyMark
	}
	return ""
}

// line describes the attribute in a list of attributes.
func (f *field) line(path string) string {
	line := fmt.Sprintf("- `%s` (%s%s) %s", f.name, kindWords[f.kind].doc, f.mark(), f.doc)
	if len(f.fields) > 0 {
		line += fmt.Sprintf(" (see [below for nested schema](#%s))", anchor(path))
	}
	return line
}

func anchor(path string) string { return "nestedatt--" + strings.ReplaceAll(path, ".", "--") }

// section describes the members of an object, and those of the objects in it.
func (f *field) section(b *strings.Builder, path string) {
	fmt.Fprintf(b, "<a id=%q></a>\n### Nested Schema for `%s`\n", anchor(path), path)
	members := slices.SortedFunc(slices.Values(f.fields), func(a, b field) int { return strings.Compare(a.name, b.name) })
	for _, group := range []struct {
		title    string
		required bool
	}{{"Required", true}, {"Optional", false}} {
		var lines []string
		for _, member := range members {
			if member.required == group.required {
				lines = append(lines, member.line(path+"."+member.name))
			}
		}
		if len(lines) > 0 {
			fmt.Fprintf(b, "\n%s:\n\n%s\n", group.title, strings.Join(lines, "\n"))
		}
	}
	b.WriteString("\n")
	for _, member := range members {
		if len(member.fields) > 0 {
			member.section(b, path+"."+member.name)
		}
	}
}
