// SPDX-License-Identifier: MPL-2.0

// The function that the tests run: it follows its event.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"sort"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// event is a task. An event of another shape is echoed.
type event struct {
	Do    string `json:"do"`
	Text  string `json:"text"`
	URL   string `json:"url"`
	Key   string `json:"key"` // of the Qlik tenant at URL
	App   string `json:"app"`
	Proxy json.RawMessage
}

func main() {
	if os.Getenv("FAIL_INIT") != "" {
		fmt.Println("refusing to start")
		os.Exit(7)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var proxy events.APIGatewayProxyRequest
	if err := json.Unmarshal(raw, &proxy); err == nil && proxy.RequestContext.APIID != "" {
		return answerProxy(ctx, proxy, raw)
	}
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return nil, err
	}
	switch e.Do {
	case "print":
		fmt.Print(e.Text)
		return "printed", nil
	case "environment":
		environment := os.Environ()
		sort.Strings(environment)
		directory, err := os.Getwd()
		return map[string]any{"environment": environment, "directory": directory, "pid": os.Getpid()}, err
	case "context":
		deadline, _ := ctx.Deadline()
		c, _ := lambdacontext.FromContext(ctx)
		return map[string]any{"request": c.AwsRequestID, "arn": c.InvokedFunctionArn, "deadline": deadline.UnixMilli()}, nil
	case "fail":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		fmt.Print("last words")
		os.Exit(3)
	case "hang":
		select {}
	case "child":
		child := exec.Command("/bin/sleep", "600") //nolint:noctx // shall outlive the invocation
		if err := child.Start(); err != nil {
			return nil, err
		}
		return child.Process.Pid, nil
	case "get":
		return get(ctx, e.URL)
	case "calls":
		return makeCalls(ctx, e)
	case "large":
		return strings.Repeat("x", 7*1024*1024), nil
	}
	return raw, nil
}

// get returns the answer of a URL, and fails unless its status is 200. The test serves the URL and decides when and what it answers.
func get(ctx context.Context, url string) (any, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Pid", fmt.Sprint(os.Getpid()))
	request.Header.Set("X-Version", os.Getenv("VERSION"))
	if c, ok := lambdacontext.FromContext(ctx); ok {
		request.Header.Set("X-Request", c.AwsRequestID)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	return string(body), nil
}

// answerProxy returns the answer that the query asks for, else the event itself.
func answerProxy(ctx context.Context, proxy events.APIGatewayProxyRequest, raw json.RawMessage) (any, error) {
	switch proxy.QueryStringParameters["do"] {
	case "malformed":
		return "no proxy response", nil
	case "fail":
		return nil, errors.New("configured to fail")
	case "hang":
		<-ctx.Done()
		return nil, ctx.Err()
	case "binary":
		return events.APIGatewayProxyResponse{StatusCode: 200, Body: "AAH/", IsBase64Encoded: true,
			Headers: map[string]string{"Content-Type": "application/octet-stream"}}, nil
	case "headers":
		return events.APIGatewayProxyResponse{
			StatusCode: 418, Body: "short and stout", Headers: map[string]string{"X-One": "1", "Content-Type": "text/plain"},
			MultiValueHeaders: map[string][]string{"X-Many": {"a", "b"}}}, nil
	}
	return events.APIGatewayProxyResponse{StatusCode: 200, Body: string(raw)}, nil
}
