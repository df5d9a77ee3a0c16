// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// access is what a caller may do with the chain.
type access int

const (
	accessNone    access = iota
	accessSignal         // report the ends of steps that wait for signals
	accessView           // read the chain and its record
	accessOperate        // start, repeat, cancel, pause, resume and redrive too
)

// accessOf returns what a caller may do. API Gateway passes the id of the caller's API key or, if operators sign their requests, the
// caller's identity in IAM. A key that the chain does not name, for example the webhook's, may neither read nor operate.
func (s *settings) accessOf(identity events.APIGatewayRequestIdentity) access {
	signing := s.operatorAuth == chain.OperatorAuthIAM
	switch key := identity.APIKeyID; {
	case signing && identity.UserArn != "":
		return accessOperate
	case key == "":
		return accessNone
	case key == s.operatorKeyID && !signing:
		return accessOperate
	case key == s.operatorKeyID, key == s.viewerKeyID:
		return accessView
	case key == s.signalKeyID:
		return accessSignal
	default:
		return accessNone
	}
}

// delivers reports whether the function accepts an event that came with this API key. The keys of operators, viewers and signals deliver
// no events. Every other key does: API Gateway has accepted it, and an event may be handled again long after a rotation has deleted its
// key.
func (s *settings) delivers(keyID string) bool {
	return keyID == "" || keyID != s.operatorKeyID && keyID != s.viewerKeyID && keyID != s.signalKeyID
}

// admit refuses a request that its caller may not make; nil admits it. signals says whether the request reports a signal.
func (s *settings) admit(r *http.Request, signals bool) *answer {
	granted := s.accessOf(gatewayEvent(r.Context()).RequestContext.Identity)
	var a answer
	switch {
	case granted == accessNone:
		a = refuse(http.StatusForbidden, "This API key neither shows the chain nor operates it: the webhook's key only delivers events. "+
			"Use the chain's API key, which Terraform gives as the ephemeral resource qlik_task_chain_key.")
	case granted == accessSignal && !signals:
		a = refuse(http.StatusForbidden, "The API key for signals only sends signals. Use the chain's other key, "+
			"which Terraform gives as the ephemeral resource qlik_task_chain_key without signal.").hint("POST /signal/{step} sends one.")
	case r.Method != http.MethodPost, granted == accessOperate, granted == accessSignal:
		return nil
	case s.operatorAuth == chain.OperatorAuthIAM:
		a = refuse(http.StatusForbidden, "An API key shows the chain and changes nothing: its operators sign their requests with "+
			"AWS credentials (operator_auth = \"iam\"). Sign the request for the service execute-api.")
	default:
		a = refuse(http.StatusForbidden, "The viewers' API key shows the chain and changes nothing. Use the chain's other key, which "+
			"Terraform gives as the ephemeral resource qlik_task_chain_key without viewer.")
	}
	return &a
}
