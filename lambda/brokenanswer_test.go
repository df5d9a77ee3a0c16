// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// awsOperations are those of AWS that the function calls, each with an answer that has succeeded. Those that read nothing out of it are
// sent once.
var awsOperations = map[string]struct {
	call   func(ctx context.Context, config sdk.Config) error
	answer string
	once   bool
}{
	"GetParameters": {func(ctx context.Context, config sdk.Config) error {
		_, err := aws.NewParameters(config).Get(ctx, []string{"a"})
		return err
	}, `{"Parameters": [{"Name": "a", "Value": "b"}]}`, false},
	"GetItem": {func(ctx context.Context, config sdk.Config) error {
		_, err := aws.NewTable(config, "t").Get(ctx, engine.Key{PK: "p", SK: "s"})
		return err
	}, `{"Item": {"pk": {"S": "p"}, "sk": {"S": "s"}, "version": {"N": "1"}, "doc": {"S": "{}"}}}`, false},
	"Query": {func(ctx context.Context, config sdk.Config) error {
		_, err := aws.NewTable(config, "t").Query(ctx, engine.Query{PK: "p"})
		return err
	}, `{"Items": []}`, false},
	"UpdateItem": {func(ctx context.Context, config sdk.Config) error {
		_, err := aws.NewTable(config, "t").Count(ctx, engine.Key{PK: "p", SK: "s"}, time.Now())
		return err
	}, `{"Attributes": {"count": {"N": "1"}}}`, false},
	"PutItem": {func(ctx context.Context, config sdk.Config) error {
		return aws.NewTable(config, "t").Write(ctx, engine.Write{Key: engine.Key{PK: "p", SK: "s"}, Doc: 1})
	}, `{"Attributes": {}}`, true},
	"DeleteItem": {func(ctx context.Context, config sdk.Config) error {
		return aws.NewTable(config, "t").Write(ctx, engine.Write{Key: engine.Key{PK: "p", SK: "s"}, Delete: true})
	}, `{"Attributes": {}}`, true},
	"TransactWriteItems": {func(ctx context.Context, config sdk.Config) error {
		one, two := engine.Write{Key: engine.Key{PK: "p", SK: "s"}, Doc: 1}, engine.Write{Key: engine.Key{PK: "q", SK: "s"}, Doc: 1}
		return aws.NewTable(config, "t").Write(ctx, one, two)
	}, `{"ConsumedCapacity": []}`, true},
	"CreateSchedule": {func(ctx context.Context, config sdk.Config) error {
		arn := func(context.Context) string { return "arn" }
		return aws.NewTimers(config, aws.TimerConfig{Group: "g", Now: time.Now, FunctionARN: arn}).Set(ctx, "name", chain.Timer{})
	}, `{"ScheduleArn": "arn"}`, true},
	"Publish": {func(ctx context.Context, config sdk.Config) error {
		return aws.NewTopics(config).Publish(ctx, "arn", aws.TopicMessage{Subject: "s", Default: "d"})
	}, `<PublishResponse/>`, true},
	"PutEvents": {func(ctx context.Context, config sdk.Config) error {
		return aws.NewBus(config, "b").Put(ctx, engine.Event{})
	}, `{"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}`, false},
	"ReceiveMessage": {func(ctx context.Context, config sdk.Config) error {
		_, err := queue(config).Receive(ctx)
		return err
	}, `{"Messages": []}`, false},
	"DeleteMessage": {func(ctx context.Context, config sdk.Config) error {
		return queue(config).Delete(ctx, aws.QueueMessage{})
	}, `{"an": "answer"}`, true},
	"GetQueueAttributes": {func(ctx context.Context, config sdk.Config) error {
		_, err := queue(config).Left(ctx)
		return err
	}, `{"Attributes": {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}}`, false},
}

func queue(config sdk.Config) *aws.Queue {
	q, err := aws.NewQueue(config, "arn:aws:sqs:eu-central-1:123456789012:queue")
	if err != nil {
		panic(err)
	}
	return q
}

// TestAnAnswerThatBreaksOff: what has succeeded and says nothing more is a success, and everything else is asked again.
func TestAnAnswerThatBreaksOff(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]func(w http.ResponseWriter, answer string){
		"before its announced end": func(w http.ResponseWriter, answer string) {
			w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
			_, _ = io.WriteString(w, answer[:len(answer)/2])
		},
		"in the middle of a chunk": func(w http.ResponseWriter, answer string) {
			_, _ = io.WriteString(w, answer[:len(answer)/2])
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"and looks whole":  func(w http.ResponseWriter, answer string) { _, _ = io.WriteString(w, answer[:len(answer)/2]) },
		"at its beginning": func(http.ResponseWriter, string) {},
	} {
		for operation, tt := range awsOperations {
			t.Run(operation+" "+name, func(t *testing.T) {
				t.Parallel()
				for _, forEver := range []bool{false, true} {
					synctest.Test(t, func(t *testing.T) {
						n, client := newNetwork(), awsClient()
						var requests atomic.Int32
						server := n.serve(false, client, func(w http.ResponseWriter, r *http.Request) {
							if _, err := io.Copy(io.Discard, r.Body); err != nil {
								t.Error(err)
							}
							w.Header().Set("X-Amzn-Requestid", "request-1")
							if requests.Add(1) == 1 || forEver {
								broken(w, tt.answer)
								return
							}
							_, _ = io.WriteString(w, tt.answer)
						})
						err := tt.call(t.Context(), sdk.Config{
							Region: "eu-central-1", BaseEndpoint: &server.URL, HTTPClient: client,
							Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
						})
						var response *awshttp.ResponseError
						want := int32(2)
						switch fails := forEver && !tt.once; {
						case fails:
							if operation != "PutEvents" { // which is tried twice, as Publish is
								want = 3
							}
							if !errors.As(err, &response) || response.RequestID != "request-1" || !strings.Contains(err.Error(), "did not arrive whole") {
								t.Errorf("the error is %v", err)
							}
						case err != nil:
							t.Error(err)
						}
						if tt.once {
							want = 1
						}
						if got := requests.Load(); got != want {
							t.Errorf("%d requests were sent, want %d", got, want)
						}
						client.CloseIdleConnections()
						n.hangUp()
						server.Close()
					})
				}
			})
		}
	}
}
