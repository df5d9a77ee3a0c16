// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// SignatureHeader is the header that carries a delivery's signature when the webhook has a secret.
const SignatureHeader = "Qlik-Signature"

// Sign is the value of SignatureHeader for a body: the HMAC-SHA256 keyed with the webhook's secret, in hex, without a prefix.
// Source: https://qlik.dev/apis/event/verify-webhook-signatures-hmac.
func Sign(secret string, body []byte) string {
	return hex.EncodeToString(mac(secret, body))
}

// VerifySignature tells whether header is the signature of body, in constant time. body must be the exact bytes received.
// Hex digits of either case are accepted; without a secret nothing is.
func VerifySignature(secret string, body []byte, header string) bool {
	got, err := hex.DecodeString(strings.TrimSpace(header))
	return err == nil && secret != "" && hmac.Equal(got, mac(secret, body))
}

func mac(secret string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(body)
	return h.Sum(nil)
}
