// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"encoding/json"
	"fmt"
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

// TestChainsWorkflow checks the workflow that plans and applies: its actions are pinned to commits, and each job assumes the role that the
// policies admit.
func TestChainsWorkflow(t *testing.T) {
	t.Parallel()
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(examples, "ci", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	workflow := read(".github/workflows/chains.yml")
	actions := regexp.MustCompile(`uses: (\S+)`).FindAllStringSubmatch(workflow, -1)
	for _, action := range actions {
		if !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(action[1]) {
			t.Errorf("the action %s is not pinned to a commit", action[1])
		}
	}
	if len(actions) == 0 {
		t.Error("the workflow uses no action")
	}
	_, jobs, _ := strings.Cut(workflow, "\njobs:\n")
	for job, want := range map[string]struct{ role, subject, file string }{
		"plan":  {"PLAN_ROLE_ARN", "repo:acme/chains:pull_request", "trust-plan.json"},
		"drift": {"PLAN_ROLE_ARN", "repo:acme/chains:ref:refs/heads/main", "trust-plan.json"},
		"apply": {"DEPLOY_ROLE_ARN", "repo:acme/chains:environment:production", "trust-deploy.json"},
	} {
		_, text, found := strings.Cut("\n"+jobs, "\n  "+job+":\n")
		text = regexp.MustCompile(`(?m)^  \w+:$`).Split(text, 2)[0]
		if !found || strings.Count(text, "_ROLE_ARN") != 1 || !strings.Contains(text, "vars."+want.role) {
			t.Errorf("the job %s does not assume %s alone: %s", job, want.role, text)
		}
		if environment := strings.Contains(text, "environment: production"); environment != (job == "apply") {
			t.Errorf("the job %s is in the environment production: %v", job, environment)
		}
		var trust struct {
			Statement []struct{ Condition map[string]map[string]any }
		}
		if err := json.Unmarshal([]byte(read(want.file)), &trust); err != nil || len(trust.Statement) != 1 {
			t.Fatalf("%s: %v", want.file, err)
		}
		subjects := fmt.Sprint(trust.Statement[0].Condition["StringEquals"]["token.actions.githubusercontent.com:sub"])
		if !strings.Contains(subjects, want.subject) || strings.Contains(subjects, "*") {
			t.Errorf("%s admits %s, and the job %s comes as %s", want.file, subjects, job, want.subject)
		}
	}
	if !strings.Contains(read(".tflint.hcl"), `preset  = "recommended"`) || !strings.Contains(workflow, "run: tflint ") {
		t.Error("the job does not look for duplicate keys")
	}
	for _, job := range []string{"plan:", "apply:", "drift:"} {
		if !strings.Contains(read(".gitlab-ci.yml"), "\n"+job+"\n") {
			t.Errorf("GitLab's pipeline has no job %s", job)
		}
	}
}
