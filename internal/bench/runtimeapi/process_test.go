// SPDX-License-Identifier: MPL-2.0

package runtimeapi_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
)

// The test's own binary is the program when this is set, to how it behaves.
const behaviour = "BENCH_TEST_BEHAVIOUR"

func TestMain(m *testing.M) {
	how := os.Getenv(behaviour)
	if how == "" {
		os.Exit(m.Run())
	}
	if err := behave(how); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// behave echoes invocations in capitals, or fails as told.
func behave(how string) error {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"
	if how == "refuse" {
		if err := post(base+"init/error", "it will not start"); err != nil {
			return err
		}
		return fmt.Errorf("a last word")
	}
	for {
		id, payload, err := next(base)
		if err != nil {
			return err
		}
		answer := "/response"
		switch how {
		case "fail":
			answer = "/error"
		case "die":
			return fmt.Errorf("killed by %s", payload)
		}
		if err := post(base+"invocation/"+id+answer, strings.ToUpper(string(payload))); err != nil {
			return err
		}
	}
}

func next(base string) (id string, payload []byte, err error) {
	response, err := http.Get(base + "invocation/next")
	if err != nil {
		return "", nil, err
	}
	defer response.Body.Close()
	payload, err = io.ReadAll(response.Body)
	return response.Header.Get("Lambda-Runtime-Aws-Request-Id"), payload, err
}

func post(url, body string) error {
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func program(t *testing.T, how string) runtimeapi.Program {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return runtimeapi.Program{Path: binary, Environment: []string{behaviour + "=" + how}}
}

func start(t *testing.T, how string) *runtimeapi.Process {
	t.Helper()
	p, err := runtimeapi.Start(t.Context(), program(t, how))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestInvoke(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p := start(t, "echo")
	for _, payload := range []string{"a", "b"} {
		answer, err := p.Invoke(t.Context(), []byte(payload))
		if err != nil || string(answer.Body) != strings.ToUpper(payload) {
			t.Fatalf("Invoke(%s) = %s, %v", payload, answer.Body, err)
		}
		if since := p.SinceStart(answer.At); answer.Took <= 0 || p.Init <= 0 || since < p.Init+answer.Took || since > time.Since(began) {
			t.Errorf("it took %s to start, %s to answer, and %s in all", p.Init, answer.Took, since)
		}
	}
	if bytes, known := p.Resident(); known && bytes < 1<<20 {
		t.Errorf("it holds %d bytes", bytes)
	}
}

func TestInvokeFails(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{"fail": "answered with an error: A", "die": "killed by a"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			if _, err := start(t, how).Invoke(t.Context(), []byte("a")); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Invoke() = %v, want %q", err, want)
			}
		})
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	_, err := runtimeapi.Start(t.Context(), program(t, "refuse"))
	if err == nil || !strings.Contains(err.Error(), "it will not start") || !strings.Contains(err.Error(), "a last word") {
		t.Errorf("Start() = %v", err)
	}
	if _, err := runtimeapi.Start(t.Context(), runtimeapi.Program{Path: "/nowhere"}); err == nil {
		t.Error("a program that is not there was started")
	}
}
