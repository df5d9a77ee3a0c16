// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
	sandboxscheduler "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/scheduler"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// around is the scheduler's environment: roles that may do everything, a Lambda that records its payloads with their times, and a queue.
type around struct {
	clock *clock.Clock

	mu      sync.Mutex
	failing int    // how many invocations fail from now on; negative: all
	hook    func() // called in an invocation, without the lock
	handed  []handed
	buried  []map[string]string
	log     bytes.Buffer
}

type handed struct {
	after   time.Duration // five o'clock
	payload string
}

func (*around) CanAssume(_, service, source string) bool {
	return service == "scheduler.amazonaws.com" && source == groupARN
}
func (*around) Allows(_, action, _ string) bool { return action != "" }
func (a *around) Write(line []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.log.Write(line)
}
func (a *around) locked(change func()) { a.mu.Lock(); defer a.mu.Unlock(); change() }

func (a *around) Invoke(_ context.Context, in function.Invocation) (*function.Outcome, error) {
	a.mu.Lock()
	hook := a.hook
	a.mu.Unlock()
	if hook != nil {
		hook()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handed = append(a.handed, handed{a.clock.Now().Sub(fiveOClock), string(in.Payload)})
	if in.Type != function.TypeEvent || in.Function != functionARN {
		return nil, fmt.Errorf("an unexpected invocation: %+v", in)
	}
	if a.failing != 0 {
		a.failing--
		return nil, wire.Errorf(http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded.")
	}
	return &function.Outcome{Status: http.StatusAccepted}, nil
}

func (a *around) Send(_ context.Context, arn, body string, attributes map[string]string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if arn != queueARN {
		return fmt.Errorf("there is no queue %s", arn)
	}
	attributes["body"] = body
	a.buried = append(a.buried, attributes)
	return nil
}

// names lists the payloads in order of delivery.
func (a *around) names() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var list []string
	for _, h := range a.handed {
		list = append(list, strings.TrimSuffix(strings.TrimPrefix(h.payload, `{"name":"`), `"}`))
	}
	return strings.Join(list, ",")
}

// startAlone runs a scheduler without the rest of a sandbox.
func startAlone(t *testing.T, config sandboxscheduler.Config) (*around, *sandboxscheduler.Service, *scheduler.Client) {
	t.Helper()
	a := &around{clock: clock.NewFrozen(fiveOClock)}
	config.Account, config.Clock, config.Roles, config.Functions, config.Queues = functiontest.Account, a.clock, a, a, a
	config.Logger = slog.New(slog.NewTextHandler(a, nil))
	if config.Now == nil {
		config.Now = time.Now
	}
	s := sandboxscheduler.New(config)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	url := functiontest.Serve(t, functiontest.Handler(s))
	client := scheduler.New(scheduler.Options{
		Region: functiontest.Account.Region, BaseEndpoint: aws.String(url), Credentials: aws.AnonymousCredentials{}, Retryer: aws.NopRetryer{},
	})
	createGroup(t, client, "chain")
	return a, s, client
}

func advance(t *testing.T, a *around, s *sandboxscheduler.Service, d time.Duration) {
	t.Helper()
	a.clock.Advance(d)
	idle(t, s)
}
