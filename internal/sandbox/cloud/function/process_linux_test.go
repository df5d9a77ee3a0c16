// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"golang.org/x/sys/unix"
)

// pidOf returns the process that an invocation ran in.
func (s *sandbox) pidOf(t *testing.T) float64 {
	t.Helper()
	out := s.invoke(t, `{"do":"environment"}`)
	var answer struct{ Pid float64 }
	if err := json.Unmarshal(out.Payload, &answer); err != nil || answer.Pid == 0 {
		t.Fatalf("payload %s: %v", out.Payload, err)
	}
	return answer.Pid
}

func TestEnvironmentIsUsedAgainUntilTheFunctionChanges(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	first := s.pidOf(t)
	if again := s.pidOf(t); again != first {
		t.Errorf("the second invocation ran in another process")
	}
	if _, err := s.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("nightly"), Environment: &types.Environment{Variables: map[string]string{"VERSION": "2"}},
	}); err != nil {
		t.Fatal(err)
	}
	second := s.pidOf(t)
	if second == first || !ends(t, int(first)) {
		t.Errorf("the configuration changed and the old process still runs")
	}
	if _, err := s.UpdateFunctionCode(t.Context(), &lambda.UpdateFunctionCodeInput{FunctionName: aws.String("nightly"),
		ZipFile: input(t).Code.ZipFile}); err != nil {
		t.Fatal(err)
	}
	if third := s.pidOf(t); third == second || !ends(t, int(second)) {
		t.Errorf("the code changed and the old process still runs")
	}
}

func TestCloseLeavesNoProcess(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	var child int
	if err := json.Unmarshal(s.invoke(t, `{"do":"child"}`).Payload, &child); err != nil {
		t.Fatal(err)
	}
	process := int(s.pidOf(t))
	s.send(t, `{"do":"hang"}`)
	if !running(child) || !running(process) {
		t.Fatal("the processes should run until Close")
	}
	if err := s.service.Close(); err != nil {
		t.Fatal(err)
	}
	if running(process) {
		t.Error("the function's process is left")
	}
	if !ends(t, child) { // the test cannot wait for it: it has been killed, which takes a moment
		t.Error("the process that the function started is left")
	}
	_, err := s.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("nightly")})
	wantCode(t, err, "ServiceException")
}

// ends reports whether a process ends within ten seconds.
func ends(t *testing.T, pid int) bool {
	t.Helper()
	process, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return true
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(process) }()
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(process), Events: unix.POLLIN}}, 10_000)
		if !errors.Is(err, unix.EINTR) {
			return err == nil && n > 0
		}
	}
}

// running reports whether a process runs. A zombie process does not run.
func running(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}
