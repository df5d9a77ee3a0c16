// SPDX-License-Identifier: MPL-2.0

package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Program is what is to be run.
type Program struct {
	Path        string
	Args        []string
	Environment []string // NAME=value: all that it gets besides the Runtime API's address
}

// Process is a program that has asked for its first invocation. Close it.
type Process struct {
	Init time.Duration // from its start until it asked

	server  *server
	command *exec.Cmd
	output  *os.File // what it writes: a file, since reading along would take time
	exited  chan struct{}
	begun   time.Time
	count   int
	waiting bool // it has asked for an invocation that it was not given yet
}

// Start runs a program until it asks for its first invocation.
func Start(ctx context.Context, program Program) (*Process, error) {
	s, err := listen(ctx)
	if err != nil {
		return nil, fmt.Errorf("listening for the Runtime API: %w", err)
	}
	output, err := os.CreateTemp("", "bench-output")
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	p := &Process{server: s, output: output, exited: make(chan struct{})}
	p.command = exec.CommandContext(ctx, program.Path, program.Args...) //nolint:gosec // runs what its caller says
	p.command.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=" + s.address}, program.Environment...)
	p.command.Stdout, p.command.Stderr = output, output
	p.begun = time.Now()
	if err := p.command.Start(); err != nil {
		return nil, errors.Join(err, s.close(), p.discard())
	}
	go func() {
		_ = p.command.Wait() // it serves until it is killed; what it wrote says why it did not
		close(p.exited)
	}()
	asked, err := p.asked(ctx)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.Init, p.waiting = asked.Sub(p.begun), true
	return p, nil
}

// asked waits until the program asks for an invocation.
func (p *Process) asked(ctx context.Context) (time.Time, error) {
	select {
	case at := <-p.server.asked:
		return at, nil
	case <-p.exited:
		return time.Time{}, p.ended()
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
}

// lastBytes is how much of a program's output an error tells.
const lastBytes = 2 << 10

// ended says how the program has ended, and what it wrote last.
func (p *Process) ended() error {
	info, err := p.output.Stat()
	if err != nil {
		return err
	}
	said, err := io.ReadAll(io.NewSectionReader(p.output, max(0, info.Size()-lastBytes), lastBytes))
	if err != nil {
		return err
	}
	var refusal []byte
	select {
	case refusal = <-p.server.refused:
	default:
	}
	return fmt.Errorf("%s ended: %v: %s%s", p.command.Path, p.command.ProcessState, said, refusal)
}

// discard forgets what the program wrote.
func (p *Process) discard() error { return errors.Join(p.output.Close(), os.Remove(p.output.Name())) }

// Invoke hands the program a payload and returns its answer. It waits until the program asks, so that one invocation begins when what
// the one before has left behind is done.
func (p *Process) Invoke(ctx context.Context, payload []byte) (Answer, error) {
	if !p.waiting {
		if _, err := p.asked(ctx); err != nil {
			return Answer{}, err
		}
	}
	p.count++
	i := &invocation{id: strconv.Itoa(p.count), payload: payload, answers: make(chan Answer, 1)}
	p.waiting = false
	select {
	case p.server.work <- i:
	case <-p.exited:
		return Answer{}, p.ended()
	}
	select {
	case answer := <-i.answers:
		if answer.Failed {
			return answer, fmt.Errorf("the program answered with an error: %s", answer.Body)
		}
		return answer, nil
	case <-p.exited:
		return Answer{}, p.ended()
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	}
}

// SinceStart is the time from the program's start to t.
func (p *Process) SinceStart(t time.Time) time.Duration { return t.Sub(p.begun) }

// Resident is how many bytes of memory the program holds; false where the system does not tell.
// Source: proc_pid_status(5), VmRSS.
func (p *Process) Resident() (bytes int64, known bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(status)) {
		if size, found := strings.CutPrefix(line, "VmRSS:"); found {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(size), " kB"), 10, 64)
			return kilobytes << 10, err == nil
		}
	}
	return 0, false
}

// Close kills the program and waits until it is gone.
func (p *Process) Close() error {
	err := p.command.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-p.exited
	return errors.Join(err, p.server.close(), p.discard())
}
