// SPDX-License-Identifier: MPL-2.0

package main

import (
	_ "embed"
	"fmt"
	"strings"
)

// area is a part of the code, with the tests that must notice its mutants.
type area struct {
	name    string
	tests   []suite
	mutants func() ([]mutant, error)
}

// suite is a package's tests, with the arguments that make them fast.
type suite struct {
	pkg  string
	args []string
}

// mutant is one change of the code.
type mutant struct {
	file       string // below the module
	was        string // occurs once in the file
	is         string
	equivalent string // why no test can notice it; empty: a test must
}

//go:embed decision.txt
var decision string

//go:embed driver.txt
var driver string

// Slow tests without mutants. In internal/chain/run: the calendar, and the exploration's own states. In lambda/engine: slow tests that do
// not concern the driver, and those that play random chains.
const (
	long   = "CalendarHasNoGaps|TestStates"
	aside  = "Large|LongChain|RateLimit|NoAnswers|TimerNames|Tree|TakesTurns|Limits|EachFailureIsReported"
	random = "Duplicates|CutOff|Meet|Overlapping|Operators|EachFailureIsReported"
)

var areas = []area{
	{
		name: "the decision",
		tests: []suite{ // Most mutants are noticed by the first.
			{pkg: "./internal/chain/run", args: []string{
				"-test.skip=" + long, "-events=3", "-share=1000", "-four=0", "-stand=40", "-random=40", "-nights=40",
			}},
			{pkg: "./internal/chain/run", args: []string{
				"-test.skip=" + long, "-events=3", "-share=20", "-stand=1000", "-random=600", "-nights=300",
			}},
		},
		mutants: func() ([]mutant, error) { return parse("decision.txt", decision) },
	},
	{
		name: "the driver",
		tests: []suite{ // Most mutants are noticed by the first. Some never end.
			{pkg: "./lambda/engine", args: []string{"-test.timeout=60s", "-test.skip=" + aside, "-chains=5", "-seed=7"}},
			{pkg: "./lambda/engine", args: []string{"-test.timeout=60s", "-test.run=" + random, "-chains=40", "-seed=70"}},
		},
		mutants: func() ([]mutant, error) { return parse("driver.txt", driver) },
	},
}

// parse reads a table. "file" begins the mutants of a file. Lines with - contain the code, lines with + its replacement, and = explains why
// no test can notice it. The first character of such a line is not part of the code. An empty line ends a mutant, and # begins a comment.
func parse(name, text string) (list []mutant, err error) {
	file, m, sign := "", mutant{}, byte(0)
	done := func() {
		if m.was != "" {
			list = append(list, m)
		}
		m, sign = mutant{file: file}, 0
	}
	for i, line := range strings.Split(text, "\n") {
		if path, found := strings.CutPrefix(line, "file "); found {
			done()
			file = path
			m.file = path
			continue
		}
		if line == "" {
			done()
			continue
		}
		if line[0] == '#' {
			continue
		}
		into := map[byte]*string{'-': &m.was, '+': &m.is, '=': &m.equivalent}[line[0]]
		if into == nil || file == "" {
			return nil, fmt.Errorf("%s, line %d: %q is none of file, -, +, = and #", name, i+1, line)
		}
		if line[0] == sign {
			*into += "\n"
		}
		*into += line[1:]
		sign = line[0]
	}
	done()
	return list, nil
}
