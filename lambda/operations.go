// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// started is the answer of POST /start/{step} and POST /runs/{run}/rerun/{step}.
type started struct {
	Run     string           `json:"run"` // GET /runs/{run} shows what becomes of it
	Step    string           `json:"step"`
	Outcome engine.Outcome   `json:"outcome"`
	Started []engine.Started `json:"started"`
	Held    []engine.Held    `json:"held"` // why it starts later, or not
}

// start starts a step's reload, and with it a run.
func (h *handler) start(ctx context.Context, d *deployed, step string, asked asked, request events.APIGatewayProxyRequest) answer {
	result, err := d.engine.Begin(ctx, invocationID(ctx), engine.Beginning{
		Step: step, At: asked.At, StartedBy: engine.StartedByRequest, By: asked.By, Reason: asked.Reason, ID: asked.id,
	})
	return h.begun(request, result, err)
}

// rerun starts a step's reload once more in a run that there is.
func (h *handler) rerun(ctx context.Context, d *deployed, run, step string, asked asked, request events.APIGatewayProxyRequest) answer {
	result, err := d.engine.Rerun(ctx, invocationID(ctx), asked.id, run, step, asked.Order)
	return h.begun(request, result, err)
}

// begun answers who has asked for a start.
func (h *handler) begun(request events.APIGatewayProxyRequest, result engine.Result, err error) answer {
	a := answer{status: http.StatusAccepted, content: started{
		Run: result.Run, Step: result.Step, Outcome: result.Outcome, Started: orEmpty(result.Started), Held: orEmpty(result.Held),
	}}
	switch {
	case err != nil:
		a = broken("The reload could not be started.", request, err)
	case result.Outcome == engine.OutcomeRefused:
		a = refusal(result)
	case len(result.Failed) > 0:
		a = refuse(http.StatusBadGateway, "The reload of %s was not started: %s. GET /runs/%s shows what becomes of it.",
			result.Step, result.Failed[0].Error, result.Run)
	}
	a.attrs = h.attrs(result)
	return a
}

// refusal says why the engine does not do what was asked for, and what to do instead.
func refusal(result engine.Result) answer {
	switch result.Refusal {
	case engine.RefusalStep:
		return refuse(http.StatusNotFound, "The chain has no step %q. GET / shows those that it has.", result.Step)
	case engine.RefusalRun:
		return noRun(result.Run)
	case engine.RefusalCanceled:
		return refuse(http.StatusConflict, "Nothing is started in the run %s any more: %s. POST /start/{step} begins a new one.", result.Run, result.Reason)
	case engine.RefusalUnderWay:
		return refuse(http.StatusConflict, "The step is not started again: %s. GET /runs/%s shows how it is doing.", result.Reason, result.Run)
	case engine.RefusalOver:
		return refuse(http.StatusConflict, "There is nothing to cancel: the run %s is over. GET /runs lists those that are under way.", result.Run)
	default:
		return refuse(http.StatusBadRequest, "That is not possible: %s.", result.Reason)
	}
}

// asked is who wants something done, and the id under which it is done once.
type asked struct {
	chain.Order
	id      string
	key     string // with which the request may come again; see once
	content []byte // what makes it the same request
}

const maxIDLength = 255

// asked reads a request to do something. The reason may stand in the query, or in the body as JSON.
func (h *handler) asked(request events.APIGatewayProxyRequest) (asked, *answer) {
	who := asked{
		Order: chain.Order{At: h.deployment.now(), By: caller(request), Reason: request.QueryStringParameters["reason"]},
		id:    request.RequestContext.RequestID, key: header(request, "Idempotency-Key"),
	}
	if len(who.key) > maxIDLength {
		a := refuse(http.StatusBadRequest, "The header Idempotency-Key has more than %d bytes. Send a shorter one.", maxIDLength)
		return who, &a
	}
	body := []byte(request.Body)
	var err error
	if request.IsBase64Encoded {
		body, err = base64.StdEncoding.DecodeString(request.Body)
	}
	if body = bytes.TrimSpace(body); err == nil && len(body) > 0 {
		var content struct {
			Reason *string `json:"reason"`
		}
		if err = json.Unmarshal(body, &content); err == nil && content.Reason != nil {
			who.Reason = *content.Reason
		}
	}
	if err != nil {
		a := refuse(http.StatusBadRequest, `The body is not what is expected. Send none, or JSON such as {"reason": "the source is being moved"}.`)
		return who, &a
	}
	if utf8.RuneCountInString(who.Reason) > chain.MaxReason {
		a := refuse(http.StatusBadRequest, "The reason has more than %d characters. Send a shorter one.", chain.MaxReason)
		return who, &a
	}
	query := url.Values{}
	for name, value := range request.QueryStringParameters {
		query.Set(name, value)
	}
	who.content = append([]byte(query.Encode()+"\n"), body...)
	return who, nil
}

// caller says who sent a request, as far as API Gateway knows: the identity in IAM that signed it, or else the key.
func caller(request events.APIGatewayProxyRequest) string {
	identity := request.RequestContext.Identity
	return fmt.Sprintf("%s, from %s", cmp.Or(identity.UserArn, "the API key "+identity.APIKeyID), identity.SourceIP)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
