// SPDX-License-Identifier: MPL-2.0

// Package runtimeapi starts a program as AWS Lambda does, hands invocations to it over the Lambda Runtime API, and takes the times. Its
// server does as little as it can, so that what is measured is the program.
// Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
package runtimeapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// deadline is how long an invocation may take. It has to cover a fan-out that is done one call after another.
const deadline = time.Minute

// arn is what the function is told to be.
const arn = "arn:aws:lambda:eu-central-1:123456789012:function:bench"

// invocation is a payload on its way to the program, and its answer on the way back.
type invocation struct {
	id      string
	payload []byte
	handed  time.Time // just before the answer to the program's request for it was written
	answers chan Answer
}

// Answer is how a program has answered an invocation.
type Answer struct {
	Body   []byte
	Failed bool          // it called it an error
	Took   time.Duration // from the moment in which the program was given the invocation
	At     time.Time
}

// server is the Runtime API of one program.
type server struct {
	address string
	http    *http.Server
	served  chan error
	asked   chan time.Time // when the program asked for an invocation
	work    chan *invocation
	refused chan []byte // what the program says of why it cannot start
	current *invocation // the program has one at a time, so that no lock is needed: its requests follow each other
}

func listen(ctx context.Context) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{
		address: listener.Addr().String(), served: make(chan error, 1),
		asked: make(chan time.Time, 1), work: make(chan *invocation), refused: make(chan []byte, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", s.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, false) })
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, true) })
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", s.initError)
	s.http = &http.Server{Handler: mux, ReadHeaderTimeout: deadline}
	go func() { s.served <- s.http.Serve(listener) }()
	return s, nil
}

func (s *server) close() error {
	err := s.http.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

func (s *server) next(w http.ResponseWriter, r *http.Request) {
	select {
	case s.asked <- time.Now():
	case <-r.Context().Done():
		return
	}
	select {
	case s.current = <-s.work:
	case <-r.Context().Done():
		return // the program has gone
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Lambda-Runtime-Aws-Request-Id", s.current.id)
	header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(deadline).UnixMilli(), 10))
	header.Set("Lambda-Runtime-Invoked-Function-Arn", arn)
	s.current.handed = time.Now()
	_, _ = w.Write(s.current.payload) // a program that is gone is noticed by its exit
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, failed bool) {
	body, err := io.ReadAll(r.Body)
	at := time.Now()
	if err != nil || s.current == nil || r.PathValue("id") != s.current.id {
		http.Error(w, fmt.Sprintf("not the answer that is waited for: %v", err), http.StatusBadRequest)
		return
	}
	s.current.answers <- Answer{Body: body, Failed: failed, Took: at.Sub(s.current.handed), At: at}
	w.WriteHeader(http.StatusAccepted)
}

func (s *server) initError(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case s.refused <- body:
	default: // it has said so before
	}
	w.WriteHeader(http.StatusAccepted)
}
