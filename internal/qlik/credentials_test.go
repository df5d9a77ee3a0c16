// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestCredentialsValidate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		credentials Credentials
		want        string // part of the error; empty for none
	}{
		"API key":             {Credentials{APIKey: "key"}, ""},
		"OAuth client":        {Credentials{ClientID: "id", ClientSecret: "secret"}, ""},
		"nothing":             {Credentials{}, "no Qlik Cloud credentials"},
		"both":                {Credentials{APIKey: "key", ClientID: "id", ClientSecret: "secret"}, "keep one of them"},
		"secret is missing":   {Credentials{ClientID: "id"}, "secret is missing"},
		"id is missing":       {Credentials{ClientSecret: "secret"}, "id is missing"},
		"line break":          {Credentials{APIKey: "key\n"}, "API key holds a space, a line break"},
		"header in a secret":  {Credentials{ClientID: "id", ClientSecret: "a\r\nX: b"}, "OAuth client secret holds"},
		"letters of no token": {Credentials{APIKey: "schlüssel"}, "API key holds"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := test.credentials.Validate()
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("Validate() = %v, want %q", err, test.want)
			}
		})
	}
}

func TestCredentialsFingerprint(t *testing.T) {
	t.Parallel()
	seen := map[string]Credentials{}
	for _, c := range []Credentials{
		{}, {APIKey: "a"}, {APIKey: "b"}, {ClientID: "a"}, {ClientSecret: "a"}, {ClientID: "a", ClientSecret: "b"}, {ClientID: "ab"},
		{ClientID: "b", ClientSecret: "a"},
	} {
		f := c.Fingerprint()
		if len(f) != 16 || strings.Trim(f, "0123456789abcdef") != "" {
			t.Errorf("Fingerprint() = %q, want 16 hex digits", f)
		}
		if f != c.Fingerprint() {
			t.Error("the fingerprint changes by itself")
		}
		if _, dup := seen[f]; dup {
			t.Errorf("two sets of credentials have the fingerprint %s", f)
		}
		seen[f] = c
	}
}

func TestSecretsStayOutOfPrintsAndLogs(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-value"
	key, oauth := Credentials{APIKey: secret}, Credentials{ClientID: secret, ClientSecret: secret}
	webhook := WebhookRequest{Name: "w", Secret: secret, EncryptedHeaders: map[string]string{"x-api-key": secret}}
	config := Config{TenantURL: "https://x.eu.qlikcloud.com", Credentials: key}
	client, err := NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	oauthClient, err := NewClient(Config{TenantURL: "https://x.eu.qlikcloud.com", Credentials: oauth})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for _, value := range []any{key, &key, oauth, &oauth, webhook, &webhook, config, &config, client, oauthClient,
		struct{ C Credentials }{key}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		logger := slog.New(handler)
		logger.Info("x", "key", key, "oauth", oauth, "pointer", &key, "webhook", webhook, "config", config)
	}
	if strings.Contains(out.String(), secret) || strings.Contains(out.String(), fmt.Sprintf("%x", secret)) {
		t.Errorf("a secret got out:\n%s", out.String())
	}
	if !strings.Contains(out.String(), "API key (hidden)") {
		t.Error("the kind of credentials should be shown")
	}
}

func TestCredentialsJSONKeepsTheValues(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal(Credentials{ClientID: "id", ClientSecret: "secret"})
	if err != nil || string(data) != `{"client_id":"id","client_secret":"secret"}` {
		t.Errorf("got %s, %v", data, err)
	}
}
