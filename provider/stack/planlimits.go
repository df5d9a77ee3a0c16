// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// methodLimits returns the plan's limits for single methods of the chain's stage, in words. A chain has none: they would refuse deliveries.
func (c *usagePlan) methodLimits() string {
	var words []string
	for _, stage := range c.seen.ApiStages {
		if c.isOurStage(stage) {
			for method, limit := range stage.Throttle {
				words = append(words, fmt.Sprintf("%s: %v requests a second, %d at once", method, limit.RateLimit, limit.BurstLimit))
			}
		}
	}
	slices.Sort(words)
	return strings.Join(words, "; ")
}

// methodLimitPatches removes these limits all at once. One call takes the stage out of the plan and puts it back without them.
func (c *usagePlan) methodLimitPatches() []types.PatchOperation {
	if c.methodLimits() == "" {
		return nil
	}
	stage := c.s.restAPI.id() + ":" + liveStage
	return []types.PatchOperation{change(types.OpRemove, "/apiStages", stage), change(types.OpAdd, "/apiStages", stage)}
}
