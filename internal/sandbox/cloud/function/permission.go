// SPDX-License-Identifier: MPL-2.0

package function

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// statement is one statement of a function's resource policy, as GetPolicy shows it.
type statement struct {
	Sid       string
	Effect    string
	Principal any // {"Service": "…"}, {"AWS": "…"} or "*"
	Action    string
	Resource  string
	Condition map[string]map[string]string `json:",omitempty"`
}

var (
	accountID   = regexp.MustCompile(`^\d{12}$`)
	servicePart = regexp.MustCompile(`^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$`)
)

type permissionInput struct {
	functionInput
	StatementId string //nolint:revive // the API's spelling
	Action      string
	Principal   string
	SourceArn   string
}

// statement returns the policy statement that the input asks for.
func (in *permissionInput) statement(functionARN, partition string) (statement, error) {
	st := statement{Sid: in.StatementId, Effect: "Allow", Action: in.Action, Resource: functionARN}
	switch {
	case in.Principal == "*":
		st.Principal = "*"
	case servicePart.MatchString(in.Principal):
		st.Principal = map[string]string{"Service": in.Principal}
	case accountID.MatchString(in.Principal):
		st.Principal = map[string]string{"AWS": fmt.Sprintf("arn:%s:iam::%s:root", partition, in.Principal)}
	case strings.HasPrefix(in.Principal, "arn:"):
		st.Principal = map[string]string{"AWS": in.Principal}
	default:
		return st, invalidParameter("The provided principal was invalid. Please check the principal and try again.")
	}
	if in.SourceArn != "" {
		st.Condition = map[string]map[string]string{"ArnLike": {"AWS:SourceArn": in.SourceArn}}
	}
	return st, nil
}

// Source is the AWS service that invokes a function, and the service's object that does so.
type Source struct {
	Service string // apigateway.amazonaws.com
	ARN     string // arn:aws:execute-api:…
}

// allows reports whether the statement lets the source invoke the function.
func (st *statement) allows(source Source) bool {
	principal, isMap := st.Principal.(map[string]string)
	if st.Principal != "*" && (!isMap || principal["Service"] != source.Service) {
		return false
	}
	if st.Action != "lambda:InvokeFunction" && st.Action != "lambda:*" && st.Action != "*" {
		return false
	}
	pattern, limited := st.Condition["ArnLike"]["AWS:SourceArn"]
	return !limited || arnLike(pattern, source.ARN)
}

// arnLike compares an ARN with a pattern part by part: in the first five parts, * and ? do not match a colon. Source: IAM user guide, "ARN
// condition operators".
func arnLike(pattern, arn string) bool {
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(patterns) != 6 || len(parts) != 6 {
		return false
	}
	for i := range patterns {
		if !wildcard(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

func wildcard(pattern, s string) bool {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(quoted)
	return regexp.MustCompile(`(?s)^` + quoted + `$`).MatchString(s) // QuoteMeta's result always compiles
}

func (s *Service) addPermission(_ *wire.Call, in *permissionInput) ([]string, func() (any, error)) {
	return s.onFunction(in.functionInput, func(f *function) (any, error) {
		st, err := in.statement(f.arn, s.config.Account.Partition().ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(f.policy, func(have statement) bool { return have.Sid == st.Sid }) {
			return nil, conflict("The statement id (%s) provided already exists. Please provide a new statement id, or remove the existing "+
				"statement.", st.Sid)
		}
		text, err := json.Marshal(st)
		f.policy, f.policyRevision = append(f.policy, st), uuid.NewString()
		return struct{ Statement string }{string(text)}, err
	})
}

func (s *Service) getPolicy(_ *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	return s.onFunction(*in, func(f *function) (any, error) {
		if len(f.policy) == 0 {
			return nil, notFound("The resource you requested does not exist.")
		}
		text, err := json.Marshal(struct {
			Version   string
			Id        string //nolint:revive // the policy language's spelling
			Statement []statement
		}{"2012-10-17", "default", f.policy})
		return map[string]string{"Policy": string(text), "RevisionId": f.policyRevision}, err
	})
}

type removePermissionInput struct {
	functionInput
	StatementId string //nolint:revive // the API's spelling
}

func (s *Service) removePermission(_ *wire.Call, in *removePermissionInput) ([]string, func() (any, error)) {
	return s.onFunction(in.functionInput, func(f *function) (any, error) {
		i := slices.IndexFunc(f.policy, func(st statement) bool { return st.Sid == in.StatementId })
		if i < 0 {
			return nil, notFound("Statement %s is not found in resource policy.", in.StatementId)
		}
		f.policy, f.policyRevision = slices.Delete(f.policy, i, i+1), uuid.NewString()
		return nil, nil
	})
}
