// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

const protected = "deletion_protection = true"

// refusedAsProtected fails unless an operation stops with the one error of a protected chain.
func (l *life) refusedAsProtected(args ...string) error {
	output, err := l.terraform(append(args, "-no-color", "-input=false")...)
	if err == nil || strings.Count(output, "Error: ") != 1 || !strings.Contains(output, "Error: The chain is protected from deletion") ||
		!strings.Contains(output, "loses the record of all runs") {
		return fmt.Errorf("%q is not refused: %w: %s", args, err, output)
	}
	return nil
}

// TestAccDeletionProtection checks that a protected chain is neither destroyed nor replaced. The plan refuses what it can see, the apply
// the rest.
func TestAccDeletionProtection(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps))
	if err := errors.Join(l.apply(), l.must("plan", "-destroy", "-out=destroy", "-no-color", "-input=false")); err != nil {
		t.Fatal(err)
	}
	l.configure(h.chain(nightlySteps, protected))
	if err := h.unchanged(l.applyInPlace); err != nil { // it is nowhere but in the state
		t.Fatal(err)
	}
	err := h.unchanged(func() error {
		errs := []error{
			l.refusedAsProtected("plan", "-destroy"), l.refusedAsProtected("destroy", "-auto-approve"),
			l.refusedAsProtected("apply", "-auto-approve", "-replace="+chainAddress), // which no plan of the provider's sees
		}
		for _, other := range []string{protected, "deletion_protection = false"} { // what is in the state counts
			l.configure(h.chain(nightlySteps, other, `role_path = "/platform/"`))
			errs = append(errs, l.refusedAsProtected("plan"))
		}
		l.configure(h.chain(nightlySteps, protected))
		return errors.Join(append(errs, l.expectNoChange())...)
	})
	if err != nil {
		t.Error(err)
	}
	l.configure(h.chain(nightlySteps))
	if err := errors.Join(h.whole(l.applied()), l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// applied returns the life after an apply.
func (l *life) applied() *life {
	l.t.Helper()
	if err := l.apply(); err != nil {
		l.t.Fatal(err)
	}
	return l
}

// TestAccDeletionProtectionOfHalf checks that the protection does not block the deletion after a failed create, because there is no record
// to lose.
func TestAccDeletionProtectionOfHalf(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	l.configure(h.chain(shortChain, protected))
	fail := func() {
		t.Helper()
		h.Cloud.Faults().Add(cloud.Fault{Service: "lambda", Operation: "CreateFunction", Kind: cloud.FaultAccessDenied})
		if err := l.apply(); err == nil {
			t.Fatal("the create did not fail")
		}
		h.Cloud.Faults().Clear()
	}
	fail()
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Fatal(err)
	}
	fail()
	if err := errors.Join(l.apply(), l.expectNoChange(), l.refusedAsProtected("plan", "-destroy")); err != nil {
		t.Error(err)
	}
	l.configure(h.chain(shortChain))
	if err := errors.Join(l.apply(), l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccRunUnderWay checks that the plan to destroy or replace a chain warns about a run in progress. It shows nothing if there is none,
// or if it may not look.
func TestAccRunUnderWay(t *testing.T) {
	t.Parallel()
	d := newDeployerLife(t)
	for _, name := range []string{"policy.json", "options.json"} {
		if err := d.h.allowDeployer(t.Context(), readPolicyFile(t, name)); err != nil {
			t.Fatal(err)
		}
	}
	d.h.Tenant.RemoveApp(sandbox.AppTransform)
	for _, app := range sandbox.NightlyApps(time.Hour) {
		if app.ID == sandbox.AppTransform {
			d.h.Tenant.AddApp(app)
		}
	}
	d.chain(nightlySteps)
	warning := regexp.MustCompile(`Warning: A run is under way .* while its run (\S+) is under way`)
	expect := func(under bool, args ...string) {
		t.Helper()
		output, err := d.terraform(append([]string{"plan", "-no-color", "-input=false"}, args...)...)
		if err != nil || warning.MatchString(output) != under {
			t.Errorf("%q: there is a warning, is not %v: %v: %s", args, under, err, output)
		}
	}
	if err := d.apply(); err != nil {
		t.Fatal(err)
	}
	expect(false, "-destroy")
	changes := d.h.Tenant.Watch(t.Context())
	if _, err := d.h.Tenant.StartReload(sandbox.AppExtract); err != nil {
		t.Fatal(err)
	}
	for len(d.h.Tenant.Reloads()) < 2 {
		<-changes
	}
	if err := d.h.Cloud.Lambda().Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(true, "-destroy")
	d.chain(nightlySteps, `role_path = "/platform/"`)
	expect(true)
	policy := readPolicyFile(t, "policy.json")
	policy.text = strings.Replace(policy.text, `"dynamodb:Query",`, "", 1)
	if err := d.h.allowDeployer(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	expect(false, "-destroy")
	d.chain(nightlySteps)
	if err := d.destroy(); err != nil {
		t.Error(err)
	}
	if _, err := iam.NewFromConfig(d.h.AWS()).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(roleName)}); err == nil {
		t.Error("the chain's role is left")
	}
}
