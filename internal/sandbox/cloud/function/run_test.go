// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"debug/elf"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution/elftest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
)

func TestInvokeGivesTheFunctionItsEnvironment(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, func(in *lambda.CreateFunctionInput) {
		in.Environment = &types.Environment{Variables: map[string]string{"CHAIN_NAME": "nightly"}}
		in.MemorySize = aws.Int32(256)
	})
	out := s.invoke(t, `{"do":"environment"}`)
	if out.FunctionError != nil || out.StatusCode != 200 || aws.ToString(out.ExecutedVersion) != "$LATEST" {
		t.Fatalf("got %+v with the payload %s", out, out.Payload)
	}
	var answer struct {
		Environment []string
		Directory   string
	}
	if err := json.Unmarshal(out.Payload, &answer); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"AWS_LAMBDA_FUNCTION_NAME=nightly", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/nightly",
		"AWS_LAMBDA_LOG_STREAM_NAME=" + s.logs.Lines()[0].Stream, "AWS_REGION=eu-central-1", "AWS_ENDPOINT_URL=http://127.0.0.1:1",
		"AWS_ACCESS_KEY_ID=ASIATEST", "AWS_SECRET_ACCESS_KEY=secret", "AWS_SESSION_TOKEN=" + functiontest.RoleARN + "/nightly",
		"LAMBDA_TASK_ROOT=" + answer.Directory, "_HANDLER=bootstrap", "CHAIN_NAME=nightly",
	} {
		if !slices.Contains(answer.Environment, want) {
			t.Errorf("the environment has no %s", want)
		}
	}
	for _, variable := range answer.Environment {
		if name, _, _ := strings.Cut(variable, "="); name == "HOME" || name == "GOCACHE" {
			t.Errorf("the host's %s reached the function", variable)
		}
	}
}

func TestInvokeTellsTheFunctionItsContext(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	created := s.create(t, nil)
	out, err := s.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: created.FunctionArn, Payload: []byte(`{"do":"context"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Request, ARN string
		Deadline     int64
	}
	if err := json.Unmarshal(out.Payload, &answer); err != nil {
		t.Fatal(err)
	}
	if answer.ARN != aws.ToString(created.FunctionArn) || answer.Request == "" || answer.Deadline == 0 {
		t.Errorf("got %s", out.Payload)
	}
}

func TestLogOfAnInvocation(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	s.invoke(t, `{"do":"print","text":"first\nsecond\nunfinished"}`)
	lines := strings.Split(s.logs.Text(), "\n")
	want := []string{"INIT_START ", "START RequestId: ", "first", "second", "unfinished", "END RequestId: ", "REPORT RequestId: "}
	if len(lines) != len(want) {
		t.Fatalf("got the lines %q", lines)
	}
	for i := range want {
		if !strings.HasPrefix(lines[i], want[i]) {
			t.Errorf("line %d is %q, want %q…", i, lines[i], want[i])
		}
	}
	for _, part := range []string{"\tDuration: ", "\tBilled Duration: ", "\tMemory Size: 128 MB", "\tInit Duration: "} {
		if !strings.Contains(lines[6], part) {
			t.Errorf("the report %q has no %q", lines[6], part)
		}
	}
}

func TestLogInJSON(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, func(in *lambda.CreateFunctionInput) {
		in.LoggingConfig = &types.LoggingConfig{LogFormat: types.LogFormatJson, LogGroup: aws.String("/qlik/nightly")}
	})
	s.invoke(t, `{"do":"print","text":"{\"msg\":\"mine\"}\n"}`)
	var kinds []string
	for _, line := range s.logs.Lines() {
		if line.Group != "/qlik/nightly" || line.RoleARN != functiontest.RoleARN {
			t.Errorf("%q went to the group %s as %s", line.Message, line.Group, line.RoleARN)
		}
		var record struct {
			Type, Msg string
			Record    struct {
				RequestID string
				Status    string
				Metrics   map[string]float64
			}
		}
		if err := json.Unmarshal([]byte(line.Message), &record); err != nil {
			t.Errorf("%q is not JSON: %v", line.Message, err)
		}
		kinds = append(kinds, record.Type+record.Msg)
		if record.Type == "platform.report" && (record.Record.Status != "success" || record.Record.RequestID == "" ||
			record.Record.Metrics["memorySizeMB"] != 128) {
			t.Errorf("got the report %q", line.Message)
		}
	}
	if want := []string{"platform.initStart", "platform.start", "mine", "platform.report"}; !slices.Equal(kinds, want) {
		t.Errorf("got %q, want %q", kinds, want)
	}
}

func TestMissingLogGroupDoesNotStopTheFunction(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, func(in *lambda.CreateFunctionInput) {
		in.LoggingConfig = &types.LoggingConfig{LogGroup: aws.String("/missing")}
	})
	if out := s.invoke(t, `{"do":"print","text":"lost"}`); out.FunctionError != nil || len(s.logs.Lines()) != 0 {
		t.Errorf("got %+v and the lines %q", out, s.logs.Text())
	}
}

// functionError is what a failed invocation answers.
func functionError(t *testing.T, out *lambda.InvokeOutput) (kind, message string) {
	t.Helper()
	var failure struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(out.Payload, &failure); err != nil {
		t.Fatalf("payload %q: %v", out.Payload, err)
	}
	if out.StatusCode != 200 || aws.ToString(out.FunctionError) != "Unhandled" {
		t.Errorf("got the status %d and the function error %q, want 200 and Unhandled", out.StatusCode, aws.ToString(out.FunctionError))
	}
	return failure.ErrorType, failure.ErrorMessage
}

// expectError checks an invocation that fails, what the log says, and that the function answers the next one.
func (s *sandbox) expectError(t *testing.T, payload, kind, message, log string) {
	t.Helper()
	out := s.invoke(t, payload)
	gotKind, gotMessage := functionError(t, out)
	if gotKind != kind || !strings.Contains(gotMessage, message) {
		t.Errorf("got %s: %s, want %s: …%s", gotKind, gotMessage, kind, message)
	}
	if text := s.logs.Text(); !strings.Contains(text, log) {
		t.Errorf("the log is %q", text)
	}
}

func (s *sandbox) expectEcho(t *testing.T) {
	t.Helper()
	if next := s.invoke(t, `{"still":"there"}`); string(next.Payload) != `{"still":"there"}` {
		t.Errorf("afterwards the function answered %s", next.Payload)
	}
}

func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, func(in *lambda.CreateFunctionInput) { in.Timeout = aws.Int32(300) })
	s.expectError(t, `{"do":"fail","text":"no luck"}`, "errorString", "no luck", "END RequestId")
	s.expectEcho(t)
	s.expectError(t, `{"do":"panic","text":"out of order"}`, "string", "out of order", "END RequestId")
	s.expectEcho(t)
	s.expectError(t, `{"do":"exit"}`, "Runtime.ExitError", "Error: Runtime exited with error: exit status 3", "last words")
	s.expectEcho(t)
	s.expectError(t, `{"do":"large"}`, "Function.ResponseSizeTooLarge", "exceeded maximum allowed payload size", "END RequestId")
	s.expectEcho(t)
}

func TestFunctionTimeout(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, func(in *lambda.CreateFunctionInput) { in.Timeout = aws.Int32(1) })
	s.expectError(t, `{"do":"hang"}`, "Sandbox.Timedout", "Task timed out after 1.00 seconds", "Task timed out after 1.00 seconds")
	if _, err := s.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("nightly"), Timeout: aws.Int32(300),
	}); err != nil {
		t.Fatal(err)
	}
	s.expectEcho(t)
}

var machines = map[types.Architecture]elf.Machine{types.ArchitectureX8664: elf.EM_X86_64, types.ArchitectureArm64: elf.EM_AARCH64}

// another is an architecture that this machine's programs are not of.
func another() types.Architecture {
	if function.HostArchitecture() == string(types.ArchitectureArm64) {
		return types.ArchitectureX8664
	}
	return types.ArchitectureArm64
}

func TestBootstrapThatCannotRun(t *testing.T) {
	t.Parallel()
	other := another()
	for name, test := range map[string]struct {
		zip          []byte
		architecture types.Architecture
		message      string
	}{
		"not executable": {functiontest.Zip(t, functiontest.Bootstrap(t), 0o644), "", "permission denied"},
		"no program":     {functiontest.Zip(t, []byte("hello"), 0o755), "", "exec format error"},
		"of another architecture": {functiontest.Zip(t, elftest.Header(machines[types.Architecture(function.HostArchitecture())]), 0o755), other,
			"exec format error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			s.create(t, func(in *lambda.CreateFunctionInput) {
				in.Code.ZipFile = test.zip
				if test.architecture != "" {
					in.Architectures = []types.Architecture{test.architecture}
				}
			})
			kind, message := functionError(t, s.invoke(t, `{}`))
			if kind != "Runtime.InvalidEntrypoint" || !strings.Contains(message, test.message) {
				t.Errorf("got %s: %s", kind, message)
			}
			if !strings.Contains(s.logs.Text(), "Runtime.InvalidEntrypoint") {
				t.Errorf("the log does not say so: %s", s.logs.Text())
			}
		})
	}
}

func TestScriptAsBootstrapAndInitFailure(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, func(in *lambda.CreateFunctionInput) {
		in.Code.ZipFile = functiontest.Zip(t, []byte("#!/bin/sh\necho from the script\nexit 9\n"), 0o755)
	})
	kind, message := functionError(t, s.invoke(t, `{}`))
	if kind != "Runtime.ExitError" || !strings.HasSuffix(message, "exit status 9") || !strings.Contains(s.logs.Text(), "from the script") {
		t.Errorf("got %s: %s and the log %s", kind, message, s.logs.Text())
	}
}

func TestHostBootstrapRunsInPlaceOfAnotherArchitecture(t *testing.T) {
	t.Parallel()
	path := functiontest.Program(t)
	other := another()
	for _, host := range []string{path, ""} {
		s := start(t, func(c *function.Config) { c.HostBootstrap = host })
		s.create(t, func(in *lambda.CreateFunctionInput) {
			in.Architectures = []types.Architecture{other}
			in.Code.ZipFile = functiontest.Zip(t, elftest.Header(machines[other]), 0o755)
		})
		out := s.invoke(t, `{"hello":1}`)
		if host == "" {
			if kind, message := functionError(t, out); kind != "Runtime.InvalidEntrypoint" ||
				!strings.Contains(message, "give the sandbox a bootstrap") {
				t.Errorf("got %s: %s", kind, message)
			}
			continue
		}
		if string(out.Payload) != `{"hello":1}` || strings.Count(s.logs.Text(), "running "+path+" in its place") != 1 {
			t.Errorf("got %s and the log\n%s", out.Payload, s.logs.Text())
		}
	}
}
