// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// TestRedact: texts as AWS, Qlik Cloud and terraform write them keep what happened and lose the names.
func TestRedact(t *testing.T) {
	t.Parallel()
	l := &life{
		options: Options{Root: "/srv/build/project", Dir: "/srv/build/project/.cache/verify-cloud", SpaceID: "65f0c0ffee0000000000abcd"},
		place: &place{account: "210987654321", region: "eu-west-1", tenantID: "AbCdEfGhIjKlMnOpQrStUvWxYzabcdef", aws: aws.Config{},
			qlik: qlik.Config{TenantURL: "https://acme.eu.qlikcloud.com", Credentials: qlik.Credentials{APIKey: "topsecretkeywithoutdigits"}}},
		journal:   &journal{Apps: map[string]string{"first": "0c6f1a2b-3c01-4e0e-9d3f-7b0a3a523a0c"}},
		variables: variables{Name: "verify-cloud-0badcafe"},
		outputs: outputs{InvokeURL: "https://abc.execute-api.eu-west-1.amazonaws.com/live", APIKeyID: "shortid",
			WebhookID: "65f0c0ffee0000000000aaaa"},
	}
	r := l.redactor()
	for text, want := range map[string]string{
		"operation error IAM: CreateRole, https response error StatusCode: 403, RequestID: 11111111-2222-3333-4444-555555555555, api error " +
			"AccessDenied: " +
			"User: arn:aws:sts::210987654321:assumed-role/Jane-Doe/session is not authorized to perform: iam:CreateRole on resource: " +
			"arn:aws:iam::210987654321:role/qlik-task-chain-verify-cloud-0badcafe-eu-west-1 because no identity-based policy allows the " +
			"iam:CreateRole action": "operation error IAM: " +
			"CreateRole, https response error StatusCode: 403, RequestID: <id>, api error AccessDenied: User: <arn> is not authorized to perform: " +
			"iam:CreateRole on resource: <arn> because no identity-based policy allows the iam:CreateRole action",
		"Qlik Cloud: POST https://acme.eu.qlikcloud.com/api/v1/apps was answered with 403 Forbidden: APPS-3: Forbidden: jane.doe@acme.com " +
			"may not (trace id 0123456789abcdef0123456789abcdef)": "Qlik " +
			"Cloud: POST <tenant><path> was answered with 403 Forbidden: APPS-3: Forbidden: <mail> may not (trace id <id>)",
		`terraform apply: exit status 1: Error: on main.tf line 49, in resource "qlik_task_chain" "verify": dial tcp 10.1.2.3:443: i/o ` +
			`timeout`: "terraform apply: exit " +
			`status 1: Error: on main.tf line 49, in resource "…" "…": dial tcp <address>: i/o timeout`,
		"the file /srv/build/project/bin/terraform-provider-qlik and topsecretkeywithoutdigits and shortid in eu-west-1": "the file <path> " +
			"and <secret> and <id> in <region>",
		"proxyconnect tcp: dial tcp: lookup proxy.corp.acme.example on 10.1.2.3:53: no such host": "proxyconnect tcp: dial tcp: lookup <host> " +
			"on " +
			"<address>: no such host",
		"tls: failed to verify certificate: x509: certificate is valid for *.inspect.acme.example, not sts.eu-west-1.amazonaws.com": "tls: " +
			"failed to verify certificate: x509: certificate is valid for *.<host>, not <host>",
		"the plan does not show the function's time-out: drift " +
			"map[function.environment:other rest_api.method.POST.integration.type:AWS]": "the plan " +
			"does not show the function's time-out: drift map[function.environment:other rest_api.method.POST.integration.type:AWS]",
		"still there: app 0c6f1a2b-3c01-4e0e-9d3f-7b0a3a523a0c, table qlik-task-chain-verify-cloud-0badcafe": "still there: app " +
			"<app>, table qlik-task-chain-<chain>",
	} {
		if got := r.text(text); got != want {
			t.Errorf("%s\nbecame %s\n not %s", text, got, want)
		}
		for _, value := range []string{"210987654321", "acme", "Jane", "jane", "0badcafe", "topsecret", "11111111", "10.1.2.3", "65f0c0ffee"} {
			if strings.Contains(r.text(text), value) {
				t.Errorf("the value %s is in %s", value, r.text(text))
			}
		}
	}
}
