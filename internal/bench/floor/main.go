// SPDX-License-Identifier: MPL-2.0

// Command floor answers every invocation with null, with net/http only: the minimum cost of a Go program on Lambda.
package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		response, err := http.Get(base + "next") //nolint:gosec,noctx // the address is Lambda's, and the invocation comes when it comes
		id := drain(response, err).Get("Lambda-Runtime-Aws-Request-Id")
		response, err = http.Post(base+id+"/response", "application/json", strings.NewReader("null")) //nolint:gosec,noctx // likewise
		drain(response, err)
	}
}

// drain reads an answer to its end, so that the connection can be used again.
func drain(response *http.Response, err error) http.Header {
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
	}
	if err != nil {
		log.Fatal(err)
	}
	_ = response.Body.Close() // it was only read
	return response.Header
}
