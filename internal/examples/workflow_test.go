// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// examples is the folder of the examples.
var examples = filepath.Join("..", "..", "examples")

// fakeGH stands in for GitHub's command: it notes what it is called with, and knows the id of the comment that is there, if any.
const fakeGH = `#!/bin/sh
case "$*" in
  *--paginate*) printf '%s\n' "$COMMENT_ID" ;;
  *) printf '%s\n' "$*" >> calls ;;
esac
`

// TestWorkflow runs the last step of the pull request's workflow: it writes one comment, changes it with the next commits, and takes it
// away when no chain changes.
func TestWorkflow(t *testing.T) {
	t.Parallel()
	workflow, err := os.ReadFile(filepath.Join(examples, "pull-request-comment", ".github", "workflows", "explain.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range regexp.MustCompile(`uses: (\S+)`).FindAllStringSubmatch(string(workflow), -1) {
		if !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(action[1]) {
			t.Errorf("the action %s is not pinned to a commit", action[1])
		}
	}
	_, script, found := strings.Cut(string(workflow), "run: |\n")
	if !found {
		t.Fatal("the workflow has no step with a script")
	}
	const call = "repos/acme/chains/issues/"
	for name, test := range map[string]struct{ id, comment, want string }{
		"first commit":           {"", "### nightly", "pr comment 7 --body-file comment.md\n"},
		"another commit":         {"42", "### nightly", "api --method PATCH " + call + "comments/42 --field body=@comment.md --silent\n"},
		"no chain changes":       {"42", "", "api --method DELETE " + call + "comments/42 --silent\n"},
		"no chain changes, ever": {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for file, text := range map[string]string{"gh": fakeGH, "comment.md": test.comment, "calls": ""} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			// GitHub runs scripts so: https://docs.github.com/actions/reference/workflow-syntax-for-github-actions#jobsjob_idstepsshell.
			command := exec.CommandContext(t.Context(), "bash", "-e", "-c", script)
			command.Dir = dir
			command.Env = append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"),
				"COMMENT_ID="+test.id, "COMMENTS=repos/acme/chains/issues", "PULL_REQUEST=7")
			if output, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, output)
			}
			calls, err := os.ReadFile(filepath.Join(dir, "calls"))
			if err != nil || string(calls) != test.want {
				t.Errorf("GitHub was asked for %q instead of %q, %v", calls, test.want, err)
			}
		})
	}
}
