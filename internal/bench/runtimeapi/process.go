// SPDX-License-Identifier: MPL-2.0

// Package runtimeapi runs programs as AWS Lambda does, and measures the time. Source:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// limit is the time limit of an invocation, the same as the function's.
const limit = time.Minute

const invocations = "/2018-06-01/runtime/invocation/"

// Answer is a program's answer to an invocation.
type Answer struct {
	Took   time.Duration // from the invocation to the answer
	InAll  time.Duration // from the program's start to the answer
	Body   []byte
	failed bool
}

// Process is a program that has asked for its first invocation. The caller must close it.
type Process struct {
	Init time.Duration // from its start until it asked

	server  *http.Server
	command *exec.Cmd
	failure strings.Builder // what the program writes to its standard error
	exited  chan struct{}
	begun   time.Time

	asked   chan time.Time // the program asks for an invocation
	payload chan []byte
	given   time.Time // when it got the invocation
	answers chan Answer
}

// Start runs a program until it asks for its first invocation. The command has the program's whole environment, besides the Runtime API's
// address.
func Start(ctx context.Context, command *exec.Cmd) (*Process, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the Runtime API: %w", err)
	}
	p := &Process{
		command: command, exited: make(chan struct{}), asked: make(chan time.Time, 1), payload: make(chan []byte), answers: make(chan Answer, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+invocations+"next", p.next)
	mux.HandleFunc("POST "+invocations+"{id}/{kind}", p.answer)
	p.server = &http.Server{Handler: mux, ReadHeaderTimeout: limit}
	go func() { _ = p.server.Serve(listener) }() // it serves until Close; without it the program ends, and says why
	p.command.Env = append(p.command.Env, "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String())
	p.command.Stderr = &p.failure
	p.begun = time.Now()
	if err := p.command.Start(); err != nil {
		return nil, errors.Join(err, p.server.Close())
	}
	go func() {
		_ = p.command.Wait() // it runs until it is killed; if not, failure says why
		close(p.exited)
	}()
	at, err := receive(ctx, p, p.asked)
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.Init = at.Sub(p.begun)
	p.asked <- at // it has not got the invocation yet
	return p, nil
}

// Invoke sends the program an invocation and returns its answer. It first waits until the program asks, so that remaining work of the last
// invocation does not count.
func (p *Process) Invoke(ctx context.Context, payload []byte) (Answer, error) {
	if _, err := receive(ctx, p, p.asked); err != nil {
		return Answer{}, err
	}
	select {
	case p.payload <- payload:
	case <-p.exited:
		return Answer{}, p.ended()
	}
	answer, err := receive(ctx, p, p.answers)
	if err == nil && answer.failed {
		err = fmt.Errorf("the program answered with an error: %s", answer.Body)
	}
	return answer, err
}

// receive waits for a value from the program.
func receive[T any](ctx context.Context, p *Process, from <-chan T) (got T, err error) {
	select {
	case got = <-from:
		return got, nil
	case <-p.exited:
		return got, p.ended()
	case <-ctx.Done():
		return got, ctx.Err()
	}
}

// next answers the program's request for an invocation.
func (p *Process) next(w http.ResponseWriter, r *http.Request) {
	p.asked <- time.Now()
	select {
	case payload := <-p.payload:
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", "1")
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(limit).UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:bench")
		p.given = time.Now()
		_, _ = w.Write(payload) // if the program is gone, Invoke notices its end
	case <-r.Context().Done(): // the program is gone
	}
}

func (p *Process) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	failed := err != nil || r.PathValue("kind") != "response"
	p.answers <- Answer{Took: time.Since(p.given), InAll: time.Since(p.begun), Body: body, failed: failed}
}

// Memory returns the bytes of memory that the program holds. known is false if the system does not report it. Source: proc_pid_status(5),
// VmRSS.
func (p *Process) Memory() (bytes float64, known bool) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, false
	}
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, err := strconv.ParseFloat(kilobytes, 64)
	return n * 1024, err == nil
}

// ended returns how the program has ended.
func (p *Process) ended() error {
	return fmt.Errorf("%s ended: %v: %s", p.command.Path, p.command.ProcessState, &p.failure)
}

// Close kills the program and waits until it is gone.
func (p *Process) Close() error {
	err := p.command.Process.Kill()
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	<-p.exited
	return errors.Join(err, p.server.Close())
}
