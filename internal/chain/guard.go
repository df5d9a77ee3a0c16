// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
)

// Guard is a compiled guard: an expression over the variables of GuardInput that is true or false. Its language is that of
// https://expr-lang.org without functions, members, declarations and nil: variables, literals, arrays, ranges and operators, so that
// its cost is bound by its length. It is safe for concurrent use.
type Guard struct {
	source  string
	program *vm.Program
	used    map[string]bool // the variables in it
	names   []guardName
}

// GuardError is what is wrong with a guard, and where.
type GuardError struct {
	Line, Column int    // both from 1; a column is a character
	Message      string // sentences
}

// Error says where and what.
func (e *GuardError) Error() string {
	return fmt.Sprintf("guard, line %d, column %d: %s", e.Line, e.Column, e.Message)
}

func (e *GuardError) problem() string {
	return fmt.Sprintf("The guard is wrong at line %d, column %d. %s", e.Line, e.Column, e.Message)
}

// CompileGuard compiles an expression and checks its types. It fails with *GuardError for one that does not compile, is not true or
// false, or has more than MaxGuardLength characters.
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

// guardLength returns what is wrong with an expression's length; ok: nothing.
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
	return &GuardError{Line: 1, Column: 1, Message: Sentence(err.Error())} // about the whole: its result is no boolean
}

// Sentence makes what is said of something a sentence for people: a capital first letter and a full stop.
func Sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + strings.TrimSuffix(s[size:], ".") + "."
}

// GuardInput is what a guard is asked about: the moment in which the step is due, and the upstream reload that made it so. Of
// several, it is the one that ended last.
type GuardInput struct {
	Time     time.Time // in the chain's time zone
	Timezone string    // the zone's IANA name
	Upstream string    // key of the upstream step
	Outcome  Outcome   // of its reload
	Duration time.Duration
	Attempt  int    // of its reload: 1 for the first
	Origin   string // key of the step whose reload began the run
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
}

func (in GuardInput) env() guardEnv {
	t := in.Time
	return guardEnv{
		Weekday: isoWeekday(t), Hour: t.Hour(), Minute: t.Minute(), Day: t.Day(), Month: int(t.Month()), Year: t.Year(),
		Date: t.Format(time.DateOnly), Timezone: in.Timezone,
		Upstream: in.Upstream, Status: string(in.Outcome), Duration: in.Duration.Seconds(), Attempt: in.Attempt, Origin: in.Origin,
	}
}

// isoWeekday counts from Monday, 1, to Sunday, 7, as ISO 8601 does.
func isoWeekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

// Eval answers the guard. It fails with *GuardError when the expression cannot be evaluated for this input: it divides by zero,
// or matches a text that is no regular expression.
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

// Explain says why the guard was false, as the rest of a sentence about the step: with the time when it asks for it, and with the
// values of the other variables that it has.
func (g *Guard) Explain(in GuardInput) string {
	var b strings.Builder
	fmt.Fprintf(&b, "guard `%s` was false", strings.Join(strings.Fields(g.source), " "))
	for _, name := range []string{"weekday", "hour", "minute", "day", "month", "year", "date", "timezone"} {
		if g.used[name] {
			fmt.Fprintf(&b, " on %s (%s)", in.Time.Format("Monday, 2006-01-02 at 15:04"), in.Timezone)
			break
		}
	}
	var values []string
	for _, v := range []struct {
		name  string
		value any
	}{
		{"upstream", in.Upstream}, {"status", string(in.Outcome)}, {"duration", in.Duration.Seconds()}, {"attempt", in.Attempt}, {"origin", in.Origin},
	} {
		if g.used[v.name] {
			values = append(values, fmt.Sprintf("%s = %#v", v.name, v.value))
		}
	}
	if len(values) > 0 {
		b.WriteString(" with " + strings.Join(values, ", "))
	}
	return b.String()
}
