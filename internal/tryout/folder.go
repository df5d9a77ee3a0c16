// SPDX-License-Identifier: MPL-2.0

package tryout

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// folder is where people run terraform: main.tf, and env, which points a shell at the sandbox.
type folder struct {
	dir    string
	root   string // of the repository
	config string // terraform's CLI configuration
}

// prepare writes what terraform needs, and removes what an earlier sandbox has left.
func (f *folder) prepare(ctx context.Context) error {
	if err := os.MkdirAll(f.dir, 0o750); err != nil {
		return err
	}
	if err := f.refuseSecond(ctx); err != nil {
		return err
	}
	if err := f.forget(); err != nil {
		return err
	}
	mirror := filepath.Join(f.dir, "provider")
	if err := os.RemoveAll(mirror); err != nil {
		return err
	}
	var err error
	f.config, err = workspace.WriteMirror(f.dir, mirror, filepath.Join(f.root, "bin", "terraform-provider-qlik"), true)
	return err
}

// writeConfig writes main.tf, with a topic for notifications. A main.tf that was changed is kept beside it.
func (f *folder) writeConfig(n *night, topic string) error {
	config := []byte(n.config)
	if n.config == "" {
		text, err := nightly(f.root)
		if err != nil {
			return err
		}
		config = text
	}
	config = withTopic(config, topic)
	file := filepath.Join(f.dir, "main.tf")
	existing, err := os.ReadFile(file) //nolint:gosec // main.tf in the user's own folder
	if err == nil && !bytes.Equal(existing, config) {
		err = os.Rename(file, file+".previous")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.WriteFile(file, config, 0o600)
}

// forget removes terraform's state, the chains' keys and the mails: what they describe ends with the sandbox.
func (f *folder) forget() error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, "terraform.tfstate") || strings.HasPrefix(name, ".terraform") || strings.HasSuffix(name, chainFile("")) ||
			name == mailFile {
			if err := os.RemoveAll(filepath.Join(f.dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// chainFile is the name of the file that a shell reads to call a chain.
func chainFile(chain string) string { return chain + ".env" }

func (f *folder) writeChain(c deployed) error {
	return os.WriteFile(filepath.Join(f.dir, chainFile(c.name)), fmt.Appendf(nil, "url='%s'\nkey='%s'\n", c.url, c.key), 0o600)
}

func (f *folder) environmentFile() string { return filepath.Join(f.dir, "env") }

// writeEnvironment writes the file that a shell reads.
func (f *folder) writeEnvironment(environment []string, terraform string) error {
	var text strings.Builder
	for _, variable := range append(environment, "AWS_PROFILE=", "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+f.config) {
		if name, value, _ := strings.Cut(variable, "="); value == "" {
			fmt.Fprintf(&text, "unset %s\n", name)
		} else {
			fmt.Fprintf(&text, "export %s='%s'\n", name, value)
		}
	}
	fmt.Fprintf(&text, "export PATH='%s':'%s':\"$PATH\"\n", filepath.Join(f.root, "bin"), filepath.Dir(terraform)) // bin has qlik-chain
	return os.WriteFile(f.environmentFile(), []byte(text.String()), 0o600)
}

var tenantLine = regexp.MustCompile(`(?m)^export QLIK_TENANT_URL='(.+)'$`)

// refuseSecond fails if another sandbox works in this folder: the tenant that its file names still answers.
func (f *folder) refuseSecond(ctx context.Context) error {
	text, err := os.ReadFile(f.environmentFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	match := tenantLine.FindSubmatch(text)
	if match == nil {
		return nil
	}
	tenant, err := url.Parse(string(match[1]))
	if err != nil {
		return fmt.Errorf("%s: %w", f.environmentFile(), err)
	}
	connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", tenant.Host)
	if err != nil {
		return nil //nolint:nilerr // nothing listens: the other sandbox has ended
	}
	_ = connection.Close()
	return fmt.Errorf("another sandbox works in %s. End it with Ctrl-C first, or give this one a folder: SANDBOX=another-folder", f.dir)
}
