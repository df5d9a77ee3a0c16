// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscredentials "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// parameterStore answers GetParameters with one answer after the other.
type parameterStore struct{ answers, requests []string }

// Do implements aws.HTTPClient.
func (p *parameterStore) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	p.requests = append(p.requests, r.Header.Get("X-Amz-Target")+" "+string(body))
	answer := p.answers[min(len(p.requests), len(p.answers))-1]
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer))}, nil
}

// TestReadBack checks that what was written is read in one call, as often as SSM shows an earlier state of it.
func TestReadBack(t *testing.T) {
	t.Parallel()
	const definition, secret = "/qlik-task-chain/nightly/definition", "/qlik-task-chain/nightly/signing-secret"
	one := func(name string, version int) string {
		return fmt.Sprintf(`{"Name":%q,"Version":%d,"LastModifiedDate":1796000000.5}`, name, version)
	}
	synctest.Test(t, func(t *testing.T) {
		store := &parameterStore{answers: []string{
			`{"Parameters":[` + one(definition, 2) + `],"InvalidParameters":["` + secret + `"]}`,
			`{"Parameters":[` + one(definition, 1) + "," + one(secret, 1) + `]}`,
			`{"Parameters":[` + one(definition, 2) + "," + one(secret, 1) + `]}`,
		}}
		s := New(Clients{SSM: ssm.New(ssm.Options{Region: "eu-central-1", HTTPClient: store,
			Credentials: awscredentials.NewStaticCredentialsProvider("id", "key", "")})}, Place{}, "nightly", Known{})
		for p, version := range map[*parameter]int64{&s.definition.parameter: 2, &s.signingSecret.parameter: 1} {
			p.seen, p.written = &types.Parameter{Version: version}, true
		}
		if err := s.readBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(store.requests) != 3 || !strings.Contains(store.requests[0], definition) || !strings.Contains(store.requests[0], secret) ||
			strings.Contains(store.requests[0], "credentials") {
			t.Errorf("requests %q", store.requests)
		}
		for p, want := range map[*parameter]string{&s.definition.parameter: "2-1796000000500", &s.signingSecret.parameter: "1-1796000000500"} {
			if p.revision() != want || p.written {
				t.Errorf("%s: revision %s, want %s; written %v", aws.ToString(p.seen.Name), p.revision(), want, p.written)
			}
		}
		if err := s.readBack(t.Context()); err != nil || len(store.requests) != 3 {
			t.Errorf("it was read once more: %v, %q", err, store.requests)
		}
	})
}
