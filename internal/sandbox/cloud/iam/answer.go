// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"net/url"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type roleResult struct {
	Role roleAnswer
}

type roleAnswer struct {
	Path               string
	RoleName           string
	RoleID             string `xml:"RoleId"`
	Arn                string
	CreateDate         string
	TrustPolicy        string `xml:"AssumeRolePolicyDocument"`
	Description        string `xml:",omitempty"`
	MaxSessionDuration int
	Boundary           *boundaryAnswer `xml:"PermissionsBoundary"`
	Tags               *tagsAnswer
	LastUsed           *struct{} `xml:"RoleLastUsed"`
}

type boundaryAnswer struct {
	Type string `xml:"PermissionsBoundaryType"`
	Arn  string `xml:"PermissionsBoundaryArn"`
}

type tagsAnswer struct {
	Members []wire.Tag `xml:"member"`
}

// whole says that a list has no further page: the sandbox's lists are short.
type whole struct{ IsTruncated bool }

type listTagsResult struct {
	Tags []wire.Tag `xml:"Tags>member"`
	whole
}

type rolePolicyResult struct {
	RoleName       string
	PolicyName     string
	PolicyDocument string
}

type listRolePoliciesResult struct {
	PolicyNames []string `xml:"PolicyNames>member"`
	whole
}

type attachedPolicy struct {
	PolicyName string
	PolicyArn  string
}

type listAttachedResult struct {
	AttachedPolicies []attachedPolicy `xml:"AttachedPolicies>member"`
	whole
}

func (r *role) answer() roleAnswer {
	a := roleAnswer{
		Path:               r.path,
		RoleName:           r.Name,
		RoleID:             r.ID,
		Arn:                r.ARN,
		CreateDate:         r.created.UTC().Format(time.RFC3339),
		TrustPolicy:        encodeDocument(r.trustText),
		Description:        r.description,
		MaxSessionDuration: int(r.MaxSession / time.Second),
	}
	if r.boundary != "" {
		a.Boundary = &boundaryAnswer{Type: "Policy", Arn: r.boundary}
	}
	if len(r.tags) > 0 {
		a.Tags = &tagsAnswer{Members: r.tags.List()}
	}
	return a
}

// encodeDocument encodes a policy as IAM's answers do: "URL-encoded compliant with RFC 3986" (API Reference).
func encodeDocument(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}
