// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"encoding/json"
	"slices"
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

// listDeliveries lists all deliveries, or only the failed ones, latest first.
func (api webhookAPI) listDeliveries(r *request) (*response, error) {
	status := r.URL.Query().Get("status")
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
	for _, d := range slices.Backward(api.deliveries) {
		if answer := d.answer(); d.WebhookID == w.ID && (status == "" || status == answer.Status) {
			found = append(found, answer)
		}
	}
	slices.SortStableFunc(found, func(a, b deliveryAnswer) int { return b.TriggeredAt.Compare(a.TriggeredAt) })
	p, err := paginate(api.Tenant, r, codeInvalidWebhook, found, 20)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}
