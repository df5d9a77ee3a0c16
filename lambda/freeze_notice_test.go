// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
)

// TestANoticeOutlivesADeadConnection: the engine gives a notice five seconds. The connection to SNS died since the notice before.
func TestANoticeOutlivesADeadConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		n, client := newNetwork(), awsClient()
		server := n.serve(false, client, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, `<PublishResponse/>`)
		})
		publisher := aws.NewTopics(sdk.Config{
			Region: "eu-central-1", BaseEndpoint: &server.URL, HTTPClient: client,
			Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
		})
		for _, when := range []string{"on a network that is well", "on a connection that has died"} {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // engine.sendWithin
			if err := publisher.Publish(ctx, "arn:aws:sns:eu-central-1:123456789012:oncall",
				aws.TopicMessage{Subject: "s", Default: "d", Email: "e", SMS: "s"}); err != nil {
				t.Errorf("%s: no notice is sent: %v", when, err)
			}
			cancel()
			n.die()
		}
		client.CloseIdleConnections()
		n.hangUp()
		server.Close()
	})
}
