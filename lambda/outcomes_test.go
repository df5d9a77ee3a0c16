// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// notAnswered are the outcomes that no answer to a POST has.
var notAnswered = []engine.Outcome{
	engine.OutcomeNotInChain,                             // of an event
	engine.OutcomeRecovered, engine.OutcomeNothingMissed, // of a sweep
	engine.OutcomeInTime, engine.OutcomeLate, // of a deadline
	engine.OutcomeSummarized, // of the daily summary
	engine.OutcomeRefused,    // a refusal is an error with a text
	engine.OutcomeCanceled,   // the answer says what was canceled
}

// guideOutcomes returns the words that the guide explains for the outcome of an answer.
func guideOutcomes(t *testing.T) (words []string) {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join("..", "templates", "guides", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(guide), "\n| `outcome` | ")
	if !found {
		t.Fatal("operations.md has no table of outcomes")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|").FindAllStringSubmatch(table, -1) {
		words = append(words, row[1])
	}
	slices.Sort(words)
	return words
}

// declaredOutcomes returns the values of all constants of the type engine.Outcome.
func declaredOutcomes(t *testing.T) (words []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("engine", "result.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		if name, isName := spec.Type.(*ast.Ident); isName && name.Name == "Outcome" {
			word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value) //nolint:forcetypeassert // anything else shall panic
			if err != nil {
				t.Fatal(err)
			}
			words = append(words, word)
		}
		return true
	})
	return words
}

// TestTheGuideExplainsTheOutcomes: the guide explains each outcome that the code knows, but for those that no answer has.
func TestTheGuideExplainsTheOutcomes(t *testing.T) {
	t.Parallel()
	want := declaredOutcomes(t)
	for _, outcome := range notAnswered {
		if !slices.Contains(want, string(outcome)) {
			t.Errorf("%s is not declared", outcome)
		}
		want = slices.DeleteFunc(want, func(word string) bool { return word == string(outcome) })
	}
	slices.Sort(want)
	if got := guideOutcomes(t); !slices.Equal(got, want) {
		t.Errorf("operations.md explains the outcomes %q, want %q", got, want)
	}
}

// expectKnownOutcome checks that the guide explains the outcome of an answer, if it has one.
func expectKnownOutcome(t *testing.T, response events.APIGatewayProxyResponse) {
	t.Helper()
	var content struct{ Outcome string }
	if err := json.Unmarshal([]byte(response.Body), &content); err != nil || content.Outcome == "" {
		return // another form of answer
	}
	if !slices.Contains(guideOutcomes(t), content.Outcome) {
		t.Errorf("an answer has the outcome %q, which the guide does not explain: %s", content.Outcome, response.Body)
	}
}
