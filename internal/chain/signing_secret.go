// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// SigningSecret is the content of the parameter of EnvSigningSecretParameter, as JSON. It holds the secret with which the webhook signs
// deliveries, and during a change also the previous one. Every printed or logged form hides the values.
type SigningSecret struct {
	Current string `json:"current"`
	// Previous is accepted too until FormerUntil: the webhook gets the current secret after the function does, and events that wait in Lambda
	// were signed before that.
	Previous      string    `json:"previous,omitempty"`
	PreviousUntil time.Time `json:"previous_until,omitzero"`
}

// Qlik Cloud's limits of a webhook's secret, in characters.
const (
	minSecretLength = 32
	maxSecretLength = 64
)

// ParseSigningSecret parses the parameter's value. Its error does not quote it.
func ParseSigningSecret(value string) (SigningSecret, error) {
	var s SigningSecret
	if json.Unmarshal([]byte(value), &s) != nil {
		return SigningSecret{}, errors.New("it does not hold a signing secret as JSON")
	}
	if n := len(s.Current); n < minSecretLength || n > maxSecretLength {
		return SigningSecret{}, fmt.Errorf("its signing secret has %d characters instead of %d to %d", n, minSecretLength, maxSecretLength)
	}
	return s, nil
}

// Store returns the parameter's value.
func (s SigningSecret) Store() string {
	type open SigningSecret // without Format, which hides the values
	text, err := json.Marshal(open(s))
	if err != nil {
		panic(err) // two strings and a time always marshal
	}
	return string(text)
}

// Accepted returns the secrets that are valid for a delivery now.
func (s SigningSecret) Accepted(now time.Time) []string {
	if s.Previous != "" && now.Before(s.PreviousUntil) {
		return []string{s.Current, s.Previous}
	}
	return []string{s.Current}
}

// String returns a text that does not reveal the secret.
func (s SigningSecret) String() string { return "signing secret (hidden)" }

// Format hides the values from every verb of fmt.
func (s SigningSecret) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(s.String())) // fmt.State records no error
}

// LogValue hides the values from log/slog.
func (s SigningSecret) LogValue() slog.Value { return slog.StringValue(s.String()) }
