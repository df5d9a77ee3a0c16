// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// RunValues are what the placeholders ${run.id}, ${run.cycle} and ${run.origin} in a step's variables stand for.
type RunValues struct {
	ID     string // of the run
	Cycle  string // the date of its cycle, for example 2026-11-24
	Origin string // the steps at which it began, in words
}

// placeholderPrefix begins each placeholder. Other texts in ${} are left alone.
const placeholderPrefix = "${run."

// longestRunID is the length of a run's id.
const longestRunID = len("20261124T020000000Z-c164069e")

func (v RunValues) replacer() *strings.Replacer {
	return strings.NewReplacer("${run.id}", v.ID, "${run.cycle}", v.Cycle, "${run.origin}", v.Origin)
}

// NamesRun reports whether a variable of the step has a placeholder.
func (s Step) NamesRun() bool {
	for _, value := range s.Variables {
		if strings.Contains(value, placeholderPrefix) {
			return true
		}
	}
	return false
}

// VariablesIn returns the variables of the step's reload in a run: its own ones with the run's values for the placeholders, and over them
// those of the run. A value that ${run.origin} makes too long for Qlik Cloud is cut.
func (s Step) VariablesIn(values RunValues, ofRun map[string]string) map[string]string {
	if len(s.Variables)+len(ofRun) == 0 {
		return nil
	}
	replacer := values.replacer()
	all := make(map[string]string, len(s.Variables)+len(ofRun))
	for name, value := range s.Variables {
		value = replacer.Replace(value)
		if utf8.RuneCountInString(value) > VariableMaxLength {
			value = string([]rune(value)[:VariableMaxLength])
		}
		all[name] = value
	}
	maps.Copy(all, ofRun)
	return all
}

// VariableProblems returns what is wrong with the variables of a run of the chain, each in a sentence. They go to every app over its own
// ones.
func (d *Definition) VariableProblems(ofRun map[string]string) []string {
	var problems []string
	for _, p := range variableProblems(ofRun) {
		problems = append(problems, p.text)
	}
	for _, name := range slices.Sorted(maps.Keys(ofRun)) {
		if strings.Contains(ofRun[name], placeholderPrefix) {
			problems = append(problems, fmt.Sprintf("The variable %q names the run: only a step's own variables can.", name))
		}
	}
	if len(problems) > 0 || len(ofRun) == 0 {
		return problems
	}
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		s := d.Steps[key]
		if s.Kind() != KindApp {
			continue
		}
		if n := len(s.VariablesIn(RunValues{}, ofRun)); n > MaxVariables {
			problems = append(problems, fmt.Sprintf("With its own, the step %q gets %d variables. Qlik takes at most %d for a reload.", key, n,
				MaxVariables))
		}
	}
	return problems
}

// variableProblem is what is wrong with a variable, or with all of them if name is nil.
type variableProblem struct {
	name *string
	text string
}

func variableProblems(variables map[string]string) []variableProblem {
	var problems []variableProblem
	if len(variables) > MaxVariables {
		problems = append(problems, variableProblem{nil, fmt.Sprintf("There are %d variables. Qlik takes at most %d for a reload.",
			len(variables), MaxVariables)})
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		wrong := func(format string, args ...any) {
			problems = append(problems, variableProblem{&name, fmt.Sprintf(format, args...)})
		}
		if name == "" {
			wrong("The variable has an empty name. Use the name that the load script reads.")
		}
		if n := utf8.RuneCountInString(name); n > VariableMaxLength {
			wrong("The variable's name has %d characters. Qlik takes at most %d.", n, VariableMaxLength)
		}
		if n := utf8.RuneCountInString(variables[name]); n > VariableMaxLength {
			wrong("The variable's value has %d characters. Qlik takes at most %d.", n, VariableMaxLength)
		}
	}
	return problems
}

// placeholderProblem returns what is wrong with the placeholders of a value, or an empty text.
func placeholderProblem(value string) string {
	longest := RunValues{ID: strings.Repeat("x", longestRunID), Cycle: "2026-11-24"}.replacer().Replace(value)
	if _, rest, found := strings.Cut(longest, placeholderPrefix); found {
		name, _, _ := strings.Cut(rest, "}")
		return fmt.Sprintf("There is no ${run.%s}. Use ${run.id}, ${run.cycle} or ${run.origin}; in HCL, write $${run.id}.", name)
	}
	if n := utf8.RuneCountInString(longest); n > VariableMaxLength && strings.Contains(value, placeholderPrefix) {
		return fmt.Sprintf("With the run's values, the variable's value has %d characters. Qlik takes at most %d.", n, VariableMaxLength)
	}
	return ""
}

// ReadVariables reads the variables of a request: a JSON object of texts, or null for none. problem is a sentence for the sender, or empty.
func ReadVariables(raw []byte) (variables map[string]string, problem string) {
	var values map[string]any
	if len(raw) > 0 && json.Unmarshal(raw, &values) != nil {
		return nil, `Send variables as a JSON object of texts, such as {"day": "2026-11-24"}.`
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text, isText := values[name].(string)
		if !isText {
			return nil, NotText(name)
		}
		if variables == nil {
			variables = map[string]string{}
		}
		variables[name] = text
	}
	return variables, ""
}

// NotText says what to do about a variable with another value than a text.
func NotText(name string) string {
	return fmt.Sprintf("Give the variable %q a text in quotes as its value, since numbers, null, lists and objects are not possible.", name)
}
