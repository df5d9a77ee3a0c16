// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// triggers are additional triggers of the function besides the chain's own API and timers: event source mappings and a function URL. The
// chain has none of them.
type triggers struct {
	s        *Stack
	mappings []types.EventSourceMappingConfiguration
	url      string // empty when there is no function URL
}

// find looks up the mappings, which outlive the function.
func (c *triggers) find(ctx context.Context) error {
	mappings, err := listed(ctx, lambda.NewListEventSourceMappingsPaginator(c.s.Lambda, &lambda.ListEventSourceMappingsInput{
		FunctionName: aws.String(c.s.objectName()),
	}), func(page *lambda.ListEventSourceMappingsOutput) []types.EventSourceMappingConfiguration {
		return page.EventSourceMappings
	})
	c.mappings = slices.DeleteFunc(mappings, func(m types.EventSourceMappingConfiguration) bool { return aws.ToString(m.State) == "Deleting" })
	return gone(mappings, err)
}

// lookForURL looks up the function URL. The function calls it.
func (c *triggers) lookForURL(ctx context.Context) error {
	out, err := found(c.s.Lambda.GetFunctionUrlConfig(ctx, &lambda.GetFunctionUrlConfigInput{FunctionName: aws.String(c.s.objectName())}))
	if out != nil {
		c.url = aws.ToString(out.FunctionUrl)
	}
	return err
}

func (c *triggers) diff(*Spec) []Difference {
	if c.s.function.seen == nil {
		return nil // reported by the function
	}
	var all []Difference
	if len(c.mappings) > 0 {
		var sources []string
		for _, mapping := range c.mappings {
			sources = append(sources, aws.ToString(mapping.EventSourceArn))
		}
		all = append(all, Difference{Setting: "function.event_source_mappings", Have: strings.Join(sources, ", "), Want: "none"})
	}
	if c.url != "" {
		all = append(all, Difference{Setting: "function.url", Have: c.url, Want: "none"})
	}
	return all
}

func (c *triggers) ensure(ctx context.Context, want *Spec) error {
	if len(c.diff(want)) == 0 {
		return nil
	}
	for _, mapping := range c.mappings {
		if err := gone(c.s.Lambda.DeleteEventSourceMapping(ctx, &lambda.DeleteEventSourceMappingInput{UUID: mapping.UUID})); err != nil {
			return err
		}
	}
	c.mappings = nil
	if c.url == "" {
		return nil
	}
	if err := gone(c.s.Lambda.DeleteFunctionUrlConfig(ctx,
		&lambda.DeleteFunctionUrlConfigInput{FunctionName: aws.String(c.s.objectName())})); err != nil {
		return err
	}
	c.url = ""
	return nil
}

// remove deletes the mappings, which outlive the function. The URL is deleted with the function.
func (c *triggers) remove(ctx context.Context) error {
	if !c.s.function.ours() {
		return nil
	}
	return c.ensure(ctx, nil)
}
