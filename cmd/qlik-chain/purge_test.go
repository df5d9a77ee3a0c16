// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// TestPurge checks that purge deletes exactly the chain, after a question.
func TestPurge(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(orders(), nil)
	alone := w.Objects()
	w.deploy(nightly(), nil)
	both := w.Objects()
	unchanged := func(what string, objects map[string][]string, want result, r result) {
		t.Helper()
		if r.code != want.code || !strings.Contains(r.err, want.err) || !strings.Contains(r.out, want.out) {
			t.Errorf("%s: %+v, want %+v", what, r, want)
		}
		if got := w.Objects(); !maps.EqualFunc(got, objects, slices.Equal) {
			t.Errorf("%s: there is %v, want %v", what, got, objects)
		}
	}
	env := w.environment()
	unchanged("only shown", both, result{out: "Lambda function", code: 0}, w.play("purge", "nightly", "--dry-run"))
	unchanged("no answer", both, result{err: "Scripts use --yes", code: 2}, w.playIn(env, "", "purge", "nightly"))
	unchanged("another name", both, result{err: `"orders" is not the name`, code: 5}, w.playIn(env, "orders\n", "purge", "nightly"))
	unchanged("no Qlik Cloud", both, result{err: "--keep-webhook", code: 2},
		w.playIn(w.environment("QLIK_TENANT_URL="), "", "purge", "nightly", "--yes"))
	unchanged("a key of nobody", both, result{err: "does not accept the credentials", code: 4},
		w.playIn(w.environment("QLIK_API_KEY=nobody"), "", "purge", "nightly", "--yes"))
	r := w.playIn(env, "nightly\n", "purge", "nightly")
	unchanged("the name", alone, result{out: "The chain nightly is deleted.", code: 0}, r)
	newRecorder(t).check("purge", "purge nightly", r.out)
	unchanged("gone", alone, result{err: "There is no task chain", code: 3}, w.play("purge", "nightly", "-y"))
}

// TestPurgeRefuses checks what purge does not touch.
func TestPurgeRefuses(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	refuse := func(what, want string) {
		t.Helper()
		before := w.Objects()
		r := w.play("purge", "nightly", "--yes")
		if r.code != 5 || !strings.Contains(r.err, want) || !strings.Contains(r.err, "Nothing was deleted") {
			t.Errorf("%s: %+v", what, r)
		}
		if got := w.Objects(); !maps.EqualFunc(got, before, slices.Equal) {
			t.Errorf("%s: there is %v, want %v", what, got, before)
		}
	}
	parameters := ssm.NewFromConfig(w.AWS())
	const owner = "/qlik-task-chain/nightly/owner/1"
	record, err := parameters.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String(owner)})
	if err != nil {
		t.Fatal(err)
	}
	whole := aws.ToString(record.Parameter.Value)
	write := func(value string) {
		t.Helper()
		if _, err := parameters.PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: aws.String(owner), Value: aws.String(value), Overwrite: aws.Bool(true),
		}); err != nil {
			t.Fatal(err)
		}
	}
	write(strings.Replace(whole, `"stage":"whole"`, `"stage":"creating","renewed_at":"`+time.Now().UTC().Format(time.RFC3339)+`"`, 1))
	refuse("an apply works on it", "is creating the chain nightly at this moment")
	write(strings.Replace(whole, w.Tenant.ID(), "another-tenant", 1))
	refuse("of another tenant", "is of the tenant another-tenant")
	write(whole)

	queues := sqs.NewFromConfig(w.AWS())
	url, err := queues.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("qlik-task-chain-nightly-dead-letters")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := queues.UntagQueue(t.Context(), &sqs.UntagQueueInput{QueueUrl: url.QueueUrl,
		TagKeys: []string{"qlik-task-chain", "managed-by", "qlik-tenant", "qlik-instance"}}); err != nil {
		t.Fatal(err)
	}
	refuse("an object without tags", "the SQS queue")
}

// TestPurgeRemains checks a chain that has lost the record of its owner, and its function.
func TestPurgeRemains(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	if _, err := ssm.NewFromConfig(w.AWS()).DeleteParameter(t.Context(), &ssm.DeleteParameterInput{
		Name: aws.String("/qlik-task-chain/nightly/owner/1"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := lambda.NewFromConfig(w.AWS()).DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{
		FunctionName: aws.String("qlik-task-chain-nightly"),
	}); err != nil {
		t.Fatal(err)
	}
	if out := w.must("list"); !strings.Contains(out, "incomplete") {
		t.Error(out)
	}
	if r := w.play("purge", "nightly", "--yes", "--keep-webhook"); r.code != 0 {
		t.Errorf("%+v", r)
	}
	if got := w.Objects(); len(got) != 1 || len(got["webhooks"]) != 1 {
		t.Errorf("there is %v, want the webhook", got)
	}
}
