// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

// existsAlready is what a create says that meets a whole chain.
const existsAlready = "Error: The chain exists already"

// applyRefused applies and expects one error, which says these words.
func (l *life) applyRefused(words []string, args ...string) error {
	output, err := l.terraform(append([]string{"apply", "-auto-approve", "-no-color", "-input=false"}, args...)...)
	if err == nil {
		return fmt.Errorf("it was not refused: %s", output)
	}
	if n := strings.Count(output, "Error: "); n != 1 {
		return fmt.Errorf("there are %d errors instead of 1: %s", n, output)
	}
	for _, word := range words {
		if !strings.Contains(output, word) {
			return fmt.Errorf("the error does not say %q: %s", word, output)
		}
	}
	return nil
}

// forget loses the state.
func (l *life) forget() error {
	return os.Remove(filepath.Join(l.dir, "terraform.tfstate"))
}

// whole checks that there is one chain, that it runs, and that the state has it as it is.
func (h *harness) whole(l *life) error {
	return errors.Join(l.expectNoChange(), h.oneOfEach(h.t.Context()), h.runs(h.t.Context()))
}

// unchanged fails when do makes the provider write anything.
func (h *harness) unchanged(do func() error) error {
	before := fmt.Sprint(h.Objects())
	h.ResetProviderCalls()
	err := do()
	if writes := h.writes(); len(writes) > 0 {
		err = errors.Join(err, fmt.Errorf("these calls changed something: %q", writes))
	}
	if after := fmt.Sprint(h.Objects()); after != before {
		err = errors.Join(err, fmt.Errorf("the objects were %s and are %s", before, after))
	}
	return err
}

// TestAccCreateBeforeDestroy checks that a replacement that creates first stops before it changes anything. The chain stays whole.
func TestAccCreateBeforeDestroy(t *testing.T) {
	t.Parallel()
	const first = "lifecycle { create_before_destroy = true }"
	dependent := "\nresource \"terraform_data\" \"dependent\" {\n  input = qlik_task_chain.test.invoke_url\n  " + first + "\n}\n"
	for name, test := range map[string]struct {
		chain, beside string // of the configuration
		path          string // the other role_path
		taint         bool
		args          []string
	}{
		"another role path":      {chain: first, path: "/platform/"},
		"-replace":               {chain: first, args: []string{"-replace=" + chainAddress}},
		"taint":                  {chain: first, taint: true},
		"inherited":              {beside: dependent, args: []string{"-replace=" + chainAddress}},
		"inherited by role path": {beside: dependent, path: "/platform/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
			l.configure(h.chain(nightlySteps, test.chain) + test.beside)
			if err := l.apply(); err != nil {
				t.Fatal(err)
			}
			if test.path != "" {
				l.configure(h.chain(nightlySteps, test.chain, fmt.Sprintf("role_path = %q", test.path)) + test.beside)
			}
			if test.taint {
				if err := l.must("taint", "-no-color", chainAddress); err != nil {
					t.Fatal(err)
				}
			}
			err := h.unchanged(func() error {
				return l.applyRefused([]string{existsAlready, "Take create_before_destroy away", "terraform import ADDRESS nightly"}, test.args...)
			})
			if err != nil {
				t.Fatal(err)
			}
			if test.taint {
				if err := l.must("untaint", "-no-color", chainAddress); err != nil {
					t.Fatal(err)
				}
			}
			l.configure(h.chain(nightlySteps))
			if test.beside != "" {
				l.configure(h.chain(nightlySteps) + strings.Replace(test.beside, first, "", 1))
			}
			if err := errors.Join(h.whole(l), l.destroy(), h.nothingLeft()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccReplaced checks that a replacement without create_before_destroy destroys first, and creates another instance.
func TestAccReplaced(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	before := l.instance()
	if err := errors.Join(l.apply("-replace="+chainAddress), h.whole(l)); err != nil {
		t.Error(err)
	}
	if after := l.instance(); after == before || len(after) != 16 {
		t.Errorf("the instance was %q and is %q", before, after)
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// instance returns the chain's instance in the state.
func (l *life) instance() string {
	l.t.Helper()
	plan, err := l.plan("-refresh=false")
	if err != nil {
		l.t.Fatal(err)
	}
	id, _ := plan.PriorState.Values.RootModule.Resources[0].AttributeValues["instance_id"].(string)
	return id
}

// TestAccSecondConfiguration checks that a second configuration of the same name is refused before it changes anything. Its destroy deletes
// nothing. The command in the error imports the chain.
func TestAccSecondConfiguration(t *testing.T) {
	t.Parallel()
	h, one, two := newHarness(t, nil), newLife(t, faultAnswer, 1000), newLife(t, faultAnswer, 1000)
	one.configure(h.chain(nightlySteps, `tags = { team = "bi" }`))
	two.configure(h.chain(nightlySteps))
	if err := one.apply(); err != nil {
		t.Fatal(err)
	}
	instance := one.instance()
	for _, hand := range []hand{deleteWebhook, nil} {
		err := h.unchanged(func() error {
			return errors.Join(two.applyRefused([]string{
				existsAlready, "It is the instance " + instance + ", created by arn:aws:iam::123456789012:user/", "Its tags: team = bi.",
				"Nothing was changed.", "give this one another name",
			}), two.destroy())
		})
		if err != nil {
			t.Fatal(err)
		}
		// A webhook that was deleted by hand makes no chain that was never whole.
		if hand != nil {
			if err := hand(t.Context(), h); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(one.apply(), h.whole(one)); err != nil {
		t.Fatal(err)
	}
	two.configure(h.chain(nightlySteps, `tags = { team = "bi" }`))
	if err := errors.Join(two.must("import", "-no-color", "-input=false", chainAddress, "nightly"), h.whole(two)); err != nil {
		t.Fatal(err)
	}
	if got := two.instance(); got != instance {
		t.Errorf("the import brought the instance %q instead of %q", got, instance)
	}
	if err := errors.Join(two.destroy(), h.nothingLeft(), one.destroy()); err != nil {
		t.Error(err)
	}
}

// TestAccOwnerParameter checks that a manual change of the owner's parameter is shown and undone. Without the parameter, a create takes
// nothing over.
func TestAccOwnerParameter(t *testing.T) {
	t.Parallel()
	h, one, two := newHarness(t, nil), newLife(t, faultAnswer, 1000), newLife(t, faultAnswer, 1000)
	one.configure(h.chain(shortChain))
	two.configure(h.chain(shortChain))
	if err := one.apply(); err != nil {
		t.Fatal(err)
	}
	instance := one.instance()
	for name, hand := range map[string]hand{"deleted": deleteParameter("owner/1"), "written": writeParameter("owner/1", "mine")} {
		if err := hand(t.Context(), h); err != nil {
			t.Fatal(err)
		}
		err := h.unchanged(func() error { return two.applyRefused([]string{existsAlready}) })
		if err := errors.Join(err, one.applyInPlace(), one.expectNoChange()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := one.instance(); after != instance {
		t.Errorf("the instance was %q and is %q", instance, after)
	}
	if err := errors.Join(one.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccNameTaken checks that one error lists all objects that have the chain's names and do not belong to it.
func TestAccNameTaken(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps))
	queues := sqs.NewFromConfig(h.AWS())
	if _, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(queueName)}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"definition", "credentials"} {
		if err := h.putParameter(t.Context(), name, "String", "another client's"); err != nil {
			t.Fatal(err)
		}
	}
	err := h.unchanged(func() error {
		return errors.Join(l.applyRefused([]string{
			"Error: The chain's name is taken", "the SQS queue " + queueName,
			"the SSM parameter /qlik-task-chain/nightly/definition", "the SSM parameter /qlik-task-chain/nightly/credentials",
			"Give the chain another name",
		}), l.destroy())
	})
	if err != nil {
		t.Error(err)
	}
}

// TestAccFailedCreate checks that a later create of any configuration completes what a failed create has left. Then the state of the failed
// one has nothing to delete.
func TestAccFailedCreate(t *testing.T) {
	t.Parallel()
	for name, goOn := range map[string]func(h *harness, failed, other *life) error{
		"replaced": func(_ *harness, failed, _ *life) error { return failed.apply() },
		"replaced, created first": func(h *harness, failed, _ *life) error {
			failed.configure(h.chain(nightlySteps, "lifecycle { create_before_destroy = true }"))
			return failed.apply()
		},
		"untainted": func(_ *harness, failed, _ *life) error {
			return errors.Join(failed.must("untaint", "-no-color", chainAddress), failed.apply())
		},
		"state lost": func(_ *harness, failed, _ *life) error { return errors.Join(failed.forget(), failed.apply()) },
		"destroyed and anew": func(h *harness, failed, _ *life) error {
			return errors.Join(failed.destroy(), h.nothingLeft(), failed.apply())
		},
		"imported":   importFailed,
		"by another": completedByAnother((*life).destroy),
		"by another, untouched": completedByAnother(func(l *life) error {
			return errors.Join(l.must("untaint", "-no-color", chainAddress), l.applyRefused([]string{existsAlready}))
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, failed, other := newHarness(t, nil), newLife(t, faultAnswer, 1000), newLife(t, faultAnswer, 1000)
			for _, l := range []*life{failed, other} {
				l.configure(h.chain(nightlySteps))
			}
			h.Cloud.Faults().Add(cloud.Fault{Service: "apigateway", Operation: "CreateUsagePlan", Kind: cloud.FaultAccessDenied})
			if err := failed.apply(); err == nil {
				t.Fatal("the create did not fail")
			}
			h.Cloud.Faults().Clear()
			if err := goOn(h, failed, other); err != nil {
				t.Fatal(err)
			}
			owner := failed
			if strings.HasPrefix(name, "by another") || name == "imported" {
				owner = other
			}
			if err := errors.Join(h.whole(owner), owner.destroy(), h.nothingLeft()); err != nil {
				t.Error(err)
			}
		})
	}
}

// importFailed imports what a failed create has left, and applies.
func importFailed(_ *harness, _, other *life) error {
	return errors.Join(other.must("import", "-no-color", "-input=false", chainAddress, "nightly"), other.apply())
}

// completedByAnother lets another configuration complete the chain, and then the failed one do something, which changes nothing of it.
func completedByAnother(then func(*life) error) func(h *harness, failed, other *life) error {
	return func(h *harness, failed, other *life) error {
		if err := errors.Join(other.apply(), h.whole(other)); err != nil {
			return err
		}
		return h.unchanged(func() error { return then(failed) })
	}
}
