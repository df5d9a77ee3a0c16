// SPDX-License-Identifier: MPL-2.0

package execution

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRuntimeAPIRefusesWhatIsOutOfTurn plays a runtime that breaks the protocol.
func TestRuntimeAPIRefusesWhatIsOutOfTurn(t *testing.T) {
	t.Parallel()
	api, err := startRuntimeAPI(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := api.close(); err != nil {
			t.Error(err)
		}
	})
	call := func(method, path, body string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, "http://"+api.address+"/2018-06-01/runtime/"+path,
			strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		content, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(content)
	}
	want := func(method, path, body string, status int, content string) {
		t.Helper()
		if gotStatus, got := call(method, path, body); gotStatus != status || !strings.Contains(got, content) {
			t.Errorf("%s %s answered %d %s, want %d with %s", method, path, gotStatus, got, status, content)
		}
	}
	want("POST", "invocation/1/response", "{}", 400, "InvalidRequestID") // before any invocation

	first := &delivery{Invocation: Invocation{RequestID: "1", Payload: []byte(`"one"`)}, deadline: time.Now()}
	handed := make(chan struct{})
	go func() {
		<-api.asked
		api.work <- first
		close(handed)
	}()
	want("GET", "invocation/next", "", 200, `"one"`)
	<-handed
	want("GET", "invocation/next", "", 403, "InvalidStateTransition") // without an answer to the first
	want("POST", "invocation/2/response", "{}", 400, "InvalidRequestID")
	want("POST", "invocation/1/error", `{"errorMessage":"no"}`, 202, "OK")
	want("POST", "invocation/1/response", "{}", 403, "InvalidStateTransition") // answered already
	if payload, failed, answered := api.result(first); string(payload) != `{"errorMessage":"no"}` || !failed || !answered {
		t.Errorf("the first invocation's result is %s, %t, %t", payload, failed, answered)
	}
	want("POST", "init/error", `{"errorType":"x"}`, 202, "OK")
	if got := api.takeInitError(); string(got) != `{"errorType":"x"}` {
		t.Errorf("the initialisation's error is %s", got)
	}
}
