// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// HCL writes the chain as a qlik_task_chain, after the look-ups that it needs. What could not be carried over stands in comments. source
// says what was read.
func (c *Chain) HCL(source string) []byte {
	var b strings.Builder
	comment(&b, "", "Made from "+source+". Read it before it is applied.")
	for _, n := range c.Notes {
		if _, there := c.Definition.Apps[n.Step]; !there {
			comment(&b, "", n.String())
		}
	}
	b.WriteString("\n")
	for _, key := range slices.Sorted(maps.Keys(c.LookedUp)) {
		fmt.Fprintf(&b, "data \"qlik_app\" %q {\nname = %s\n}\n\n", key, text(c.Names[key]))
	}
	fmt.Fprintf(&b, "resource \"qlik_task_chain\" %q {\nname = %s\n", strings.ReplaceAll(c.Definition.Name, "-", "_"), text(c.Definition.Name))
	if c.Definition.MaxDepth != 0 {
		fmt.Fprintf(&b, "max_depth = %d\n", c.Definition.MaxDepth)
	}
	b.WriteString("\napps = {\n")
	for i, key := range slices.Sorted(maps.Keys(c.Definition.Apps)) {
		if i > 0 {
			b.WriteString("\n")
		}
		if c.Names[key] != key {
			comment(&b, "", c.Names[key])
		}
		for _, n := range c.Notes {
			if n.Step == key {
				comment(&b, "Note: ", n.Text)
			}
		}
		c.step(&b, key)
	}
	b.WriteString("}\n}\n")
	return hclwrite.Format([]byte(b.String()))
}

// step writes one entry of apps.
func (c *Chain) step(b *strings.Builder, key string) {
	s := c.Definition.Apps[key]
	id := text(s.ID)
	if c.LookedUp[key] {
		id = "data.qlik_app." + key + ".id"
	}
	fmt.Fprintf(b, "%s = {\nid = %s\n", key, id)
	if len(s.After) > 0 {
		var links []string
		for _, upstream := range s.Upstreams() {
			links = append(links, fmt.Sprintf("%s = %s", upstream, text(string(s.After[upstream]))))
		}
		fmt.Fprintf(b, "after = { %s }\n", strings.Join(links, ", "))
	}
	if s.Schedule != nil { // of the readers' schedules, all are cron expressions with a time zone
		fmt.Fprintf(b, "schedule = { cron = %s, timezone = %s }\n", text(s.Schedule.Cron), text(s.Schedule.Timezone))
	}
	if s.WaitFor != "" {
		fmt.Fprintf(b, "wait_for = %s\n", text(string(s.WaitFor)))
	}
	if s.Window != 0 {
		fmt.Fprintf(b, "window = %s\n", text(chain.FormatDuration(s.Window)))
	}
	if s.Retry != nil {
		fmt.Fprintf(b, "retry = { max_attempts = %d }\n", s.Retry.MaxAttempts)
	}
	if !s.Enabled {
		b.WriteString("enabled = false\n")
	}
	if s.Partial {
		b.WriteString("partial = true\n")
	}
	b.WriteString("}\n")
}

// text writes a text as HCL does.
func text(s string) string { return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes()) }

// comment writes one line, whatever is in the text.
func comment(b *strings.Builder, before, text string) {
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085' }), " ")
	b.WriteString("# " + before + strings.ToValidUTF8(line, "?") + "\n")
}
