// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/oauth2"
)

const tokenPath = "/oauth/token" //nolint:gosec // a path

// ErrToken is in the error of a call that was not made because there was no access token for it. An *Error beside it comes from the token
// endpoint.
var ErrToken = errors.New("getting an access token")

// tokenSource exchanges an OAuth client's id and secret for access tokens and keeps the current one. It does not use
// golang.org/x/oauth2/clientcredentials, which sends a form: Qlik documents a JSON body. Source:
// https://qlik.dev/authenticate/oauth/getting-started-oauth-m2m/.
type tokenSource struct {
	client      *Client
	credentials Credentials
	current     *oauth2.Token
	turn        chan struct{} // holds one element while current is read or replaced: a mutex that respects a context
}

func newTokenSource(client *Client, credentials Credentials) *tokenSource {
	return &tokenSource{client: client, credentials: credentials, turn: make(chan struct{}, 1)}
}

// token returns an access token that does not expire within the next seconds.
func (s *tokenSource) token(ctx context.Context) (string, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if s.current.Valid() {
		return s.current.AccessToken, nil
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"` // seconds
	}
	err := s.client.do(ctx, request{
		method: http.MethodPost,
		path:   tokenPath,
		body: map[string]string{
			"client_id":     s.credentials.ClientID,
			"client_secret": s.credentials.ClientSecret,
			"grant_type":    "client_credentials",
		},
		anonymous:  true,
		repeatable: true, // another token changes nothing
	}, &answer)
	if err != nil {
		return "", err
	}
	if answer.AccessToken == "" {
		return "", errors.New("the tenant's token endpoint answered without an access token")
	}
	s.current = &oauth2.Token{AccessToken: answer.AccessToken}
	if answer.ExpiresIn > 0 {
		s.current.Expiry = time.Now().Add(time.Duration(answer.ExpiresIn) * time.Second)
	}
	return s.current.AccessToken, nil
}

// forget drops a token that the tenant refused.
func (s *tokenSource) forget(ctx context.Context, token string) bool {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return false
	}
	if s.current != nil && s.current.AccessToken == token {
		s.current = nil
	}
	return true
}
