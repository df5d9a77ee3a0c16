// SPDX-License-Identifier: MPL-2.0

package aws_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// sentRequest is the part of a request that says what a service should do.
type sentRequest struct {
	Method, Path, Target string
	Body                 map[string]any
}

// sendSame fails the test unless both send the same to a service, except members of the body with random values.
func sendSame(t *testing.T, byHand, bySDK func(sdk.Config), random ...string) {
	t.Helper()
	got, want := sent(t, byHand), sent(t, bySDK)
	for _, member := range random {
		if got.Body[member] == nil || want.Body[member] == nil {
			t.Errorf("%s is not sent by both: %v, %v", member, got.Body[member], want.Body[member])
		}
		delete(got.Body, member)
		delete(want.Body, member)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("by hand is sent\n%v\nand by the SDK\n%v", got, want)
	}
}

// sent is the request that send sends with a configuration, and that is answered with an empty object.
func sent(t *testing.T, send func(sdk.Config)) sentRequest {
	t.Helper()
	requests := make(chan sentRequest, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sentRequest{Method: r.Method, Path: r.URL.RequestURI(), Target: r.Header.Get("X-Amz-Target")}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &got.Body)
		}
		if err != nil {
			t.Errorf("the request's body: %v", err)
		}
		requests <- got
		_, _ = io.WriteString(w, "{}")
	}))
	t.Cleanup(server.Close)
	send(sdk.Config{
		Region: "eu-central-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
	})
	select {
	case r := <-requests:
		return r
	default:
		t.Fatal("no request was sent")
		return sentRequest{}
	}
}
