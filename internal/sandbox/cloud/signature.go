// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sts"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeLayout = "20060102T150405Z"
	maxSkew    = 15 * time.Minute
)

// authorization is the parsed header Authorization.
type authorization struct {
	accessKey     string
	date          string // yyyymmdd
	region        string
	service       string
	signedHeaders []string
	signature     string
}

// parseAuthorization reads
//
//	AWS4-HMAC-SHA256 Credential=KEY/20260102/REGION/SERVICE/aws4_request, SignedHeaders=host;x-amz-date, Signature=…
//
// ok is false when a part is missing. Source: IAM User Guide, "Elements of an AWS API request signature".
func parseAuthorization(header string) (a authorization, ok bool) {
	rest, found := strings.CutPrefix(header, algorithm)
	if !found {
		return a, false
	}
	parts := map[string]string{}
	for _, part := range strings.Split(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	scope := strings.Split(parts["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || parts["SignedHeaders"] == "" || parts["Signature"] == "" {
		return a, false
	}
	return authorization{
		accessKey:     scope[0],
		date:          scope[1],
		region:        scope[2],
		service:       scope[3],
		signedHeaders: strings.Split(parts["SignedHeaders"], ";"),
		signature:     parts["Signature"],
	}, true
}

// authorizationOf reads a request's header Authorization.
func authorizationOf(r *http.Request, refuse func(kind, string) *wire.Error) (authorization, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return authorization{}, refuse(unsigned, "Missing Authentication Token")
	}
	a, ok := parseAuthorization(header)
	if !ok {
		return authorization{}, refuse(incomplete,
			"Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters of "+algorithm+".")
	}
	return a, nil
}

// keys looks up the owner of an access key.
type keys interface {
	Lookup(accessKey string) (sts.Key, bool)
}

// verifier checks signatures.
type verifier struct {
	account wire.Account
	keys    keys
	now     func() time.Time
}

// verify checks the signature of a request and returns the signer. If AWS would refuse the request, the error is AWS's, a *wire.Error.
func (v *verifier) verify(ctx context.Context, r *http.Request, body []byte, a authorization) (wire.Identity, error) {
	refuse := refusal(wire.ProtocolOf(r))
	signed, err := time.Parse(timeLayout, r.Header.Get("X-Amz-Date"))
	if err != nil {
		return wire.Identity{}, refuse(incomplete, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if err := v.checkScope(a, signed, refuse); err != nil {
		return wire.Identity{}, err
	}
	key, known := v.keys.Lookup(a.accessKey)
	token := r.Header.Get("X-Amz-Security-Token")
	if !known || subtle.ConstantTimeCompare([]byte(token), []byte(key.Token)) != 1 {
		return wire.Identity{}, refuse(unknownKey, "The security token included in the request is invalid.")
	}
	if !key.Expires.IsZero() && v.now().After(key.Expires) {
		return wire.Identity{}, refuse(expiredToken, "The security token included in the request is expired")
	}
	want, err := sign(ctx, r, body, a, key, signed)
	if err != nil {
		return wire.Identity{}, err
	}
	if subtle.ConstantTimeCompare([]byte(want), []byte(a.signature)) != 1 {
		return wire.Identity{}, refuse(badSignature, "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return key.Caller, nil
}

// checkScope checks the time, region and service of the signature.
func (v *verifier) checkScope(a authorization, signed time.Time, refuse func(kind, string) *wire.Error) error {
	now := v.now().UTC()
	at := func(t time.Time) string { return t.Format(timeLayout) }
	switch {
	case a.date != signed.Format("20060102"):
		return refuse(badSignature, "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '"+
			a.date+"' != '"+signed.Format("20060102")+"', from '"+at(signed)+"'.")
	case signed.Before(now.Add(-maxSkew)):
		return refuse(badSignature, "Signature expired: "+at(signed)+" is now earlier than "+at(now.Add(-maxSkew))+" ("+at(now)+" - 15 min.)")
	case signed.After(now.Add(maxSkew)):
		return refuse(badSignature, "Signature not yet current: "+at(signed)+" is still later than "+at(now.Add(maxSkew))+" ("+at(now)+
			" + 15 min.)")
	}
	// With a configured endpoint, SDKs sign for the configured region; otherwise they sign for the region of the global endpoint.
	global := (a.service == "iam" || a.service == "sts") && a.region == v.account.Partition().GlobalRegion
	if a.region != v.account.Region && !global {
		return refuse(badSignature, "Credential should be scoped to a valid region, not '"+a.region+"'. ")
	}
	return nil
}

// sign computes the expected signature: it rebuilds the request from the signed headers and signs it.
func sign(ctx context.Context, r *http.Request, body []byte, a authorization, key sts.Key, at time.Time) (string, error) {
	again := &http.Request{Method: r.Method, URL: r.URL, Host: r.Host, Header: http.Header{}, ContentLength: -1}
	for _, name := range a.signedHeaders {
		switch name {
		case "host": // not among the headers in Go
		case "content-length":
			length, err := strconv.ParseInt(r.Header.Get("Content-Length"), 10, 64)
			if err != nil {
				length = r.ContentLength
			}
			again.ContentLength = length
		default:
			again.Header[http.CanonicalHeaderKey(name)] = r.Header.Values(name)
		}
	}
	hash := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret, SessionToken: key.Token}
	if err := v4.NewSigner().SignHTTP(ctx, credentials, again, hex.EncodeToString(hash[:]), a.service, a.region, at); err != nil {
		return "", err
	}
	signed, _ := parseAuthorization(again.Header.Get("Authorization"))
	return signed.signature, nil
}

// kind is the reason why the front refuses a request.
type kind int

const (
	unsigned kind = iota
	incomplete
	unknownKey
	expiredToken
	badSignature
	accessDenied
)

// refusals are the codes of the refusals. Source: "Common Errors" in the API references of IAM and of SSM.
var refusals = map[kind]struct{ query, json string }{
	unsigned:     {"MissingAuthenticationToken", "MissingAuthenticationTokenException"},
	incomplete:   {"IncompleteSignature", "IncompleteSignatureException"},
	unknownKey:   {"InvalidClientTokenId", "UnrecognizedClientException"},
	expiredToken: {"ExpiredToken", "ExpiredTokenException"},
	badSignature: {"SignatureDoesNotMatch", "InvalidSignatureException"},
	accessDenied: {"AccessDenied", "AccessDeniedException"},
}

// refusal returns a function that builds the front's errors for a protocol. The status is 403, but 400 with AWS JSON, which has no other
// status for client errors.
func refusal(protocol wire.Protocol) func(kind, string) *wire.Error {
	return func(k kind, message string) *wire.Error {
		switch protocol {
		case wire.ProtocolQuery, wire.ProtocolCBOR: // the services with CBOR previously used the query protocol, and kept its codes
			return &wire.Error{Status: http.StatusForbidden, Code: refusals[k].query, Message: message}
		case wire.ProtocolJSON:
			return &wire.Error{Status: http.StatusBadRequest, Code: refusals[k].json, Message: message}
		case wire.ProtocolRESTJSON:
		}
		return &wire.Error{Status: http.StatusForbidden, Code: refusals[k].json, Message: message}
	}
}
