// SPDX-License-Identifier: MPL-2.0

package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestAFanOutFindsTheConnectionsOfTheOneBefore: as many requests at once as there are steps seen to at once, twice.
func TestAFanOutFindsTheConnectionsOfTheOneBefore(t *testing.T) {
	t.Parallel()
	for name, client := range map[string]*http.Client{"AWS": awsClient(), "Qlik Cloud": qlikClient()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var met sync.WaitGroup // lets no request be answered before all are there, so that each has a connection of its own
			var made atomic.Int32
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				met.Done()
				met.Wait()
			}))
			server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
				if state == http.StateNew {
					made.Add(1)
				}
			}
			server.Start()
			t.Cleanup(server.Close)
			for range 2 {
				met.Add(engine.MaxParallel)
				var all sync.WaitGroup
				for range engine.MaxParallel {
					all.Go(func() {
						request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
						if err != nil {
							t.Error(err)
							return
						}
						response, err := client.Do(request)
						if err != nil {
							t.Error(err)
							return
						}
						defer response.Body.Close()
						if _, err := io.Copy(io.Discard, response.Body); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
			}
			if n := made.Load(); n != engine.MaxParallel {
				t.Errorf("%d connections were made, want %d", n, engine.MaxParallel)
			}
		})
	}
}
