// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// stage is the live part of the REST API: a stage and its deployment.
type stage struct {
	s        *Stack
	seen     *apigateway.GetStageOutput // nil when missing
	deployed string                     // the hash of the definition in the stage's deployment
	first    bool                       // the deployment is certainly the API's first
}

func (c *stage) object() string { return c.s.objectName() + "/" + liveStage }

// described matches a description that the chain has written.
var described = regexp.MustCompile(`^Serves the deployment (\S+) of the definition (sha256:[0-9a-f]{64})$`)

// description records the definition of the stage's deployment. Without it, an extra call would have to read the deployment.
func (c *stage) description(deployment string, want *Spec) string {
	return fmt.Sprintf("Serves the deployment %s of the definition %s", deployment, c.s.methods.definitionHash(want))
}

func (c *stage) find(ctx context.Context) error {
	c.seen, c.deployed = nil, ""
	api := aws.String(c.s.knownAPI())
	if *api == "" || c.s.brief {
		return nil
	}
	out, err := found(c.s.APIGateway.GetStage(ctx, &apigateway.GetStageInput{RestApiId: api, StageName: aws.String(liveStage)}))
	if out == nil {
		return err
	}
	c.seen = out
	if words := described.FindStringSubmatch(aws.ToString(out.Description)); words != nil && words[1] == aws.ToString(out.DeploymentId) {
		c.deployed = words[2]
		return nil
	}
	// The description, or the deployment, is not the chain's own.
	deployment, err := found(c.s.APIGateway.GetDeployment(ctx, &apigateway.GetDeploymentInput{RestApiId: api, DeploymentId: out.DeploymentId}))
	if deployment != nil {
		c.deployed = aws.ToString(deployment.Description)
	}
	return err
}

func (c *stage) exists() bool { return c.seen != nil }

func (c *stage) diff(want *Spec) []Difference {
	if c.s.restAPI.seen == nil {
		return nil // reported by its own component
	}
	if c.seen == nil {
		return []Difference{{Setting: "stage", Have: missing}}
	}
	var all []Difference
	if c.isStale(want) {
		all = append(all, Difference{Setting: "stage.deployment", Have: "another than the chain's"})
	}
	settings, _ := split(c.settingChanges(want))
	all = append(all, settings...)
	return append(all, c.s.diffTags("stage", c.seen.Tags, want)...)
}

func (c *stage) ensure(ctx context.Context, want *Spec) error {
	stale := c.seen == nil || c.isStale(want)
	if stale {
		if err := c.serve(ctx, want); err != nil {
			return err
		}
	}
	if err := c.patch(ctx, want); err != nil {
		return err
	}
	if err := c.s.syncTags(ctx, gatewayObject{c.s, "/restapis/" + c.s.restAPI.id() + "/stages/" + liveStage}, &c.seen.Tags, want); err != nil {
		return err
	}
	if stale && !c.first {
		return c.deleteOldDeployments(ctx)
	}
	return nil
}

// isStale reports whether the stage's deployment is not one of the wanted definition.
func (c *stage) isStale(want *Spec) bool { return c.deployed != c.s.methods.definitionHash(want) }

// serve switches the stage to a new deployment.
func (c *stage) serve(ctx context.Context, want *Spec) error {
	id, err := c.deploy(ctx, want)
	if err != nil {
		return err
	}
	description := aws.String(c.description(id, want))
	if c.seen == nil {
		err = create(ctx, c, func(ctx context.Context) error {
			_, err := c.s.APIGateway.CreateStage(ctx, &apigateway.CreateStageInput{
				RestApiId: c.s.restAPI.seen.Id, StageName: aws.String(liveStage), DeploymentId: aws.String(id), Description: description,
				Tags: c.s.tags(want),
			})
			if err == nil {
				c.seen = &apigateway.GetStageOutput{Tags: c.s.tags(want)}
			}
			return err
		})
	} else {
		_, err = c.s.APIGateway.UpdateStage(ctx, &apigateway.UpdateStageInput{
			RestApiId: c.s.restAPI.seen.Id, StageName: aws.String(liveStage),
			PatchOperations: []types.PatchOperation{replace("/deploymentId", id), replace("/description", *description)},
		})
	}
	if err == nil {
		c.seen.DeploymentId, c.seen.Description, c.deployed = aws.String(id), description, c.s.methods.definitionHash(want)
	}
	return err
}

// patch changes the stage's settings to the wanted ones.
func (c *stage) patch(ctx context.Context, want *Spec) error {
	_, patches := split(c.settingChanges(want))
	if len(patches) == 0 {
		return nil
	}
	out, err := c.s.APIGateway.UpdateStage(ctx, &apigateway.UpdateStageInput{
		RestApiId: aws.String(c.s.restAPI.id()), StageName: aws.String(liveStage), PatchOperations: patches,
	})
	if err != nil {
		return err
	}
	c.seen.MethodSettings = out.MethodSettings
	return nil
}

// deploy creates a deployment of the methods as they are. A lost answer may leave an extra one, which is deleted with the old ones.
func (c *stage) deploy(ctx context.Context, want *Spec) (id string, err error) {
	tries := 0
	err = retry(ctx, createTimeout, passing, func(ctx context.Context) error {
		tries++
		out, err := c.s.APIGateway.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{
			RestApiId: aws.String(c.s.restAPI.id()), Description: aws.String(c.s.methods.definitionHash(want)),
		})
		if err == nil {
			id = aws.ToString(out.Id)
		}
		return err
	})
	c.first = tries == 1 && c.s.restAPI.made != ""
	return id, err
}

// deleteOldDeployments removes the deployments that no stage serves, including an unused one of an interrupted apply.
func (c *stage) deleteOldDeployments(ctx context.Context) error {
	api := aws.String(c.s.restAPI.id())
	deployments, err := listed(ctx, apigateway.NewGetDeploymentsPaginator(c.s.APIGateway, &apigateway.GetDeploymentsInput{RestApiId: api}),
		func(page *apigateway.GetDeploymentsOutput) []types.Deployment { return page.Items })
	if err != nil {
		return err
	}
	for _, old := range deployments {
		if aws.ToString(old.Id) == aws.ToString(c.seen.DeploymentId) {
			continue
		}
		err := gone(c.s.APIGateway.DeleteDeployment(ctx, &apigateway.DeleteDeploymentInput{RestApiId: api, DeploymentId: old.Id}))
		if err != nil && !hasCode(err, "BadRequestException") { // a user's own stage may point to it, and then it stays
			return err
		}
	}
	return nil
}

func (c *stage) report(state *State) {
	state.Throttle = c.throttle()
	if c.s.restAPI.seen != nil && (c.seen != nil || c.s.brief) {
		state.InvokeURL = c.s.invokeURL()
	}
}

// invokeURL returns the stage's address. A custom API Gateway endpoint outside of AWS is an emulator's. Emulators serve their stages below
// a common path.
func (s *Stack) invokeURL() string {
	if endpoint := s.APIGateway.Options().BaseEndpoint; endpoint != nil && !strings.Contains(*endpoint, "."+s.DNSSuffix) {
		return fmt.Sprintf("%s/restapis/%s/%s/_user_request_", strings.TrimSuffix(*endpoint, "/"), s.restAPI.id(), liveStage)
	}
	return fmt.Sprintf("https://%s.execute-api.%s.%s/%s", s.restAPI.id(), s.Region, s.DNSSuffix, liveStage)
}
