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

// HCL writes the chain as a qlik_task_chain, after the look-ups that it needs, with the notes as comments. source names the input.
func (c *Chain) HCL(source string) []byte {
	var b strings.Builder
	comment(&b, "", "Made from "+source+". Read it before it is applied.")
	for _, n := range c.Notes {
		if _, there := c.Definition.Steps[n.Step]; !there {
			comment(&b, "", n.String())
		}
	}
	b.WriteString("\n")
	for _, key := range slices.Sorted(maps.Keys(c.LookedUp)) {
		fmt.Fprintf(&b, "data \"qlik_app\" %q {\nname = %s\n}\n\n", key, text(c.Names[key]))
	}
	fmt.Fprintf(&b, "resource \"qlik_task_chain\" %q {\nname = %s\n", label(c.Definition.Name), text(c.Definition.Name))
	if c.Definition.Timezone != "" {
		fmt.Fprintf(&b, "timezone = %s\n", text(c.Definition.Timezone))
	}
	b.WriteString("\nsteps = {\n")
	for i, key := range slices.Sorted(maps.Keys(c.Definition.Steps)) {
		if i > 0 {
			b.WriteString("\n")
		}
		switch id := c.Tasks[key]; {
		case id != "":
			comment(&b, "", c.Names[key]+" (task "+id+")")
		case c.Names[key] != key:
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

// step writes one entry of steps.
func (c *Chain) step(b *strings.Builder, key string) {
	s := c.Definition.Steps[key]
	id := text(s.App)
	if c.LookedUp[key] {
		id = "data.qlik_app." + key + ".id"
	}
	fmt.Fprintf(b, "%s = {\napp = %s\n", key, id)
	if len(s.After) > 0 {
		var links []string
		for _, upstream := range s.Upstreams() {
			links = append(links, fmt.Sprintf("%s = %s", upstream, text(string(s.After[upstream]))))
		}
		fmt.Fprintf(b, "after = { %s }\n", strings.Join(links, ", "))
	}
	if s.Schedule != nil {
		fmt.Fprintf(b, "schedule = { %s }\n", strings.Join(scheduleAttributes(s.Schedule), ", "))
	}
	if s.WaitFor != "" {
		fmt.Fprintf(b, "wait_for = %s\n", text(string(s.WaitFor)))
	}
	if s.Delay != 0 {
		fmt.Fprintf(b, "delay = %s\n", text(s.Delay.String()))
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
	if len(s.Variables) > 0 {
		b.WriteString("variables = {\n")
		for _, name := range slices.Sorted(maps.Keys(s.Variables)) {
			fmt.Fprintf(b, "%s = %s\n", text(name), text(s.Variables[name]))
		}
		b.WriteString("}\n")
	}
	if s.Weight != 0 {
		fmt.Fprintf(b, "weight = %d\n", s.Weight)
	}
	b.WriteString("}\n")
}

// scheduleAttributes returns the attributes of a schedule that are set: a plan refuses empty ones.
func scheduleAttributes(s *chain.Schedule) []string {
	var all []string
	if s.Cron != "" {
		all = append(all, "cron = "+text(s.Cron))
	}
	if s.Rate != 0 {
		all = append(all, "rate = "+text(s.Rate.String()))
	}
	if s.Timezone != "" {
		all = append(all, "timezone = "+text(s.Timezone))
	}
	return all
}

// label converts a chain's name to a valid label of a resource, which begins with a letter.
func label(name string) string {
	name = strings.ReplaceAll(name, "-", "_")
	if name != "" && name[0] >= '0' && name[0] <= '9' {
		name = "chain_" + name
	}
	return name
}

// text formats a text as HCL does.
func text(s string) string { return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes()) }

// comment writes one line, regardless of the content of the text.
func comment(b *strings.Builder, before, text string) {
	ends := func(r rune) bool { return r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' || r == '\u0085' }
	line := strings.Join(strings.FieldsFunc(text, ends), " ")
	b.WriteString("# " + before + strings.ToValidUTF8(line, "?") + "\n")
}
