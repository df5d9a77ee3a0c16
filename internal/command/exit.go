// SPDX-License-Identifier: MPL-2.0

package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chainapi"
)

// The exit codes. The guide documents them, and scripts depend on them.
const (
	ExitOK          = 0
	ExitFailed      = 1 // AWS, the chain or the network failed
	ExitUsage       = 2 // the command line, or a value in it, is not possible
	ExitNotFound    = 3 // there is no such chain, run, step or key
	ExitDenied      = 4 // credentials are missing, unknown or expired, or may not do this
	ExitConflict    = 5 // not possible now: the chain is being created, the step runs already, an object is not the chain's
	ExitRunFailed   = 6 // the awaited run ended without success
	ExitTimeout     = 7 // the awaited run has not ended in time
	ExitInterrupted = 130
)

// failure is an error with its exit code.
type failure struct {
	code int
	err  error
}

// Error returns the text of the error itself.
func (f *failure) Error() string { return f.err.Error() }

// Unwrap returns the error itself.
func (f *failure) Unwrap() error { return f.err }

// fail returns an error with an exit code.
func fail(code int, format string, args ...any) error {
	return &failure{code, fmt.Errorf(format, args...)}
}

// exitCode returns the exit code for a command's error.
func exitCode(ctx context.Context, err error) int {
	var known *failure
	var answer *chainapi.Error
	var refusal smithy.APIError
	switch {
	case err == nil:
		return ExitOK
	case ctx.Err() != nil:
		return ExitInterrupted
	case errors.As(err, &known):
		return known.code
	case errors.As(err, &answer):
		return codeOfStatus(answer.Status)
	case errors.As(err, &refusal) && isDenied(refusal.ErrorCode()):
		return ExitDenied
	default:
		return ExitFailed
	}
}

// codeOfStatus returns the exit code for an answer of the chain.
func codeOfStatus(status int) int {
	switch status {
	case http.StatusBadRequest:
		return ExitUsage
	case http.StatusUnauthorized, http.StatusForbidden:
		return ExitDenied
	case http.StatusNotFound:
		return ExitNotFound
	case http.StatusConflict, http.StatusUnprocessableEntity:
		return ExitConflict
	default:
		return ExitFailed
	}
}

// deniedCodes are the codes with which AWS's services refuse credentials, or what they may not do.
var deniedCodes = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "ExpiredToken", "ExpiredTokenException",
	"SignatureDoesNotMatch", "InvalidSignatureException", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId",
	"AuthFailure", "NotAuthorized"}

func isDenied(code string) bool { return slices.Contains(deniedCodes, code) }

// explain returns an error's text for people: what failed and what to do.
func (a *app) explain(err error) string {
	var answer *chainapi.Error
	text := err.Error()
	if errors.As(err, &answer) {
		text = answer.Reason
		switch {
		case answer.Status == http.StatusForbidden && strings.Contains(answer.Reason, chainapi.InvokeAction):
			text += fmt.Sprintf("\nThe chain has operator_auth = \"iam\". Grant your identity %s on this route of the chain.",
				chainapi.InvokeAction)
		case answer.Status == http.StatusForbidden && strings.TrimSpace(answer.Reason) == "Forbidden":
			text = "API Gateway refuses the chain's key (403). Apply the chain again: the key may be disabled, or out of its usage plan."
		case answer.Status == http.StatusTooManyRequests:
			text = "The chain gets too many requests (429). Try again in a minute."
		case codeOfStatus(answer.Status) == ExitFailed:
			text = fmt.Sprintf("%s (%d)", strings.TrimSuffix(answer.Reason, "."), answer.Status)
		}
		text = strings.TrimSpace(sentence(text) + " " + a.hint(answer))
	}
	var refusal smithy.APIError
	var known *failure // which says itself what to do
	if errors.As(err, &refusal) && isDenied(refusal.ErrorCode()) && !errors.As(err, &known) {
		text += "\nGrant your AWS identity this permission, or choose another one with --profile."
	}
	return sentence(text)
}

// The chain's checks for which the command says what to do. They are engine.Refusal's.
const (
	refusalRun      = "run"
	refusalSignal   = "signal"
	refusalCycle    = "cycle"
	refusalRepaired = "repaired"
)

// hint says what to do about an answer with the command itself. The chain's own hint names the routes of its API.
func (a *app) hint(answer *chainapi.Error) string {
	switch {
	case answer.Refusal == refusalRun:
		return fmt.Sprintf("qlik-chain runs %s lists the existing ones.", a.chain)
	case answer.Refusal == refusalSignal:
		return fmt.Sprintf("qlik-chain start %s STEP begins a run at any step.", a.chain)
	case answer.Refusal == refusalCycle:
		return fmt.Sprintf("qlik-chain runs %s -o json has the ids.", a.chain)
	case answer.Refusal == refusalRepaired:
		return fmt.Sprintf("qlik-chain run %s %s shows the run. Add --again to repeat the work all the same.", a.chain, answer.Run)
	case answer.Run != "":
		return fmt.Sprintf("qlik-chain run %s %s shows the run.", a.chain, answer.Run)
	case answer.Refusal == "" && (answer.Status == http.StatusNotFound || answer.Status == http.StatusMethodNotAllowed):
		return "The chain's function has another version than the command. Apply the chain with the provider of the command's version."
	default:
		return ""
	}
}

// sentence returns a text that begins with a capital letter and ends with a full stop, if its last line is not a list's.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return "Unknown error."
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	last := text[strings.LastIndex(text, "\n")+1:]
	if !strings.HasPrefix(last, "\t") && !strings.HasSuffix(last, ".") && !strings.HasSuffix(last, "?") {
		text += "."
	}
	return printableLines(text)
}
