// SPDX-License-Identifier: MPL-2.0

// Package wire has the types that the sandbox's AWS services share: requests, calls, answers and errors.
package wire

import "net/http"

// Identity is the signer of a request.
type Identity struct {
	Account     string
	ARN         string // arn:aws:iam::123456789012:user/sandbox, or arn:aws:sts::…:assumed-role/NAME/SESSION
	UserID      string
	AccessKeyID string
	Role        string // the role's name if the request has a role's temporary credentials, else empty
}

// Request is a request with a checked signature.
type Request struct {
	HTTP   *http.Request // its body has been read
	Body   []byte
	ID     string // the request id that the answer carries
	Region string // of the sandbox
	Caller Identity
}

// Call is the operation that a request asks for.
type Call struct {
	*Request
	Operation string       // as in the service's API reference: CreateRole
	Action    string       // as in an IAM policy, with the prefix: iam:CreateRole
	Resources []string     // ARNs that the call touches, for the access decision; empty stands for "*"
	Also      []Permission // additional permissions that the caller needs
	PassRoles []string     // ARNs of roles that the call passes to the service, for which the caller needs iam:PassRole
	Refusal   error        // AWS's error for a request that breaks its constraints, which Run returns; nil if it meets them
	Run       func() (*Response, error)
}

// Permission is an action on a resource.
type Permission struct {
	Action   string // as in an IAM policy: dynamodb:PutItem
	Resource string // ARN
	// Known is the context of a policy's conditions, by condition key in lower case; nil for none.
	Known map[string]string
}

// Response is a service's answer to a successful call.
type Response struct {
	Status int // 200 when zero
	Header http.Header
	Body   []byte
}

// Error is a service's error, written in the service's own protocol.
type Error struct {
	Status  int    // HTTP status
	Code    string // as in the service's API reference: ResourceNotFoundException
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Service is one AWS service.
type Service interface {
	// Scope is the service's name in a SigV4 credential scope: iam, sts, ssm, logs, monitoring, lambda, apigateway, sns, sqs, scheduler,
	// events, dynamodb.
	Scope() string
	// Call returns the call that the request asks for. An unknown operation is an *Error.
	Call(r *Request) (*Call, error)
	// WriteError writes err in the service's protocol. Any other error than an *Error is an internal failure (500).
	WriteError(w http.ResponseWriter, r *Request, err error)
}
