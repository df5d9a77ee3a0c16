// SPDX-License-Identifier: MPL-2.0

package tryout

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// board shows what the sandbox has written.
type board struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{}
}

func (b *board) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.more <- struct{}{}:
	default:
	}
	return b.text.Write(p)
}

func (b *board) await(t *testing.T, text string) {
	t.Helper()
	limit := time.After(2 * time.Minute)
	for {
		b.mu.Lock()
		shown := b.text.String()
		b.mu.Unlock()
		if strings.Contains(shown, text) {
			return
		}
		select {
		case <-b.more:
		case <-limit:
			t.Fatalf("there is no %q in %s", text, shown)
		}
	}
}

// open runs a sandbox in a folder until the returned function ends it.
func open(t *testing.T, dir, apps string) (shown *board, typing io.Writer, end func()) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	shown = &board{more: make(chan struct{}, 1)}
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Options{Root: root, Dir: dir, Apps: apps, Terraform: "/bin/terraform", Reload: time.Millisecond, In: read, Out: shown})
	}()
	shown.await(t, "as soon as terraform has made them.")
	return shown, write, func() {
		t.Helper()
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// TestCommands types what the help names, and what it does not.
func TestCommands(t *testing.T) {
	t.Parallel()
	shown, typing, end := open(t, t.TempDir(), "2")
	for _, step := range []struct{ typed, shown string }{
		{"apps", "  App 002\n"},
		{"fail App 001", "The next reload of App 001 fails."},
		{"reload app 001", "App 001              FAILED\n"},
		{"reload app 001", "App 001              SUCCEEDED\n"},
		{"reload app", `Cannot reload "app": 2 apps have a name that begins like this.`},
		{"fail Nothing", `Cannot fail "Nothing": no app has this name.`},
		{"help", "Type here, each with Enter:"},
	} {
		if _, err := io.WriteString(typing, step.typed+"\n"); err != nil {
			t.Fatal(err)
		}
		shown.await(t, step.shown)
	}
	end()
}

// TestFolder checks what a sandbox leaves to the next one: a main.tf that was changed, and no state.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	exists := func(name string) bool {
		_, err := os.Stat(path(name))
		return err == nil
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(path(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leftovers := []string{
		"terraform.tfstate", "terraform.tfstate.backup", ".terraform.tfstate.lock.info", ".terraform.lock.hcl", "nightly.env", "notices.txt",
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	_, _, end := open(t, dir, "")
	first, err := os.ReadFile(path("main.tf"))
	if err != nil || exists("main.tf.previous") {
		t.Fatalf("the example is not there alone: %v", err)
	}
	for _, name := range leftovers {
		write(name, "{}")
	}
	if err := Run(t.Context(), Options{Root: filepath.Join("..", ".."), Dir: dir}); err == nil ||
		!strings.Contains(err.Error(), "another sandbox works in") {
		t.Errorf("a second sandbox in the folder: %v", err)
	}
	end()
	for _, name := range leftovers {
		if exists(name) {
			t.Errorf("%s is left after the end", name)
		}
		write(name, "{}") // as a sandbox leaves it that was killed
	}
	write("main.tf", "# mine\n")
	_, _, end = open(t, dir, "")
	second, err := os.ReadFile(path("main.tf"))
	mine, err2 := os.ReadFile(path("main.tf.previous"))
	if err != nil || err2 != nil || !bytes.Equal(first, second) || string(mine) != "# mine\n" {
		t.Errorf("main.tf is %s, and the previous one %s: %v %v", second, mine, err, err2)
	}
	for _, name := range leftovers {
		if exists(name) {
			t.Errorf("%s of a killed sandbox is still there", name)
		}
	}
	environment, err := os.ReadFile(path("env"))
	if err != nil || !strings.Contains(string(environment), "\nunset AWS_PROFILE\n") ||
		!strings.Contains(string(environment), "\nexport TF_CLI_CONFIG_FILE='"+path("terraform.rc")+"'\n") ||
		!strings.Contains(string(environment), filepath.Join(root, "bin")+"':'/bin':\"$PATH\"\n") {
		t.Errorf("env is %s, %v", environment, err)
	}
	end()
}
