// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// The compared programs.
const (
	theFunction  = "the function"
	bareGo       = "bare Go"
	nodeInTurn   = "Node.js"
	nodeParallel = "Node.js, Promise.all"
)

var columns = []string{theFunction, bareGo, nodeInTurn, nodeParallel}

// deployed is a chain that the programs can read.
type deployed struct {
	prefix string // of its parameters
	list   string // a file with it, for Node.js
}

// deploy makes a chain readable for the programs.
func (b *bench) deploy(ctx context.Context, name string, d *chain.Definition) (deployed, error) {
	chain := deployed{prefix: "/qlik-task-chain/" + name, list: filepath.Join(b.Dir, name+".json")}
	text, err := json.Marshal(list(d))
	if err != nil {
		return chain, err
	}
	return chain, errors.Join(os.WriteFile(chain.list, text, 0o600), b.aws.deploy(ctx, chain.prefix, d))
}

// build builds the function and bare Go as the zips' binaries are built.
func (b *bench) build(ctx context.Context) error {
	for to, source := range map[string]string{b.bootstrap: "./lambda", b.bareGo: "./internal/bench/floor"} {
		//nolint:gosec // fixed arguments, and paths of its own making
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-tags", "lambda.norpc", "-o", to, source)
		command.Dir, command.Env = b.Root, append(os.Environ(), "CGO_ENABLED=0")
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", source, err, output)
		}
	}
	return nil
}

// start starts a program for a chain. The function gets an empty table each time: a night does not have the runs of a whole bench.
func (b *bench) start(ctx context.Context, program string, c deployed) (*runtimeapi.Process, error) {
	command := exec.CommandContext(ctx, b.bareGo) //nolint:gosec // the bench has built it, as the function
	switch program {
	case theFunction:
		table, err := b.aws.newTable(ctx)
		if err != nil {
			return nil, err
		}
		command = exec.CommandContext(ctx, b.bootstrap) //nolint:gosec // likewise
		command.Env = b.environment(c.prefix, table)
	case nodeInTurn, nodeParallel:
		//nolint:gosec // the node that is in PATH
		command = exec.CommandContext(ctx, b.node, filepath.Join(b.Root, "internal", "bench", "function", "function.js"))
		command.Env = []string{"NODE_EXTRA_CA_CERTS=" + b.trusted, "LIST=" + c.list, "QLIK_TENANT_URL=" + b.tenant.url, "QLIK_API_KEY=" + apiKey}
		if program == nodeParallel {
			command.Args = append(command.Args, "parallel")
		}
	}
	return runtimeapi.Start(ctx, command)
}
