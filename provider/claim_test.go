// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// What a create says that meets another one.
const (
	alreadyCreating = "Error: Another apply is creating the chain"
	takenOver       = "Error: Another apply has taken the chain over"
)

// newClaimingLife returns a life in which the provider's claims expire soon.
func newClaimingLife(t *testing.T) *life {
	t.Helper()
	return serve(t, provider.NewClaiming(testedVersion, faultAnswer, 1000, 3*time.Second))
}

// TestAccTwoCreators checks two configurations that create the chain at the same moment. One creates it, and the other reports why it does
// not. There is one webhook, and the loser's destroy deletes nothing.
func TestAccTwoCreators(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	lives := []*life{newClaimingLife(t), newClaimingLife(t)}
	outputs, failures := make([]string, len(lives)), make([]error, len(lives))
	var both sync.WaitGroup
	for i, l := range lives {
		l.configure(h.chain(nightlySteps))
		both.Go(func() { outputs[i], failures[i] = l.terraform("apply", "-auto-approve", "-no-color", "-input=false") })
	}
	both.Wait()
	winner, loser := 0, 1
	if failures[0] != nil {
		winner, loser = 1, 0
	}
	if failures[winner] != nil || failures[loser] == nil {
		t.Fatalf("not one of the two has failed: %v: %s\n%v: %s", failures[0], outputs[0], failures[1], outputs[1])
	}
	said := false
	for _, title := range []string{existsAlready, alreadyCreating, takenOver} {
		said = said || strings.Contains(outputs[loser], title)
	}
	if !said || strings.Count(outputs[loser], "Error: ") != 1 {
		t.Errorf("the one that lost says: %s", outputs[loser])
	}
	if err := h.whole(lives[winner]); err != nil {
		t.Error(err)
	}
	if err := h.unchanged(lives[loser].destroy); err != nil {
		t.Error(err)
	}
	if err := errors.Join(h.whole(lives[winner]), lives[winner].destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// claimBy writes the owner's parameter of a number as another create does.
func (h *harness) claimBy(ctx context.Context, number int, holder string) error {
	now := time.Now().UTC()
	text, err := json.Marshal(map[string]any{
		"instance": "0123456789abcdef", "tenant_id": h.Tenant.ID(), "stage": "creating", "created_by": "arn:aws:iam::123456789012:user/other",
		"created_at": now, "holder": holder, "renewed_at": now,
	})
	if err != nil {
		return err
	}
	in := &ssm.PutParameterInput{
		Name: aws.String(parameterPath(fmt.Sprintf("owner/%d", number))), Value: aws.String(string(text)), Type: ssmtypes.ParameterTypeString,
	}
	client := ssm.NewFromConfig(h.AWS())
	if _, err = client.GetParameter(ctx, &ssm.GetParameterInput{Name: in.Name}); err == nil {
		in.Overwrite = aws.Bool(true)
	} else {
		for key, value := range map[string]string{
			"qlik-task-chain": "nightly", "managed-by": "terraform-provider-qlik", "qlik-tenant": h.Tenant.ID(), "qlik-instance": "0123456789abcdef",
		} {
			in.Tags = append(in.Tags, ssmtypes.Tag{Key: aws.String(key), Value: aws.String(value)})
		}
	}
	_, err = client.PutParameter(ctx, in)
	return err
}

// TestAccClaimOfAnother checks that a create waits for another create's claim. It takes over a claim that is not renewed, and stops while
// the other create is working.
func TestAccClaimOfAnother(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newClaimingLife(t)
	l.configure(h.chain(nightlySteps))
	if err := h.claimBy(t.Context(), 1, "other"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var renewing sync.WaitGroup
	renewing.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-tick.C:
				if err := h.claimBy(t.Context(), 1, "other"); err != nil {
					t.Error(err)
				}
			}
		}
	})
	err := l.applyRefused([]string{
		alreadyCreating, "as the instance 0123456789abcdef", "arn:aws:iam::123456789012:user/other began it", "Nothing was changed.",
	})
	cancel()
	renewing.Wait()
	if err != nil {
		t.Error(err)
	}
	if objects := h.Objects(); len(objects) != 1 || len(objects["ssm"]) != 1 {
		t.Errorf("something was made: %v", objects)
	}
	if err := errors.Join(l.apply(), h.whole(l)); err != nil { // the other one is no longer at work
		t.Error(err)
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccClaimLost checks a create that loses its claim before it creates the webhook, or just after. It leaves no webhook, and nothing in
// API Gateway that only it has created.
func TestAccClaimLost(t *testing.T) {
	t.Parallel()
	for name, arrange := range map[string]func(h *harness) (claimed <-chan error){
		"before the webhook": (*harness).claimAtOnce, "with the webhook": (*harness).claimWithWebhook,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, l := newHarness(t, nil), newClaimingLife(t)
			l.configure(h.chain(nightlySteps, "viewer_key = true", "signal_key = true"))
			claimed := arrange(h)
			err := l.applyRefused([]string{takenOver, "What this apply alone had made is deleted."})
			if err != nil {
				t.Fatal(err)
			}
			if err := <-claimed; err != nil {
				t.Fatal(err)
			}
			h.Tenant.SetFault(nil)
			if left := h.Objects(); len(left["webhooks"]) > 0 || len(left["apigateway"]) > 0 || len(left["ssm"]) == 0 {
				t.Errorf("these are left: %v", left)
			}
			l.configure(h.chain(nightlySteps))
			if err := errors.Join(l.apply(), h.whole(l), l.destroy(), h.nothingLeft()); err != nil { // the other was cut off
				t.Error(err)
			}
		})
	}
}

// claimAtOnce takes a create's claim over as soon as it is there.
func (h *harness) claimAtOnce() <-chan error {
	claimed := make(chan error, 1)
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-h.t.Context().Done():
				claimed <- h.t.Context().Err()
				return
			case <-tick.C:
			}
			if slices.Contains(h.Objects()["ssm"], parameterPath("owner/1")) {
				claimed <- h.claimBy(h.t.Context(), 2, "other")
				return
			}
		}
	}()
	return claimed
}

// claimWithWebhook takes a create's claim over while it makes the webhook.
func (h *harness) claimWithWebhook() <-chan error {
	claimed := make(chan error, 1)
	h.Tenant.SetFault(func(r *http.Request, count int) *tenant.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/webhooks") && count == 1 {
			claimed <- h.claimBy(h.t.Context(), 2, "other")
		}
		return nil
	})
	return claimed
}
