// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"fmt"
	"strings"
)

// Action is what a plan does with a chain.
type Action string

// The actions.
const (
	ActionCreate  Action = "create"
	ActionUpdate  Action = "update"
	ActionReplace Action = "replace"
	ActionDestroy Action = "destroy"
	ActionForget  Action = "forget"
)

var actionWords = map[Action]string{
	ActionCreate: "is created", ActionUpdate: "is changed", ActionReplace: "is replaced: the record of its runs is lost",
	ActionDestroy: "is destroyed", ActionForget: "is forgotten by Terraform, and stays deployed",
}

// Planned is one chain that a plan changes.
type Planned struct {
	Address  string   `json:"address"` // of the resource
	Action   Action   `json:"action"`
	Settings []string `json:"settings"` // what changes beside the definition: sentences
	Change
}

// Text describes chains for a terminal.
func Text(chains []Planned) string {
	var b strings.Builder
	for i, c := range chains {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s %s.\n", c.Address, actionWords[c.Action])
		for _, sentence := range c.sentences() {
			fmt.Fprintf(&b, "  - %s\n", sentence)
		}
	}
	if len(chains) == 0 {
		return "The plan changes no task chain.\n"
	}
	return b.String()
}

// Marker begins the Markdown, so that a workflow finds its comment again.
const Marker = "<!-- qlik-chain explain -->"

// Markdown describes chains for a pull request. It is empty if the plan changes none.
func Markdown(chains []Planned) string {
	if len(chains) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(Marker + "\n")
	for _, c := range chains {
		fmt.Fprintf(&b, "### %s %s\n\n", code(c.Address), actionWords[c.Action])
		for _, sentence := range c.sentences() {
			fmt.Fprintf(&b, "- %s\n", escaped(sentence))
		}
		if c.Mermaid != "" {
			fmt.Fprintf(&b, "\n```mermaid\n%s```\n", c.Mermaid)
		}
		if c.Note != "" {
			fmt.Fprintf(&b, "\n%s\n", c.Note)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (c *Planned) sentences() []string {
	all := append(append([]string{}, c.Steps...), c.Settings...)
	for _, sentence := range c.Runs {
		all = append(all, "For runs: "+sentence)
	}
	if len(all) == 0 {
		return []string{"Nothing changes in its steps and settings."}
	}
	return all
}

func code(text string) string { return "`" + strings.ReplaceAll(text, "`", "'") + "`" }

// escaped escapes what Markdown and HTML would read in a name. Text between backquotes stays.
func escaped(sentence string) string {
	parts := strings.Split(sentence, "`")
	for i := range parts {
		if i%2 == 0 {
			parts[i] = strings.NewReplacer("\\", "\\\\", "<", "&lt;", "*", "\\*", "_", "\\_", "[", "\\[", "#", "\\#", "@", "@\u200b",
				"|", "\\|", "\n", " ").Replace(parts[i])
		}
	}
	return strings.Join(parts, "`")
}
