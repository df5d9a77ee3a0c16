// SPDX-License-Identifier: MPL-2.0

package function

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
	sandbox "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

// What is compared.
const (
	theFloor      = "bare Go"
	theLibrary    = "aws-lambda-go alone"
	theFunction   = "the function"
	theBaseline   = "Node.js"
	theConcurrent = "Node.js, Promise.all"
)

// programs are the ways to be run, by what is compared; what this machine cannot run is missing.
type programs map[string]runtimeapi.Program

// paths are the programs' files.
type paths struct{ floor, library, bootstrap, node string }

// findPaths builds the floors, unpacks the function, and looks for Node.js. root is the project's folder.
func findPaths(ctx context.Context, root, dir string) (paths, error) {
	p := paths{floor: filepath.Join(dir, "floor"), library: filepath.Join(dir, "library"), bootstrap: filepath.Join(dir, "bootstrap")}
	for _, output := range []string{p.floor, p.library} {
		if err := build(ctx, root, output); err != nil {
			return p, err
		}
	}
	if runtime.GOOS != "linux" { // the zips hold Linux's binaries
		p.bootstrap = filepath.Join(root, "bin", "bootstrap")
	} else if err := unpack(p.bootstrap); err != nil {
		return p, err
	}
	var err error
	if p.node, err = exec.LookPath("node"); errors.Is(err, exec.ErrNotFound) {
		return p, nil
	}
	return p, err
}

// build builds the program below internal/bench that is called like the output, as the function is built.
func build(ctx context.Context, root, output string) error {
	source := "./internal/bench/" + filepath.Base(output)
	//nolint:gosec // fixed arguments, and a path of its own making
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", output, source)
	command.Dir, command.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", source, err, said)
	}
	return nil
}

// unpack takes the bootstrap out of the zip for this machine, as the provider would deploy it.
func unpack(to string) error {
	code, err := bundle.Load(sandbox.HostArchitecture())
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(code.Zip), int64(len(code.Zip)))
	if err != nil {
		return err
	}
	file, err := archive.Open("bootstrap")
	if err != nil {
		return err
	}
	binary, err := io.ReadAll(file)
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.WriteFile(to, binary, 0o700) //nolint:gosec // a program has to be executable
}

// idle tells whether a program starts nothing.
func idle(name string) bool { return name == theFloor || name == theLibrary }

// of are the programs with the environment for one chain.
func (p paths) of(root string, d deployed) programs {
	all := programs{theFloor: {Path: p.floor}, theLibrary: {Path: p.library}, theFunction: {Path: p.bootstrap, Environment: d.function}}
	if p.node != "" {
		for name, script := range map[string]string{theBaseline: "sequential.js", theConcurrent: "parallel.js"} {
			all[name] = runtimeapi.Program{Path: p.node, Args: []string{filepath.Join(root, "internal", "bench", "node", script)}, Environment: d.node}
		}
	}
	return all
}
