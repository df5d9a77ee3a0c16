// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Guard is a compiled guard: an expression over the variables of GuardInput that is true or false. Its language is that of
// https://expr-lang.org without functions, declarations and nil. Only results have members. Variables, literals, arrays, ranges and
// operators remain, so the length of an expression bounds its cost. A Guard is safe for concurrent use.
type Guard struct {
	source  string
	program *vm.Program
	used    map[string]bool // the variables in it
	results []string        // the steps with the results that it reads, sorted
	names   []guardName
}

// GuardError reports what is wrong with a guard, and where.
type GuardError struct {
	Line, Column int    // both from 1; a column is one character
	Message      string // sentences
}

// Error returns the position and the message.
func (e *GuardError) Error() string {
	return fmt.Sprintf("guard, line %d, column %d: %s", e.Line, e.Column, e.Message)
}

func (e *GuardError) problem() string {
	return fmt.Sprintf("The guard is wrong at line %d, column %d. %s", e.Line, e.Column, e.Message)
}

// CompileGuard compiles an expression and checks its types. It returns a *GuardError if the expression does not compile, is not boolean, or
// has more than MaxGuardLength characters.
func CompileGuard(expression string) (*Guard, error) {
	guard, problem := compileGuard(expression)
	if problem != nil {
		return nil, problem
	}
	return guard, nil
}

func compileGuard(expression string) (*Guard, *GuardError) {
	if message, ok := guardLength(expression); !ok {
		return nil, &GuardError{Line: 1, Column: 1, Message: message}
	}
	guard := &Guard{source: expression, used: map[string]bool{}}
	if problem := guard.inspect(); problem != nil {
		return nil, problem
	}
	program, err := expr.Compile(expression, expr.Env(guardEnv{}), expr.AsBool(), expr.WarnOnAny(), expr.DisableAllBuiltins())
	if err != nil {
		return nil, asGuardError(err)
	}
	guard.program = program
	return guard, nil
}

// guardLength checks an expression's length. If ok is false, message says what is wrong.
func guardLength(expression string) (message string, ok bool) {
	if n := utf8.RuneCountInString(expression); n > MaxGuardLength {
		return fmt.Sprintf("The guard has %d characters. Use at most %d.", n, MaxGuardLength), false
	}
	return "", true
}

func asGuardError(err error) *GuardError {
	if at, ok := errors.AsType[*file.Error](err); ok {
		return &GuardError{Line: at.Line, Column: at.Column + 1, Message: Sentence(at.Message)}
	}
	return &GuardError{Line: 1, Column: 1, Message: Sentence(err.Error())} // about the whole expression: its result is not boolean
}

// Sentence turns a text into a sentence: it adds a capital first letter and a full stop.
func Sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".") + "."
}

// GuardInput is the input of a guard: the moment in which the step is due, and the upstream reload that caused it. If there are several,
// the one that ended last counts.
type GuardInput struct {
	Time     time.Time // in the chain's time zone
	Date     time.Time // the date of the cycle
	Timezone string    // the zone's IANA name
	Upstream string    // key of the upstream step
	Outcome  Outcome   // of its reload
	Duration time.Duration
	Attempt  int    // of its reload: 1 for the first
	Origin   string // key of the step at which the run began
	ByReload bool   // the run began with a reload that the chain did not start
	// Results maps each upstream's key to its result, one of GuardResults.
	Results map[string]string
}

// The results of steps in guards.
const (
	ResultSucceeded = "succeeded"
	ResultFailed    = "failed"
	ResultCanceled  = "canceled"
	ResultSkipped   = "skipped"
)

// GuardResults returns every result of a step.
func GuardResults() []string {
	return []string{ResultSucceeded, ResultFailed, ResultCanceled, ResultSkipped}
}

// guardEnv holds the variables of a guard.
type guardEnv struct {
	Weekday  int     `expr:"weekday"`
	Hour     int     `expr:"hour"`
	Minute   int     `expr:"minute"`
	Day      int     `expr:"day"`
	Month    int     `expr:"month"`
	Year     int     `expr:"year"`
	Date     string  `expr:"date"`
	Timezone string  `expr:"timezone"`
	Upstream string  `expr:"upstream"`
	Status   string  `expr:"status"`
	Duration float64 `expr:"duration"`
	Attempt  int     `expr:"attempt"`
	Origin   string  `expr:"origin"`
	ByReload bool    `expr:"by_reload"`

	Results map[string]string `expr:"results"`
}

func (in GuardInput) env() guardEnv {
	date := in.Date
	return guardEnv{
		Weekday: isoWeekday(date), Hour: in.Time.Hour(), Minute: in.Time.Minute(), Day: date.Day(), Month: int(date.Month()), Year: date.Year(),
		Date: date.Format(time.DateOnly), Timezone: in.Timezone,
		Upstream: in.Upstream, Status: string(in.Outcome), Duration: in.Duration.Seconds(), Attempt: in.Attempt, Origin: in.Origin,
		ByReload: in.ByReload, Results: in.Results,
	}
}

// isoWeekday returns the weekday from Monday, 1, to Sunday, 7, as ISO 8601 does.
func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

// Eval evaluates the guard. It returns a *GuardError if the expression fails for this input, for example because it divides by zero or
// because a pattern is not a valid regular expression.
func (g *Guard) Eval(in GuardInput) (bool, error) {
	result, err := expr.Run(g.program, in.env())
	if err != nil {
		return false, asGuardError(err)
	}
	answer, ok := result.(bool)
	if !ok {
		return false, &GuardError{Line: 1, Column: 1, Message: fmt.Sprintf("The result is %v, neither true nor false.", result)}
	}
	return answer, nil
}

// Variables that depend on the cycle's date, and variables that depend on the clock.
var (
	guardDates  = []string{"weekday", "day", "month", "year", "date"}
	guardClocks = []string{"hour", "minute"}
)

// asksTime reports whether the guard's result depends on the time zone.
func (g *Guard) asksTime() bool { return g.uses(guardDates) || g.uses(guardClocks) }

func (g *Guard) uses(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return g.used[name] })
}

// Explain says why the guard was false, as the rest of a sentence about the step: with the cycle's date and the time of day when it asks
// for them, and with the values of the other variables that it has.
func (g *Guard) Explain(in GuardInput) string {
	var b strings.Builder
	fmt.Fprintf(&b, "guard `%s` was false", strings.Join(strings.Fields(g.source), " "))
	if g.uses(guardDates) {
		b.WriteString(" in the cycle of " + in.Date.Format("Monday, 2006-01-02"))
	}
	if g.uses(guardClocks) || g.used["timezone"] {
		fmt.Fprintf(&b, " at %s (%s)", in.Time.Format("15:04"), in.Timezone)
	}
	var values []string
	for _, v := range []struct {
		name  string
		value any
	}{
		{"upstream", in.Upstream}, {"status", string(in.Outcome)}, {"duration", in.Duration.Seconds()}, {"attempt", in.Attempt},
		{"origin", in.Origin}, {"by_reload", in.ByReload},
	} {
		if g.used[v.name] {
			values = append(values, fmt.Sprintf("%s = %#v", v.name, v.value))
		}
	}
	for _, step := range g.results {
		values = append(values, fmt.Sprintf("%s[%q] = %q", guardResults, step, in.Results[step]))
	}
	if len(values) > 0 {
		b.WriteString(" with " + strings.Join(values, ", "))
	}
	return b.String()
}
