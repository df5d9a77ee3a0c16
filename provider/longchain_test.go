// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// longChain returns n steps, each but the first after one before it, and their ids, which are as random as real ones.
func longChain(n int, seed uint64) (steps string, ids []string) {
	random := rand.New(rand.NewPCG(seed, 0))
	var text strings.Builder
	for i := range n {
		id := fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", random.Uint32(), random.Uint32()>>16, random.Uint32()>>20, random.Uint32()>>20,
			random.Uint64()>>16)
		ids = append(ids, id)
		if i == 0 {
			fmt.Fprintf(&text, "app_%04d = { app = %q }\n", i, id)
			continue
		}
		fmt.Fprintf(&text, "app_%04d = { app = %q, after = { app_%04d = \"success\" } }\n", i, id, (i-1)/3)
	}
	return text.String(), ids
}

// addApps lets the tenant have the apps with these ids.
func (h *harness) addApps(ids []string) {
	for _, id := range ids {
		h.Tenant.AddApp(tenant.App{ID: id, Name: "App " + id, Duration: 20 * time.Millisecond})
	}
}

// parameters returns the values of the chain's definition and its parts, by name below the chain's path.
func (h *harness) parameters(ctx context.Context) (map[string]string, error) {
	values := map[string]string{}
	pages := ssm.NewGetParametersByPathPaginator(ssm.NewFromConfig(h.AWS()), &ssm.GetParametersByPathInput{
		Path: aws.String("/qlik-task-chain/nightly"), Recursive: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, p := range page.Parameters {
			if name := strings.TrimPrefix(aws.ToString(p.Name), "/qlik-task-chain/nightly/"); strings.HasPrefix(name, "definition") {
				values[name] = aws.ToString(p.Value)
			}
		}
	}
	return values, nil
}

// expectWholeParts checks that there are just the parts that the definition's parameter names, more than one.
func (h *harness) expectWholeParts(ctx context.Context) error {
	values, err := h.parameters(ctx)
	if err != nil {
		return err
	}
	var manifest struct{ Parts []string }
	if err := json.Unmarshal([]byte(values["definition"]), &manifest); err != nil {
		return err
	}
	if len(manifest.Parts) < 2 || len(values) != len(manifest.Parts)+1 {
		return fmt.Errorf("the definition names %d parts, and there are %d", len(manifest.Parts), len(values)-1)
	}
	for _, id := range manifest.Parts {
		if values["definition/"+id] == "" {
			return fmt.Errorf("the part %s is missing", id)
		}
	}
	return nil
}

// expectShown checks how many steps GET / shows, with which the function proves that it reads the definition.
func (h *harness) expectShown(ctx context.Context, steps int) error {
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return err
	}
	status, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL(), map[string]string{"x-api-key": key}, nil)
	if err != nil {
		return err
	}
	var answer struct{ Steps []struct{} }
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if status != http.StatusOK || len(answer.Steps) != steps {
		return fmt.Errorf("a GET was answered %d with %d steps instead of %d", status, len(answer.Steps), steps)
	}
	return nil
}

// expectSwitch checks the order of the calls. Parts are written before the parameter, and before the function loads them. The parts of the
// previous definition are deleted after that.
func expectSwitch(calls []cloud.Call) error {
	var order []string
	for _, call := range calls {
		if call.Role == "" && slices.Contains([]string{"PutParameter", "UpdateFunctionConfiguration", "DeleteParameter"}, call.Operation) &&
			(len(order) == 0 || order[len(order)-1] != call.Operation) {
			order = append(order, call.Operation)
		}
	}
	if want := []string{"PutParameter", "UpdateFunctionConfiguration", "DeleteParameter"}; !slices.Equal(order, want) {
		return fmt.Errorf("the definition was switched by %q instead of %q", order, want)
	}
	return nil
}

// TestAccLongChain deploys and runs a chain of 1,000 steps, changes one step, and imports and destroys the chain.
func TestAccLongChain(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	steps, ids := longChain(1000, 1)
	h.addApps(ids)
	unchanged := []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	var before int
	h.run(
		resource.TestStep{
			Config:           h.chain(steps),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: unchanged},
			Check: do(t.Context(), func(ctx context.Context) error {
				before = len(h.Cloud.Calls())
				return errors.Join(h.expectWholeParts(ctx), h.expectShown(ctx, 1000),
					h.expectReloads(ctx, ids[112], ids[112], ids[337], ids[338], ids[339]))
			}),
		},
		resource.TestStep{
			Config: h.chain(strings.Replace(steps, "app_0999 =", "app_last =", 1)),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "steps")},
				PostApplyPostRefresh: unchanged,
			},
			Check: do(t.Context(), func(ctx context.Context) error {
				return errors.Join(expectSwitch(h.Cloud.Calls()[before:]), h.expectWholeParts(ctx), h.expectShown(ctx, 1000))
			}),
		},
		imported(),
	)
}

// twoParts is how many steps it takes for a definition in two parts.
const twoParts = 150

// onPart returns a manual change of one part of a definition.
func onPart(change func(ctx context.Context, client *ssm.Client, name *string) error) hand {
	return func(ctx context.Context, h *harness) error {
		values, err := h.parameters(ctx)
		if err != nil {
			return err
		}
		for name := range values {
			if name != "definition" {
				return change(ctx, ssm.NewFromConfig(h.AWS()), aws.String("/qlik-task-chain/nightly/"+name))
			}
		}
		return errors.New("there are no parts")
	}
}

// TestAccLongChainIsMended checks that a manual change of the parts is drift, and that the next apply repairs it. A chain that has become
// short leaves no parts.
func TestAccLongChainIsMended(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	steps, ids := longChain(twoParts, 1)
	h.addApps(ids)
	whole := func(ctx context.Context) error {
		return errors.Join(h.expectWholeParts(ctx), h.expectShown(ctx, twoParts))
	}
	spoiled := func(by hand) resource.TestStep {
		return resource.TestStep{Config: h.chain(steps), ExpectNonEmptyPlan: true, Check: do(t.Context(), func(ctx context.Context) error {
			if err := whole(ctx); err != nil {
				return err
			}
			return by(ctx, h)
		})}
	}
	unchanged := resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	// Parameter Store takes few writes a second.
	h.Cloud.Faults().Add(cloud.Fault{Service: "ssm", Operation: "PutParameter", Skip: 1, Times: 3, Kind: cloud.FaultThrottle})
	h.run(
		spoiled(onPart(func(ctx context.Context, client *ssm.Client, name *string) error {
			_, err := client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: name})
			return err
		})),
		spoiled(onPart(func(ctx context.Context, client *ssm.Client, name *string) error {
			_, err := client.PutParameter(ctx, &ssm.PutParameterInput{Name: name, Value: aws.String("edited"), Overwrite: aws.Bool(true)})
			return err
		})),
		spoiled(onPart(func(ctx context.Context, client *ssm.Client, name *string) error {
			_, err := client.RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{
				ResourceType: ssmtypes.ResourceTypeForTaggingParameter, ResourceId: name, TagKeys: []string{"managed-by"},
			})
			return err
		})),
		spoiled(func(ctx context.Context, h *harness) error {
			return h.putParameter(ctx, "definition/0123456789abcdef", ssmtypes.ParameterTypeString, "an unused part")
		}),
		resource.TestStep{Config: h.chain(steps), Check: do(t.Context(), whole), ConfigPlanChecks: unchanged},
		resource.TestStep{Config: h.chain(nightlySteps), ConfigPlanChecks: unchanged, Check: do(t.Context(), func(ctx context.Context) error {
			return errors.Join(h.oneOfEach(ctx), h.expectShown(ctx, 5))
		})},
	)
}

// TestAccLongChainIsCutOff checks that the next apply, or destroy, uses or removes what an interrupted apply has left.
func TestAccLongChainIsCutOff(t *testing.T) {
	t.Parallel()
	first, firstIDs := longChain(twoParts, 1)
	second, secondIDs := longChain(twoParts, 2)
	for name, fault := range map[string]cloud.Fault{
		"between two parts":     {Service: "ssm", Operation: "PutParameter", Skip: 1},
		"before the function":   {Service: "lambda", Operation: "UpdateFunctionConfiguration"},
		"between two deletions": {Service: "ssm", Operation: "DeleteParameter", Skip: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			h.addApps(slices.Concat(firstIDs, secondIDs))
			fault.Kind = cloud.FaultAccessDenied
			h.run(
				resource.TestStep{Config: h.chain(first), Check: do(t.Context(), h.expectWholeParts)},
				resource.TestStep{PreConfig: func() { h.Cloud.Faults().Add(fault) }, Config: h.chain(second),
					ExpectError: says("Apply again to go on from here")},
				resource.TestStep{
					PreConfig: h.Cloud.Faults().Clear, Config: h.chain(second),
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					Check: do(t.Context(), func(ctx context.Context) error {
						return errors.Join(h.expectWholeParts(ctx), h.expectShown(ctx, twoParts))
					}),
				},
				resource.TestStep{PreConfig: func() { h.Cloud.Faults().Add(fault) }, Config: h.chain(first),
					ExpectError: says("Apply again to go on from here")},
				resource.TestStep{PreConfig: h.Cloud.Faults().Clear, RefreshState: true, ExpectNonEmptyPlan: true}, // and destroy
			)
		})
	}
}
