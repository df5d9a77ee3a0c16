// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// start starts the provider as terraform does, and asks it for its schema.
func (b *bench) start(ctx context.Context) error {
	const column = "the provider"
	table := b.report.Add("The provider's start", column)
	wall, cpu := table.Row("process start → schema", "ms"), table.Row("processor time until its end", "ms")
	for round := range b.Rounds {
		b.Say(fmt.Sprintf("the provider's start, round %d of %d", round+1, b.Rounds))
		took, used, err := schema(ctx, b.binary)
		if err != nil {
			return fmt.Errorf("asking the provider for its schema: %w", err)
		}
		wall.Set(column, round, milliseconds(took))
		cpu.Set(column, round, milliseconds(used))
	}
	info, err := os.Stat(b.binary)
	if err != nil {
		return err
	}
	size := table.Row("binary, with the function's zips in it", "MB")
	size.Set(column, 0, float64(info.Size())/1e6)
	b.report.Limit("the provider's start to its schema, ms of processor time", cpu.Values[column], 150)
	b.report.Limit("the provider's binary, MB", size.Values[column], 60)
	return nil
}

// handshake is what terraform and its providers recognise each other by. Source: terraform-plugin-go, tfprotov6/tf6server.
var handshake = plugin.HandshakeConfig{
	MagicCookieKey: "TF_PLUGIN_MAGIC_COOKIE", MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
}

const protocol = 6

// connection makes go-plugin hand out the connection itself. It serves nothing.
type connection struct{ plugin.NetRPCUnsupportedPlugin }

var _ plugin.GRPCPlugin = connection{}

func (connection) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("the bench serves no plugin")
}

func (connection) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return c, nil
}

// schema starts a provider and returns how long it took until it had told its schema, and how much processor time it had used when it
// had ended.
func schema(ctx context.Context, binary string) (took, used time.Duration, err error) {
	command := exec.CommandContext(ctx, binary)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: handshake, VersionedPlugins: map[int]plugin.PluginSet{protocol: {"provider": connection{}}},
		Cmd: command, AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, AutoMTLS: true, Logger: hclog.NewNullLogger(),
	})
	began := time.Now()
	answer, err := call(ctx, client, "/tfplugin6.Provider/GetProviderSchema")
	took = time.Since(began)
	client.Kill()
	switch {
	case err != nil:
		return 0, 0, err
	case len(answer.ProtoReflect().GetUnknown()) == 0:
		return 0, 0, errors.New("the schema is empty")
	case command.ProcessState == nil:
		return 0, 0, errors.New("it did not end")
	}
	return took, command.ProcessState.UserTime() + command.ProcessState.SystemTime(), nil
}

// call calls a method that wants nothing. What it answers is in the fields that an empty message does not know.
func call(ctx context.Context, client *plugin.Client, method string) (*emptypb.Empty, error) {
	protocol, err := client.Client()
	if err != nil {
		return nil, err
	}
	raw, err := protocol.Dispense("provider")
	if err != nil {
		return nil, err
	}
	conn, ok := raw.(*grpc.ClientConn)
	if !ok {
		return nil, fmt.Errorf("go-plugin handed out a %T", raw)
	}
	answer := new(emptypb.Empty)
	return answer, conn.Invoke(ctx, method, new(emptypb.Empty), answer)
}
