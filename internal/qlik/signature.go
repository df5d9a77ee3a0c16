// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// SignatureHeader is the header of a delivery's signature if the webhook has a secret.
const SignatureHeader = "Qlik-Signature"

// Sign returns the value of SignatureHeader for a body: the HMAC-SHA256 keyed with the webhook's secret, in hex, without a prefix. Source:
// https://qlik.dev/apis/event/verify-webhook-signatures-hmac.
func Sign(secret string, body []byte) string {
	return hex.EncodeToString(mac(secret, body))
}

// VerifySignature reports whether header is the signature of body, in constant time. body must be the exact bytes received. It accepts hex
// digits in both cases. Without a secret it accepts nothing.
func VerifySignature(secret string, body []byte, header string) bool {
	got, err := hex.DecodeString(strings.TrimSpace(header))
	return err == nil && secret != "" && hmac.Equal(got, mac(secret, body))
}

func mac(secret string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write(body)
	return h.Sum(nil)
}
