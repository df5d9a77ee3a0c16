// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"errors"
	"fmt"

	"github.com/aws/smithy-go"
)

// ComponentError is a failure of one part of the stack.
type ComponentError struct {
	Doing  string // Reading, Setting up, Deleting
	Title  string // "IAM role"
	Object string // its name in the service
	Err    error
}

// Error names what was being done, and to which object.
func (e *ComponentError) Error() string {
	return fmt.Sprintf("%s the %s %s: %v", e.Doing, e.Title, e.Object, e.Err)
}

// Unwrap returns the component's own error.
func (e *ComponentError) Unwrap() error { return e.Err }

// ForeignObjectError means that an object with the name that the chain needs does not have the chain's tag.
type ForeignObjectError struct {
	Kind string // "IAM role"
	Name string
	Mark string // the tag or text that it would have if it were the chain's
}

// Error names the object, and says what it lacks.
func (e *ForeignObjectError) Error() string {
	return fmt.Sprintf("the %s %s exists already and does not belong to this chain: it does not carry %s. Nothing of it was touched. "+
		"Give the chain another name, or delete the object if nothing needs it",
		e.Kind, e.Name, e.Mark)
}

// hasCode reports whether err is an AWS API's error with one of these codes.
func hasCode(err error, codes ...string) bool {
	var refusal smithy.APIError
	if !errors.As(err, &refusal) {
		return false
	}
	for _, code := range codes {
		if refusal.ErrorCode() == code {
			return true
		}
	}
	return false
}

// isAlreadyThere reports whether an object exists already. The codes are those of IAM; Logs; SSM; Lambda; API Gateway and EventBridge
// Scheduler; DynamoDB.
func isAlreadyThere(err error) bool {
	return hasCode(err, "EntityAlreadyExists", "ResourceAlreadyExistsException", "ParameterAlreadyExists", "ResourceConflictException",
		"ConflictException",
		"ResourceInUseException")
}

// notFoundCodes are the not-found codes of the services: IAM; Lambda, Logs, DynamoDB, EventBridge Scheduler; API Gateway; SSM; DynamoDB's
// backups; SQS, in its present and its previous spelling; CloudWatch.
var notFoundCodes = []string{"NoSuchEntity", "ResourceNotFoundException", "NotFoundException", "ParameterNotFound", "InvalidResourceId",
	"TableNotFoundException", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "ResourceNotFound"}

func isNotFound(err error) bool { return hasCode(err, notFoundCodes...) }
