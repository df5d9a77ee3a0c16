// SPDX-License-Identifier: MPL-2.0

package execution

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// maxPayload is the largest answer of a function in bytes (AWS Lambda quotas: 6 MB each for request and response).
const maxPayload = 6*1024*1024 + 100

// delivery is an invocation on its way to the process, and the answer on its way back.
type delivery struct {
	Invocation
	deadline time.Time
	arn      string

	answered bool
	payload  []byte
	failed   bool
}

// runtimeAPI is the Lambda Runtime API of one execution environment, with its own listener. Source:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	address string
	server  *http.Server
	served  chan error
	asked   chan struct{}  // the process asks for an invocation: it is initialised, and has finished the previous one
	work    chan *delivery // to the process that asked

	mu        sync.Mutex
	waiting   bool
	current   *delivery
	initError []byte // the error that the process posted when its initialisation failed
}

func startRuntimeAPI(ctx context.Context) (*runtimeAPI, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the Runtime API: %w", err)
	}
	api := &runtimeAPI{
		address: listener.Addr().String(),
		served:  make(chan error, 1),
		asked:   make(chan struct{}, 1),
		work:    make(chan *delivery),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", api.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", api.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", api.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", api.initFailure)
	api.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { api.served <- api.server.Serve(listener) }()
	return api, nil
}

func (api *runtimeAPI) close() error {
	err := api.server.Close()
	if served := <-api.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// next blocks the process until there is an invocation for it.
func (api *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	api.mu.Lock()
	if api.waiting || api.current != nil && !api.current.answered {
		api.mu.Unlock()
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the invocation before has no answer yet")
		return
	}
	api.waiting = true
	api.mu.Unlock()
	api.asked <- struct{}{} // never blocks: one place, and only one asks at a time
	var d *delivery
	select {
	case d = <-api.work:
	case <-r.Context().Done():
		return // the process has ended, and its environment with it
	}
	api.mu.Lock()
	api.waiting, api.current = false, d
	api.mu.Unlock()

	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Lambda-Runtime-Aws-Request-Id", d.RequestID)
	header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(d.deadline.UnixMilli(), 10))
	header.Set("Lambda-Runtime-Invoked-Function-Arn", d.arn)
	_, _ = w.Write(d.Payload) // the exit of the process is detected elsewhere
}

func (api *runtimeAPI) response(w http.ResponseWriter, r *http.Request) { api.answer(w, r, false) }
func (api *runtimeAPI) failure(w http.ResponseWriter, r *http.Request)  { api.answer(w, r, true) }

func (api *runtimeAPI) answer(w http.ResponseWriter, r *http.Request, failed bool) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	switch {
	case api.current == nil || api.current.RequestID != r.PathValue("id"):
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
	case api.current.answered:
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the invocation has its answer already")
	case len(payload) > maxPayload:
		tooLarge := &failure{Type: typeTooLarge, Message: fmt.Sprintf(
			"Response payload size exceeded maximum allowed payload size (%d bytes).", maxPayload)}
		api.current.answered, api.current.failed, api.current.payload = true, true, tooLarge.encode()
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", tooLarge.Message)
	default:
		api.current.answered, api.current.failed, api.current.payload = true, failed, payload
		accept(w)
	}
}

func (api *runtimeAPI) initFailure(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload))
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	api.initError = payload
	accept(w)
}

// result returns the answer that the process gave, if any.
func (api *runtimeAPI) result(d *delivery) (payload []byte, failed, answered bool) {
	api.mu.Lock()
	defer api.mu.Unlock()
	return d.payload, d.failed, d.answered
}

func (api *runtimeAPI) takeInitError() []byte {
	api.mu.Lock()
	defer api.mu.Unlock()
	return api.initError
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`+"\n") // only the status matters, and it is sent
}

func refuse(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": message}) // only the status matters
}
