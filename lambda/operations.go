package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// started is the answer of POST /start/{step}.
type started struct {
	Run     string           `json:"run"` // GET /runs/{run} shows what becomes of it
	Step    string           `json:"step"`
	Outcome engine.Outcome   `json:"outcome"`
	Started []engine.Started `json:"started"`
	Held    []engine.Held    `json:"held"` // why it starts later, or not
}

// start starts a step's reload, and with it a run. A request that is sent again with the same header Idempotency-Key begins no other run
// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/).
func (h *handler) start(ctx context.Context, d *deployed, step string, request events.APIGatewayProxyRequest) answer {
	id := request.RequestContext.RequestID
	if key := header(request, "Idempotency-Key"); key != "" {
		id = "key:" + key
	}
	if len(id) > maxIDLength {
		return refuse(http.StatusBadRequest, "The header Idempotency-Key has more than %d bytes. Send a shorter one.", maxIDLength)
	}
	result, err := d.engine.Begin(ctx, invocationID(ctx), engine.Beginning{
		Step: step, At: h.deployment.now(), StartedBy: engine.StartedByRequest, By: caller(request), ID: id,
	})
	a := answer{status: http.StatusAccepted, content: started{
		Run: result.Run, Step: result.Step, Outcome: result.Outcome, Started: orEmpty(result.Started), Held: orEmpty(result.Held),
	}}
	switch {
	case err != nil:
		a = broken("The reload could not be started.", request, err)
	case result.Outcome == engine.OutcomeRefused:
		a = refuse(http.StatusNotFound, "The chain has no step %q. GET / shows those that it has.", step)
	case len(result.Failed) > 0:
		a = refuse(http.StatusBadGateway, "The reload of %s was not started: %s. GET /runs/%s shows what becomes of it.",
			step, result.Failed[0].Error, result.Run)
	}
	a.attrs = h.attrs(result)
	return a
}

const maxIDLength = 255

// caller says who sent a request, as far as API Gateway knows.
func caller(request events.APIGatewayProxyRequest) string {
	identity := request.RequestContext.Identity
	return fmt.Sprintf("the API key %s, from %s", identity.APIKeyID, identity.SourceIP)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
