// SPDX-License-Identifier: MPL-2.0

// Command bootstrap is the function that AWS Lambda runs for one task chain. It takes the events of Qlik Cloud's webhook, starts the
// reloads that come next, and answers the chain's API.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	h, err := assemble(log)
	if err != nil {
		log.Error("start", "outcome", "error", "reason", err.Error())
		os.Exit(1)
	}
	go h.deployment.readAhead()
	lambda.StartWithOptions(h)
}

// assemble makes the handler for this environment.
func assemble(log *slog.Logger) (*handler, error) {
	s, err := readSettings(os.Getenv)
	if err = errors.Join(err, readRootsOnce()); err != nil {
		return nil, err
	}
	queue, err := aws.NewQueue(s.sqs, s.deadLetterQueueARN)
	if err != nil {
		return nil, err
	}
	var sender engine.Notices
	if len(s.topics) > 0 {
		sender = &notices{settings: s, publisher: aws.NewTopics(s.sns)}
	}
	var events engine.Events
	if s.eventBus != "" {
		events = aws.NewBus(s.events, s.eventBus)
	}
	return newHandler(services{
		settings: s, notices: sender, events: events, parameters: aws.NewParameters(s.ssm), store: aws.NewTable(s.dynamoDB, s.table),
		timers: aws.NewTimers(s.scheduler, aws.TimerConfig{
			Group: s.scheduleGroup, RoleARN: s.timerRoleARN, DeadLetterQueueARN: s.deadLetterQueueARN,
			FunctionARN: invokedFunction, Now: time.Now,
		}),
		queue: queue, now: time.Now, log: log,
	}), nil
}

// invokedFunction returns the ARN of the running function. The invocation has it, and the environment has not.
func invokedFunction(ctx context.Context) string {
	invocation, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return ""
	}
	return invocation.InvokedFunctionArn
}
