// SPDX-License-Identifier: MPL-2.0

package runtimeapi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
)

// behaviour is the variable that makes the test's own binary the program, and says what the program does.
const behaviour = "BENCH_TEST_BEHAVIOUR"

func TestMain(m *testing.M) {
	how := os.Getenv(behaviour)
	if how == "" {
		os.Exit(m.Run())
	}
	fmt.Fprintln(os.Stderr, behave(how))
	os.Exit(1)
}

// behave answers invocations with their payload in capitals, or fails.
func behave(how string) error {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	if how == "refuse" {
		return fmt.Errorf("it does not start")
	}
	for {
		response, err := http.Get(base + "next")
		if err != nil {
			return err
		}
		payload, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil {
			return err
		}
		answer := "/response"
		switch how {
		case "fail":
			answer = "/error"
		case "die":
			return fmt.Errorf("killed by %s", payload)
		}
		id := response.Header.Get("Lambda-Runtime-Aws-Request-Id")
		if response, err = http.Post(base+id+answer, "application/json", strings.NewReader(strings.ToUpper(string(payload)))); err != nil {
			return err
		}
		if err := response.Body.Close(); err != nil {
			return err
		}
	}
}

func start(t *testing.T, how string) (*runtimeapi.Process, error) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), binary)
	command.Env = []string{behaviour + "=" + how}
	p, err := runtimeapi.Start(t.Context(), command)
	if err == nil {
		t.Cleanup(func() {
			if err := p.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return p, err
}

func TestInvoke(t *testing.T) {
	t.Parallel()
	began := time.Now()
	p, err := start(t, "echo")
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range []string{"a", "b"} {
		answer, err := p.Invoke(t.Context(), []byte(payload))
		if err != nil || string(answer.Body) != strings.ToUpper(payload) {
			t.Fatalf("Invoke(%s) = %s, %v", payload, answer.Body, err)
		}
		if since := answer.InAll; answer.Took <= 0 || p.Init <= 0 || since < p.Init+answer.Took || since > time.Since(began) {
			t.Errorf("it took %s to start, %s to answer, and %s in all", p.Init, answer.Took, since)
		}
	}
	if bytes, known := p.Memory(); known && bytes < 1<<20 {
		t.Errorf("it holds %v bytes", bytes)
	}
}

func TestInvokeFails(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]string{"fail": "answered with an error: A", "die": "killed by a"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			p, err := start(t, how)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Invoke(t.Context(), []byte("a")); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("Invoke() = %v, want %q", err, want)
			}
		})
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	if _, err := start(t, "refuse"); err == nil || !strings.Contains(err.Error(), "it does not start") {
		t.Errorf("Start() = %v", err)
	}
	if _, err := runtimeapi.Start(t.Context(), exec.CommandContext(t.Context(), "/nowhere")); err == nil {
		t.Error("a program that does not exist was started")
	}
}
