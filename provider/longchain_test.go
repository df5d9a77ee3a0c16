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

// longChain is n apps, each but the first after one before it, and their ids, which are as random as real ones.
func longChain(n int, seed uint64) (apps string, ids []string) {
	random := rand.New(rand.NewPCG(seed, 0))
	var text strings.Builder
	for i := range n {
		id := fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", random.Uint32(), random.Uint32()>>16, random.Uint32()>>20, random.Uint32()>>20, random.Uint64()>>16)
		ids = append(ids, id)
		if i == 0 {
			fmt.Fprintf(&text, "app_%04d = { id = %q }\n", i, id)
			continue
		}
		fmt.Fprintf(&text, "app_%04d = { id = %q, after = { app_%04d = \"success\" } }\n", i, id, (i-1)/3)
	}
	return text.String(), ids
}

// parameters are the values of the chain's definition and its parts, by name below the chain's path.
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

// expectShown checks how many apps GET / shows, with which the function proves that it reads the definition.
func (h *harness) expectShown(ctx context.Context, apps int) error {
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return err
	}
	status, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL(), map[string]string{"x-api-key": key}, nil)
	if err != nil {
		return err
	}
	var answer struct{ Apps []struct{} }
	if err := json.Unmarshal(body, &answer); err != nil {
		return err
	}
	if status != http.StatusOK || len(answer.Apps) != apps {
		return fmt.Errorf("a GET was answered %d with %d apps instead of %d", status, len(answer.Apps), apps)
	}
	return nil
}

// expectSwitch checks the order of the calls: parts are written before the parameter is and the function is told of it, and the
// parts of the definition before are deleted after that.
func (h *harness) expectSwitch(calls []cloud.Call) error {
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

// TestAccLongChain: a chain of 1,000 apps is deployed and runs, is changed by one app, mended, imported, cut down and destroyed.
func TestAccLongChain(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	apps, ids := longChain(1000, 1)
	for _, id := range ids[:13] {
		h.Tenant.AddApp(tenant.App{ID: id, Name: "App " + id, Duration: 20 * time.Millisecond})
	}
	fewer := strings.Replace(apps, "app_0999 =", "app_last =", 1)
	empty := []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}
	// What somebody does to one part by hand is drift, and the next step mends it.
	onePart := func(do func(client *ssm.Client, name *string) error) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			values, err := h.parameters(ctx)
			if err != nil {
				return err
			}
			for name := range values {
				if name != "definition" {
					return do(ssm.NewFromConfig(h.AWS()), aws.String("/qlik-task-chain/nightly/"+name))
				}
			}
			return errors.New("there are no parts")
		}
	}
	var before int
	mended := func(and func(ctx context.Context) error) resource.TestStep {
		return resource.TestStep{
			Config: h.chain(fewer), ExpectNonEmptyPlan: and != nil,
			Check: do(t.Context(), func(ctx context.Context) error {
				err := errors.Join(h.expectWholeParts(ctx), h.expectShown(ctx, 1000))
				if and != nil && err == nil {
					err = and(ctx)
				}
				return err
			}),
		}
	}
	h.run(
		resource.TestStep{
			Config:           h.chain(apps),
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: empty},
			Check: do(t.Context(), func(ctx context.Context) error {
				before = len(h.Cloud.Calls())
				return errors.Join(h.expectWholeParts(ctx), h.expectShown(ctx, 1000), h.expectReloads(ctx, ids[1], ids[1], ids[4], ids[5], ids[6]))
			}),
		},
		resource.TestStep{
			Config: h.chain(fewer),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "apps", "definition_sha256", "diagram")},
				PostApplyPostRefresh: empty,
			},
			Check: do(t.Context(), func(ctx context.Context) error {
				return errors.Join(h.expectSwitch(h.Cloud.Calls()[before:]), h.expectWholeParts(ctx), h.expectShown(ctx, 1000))
			}),
		},
		resource.TestStep{
			ResourceName: chainAddress, ImportState: true, ImportStateId: "nightly", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
		},
		mended(onePart(func(client *ssm.Client, name *string) error {
			_, err := client.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: name})
			return err
		})),
		mended(onePart(func(client *ssm.Client, name *string) error {
			_, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{Name: name, Value: aws.String("edited"), Overwrite: aws.Bool(true)})
			return err
		})),
		mended(func(ctx context.Context) error { // of somebody who played with the names
			_, err := ssm.NewFromConfig(h.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
				Name: aws.String("/qlik-task-chain/nightly/definition/0123456789abcdef"), Value: aws.String("more"), Type: ssmtypes.ParameterTypeString,
			})
			return err
		}),
		mended(nil),
		resource.TestStep{
			Config: h.chain(nightlyApps), ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: empty},
			Check: do(t.Context(), func(ctx context.Context) error {
				return errors.Join(h.oneOfEach(ctx), h.expectShown(ctx, 5))
			}),
		},
	)
}

// TestAccLongChainIsCutOff: what an apply that was cut off has left is used or taken away by the next one, and by destroy.
func TestAccLongChainIsCutOff(t *testing.T) {
	t.Parallel()
	first, _ := longChain(300, 1)
	second, _ := longChain(300, 2)
	for name, test := range map[string]struct {
		fault cloud.Fault
		shown error
	}{
		"between two parts":     {fault: cloud.Fault{Service: "ssm", Operation: "PutParameter", Skip: 1}},
		"before the old go":     {fault: cloud.Fault{Service: "ssm", Operation: "DeleteParameter"}},
		"before the function":   {fault: cloud.Fault{Service: "lambda", Operation: "UpdateFunctionConfiguration"}},
		"between two deletions": {fault: cloud.Fault{Service: "ssm", Operation: "DeleteParameter", Skip: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			fault := test.fault
			fault.Kind = cloud.FaultAccessDenied
			h.run(
				resource.TestStep{Config: h.chain(first), Check: do(t.Context(), h.expectWholeParts)},
				resource.TestStep{PreConfig: func() { h.Cloud.Faults().Add(fault) }, Config: h.chain(second), ExpectError: says("Apply again to go on from here")},
				resource.TestStep{
					PreConfig: h.Cloud.Faults().Clear, Config: h.chain(second),
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					Check: do(t.Context(), func(ctx context.Context) error {
						return errors.Join(h.expectWholeParts(ctx), h.expectShown(ctx, 300))
					}),
				},
				resource.TestStep{PreConfig: func() { h.Cloud.Faults().Add(fault) }, Config: h.chain(first), ExpectError: says("Apply again to go on from here")},
				resource.TestStep{PreConfig: h.Cloud.Faults().Clear, RefreshState: true, ExpectNonEmptyPlan: true}, // and destroy
			)
		})
	}
}
