// SPDX-License-Identifier: MPL-2.0

package main

import (
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// environment is what Lambda and the provider give the function.
func environment() map[string]string {
	return map[string]string{
		"CONTRACT": chain.ContractVersion, "CHAIN_NAME": "nightly", "QLIK_TENANT_URL": "https://acme.eu.qlikcloud.com",
		"QLIK_TENANT_ID":       tenantID,
		"DEFINITION_PARAMETER": "/qlik-task-chain/nightly/definition", "CREDENTIALS_PARAMETER": "/qlik-task-chain/nightly/credentials",
		"SIGNING_SECRET_PARAMETER": "/qlik-task-chain/nightly/signing-secret",
		"TABLE_NAME":               "qlik-task-chain-nightly", "SCHEDULE_GROUP": "qlik-task-chain-nightly",
		"OPERATOR_KEY_ID": "key1",
		"TIMER_ROLE_ARN":  "arn:aws:iam::123456789012:role/timer", "DEAD_LETTER_QUEUE_ARN": "arn:aws:sqs:eu-central-1:123456789012:queue",
		"ENDPOINT_DYNAMODB": "https://dynamodb.example.com", "ENDPOINT_SCHEDULER": "https://scheduler.example.com",
		"ENDPOINT_EVENTS": "https://events.example.com",
		"ENDPOINT_SNS":    "https://sns.example.com", "ENDPOINT_SQS": "https://sqs.example.com", "ENDPOINT_SSM": "https://ssm.example.com",
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_SESSION_TOKEN": "token",
	}
}

func read(env map[string]string) (settings, error) {
	return readSettings(func(name string) string { return env[name] })
}

func TestReadSettings(t *testing.T) {
	t.Parallel()
	s, err := read(environment())
	if err != nil {
		t.Fatal(err)
	}
	if s.chainName != "nightly" || s.tenantID != tenantID || s.signingSecretParameter != "/qlik-task-chain/nightly/signing-secret" {
		t.Errorf("readSettings() = %+v", s)
	}
	credentials, err := s.ssm.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.ssm.Region != "eu-central-1" || credentials.AccessKeyID != "ASIAEXAMPLE" || credentials.SessionToken != "token" {
		t.Errorf("the AWS configuration has region %s, key %s", s.ssm.Region, credentials.AccessKeyID)
	}
}

// TestEndpoints: each service is where the provider says, unless the environment says otherwise, as an emulator's does.
func TestEndpoints(t *testing.T) {
	t.Parallel()
	env := environment()
	env["AWS_ENDPOINT_URL_SQS"] = "http://127.0.0.1:9324"
	s, err := read(env)
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]aws.Config{
		"https://ssm.example.com": s.ssm, "https://dynamodb.example.com": s.dynamoDB, "https://scheduler.example.com": s.scheduler,
		"https://sns.example.com": s.sns, "http://127.0.0.1:9324": s.sqs,
	} {
		if aws.ToString(got.BaseEndpoint) != want {
			t.Errorf("the endpoint is %s, want %s", aws.ToString(got.BaseEndpoint), want)
		}
	}
}

func TestReadSettingsNamesEverythingThatIsMissing(t *testing.T) {
	t.Parallel()
	env := environment()
	delete(env, "QLIK_TENANT_ID")
	env["DEFINITION_PARAMETER"] = ""
	_, err := read(env)
	if err == nil || !strings.Contains(err.Error(), "lacks QLIK_TENANT_ID, DEFINITION_PARAMETER: apply") {
		t.Errorf("readSettings() = %v", err)
	}
	env = environment()
	env = map[string]string{"CONTRACT": env["CONTRACT"]}
	if _, err := read(env); err == nil || strings.Count(err.Error(), ", ") != 19 {
		t.Errorf("readSettings() of nothing = %v, want twenty names", err)
	}
}

// TestReadSettingsRefusesAnotherContract: code and environment of different releases do not work on each other's words.
func TestReadSettingsRefusesAnotherContract(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"2": "was written for version 2 of the contract, and its code knows version 1",
		"":  "was written for no version of the contract",
	} {
		env := environment()
		env["CONTRACT"] = version
		delete(env, "TABLE_NAME") // another contract may have other variables
		if _, err := read(env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("readSettings() = %v, want it to say: %s", err, want)
		}
	}
}

func TestReadSettingsRefusesATenantURL(t *testing.T) {
	t.Parallel()
	env := environment()
	env["QLIK_TENANT_URL"] = "http://acme.eu.qlikcloud.com"
	if _, err := read(env); err == nil || !strings.Contains(err.Error(), "QLIK_TENANT_URL") {
		t.Errorf("readSettings() = %v, want an error that names QLIK_TENANT_URL", err)
	}
}

func TestReadSettingsTakesAnEndpoint(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		add  map[string]string
		want string
	}{
		"for all": {map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "http://127.0.0.1:4566"},
		"for SSM": {map[string]string{"AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:4583"}, "http://127.0.0.1:4583"},
		"for both": {map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ENDPOINT_URL_SSM": "http://127.0.0.1:4583"},
			"http://127.0.0.1:4583"},
	} {
		env := environment()
		maps.Copy(env, tt.add)
		s, err := read(env)
		if err != nil {
			t.Fatal(err)
		}
		if got := aws.ToString(s.ssm.BaseEndpoint); got != tt.want {
			t.Errorf("%s: the endpoint is %q, want %q", name, got, tt.want)
		}
	}
}
