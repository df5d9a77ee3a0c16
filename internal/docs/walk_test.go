// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package docs_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/tryout"
)

var update = flag.Bool("update", false, "write what the commands of the guides print into the guides: make transcripts")

// quotedVersion is the version of terraform that the guides quote: the oldest one that the provider works with. Others word some lines
// otherwise, so with these the commands run, and only what the sandbox shows is compared.
const quotedVersion = "1.11."

// patience is how long a command, or what follows from it, may take on a busy machine.
const patience = 3 * time.Minute

// TestAccWalks follows each guide that has blocks to walk. It runs the guide's commands in a shell, types into the sandbox what the guide
// types there, and compares what both print with the blocks of output. A line "…" stands for any lines.
func TestAccWalks(t *testing.T) {
	t.Parallel()
	walked := 0
	for _, page := range testedPages(t) {
		all := blocks(t, page)
		if !slices.ContainsFunc(all, func(b *block) bool { return b.kind == "walk" }) {
			continue
		}
		walked++
		t.Run(filepath.Base(page), func(t *testing.T) {
			w := newWalk(t)
			if strings.Contains(read(t, filepath.FromSlash(page)), "\n<!-- walk on a deployed chain -->\n") {
				w.deploy()
			}
			for i, b := range all {
				if b.kind != "walk" {
					continue
				}
				w.follow(b, outputs(all[i+1:]))
			}
			if *update {
				w.write(page)
			}
			w.end()
		})
	}
	if walked == 0 {
		t.Error("no guide has anything to walk")
	}
}

// walk is a reader with two terminals: one with the sandbox, one with a shell.
type walk struct {
	t       *testing.T
	root    string
	dir     string // the sandbox's folder
	options tryout.Options

	output *screen // of the sandbox
	typing *io.PipeWriter
	stop   context.CancelFunc
	ended  chan error

	shell    *exec.Cmd
	commands *os.File // that the shell reads
	printed  *screen

	otherWords bool // terraform is of another version than the guides quote

	changed map[*block]string
}

func newWalk(t *testing.T) *walk {
	t.Helper()
	if filepath.Base(os.Getenv(terraform.PathVariable)) == "tofu" {
		t.Skip("the guides quote what Terraform prints, and OpenTofu prints its own name")
	}
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := terraform.Find(t.Context(), filepath.Join(absolute, ".cache"), 3*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	w := &walk{t: t, root: absolute, dir: filepath.Join(t.TempDir(), ".sandbox"), printed: newScreen(), changed: map[*block]string{}}
	w.otherWords = !strings.HasPrefix(terraformVersion(t, binary), quotedVersion)
	if *update && w.otherWords {
		t.Fatalf("the guides quote terraform %s: name one with %s", quotedVersion+"x", terraform.PathVariable)
	}
	w.options = tryout.Options{Root: absolute, Dir: w.dir, Terraform: binary, Reload: 2 * time.Second}
	w.openShell()
	return w
}

// terraformVersion is the version of a terraform.
func terraformVersion(t *testing.T, binary string) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), binary, "version", "-json").Output()
	var answer struct {
		Version string `json:"terraform_version"`
	}
	if err := errors.Join(err, json.Unmarshal(output, &answer)); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return answer.Version
}

// openShell starts a bash that reads its commands from a pipe of its own, so that none of them reads the next ones as its input.
func (w *walk) openShell() {
	w.t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		w.t.Fatal(err)
	}
	w.shell = exec.CommandContext(w.t.Context(), "bash", "/dev/fd/3")
	w.shell.Dir = filepath.Dir(w.dir)
	w.shell.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return slices.ContainsFunc([]string{"TF_", "AWS_", "QLIK_"}, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
	}), "TF_CLI_ARGS=-no-color", "HOME="+filepath.Dir(w.dir))
	w.shell.ExtraFiles = []*os.File{read}
	w.shell.Stdout, w.shell.Stderr = w.printed, w.printed
	if err := w.shell.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.commands = write
	_ = read.Close() // the shell has its own
}

// deploy begins a walk on a sandbox with examples/nightly, with the chain's address and key in the shell's variables.
func (w *walk) deploy() {
	w.t.Helper()
	w.follow(&block{page: "deploy", language: "sh", text: "make sandbox\n"}, nil)
	w.follow(&block{page: "deploy", language: "sh", text: "cd terraform-provider-qlik/.sandbox && . ./env && terraform init && " +
		"terraform apply -auto-approve\n"}, nil)
	w.output.await(w.t, &block{page: "deploy"}, "For curl")
	// A request that the chain refuses is a command that fails.
	w.follow(&block{page: "deploy", language: "sh", text: ". ./nightly.env\ncurl() { command curl -sSf \"$@\"; }\n"}, nil)
}

// outputs are the blocks of output at the beginning of blocks.
func outputs(all []*block) []*block {
	end := slices.IndexFunc(all, func(b *block) bool { return b.kind != "output" })
	if end < 0 {
		end = len(all)
	}
	return all[:end]
}

// follow does what a block says, and compares what comes of it.
func (w *walk) follow(b *block, wants []*block) {
	w.t.Helper()
	var got string // that the terminal shows in which something was typed
	inSandbox := b.language == "text"
	switch {
	case strings.HasPrefix(b.text, "make sandbox"):
		w.openSandbox(b)
		got = w.output.await(w.t, b, "as soon as terraform has made them.\n")
	case inSandbox:
		w.output.take()
		if _, err := io.WriteString(w.typing, b.text); err != nil {
			w.t.Fatalf("%s: %v", b.at(), err)
		}
	default:
		got = w.runInShell(b)
	}
	for _, want := range wants {
		if inSandbox || want.argument == "sandbox" {
			got = w.output.awaitWhat(w.t, want, w.wanted(want))
		}
		if !w.otherWords || inSandbox || want.argument == "sandbox" {
			w.compare(want, w.plain(got))
		}
	}
}

// wanted says when the sandbox shows what a block quotes; nil if that is not known.
func (w *walk) wanted(want *block) func(string) bool {
	if *update {
		return nil
	}
	return func(shown string) bool { return matches(want, w.plain(shown)) }
}

func (w *walk) compare(want *block, got string) {
	w.t.Helper()
	if matches(want, got) {
		return
	}
	w.changed[want] = got
	if !*update {
		w.t.Errorf("%s: the output is no longer as quoted: run `make transcripts`, and read what it changes. Now it is\n%s", want.at(), got)
	}
}

func (w *walk) openSandbox(b *block) {
	w.t.Helper()
	if w.stop != nil {
		w.closeSandbox()
	}
	o := w.options
	if _, apps, found := strings.Cut(strings.TrimSpace(b.text), "APPS="); found {
		o.Apps, _, _ = strings.Cut(apps, " ")
	}
	ctx, stop := context.WithCancel(w.t.Context())
	read, write := io.Pipe()
	w.output, w.typing, w.stop, w.ended = newScreen(), write, stop, make(chan error, 1)
	o.In, o.Out = read, w.output
	go func() { w.ended <- tryout.Run(ctx, o) }()
}

func (w *walk) closeSandbox() {
	w.t.Helper()
	w.stop()
	if err := errors.Join(<-w.ended, w.typing.Close()); err != nil {
		w.t.Error(err)
	}
	left, err := filepath.Glob(filepath.Join(w.dir, "*tfstate*"))
	if err != nil || len(left) > 0 {
		w.t.Errorf("the sandbox has left %v %v", left, err)
	}
}

const endOfCommand = "--- end of the command: "

// runInShell runs a block's commands. Each has to succeed, unless the block's comment says otherwise.
func (w *walk) runInShell(b *block) string {
	w.t.Helper()
	w.printed.take()
	text := strings.ReplaceAll(b.text, "cd terraform-provider-qlik/.sandbox", "cd '"+w.dir+"'")
	if _, err := io.WriteString(w.commands, text+"\necho '"+endOfCommand+"'$?\n"); err != nil {
		w.t.Fatalf("%s: %v", b.at(), err)
	}
	printed := w.printed.await(w.t, b, endOfCommand)
	got, status, _ := strings.Cut(printed, endOfCommand)
	if failed := !strings.HasPrefix(status, "0"); failed != (b.argument == "fails") {
		w.t.Errorf("%s: the command ends with %s: %s", b.at(), strings.TrimSpace(status), got)
	}
	return got
}

// end closes both terminals.
func (w *walk) end() {
	w.t.Helper()
	if w.stop != nil {
		w.closeSandbox()
	}
	if err := errors.Join(w.commands.Close(), w.shell.Wait()); err != nil {
		w.t.Error(err)
	}
}

// What differs from time to time, and what the guides have in its place.
var differing = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:4566"},
	{regexp.MustCompile(`restapis/[a-z0-9]{10}`), "restapis/a1b2c3d4e5"},
	{regexp.MustCompile(`(?m)^(  key   )\S+$`), "${1}0123456789abcdefghijABCDEFGHIJ0123456789"},
	{regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d  `), "02:00:00  "},
	{regexp.MustCompile(`after \d+m?\d*s\b`), "after 3s"},
	{regexp.MustCompile(`\[\d+m?\d*s elapsed\]`), "[10s elapsed]"},
	{regexp.MustCompile(`\b(linux|darwin|windows)_(amd64|arm64)\b`), "linux_amd64"},
}

// plain replaces what differs from time to time, and from machine to machine.
func (w *walk) plain(text string) string {
	text = strings.ReplaceAll(text, w.dir, "terraform-provider-qlik/.sandbox")
	text = strings.ReplaceAll(text, filepath.Dir(w.dir), "~")
	text = strings.ReplaceAll(text, w.root, "terraform-provider-qlik")
	for _, d := range differing {
		text = d.pattern.ReplaceAllString(text, d.instead)
	}
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.TrimRight(line, " \r\n"))
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n") + "\n"
}

// matches reports whether an output is as a guide quotes it.
func matches(want *block, got string) bool {
	quoted := strings.Split(strings.TrimRight(want.text, "\n"), "\n")
	printed := strings.Split(strings.TrimRight(got, "\n"), "\n")
	if want.argument == "any order" {
		slices.Sort(quoted)
		slices.Sort(printed)
	}
	return matchLines(quoted, printed)
}

func matchLines(quoted, printed []string) bool {
	switch {
	case len(quoted) == 0:
		return len(printed) == 0
	case strings.TrimSpace(quoted[0]) == "…":
		for i := range len(printed) + 1 {
			if matchLines(quoted[1:], printed[i:]) {
				return true
			}
		}
		return false
	}
	return len(printed) > 0 && quoted[0] == printed[0] && matchLines(quoted[1:], printed[1:])
}

// write puts what was printed into the page.
func (w *walk) write(page string) {
	w.t.Helper()
	lines := strings.SplitAfter(read(w.t, filepath.FromSlash(page)), "\n")
	fromTheEnd := slices.SortedFunc(maps.Keys(w.changed), func(a, b *block) int { return b.line - a.line })
	for _, b := range fromTheEnd {
		end := b.line
		for strings.TrimRight(lines[end], "\n") != "```" {
			end++
		}
		lines = slices.Replace(lines, b.line, end, w.changed[b])
	}
	if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(page)), []byte(strings.Join(lines, "")), 0o600); err != nil {
		w.t.Fatal(err)
	}
}
