// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// outOfDate returns a configuration with the state of a chain that it has destroyed since. It also returns another configuration that
// has created a chain of that name.
func outOfDate(t *testing.T) (h *harness, one, two *life) {
	t.Helper()
	h, one, two = newHarness(t, nil), newLife(t, faultAnswer, 1000), newLife(t, faultAnswer, 1000)
	one.configure(h.chain(shortChain))
	two.configure(h.chain(shortChain))
	if err := one.apply(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(one.dir, "terraform.tfstate")
	stale, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(one.destroy(), h.nothingLeft(), two.apply(), os.WriteFile(path, stale, 0o600)); err != nil {
		t.Fatal(err)
	}
	return h, one, two
}

// TestAccStaleStateDestroys checks that the state of a deleted chain deletes nothing of another configuration's chain of the same name.
// This holds also when the tags of the other chain's function were removed.
func TestAccStaleStateDestroys(t *testing.T) {
	t.Parallel()
	h, one, two := outOfDate(t)
	if _, err := lambda.NewFromConfig(h.AWS()).UntagResource(t.Context(), &lambda.UntagResourceInput{
		Resource: aws.String("arn:aws:lambda:eu-central-1:123456789012:function:" + objectName),
		TagKeys:  []string{"qlik-task-chain", "managed-by", "qlik-tenant", "qlik-instance"},
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.unchanged(one.destroy); err != nil {
		t.Error(err)
	}
	if err := errors.Join(two.apply(), two.expectNoChange(), two.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccAnothersChainIsNotRubbish checks an apply without a refresh where another configuration's whole chain now is. The error says so,
// and does not ask to delete its objects.
func TestAccAnothersChainIsNotRubbish(t *testing.T) {
	t.Parallel()
	h, one, two := outOfDate(t)
	one.configure(h.chain(shortChain, "memory_size = 512"))
	if err := h.unchanged(func() error {
		return one.applyRefused([]string{existsAlready, "It is the instance " + two.instance()}, "-refresh=false")
	}); err != nil {
		t.Error(err)
	}
}

// TestAccInstanceTagEdited checks that an apply restores an edited instance tag of one object, or refuses it with what to do.
func TestAccInstanceTagEdited(t *testing.T) {
	t.Parallel()
	for name, hand := range map[string]hand{
		"owner":    tagParameter("owner/1", "qlik-instance", "0123456789abcdef"),
		"function": tagFunction(map[string]string{"qlik-instance": "0123456789abcdef"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
			l.configure(h.chain(shortChain))
			if err := errors.Join(l.apply(), hand(t.Context(), h)); err != nil {
				t.Fatal(err)
			}
			output, err := l.terraform("apply", "-auto-approve", "-no-color", "-input=false")
			if _, refusal, _ := strings.Cut(output, "Error: "); err != nil && !strings.Contains(refusal, "qlik-instance") {
				t.Errorf("the error does not name the tag: %s", refusal)
			}
		})
	}
}
