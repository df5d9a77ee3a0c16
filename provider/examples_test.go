package provider_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// example is a life in a copy of an example, whose environment has neither credentials nor settings but these.
func example(t *testing.T, name string, environment ...string) *life {
	t.Helper()
	l := newLife(t, 10*time.Second, 60)
	if err := os.CopyFS(l.dir, os.DirFS(filepath.Join("..", "examples", name))); err != nil {
		t.Fatal(err)
	}
	l.env = slices.DeleteFunc(l.env, func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "QLIK_")
	})
	l.env = append(l.env, environment...)
	return l
}

// TestAccExampleTests: `terraform test` asserts what a chain does without a cloud, a credential or a setting; and it can fail.
func TestAccExampleTests(t *testing.T) {
	t.Parallel()
	l := example(t, "tests")
	output, err := l.terraform("test", "-no-color")
	if err != nil || !strings.Contains(output, "Success! 3 passed, 0 failed.") {
		t.Fatalf("%v: %s", err, output)
	}
	file := filepath.Join(l.dir, "main.tf")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), `{ transform = "failure" }`, `{ extract = "success" }`, 1)
	if err := os.WriteFile(file, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err = l.terraform("test", "-no-color")
	if err == nil || !strings.Contains(output, "After a failure of transform, fallback is to reload, and nothing else.") {
		t.Errorf("%v: %s", err, output)
	}
}
