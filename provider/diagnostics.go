// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// addErrors adds each of the joined errors in err as a separate diagnostic. hint describes what to do next, and follows each failure of a
// component.
func addErrors(diags *diag.Diagnostics, summary string, err error, hint string) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { // only the outermost join is split
		for _, each := range joined.Unwrap() {
			addErrors(diags, summary, each, hint)
		}
		return
	}
	if owned, ok := errors.AsType[*stack.OwnershipError](err); ok {
		diags.AddError(owned.Title, sentence(owned))
		return
	}
	var component *stack.ComponentError
	if !errors.As(err, &component) {
		diags.AddError(summary, sentence(err))
		return
	}
	detail := fmt.Sprintf("The %s is %s. %s", component.Title, component.Object, sentence(component.Err))
	var foreign *stack.ForeignObjectError
	switch {
	case errors.As(err, &foreign):
		detail = sentence(foreign)
	case isForbiddenByQlik(err):
		detail += " The user behind the provider's credentials may not do this: a webhook of the level tenant needs the role TenantAdmin " +
			"(webhook_level = \"user\" needs none), and Qlik Cloud limits how many webhooks there can be."
	case isDeniedByAWS(err):
		detail += " Give the identity that Terraform runs as the right to do this."
	case errors.Is(err, context.DeadlineExceeded):
		detail += " It took longer than this operation may."
	}
	if hint != "" {
		detail += "\n\n" + hint
	}
	diags.AddError(component.Doing+" the "+component.Title+" failed", detail)
}

// addProblems reports every problem of a definition at its line. Several steps with the same problem make one error, at the first of them.
// The text contains the path too, because Terraform finds no line inside a step.
func addProblems(diags *diag.Diagnostics, title string, problems []chain.Problem) {
	type cause struct{ attribute, message string }
	steps := map[cause][]string{}
	causeOf := func(p chain.Problem) (cause, bool) {
		if len(p.Path) < 2 || !p.Path.IsKey(1) {
			return cause{}, false
		}
		return cause{strings.Join(p.Path[2:min(3, len(p.Path))], ""), p.Message}, true
	}
	for _, problem := range problems {
		if c, ofStep := causeOf(problem); ofStep && !slices.Contains(steps[c], problem.Path[1]) {
			steps[c] = append(steps[c], problem.Path[1])
		}
	}
	for _, problem := range problems {
		text := problem.Path.String() + ": " + problem.Message
		if c, ofStep := causeOf(problem); ofStep {
			if steps[c][0] != problem.Path[1] {
				continue
			}
			if others := steps[c][1:]; len(others) > 0 {
				text += " The same in " + named(others) + "."
			}
		}
		diags.AddAttributeError(attributePath(problem.Path), title, text)
	}
}

// attributePath returns the part of a definition's path that Terraform can find the line of: the chain's attribute, or the step. For a
// longer path, Terraform looks for the last name among the chain's arguments. For example, it would show steps["a"].schedule at the line of
// the chain's schedule.
func attributePath(p chain.Path) path.Path {
	if len(p) == 0 {
		return path.Empty()
	}
	result := path.Root(p[0])
	if len(p) > 1 && p.IsKey(1) {
		result = result.AtMapKey(p[1])
	}
	return result
}

// sentence formats an error as a sentence, with a capital first letter and a full stop.
func sentence(err error) string { return chain.Sentence(strings.TrimSpace(err.Error())) }

// explainQlik explains why the first call to the tenant failed.
func explainQlik(tenantURL string, err error) error {
	if failure, ok := errors.AsType[*qlik.Error](err); ok {
		err = withoutAdvice{err, failure}
		switch failure.Status {
		case 0:
			return fmt.Errorf("the Qlik Cloud tenant %s cannot be reached. Check the provider's argument tenant_url (or QLIK_TENANT_URL) and the "+
				"network: %w", tenantURL, err)
		case http.StatusUnauthorized:
			return fmt.Errorf("the Qlik Cloud tenant %s refused the provider's credentials. An API key expires: create a new one in Qlik Cloud, "+
				"under Profile settings, API keys, and set api_key (or QLIK_API_KEY). Or set client_id and client_secret: %w", tenantURL, err)
		case http.StatusForbidden:
			return fmt.Errorf("the Qlik Cloud tenant %s does not let the provider's credentials read their own user. Grant their user, or "+
				"their OAuth client's scopes, "+
				"the permission for it (user_default): %w", tenantURL, err)
		case http.StatusNotFound:
			return fmt.Errorf("%s does not answer as a Qlik Cloud tenant. Check the provider's argument tenant_url (or QLIK_TENANT_URL): %w",
				tenantURL, err)
		}
	}
	return fmt.Errorf("asking the Qlik Cloud tenant %s who the provider's credentials belong to failed: %w", tenantURL, err)
}

// withoutAdvice is an error of Qlik Cloud beside which the provider says what to do.
type withoutAdvice struct {
	error
	answer *qlik.Error
}

// Error returns the text of the error, without what Qlik Cloud's client advises.
func (e withoutAdvice) Error() string {
	return strings.Replace(e.error.Error(), e.answer.Advice(), "", 1)
}

// Unwrap returns the error itself.
func (e withoutAdvice) Unwrap() error { return e.error }

// explainAWS explains why the first call to STS failed.
func explainAWS(region string, err error) error {
	refusal, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return fmt.Errorf("AWS STS in the region %s cannot be asked for the caller's identity. Check the AWS credentials, the region and the "+
			"network: %w", region, err)
	}
	switch refusal.ErrorCode() {
	case "ExpiredToken", "ExpiredTokenException":
		return fmt.Errorf("the AWS credentials have expired. Renew them and run again: %w", err)
	case "SignatureDoesNotMatch":
		return fmt.Errorf("AWS refused the signature of the provider's calls in the region %s. Check the secret access key, the region "+
			"(aws.region or AWS_REGION) and this machine's clock: %w", region, err)
	case "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure":
		return fmt.Errorf("AWS does not know the provider's credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to "+
			"valid ones: %w", err)
	}
	return fmt.Errorf("AWS STS did not return the identity of the provider's credentials: %w", err)
}

func isForbiddenByQlik(err error) bool {
	failure, ok := errors.AsType[*qlik.Error](err)
	return ok && failure.Status == http.StatusForbidden
}

// isDeniedByAWS reports whether AWS denies a call. It checks the code, because SSM and CloudWatch Logs deny with the status 400.
func isDeniedByAWS(err error) bool {
	refusal, ok := errors.AsType[smithy.APIError](err)
	return ok && (strings.HasPrefix(refusal.ErrorCode(), "AccessDenied") || refusal.ErrorCode() == "UnauthorizedOperation")
}
