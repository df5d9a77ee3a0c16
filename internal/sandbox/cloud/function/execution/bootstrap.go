// SPDX-License-Identifier: MPL-2.0

package execution

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// platform is a host's platform, with Go's names.
type platform struct{ os, arch string }

func thisHost() platform { return platform{os: runtime.GOOS, arch: runtime.GOARCH} }

// machines maps Lambda's architectures to their ELF machines and their names in Go.
var machines = map[string]struct {
	elf    elf.Machine
	goarch string
}{
	"x86_64": {elf.EM_X86_64, "amd64"},
	"arm64":  {elf.EM_AARCH64, "arm64"},
}

// entrypoint is the file to execute for a version.
type entrypoint struct {
	path string
	note string // for the log, if it is not the zip's bootstrap
}

// findEntrypoint checks the bootstrap of a version. It refuses a bootstrap that Lambda refuses. If Lambda could run it but this host
// cannot, it uses hostBootstrap instead.
func findEntrypoint(host platform, version *Version, hostBootstrap string) (entrypoint, *failure) {
	path := filepath.Join(version.TaskRoot, "bootstrap")
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir():
		return entrypoint{}, invalidEntrypoint("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")
	case err != nil:
		return entrypoint{}, invalidEntrypoint(err.Error())
	case info.Mode()&0o111 == 0:
		return entrypoint{}, invalidEntrypoint("fork/exec /var/task/bootstrap: permission denied")
	}
	machine := machines[version.Architecture]
	isELF, err := checkMachine(path, machine.elf)
	if err != nil {
		return entrypoint{}, invalidEntrypoint(err.Error())
	}
	if host.os == "linux" && (!isELF || host.arch == machine.goarch) {
		return entrypoint{path: path}, nil
	}
	if hostBootstrap == "" {
		return entrypoint{}, invalidEntrypoint(fmt.Sprintf("the zip's bootstrap is built for linux/%s and this host is %s/%s: "+
			"give the sandbox a bootstrap of the same source built for this host", machine.goarch, host.os, host.arch))
	}
	return entrypoint{path: hostBootstrap, note: fmt.Sprintf("SANDBOX the zip's bootstrap is built for linux/%s and this host is %s/%s: "+
		"running %s in its place", machine.goarch, host.os, host.arch, hostBootstrap)}, nil
}

// checkMachine reports whether a bootstrap is an ELF file. Like Linux, it refuses one for another machine. A file that is not ELF may be a
// script.
func checkMachine(path string, want elf.Machine) (isELF bool, err error) {
	file, err := os.Open(path) //nolint:gosec // of the unpacked zip
	if err != nil {
		return false, err
	}
	defer file.Close() //nolint:errcheck // only read from
	magic := make([]byte, 4)
	if n, err := file.ReadAt(magic, 0); n >= 2 && string(magic[:2]) == "#!" {
		return false, nil
	} else if err != nil || string(magic) != elf.ELFMAG {
		return false, errors.New("fork/exec /var/task/bootstrap: exec format error")
	}
	header, err := elf.NewFile(file)
	if err != nil || header.Machine != want {
		return false, errors.New("fork/exec /var/task/bootstrap: exec format error")
	}
	return true, nil
}

func invalidEntrypoint(message string) *failure {
	return &failure{Type: typeEntrypoint, Message: message}
}
