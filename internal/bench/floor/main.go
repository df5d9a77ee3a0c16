// SPDX-License-Identifier: MPL-2.0

// Command floor answers every invocation with null, with nothing but net/http: what a program in Go costs on Lambda at the least.
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
		if err := serve(base); err != nil {
			log.Fatal(err)
		}
	}
}

func serve(base string) error {
	response, err := http.Get(base + "next") //nolint:gosec,noctx // the address is Lambda's, and the invocation comes when it comes
	if err != nil {
		return err
	}
	if err := drain(response); err != nil {
		return err
	}
	id := response.Header.Get("Lambda-Runtime-Aws-Request-Id")
	response, err = http.Post(base+id+"/response", "application/json", strings.NewReader("null")) //nolint:gosec,noctx // likewise
	if err != nil {
		return err
	}
	return drain(response)
}

// drain reads a body to its end, so that the connection can be used again.
func drain(response *http.Response) error {
	defer response.Body.Close()
	_, err := io.Copy(io.Discard, response.Body)
	return err
}
