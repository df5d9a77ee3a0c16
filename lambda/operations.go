// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// started is the answer of a POST that begins a run, or of a signal.
type started struct {
	Run        string              `json:"run"`  // GET /runs/{run} shows its progress
	Step       string              `json:"step"` // that the request names; empty: none
	Outcome    engine.Outcome      `json:"outcome"`
	Started    []engine.Started    `json:"started"`
	NotStarted []engine.NotStarted `json:"not_started"` // why a step starts later, or does not start
	Failed     []engine.Failed     `json:"failed"`      // reloads that Qlik Cloud did not accept
	Again      []engine.NotStarted `json:"again"`       // of a rerun: steps that start once more although they are repaired, and why
}

func startedBy(result engine.Result) started {
	return started{
		Run: result.Run, Step: result.Step, Outcome: result.Outcome, Started: orEmpty(result.Started), NotStarted: orEmpty(result.NotStarted),
		Failed: orEmpty(result.Failed), Again: orEmpty(result.Again),
	}
}

// start begins a run at the path's step or, without one, a run of the whole chain.
func (h *handler) start(r *http.Request, d *deployed, request operationRequest) answer {
	result, err := d.engine.Begin(r.Context(), invocationID(r.Context()), engine.Beginning{
		Step: pathValue(r, "step"), Only: request.only, At: request.At, Cycle: request.cycle, Variables: request.variables,
		StartedBy: engine.StartedByRequest, By: request.By, Reason: request.Reason, ID: request.id,
	})
	return h.begun(r, d, result, err)
}

// repeatOf returns what a request asks to repeat.
func repeatOf(r *http.Request, request operationRequest) engine.Repeat {
	return engine.Repeat{
		ID: request.id, Run: pathValue(r, "run"), Step: pathValue(r, "step"), Again: request.again, Operation: request.Operation,
	}
}

// rerun begins a run that repeats a step of another run or, without a step in the path, all its failed steps.
func (h *handler) rerun(r *http.Request, d *deployed, request operationRequest) answer {
	result, err := d.engine.Rerun(r.Context(), invocationID(r.Context()), repeatOf(r, request))
	return h.begun(r, d, result, err)
}

// mark begins a run that repeats a step of another run, and in which the step has succeeded at once.
func (h *handler) mark(r *http.Request, d *deployed, request operationRequest) answer {
	result, err := d.engine.Mark(r.Context(), invocationID(r.Context()), repeatOf(r, request))
	return h.begun(r, d, result, err)
}

// skipped is the answer of POST /skip/{step}.
type skipped struct {
	Step    string           `json:"step"`
	Cycle   string           `json:"cycle"`   // in which it does not start
	Date    string           `json:"date"`    // of that cycle
	Started []engine.Started `json:"started"` // steps that have passed it over
	Already bool             `json:"already"` // it was skipped before
}

// skip keeps a step from starting in a cycle.
func (h *handler) skip(r *http.Request, d *deployed, request operationRequest) answer {
	result, err := d.engine.Skip(r.Context(), invocationID(r.Context()), request.id, pathValue(r, "step"), request.cycle, request.Operation)
	a := answer{status: http.StatusAccepted, content: skipped{result.Step, result.Cycle, result.Date, orEmpty(result.Started), result.Already}}
	switch {
	case err != nil:
		a = broken(r.Context(), "It is unknown whether the step is skipped. Send the request again.", err)
	case result.Outcome == engine.OutcomeRefused:
		a = refusal(d, result)
	}
	a.attrs = h.attrs(result)
	return a
}

// begun answers a request for a run.
func (h *handler) begun(r *http.Request, d *deployed, result engine.Result, err error) answer {
	a := answer{status: http.StatusAccepted, content: startedBy(result)}
	switch {
	case err != nil:
		a = broken(r.Context(), "The reload could not be started.", err)
	case result.Outcome == engine.OutcomeRefused:
		a = refusal(d, result)
	case len(result.Failed) > 0 && len(result.Started) == 0:
		a = refuse(http.StatusBadGateway, "The reload of %s was not started: %s.", result.Failed[0].Step, result.Failed[0].Error).
			of("", result.Run).hint("GET /runs/%s shows its progress.", result.Run)
	case result.Run == "":
		a = refuse(http.StatusConflict, "No run begins: %s.", result.Reason).hint("POST /start/{step} begins one at a step.")
	}
	a.attrs = h.attrs(result)
	return a
}

// refusal answers a request that the engine refuses: why, and what to do instead.
func refusal(d *deployed, result engine.Result) answer {
	return refusalOf(d, result).of(result.Refusal, result.Run)
}

func refusalOf(d *deployed, result engine.Result) answer {
	const progress = "GET /runs/%s shows the run's progress."
	switch result.Refusal {
	case engine.RefusalStep:
		return noStep(d, result)
	case engine.RefusalSignal:
		return refuse(http.StatusNotFound, "There is nothing to report: %s.", result.Reason).hint("POST /start/{step} begins a run at any step.")
	case engine.RefusalRun:
		return noRun(result.Run)
	case engine.RefusalCycle:
		return refuse(http.StatusBadRequest, "There is no such cycle: %s. Use the date of a cycle, such as 2026-11-24, or the id of one.",
			result.Reason).hint("GET /runs has the ids.")
	case engine.RefusalVariables:
		return refuse(http.StatusBadRequest, "The variables are not possible. %s", result.Reason)
	case engine.RefusalOnly:
		return refuse(http.StatusBadRequest, "Nothing runs alone: %s.", result.Reason).
			hint("POST /start/{step} with only = true is for one step that the chain starts.")
	case engine.RefusalUnderWay:
		return refuse(http.StatusConflict, "Nothing is started: %s.", result.Reason).hint(progress, result.Run)
	case engine.RefusalOver:
		return refuse(http.StatusConflict, "There is nothing to do: %s.", result.Reason).hint(progress, result.Run)
	case engine.RefusalRepaired:
		return refuse(http.StatusConflict, "Nothing is started: %s.", result.Reason).
			hint("The same request with again = true in its body repeats the work. "+progress, result.Run)
	default:
		return refuse(http.StatusBadRequest, "The request is invalid: %s.", result.Reason)
	}
}

// noStep answers a request for a step that the chain, or the run, does not have.
func noStep(d *deployed, result engine.Result) answer {
	const format = "There is no such step: %s. %s"
	names := slices.Sorted(maps.Keys(d.definition.Steps))
	if slices.Contains(names, result.Step) {
		return refuse(http.StatusNotFound, "There is no such step: %s.", result.Reason).
			hint("POST /start/{step} begins a run at any step.")
	}
	a := refuse(http.StatusNotFound, format, result.Reason, "The chain's steps are "+chain.ListedFew(names, len(names))+".")
	if near := chain.Near(result.Step, names, 1); len(near) > 0 {
		a = refuse(http.StatusNotFound, format, result.Reason, fmt.Sprintf("Did you mean %q?", near[0]))
	}
	return a.hint("GET / shows the steps of the chain.")
}

// operationRequest is who asks for an operation, and the id under which it is done once.
type operationRequest struct {
	chain.Operation
	cycle     string // the date or the id of a cycle; empty: none
	variables map[string]string
	only      bool // the step of the path alone
	again     bool // also what another run has repaired
	id        string
	key       string // the Idempotency-Key; empty: none
	body      []byte // JSON, or empty
	content   []byte // requests of one key must have the same
}

const maxIDLength = 255

// asOperation passes what a request to do something asks for, and makes sure that it is done once. takes names what its body may have.
func (h *handler) asOperation(
	operate func(*http.Request, *deployed, operationRequest) answer, takes []string,
) func(*http.Request, *deployed) answer {
	return func(r *http.Request, d *deployed) answer {
		who, refused := h.readOperation(r, takes)
		if refused != nil {
			return *refused
		}
		return h.once(r.Context(), r.Method+" "+pathOf(r), who, func(who operationRequest) answer { return operate(r, d, who) })
	}
}

// readOperation reads a request for an operation. The reason and the cycle may be in the query, or in the body as JSON. It refuses what the
// route does not take: a misspelled outcome would count as a success.
func (h *handler) readOperation(r *http.Request, takes []string) (operationRequest, *answer) {
	query, gateway := r.URL.Query(), gatewayEvent(r.Context()).RequestContext
	who := operationRequest{
		Operation: chain.Operation{At: h.deployment.now(), By: caller(gateway.Identity), Reason: query.Get("reason")},
		cycle:     query.Get("cycle"),
		id:        gateway.RequestID, key: headerOf(r, "Idempotency-Key"),
	}
	no := func(format string, args ...any) (operationRequest, *answer) {
		a := refuse(http.StatusBadRequest, format, args...)
		return who, &a
	}
	if len(who.key) > maxIDLength {
		return no("The header Idempotency-Key has more than %d bytes. Send a shorter one.", maxIDLength)
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		inQuery := slices.Contains(takes, name) && (name == "reason" || name == "cycle")
		if !inQuery && name != "" {
			return no("The parameter %q is not known here. %s", name, meant(name, takes))
		}
	}
	body, err := io.ReadAll(r.Body)
	if body = bytes.TrimSpace(body); err == nil && len(body) > 0 {
		var members map[string]json.RawMessage
		content := struct {
			Reason    string          `json:"reason"`
			Cycle     string          `json:"cycle"`
			Variables json.RawMessage `json:"variables"`
			Only      json.RawMessage `json:"only"`
			Again     json.RawMessage `json:"again"`
		}{Reason: who.Reason, Cycle: who.cycle}
		err = errors.Join(json.Unmarshal(body, &members), json.Unmarshal(body, &content))
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if !slices.Contains(takes, name) {
				return no("The body has %q, which is not known here. %s", name, meant(name, takes))
			}
		}
		who.Reason, who.cycle, who.body = content.Reason, content.Cycle, body
		var problem string
		if who.variables, problem = chain.ReadVariables(content.Variables); problem != "" {
			return no("%s", problem)
		}
		var valid [2]bool
		who.only, valid[0] = truth(content.Only)
		who.again, valid[1] = truth(content.Again)
		for i, name := range []string{"only", "again"} {
			if !valid[i] {
				return no("The member %s is not valid. Send true or false, without quotes.", name)
			}
		}
	}
	if err != nil {
		return no("The body is not valid. Send none, or a JSON object with texts: %s.", chain.Listed(takes))
	}
	who.Reason = oneLine(who.Reason)
	if utf8.RuneCountInString(who.Reason) > chain.MaxReason {
		return no("The reason has more than %d characters. Send a shorter one.", chain.MaxReason)
	}
	who.content = append([]byte(r.URL.RawQuery+"\n"), body...)
	return who, nil
}

// truth reads a member that is true or false; missing is false.
func truth(member json.RawMessage) (value, valid bool) {
	text := string(member)
	return text == "true", text == "" || text == "true" || text == "false"
}

// oneLine replaces what cannot be printed, such as a terminal's escape sequences and line breaks, by spaces: plans, mails and terminals
// show a reason.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, " "), func(r rune) bool { return !unicode.IsPrint(r) || r == ' ' }), " ")
}

// meant suggests what a name that the route does not take was meant to be. Only the reason and the cycle may be in the query.
func meant(name string, takes []string) string {
	if slices.Contains(takes, name) {
		return "Send it in the body, as JSON."
	}
	if near := chain.Near(name, takes, 1); len(near) > 0 {
		return fmt.Sprintf("Did you mean %q?", near[0])
	}
	return "The body can have " + chain.Listed(takes) + "."
}

// caller names the sender of a request as API Gateway knows it: the identity in IAM that signed it, or else the key.
func caller(identity events.APIGatewayRequestIdentity) string {
	return fmt.Sprintf("%s, from %s", cmp.Or(identity.UserArn, "the API key "+identity.APIKeyID), identity.SourceIP)
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
