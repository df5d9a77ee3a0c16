// SPDX-License-Identifier: MPL-2.0

package constraint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Input is a request's input for an operation. Members have their names in the model.
type Input struct {
	Body    []byte         // the members of the body as JSON; nil for a body that is one member
	Outside map[string]any // the members in the path, the query string and the headers
}

// Read reads a request for an operation of the service with this scope and checks it against AWS's constraints. A *wire.Error is the
// service's answer to a request that breaks them. Any other error means that the model does not have the operation.
func Read(scope, name string, r *wire.Request) (*Input, error) {
	if unmodelled[scope+" "+name] {
		return &Input{Body: r.Body}, nil
	}
	o, err := find(scope, name)
	if err != nil {
		return &Input{}, err
	}
	in, members, faults := o.read(scope+" "+name, r)
	if members == nil {
		return in, nil
	}
	c := &checker{faults: faults}
	c.check(o.input, members, "")
	switch {
	case len(c.faults) > 0:
		return in, wire.Sender("SerializationException", "%s", inOne(c.faults))
	case len(c.violations) > 0:
		return in, refuse(scope, inOrder(c.violations))
	}
	return in, nil
}

func inOne(faults []fault) string {
	texts := make([]string, len(faults))
	for i, f := range faults {
		texts[i] = fmt.Sprintf("'%s': %s", f.path, f.reason)
	}
	slices.Sort(texts)
	return strings.Join(texts, "; ")
}

// defaultCode is the error code of most services for a request that breaks a constraint; codes has those of the others. Sources: the
// services' API references, "Common Errors"; the answers in the public bug trackers of AWS's SDKs.
const defaultCode = "ValidationException"

var codes = map[string]string{
	"apigateway": "BadRequestException",
	"iam":        "ValidationError",
	"sts":        "ValidationError",
	"sns":        "ValidationError",
	"monitoring": "ValidationError",
	"logs":       "InvalidParameterException",
}

// refuse returns the error of a service.
func refuse(scope string, violations []violation) *wire.Error {
	if scope == "sqs" {
		return refuseSQS(violations[0])
	}
	texts := make([]string, len(violations))
	for i, v := range violations {
		texts[i] = v.String()
	}
	errors := "errors"
	if len(violations) == 1 {
		errors = "error"
	}
	code := cmp.Or(codes[scope], defaultCode)
	return wire.Sender(code, "%d validation %s detected: %s", len(violations), errors, strings.Join(texts, "; "))
}

// refuseSQS returns the error of SQS, which has its own wording.
func refuseSQS(v violation) *wire.Error {
	switch {
	case v.missing:
		return wire.Sender("MissingRequiredParameterException", "The request must contain the parameter %s.", v.member)
	case v.member == "AttributeNames" || v.member == "Attributes":
		return wire.Sender("InvalidAttributeName", "Unknown Attribute %s.", v.wrong)
	default:
		return wire.Sender("InvalidParameterValueException", "Value %s for parameter %s is invalid. Reason: %s.", v.wrong, v.member, v.rule)
	}
}
