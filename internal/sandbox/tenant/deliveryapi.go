// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"encoding/json"
	"net/http"
	"time"
)

type deliveryAnswer struct {
	ID            string            `json:"id"`
	WebhookID     string            `json:"webhookId"`
	EventType     string            `json:"eventType"`
	Status        string            `json:"status"` // success or fail
	StatusMessage string            `json:"statusMessage,omitempty"`
	TriggeredAt   time.Time         `json:"triggeredAt"`
	Request       deliveryRequest   `json:"request"`
	Response      *deliveryResponse `json:"response,omitempty"`
}

type deliveryRequest struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

type deliveryResponse struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

func (d *delivery) answer() deliveryAnswer {
	answer := deliveryAnswer{
		ID: d.ID, WebhookID: d.WebhookID, EventType: d.EventType, Status: "fail", StatusMessage: d.StatusMessage, TriggeredAt: d.Triggered.UTC(),
		Request: deliveryRequest{URL: d.URL, Headers: d.Headers, Body: d.Body},
	}
	if d.Success {
		answer.Status = "success"
	}
	if d.StatusCode != 0 {
		answer.Response = &deliveryResponse{StatusCode: d.StatusCode, Headers: d.ResponseHeaders, Body: d.ResponseBody}
	}
	return answer
}

func (api webhookAPI) listDeliveries(r *request) (*response, error) {
	query := r.URL.Query()
	status := query.Get("status")
	if status != "" && status != "success" && status != "fail" {
		return nil, badRequest(codeInvalidWebhook, "status must be success or fail, not %q", status)
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	w, err := api.find(r)
	if err != nil {
		return nil, err
	}
	found := []deliveryAnswer{}
	for _, d := range api.deliveries {
		answer := d.answer()
		if d.WebhookID == w.ID && (status == "" || status == answer.Status) && (query.Get("eventType") == "" || query.Get("eventType") == d.EventType) {
			found = append(found, answer)
		}
	}
	err = sortBy(found, query, codeInvalidWebhook, "-triggeredAt", map[string]func(deliveryAnswer) string{
		"status":      func(d deliveryAnswer) string { return d.Status },
		"triggeredAt": func(d deliveryAnswer) string { return sortable(d.TriggeredAt) },
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(api.Tenant, r, codeInvalidWebhook, found, 20)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

// findDelivery finds the delivery of the request's path and its webhook. The caller holds mu.
func (api webhookAPI) findDelivery(r *request) (*webhook, *delivery, error) {
	w, err := api.find(r)
	if err != nil {
		return nil, nil, err
	}
	id := r.PathValue("delivery")
	for _, d := range api.deliveries {
		if d.ID == id && d.WebhookID == w.ID {
			return w, d, nil
		}
	}
	return nil, nil, notFound("WEBHOOKS-2", "delivery", id)
}

func (api webhookAPI) getDelivery(r *request) (*response, error) {
	api.mu.Lock()
	defer api.mu.Unlock()
	_, d, err := api.findDelivery(r)
	if err != nil {
		return nil, err
	}
	return ok(d.answer()), nil
}

// resend sends an old body to the webhook as it is now, and answers 201 once that is done, however it went.
func (api webhookAPI) resend(r *request) (*response, error) {
	api.mu.Lock()
	w, old, err := api.findDelivery(r)
	if err != nil {
		api.mu.Unlock()
		return nil, err
	}
	target := w.delivered(api.now())
	api.underWay++
	api.mu.Unlock()
	again := api.deliver(r.Context(), &target, old.EventType, old.Body)
	return &response{status: http.StatusCreated, body: again.answer()}, nil
}
