// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode"
)

// Credentials authenticate a client to a Qlik Cloud tenant: an API key, or the id and secret of an OAuth client (type Web,
// machine-to-machine). The JSON form holds the values. Every printed or logged form hides them.
type Credentials struct {
	APIKey       string `json:"api_key,omitempty"`
	ClientID     string `json:"client_id,omitempty"`
	ClientSecret string `json:"client_secret,omitempty"`
}

// Validate reports missing values, values that are given twice, and values that cannot be sent in a header.
func (c Credentials) Validate() error {
	var problems []error
	switch oauth := c.ClientID != "" || c.ClientSecret != ""; {
	case c.APIKey != "" && oauth:
		problems = append(problems, errors.New("an API key and an OAuth client are both given: keep one of them"))
	case c.APIKey == "" && !oauth:
		problems = append(problems, errors.New("no Qlik Cloud credentials: give an API key, or an OAuth client's id and secret"))
	case oauth && c.ClientID == "":
		problems = append(problems, errors.New("the OAuth client's id is missing"))
	case oauth && c.ClientSecret == "":
		problems = append(problems, errors.New("the OAuth client's secret is missing"))
	}
	if scheme, key, found := strings.Cut(c.APIKey, " "); found && strings.EqualFold(scheme, "Bearer") && !strings.ContainsAny(key, " \r\n") {
		return errors.Join(append(problems, errors.New("the API key begins with \"Bearer \": write the key without it"))...)
	}
	for _, value := range []struct{ name, text string }{
		{"API key", c.APIKey}, {"OAuth client id", c.ClientID}, {"OAuth client secret", c.ClientSecret},
	} {
		if strings.ContainsFunc(value.text, func(r rune) bool { return r <= ' ' || r > unicode.MaxASCII || r == 0x7f }) {
			problems = append(problems, fmt.Errorf("the %s holds a space, a line break or another character that no %[1]s has: copy it again",
				value.name))
		}
	}
	return errors.Join(problems...)
}

// Fingerprint identifies a set of credentials by 16 hex digits: the start of an HMAC-SHA256 over a fixed text, keyed with the credentials.
// It changes when they change and reveals nothing about them.
func (c Credentials) Fingerprint() string {
	key := strings.Join([]string{c.APIKey, c.ClientID, c.ClientSecret}, "\x00")
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte("terraform-provider-qlik credentials"))
	return hex.EncodeToString(mac.Sum(nil))[:16]
}

// String returns the kind of credentials without their values.
func (c Credentials) String() string {
	switch {
	case c.APIKey != "":
		return "API key (hidden)"
	case c.ClientID != "" || c.ClientSecret != "":
		return "OAuth client (hidden)"
	default:
		return "no credentials"
	}
}

// Format hides the values from every verb of fmt, %+v and %#v included.
func (c Credentials) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(c.String())) // fmt.State records no error
}

// LogValue hides the values from log/slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }
