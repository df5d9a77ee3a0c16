// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"golang.org/x/sync/errgroup"
)

// triggers are the ways to the function that somebody added besides the chain's own API and timers: event source mappings and a function
// URL. The chain has none of them.
type triggers struct {
	s        *Stack
	mappings []types.EventSourceMappingConfiguration
	url      string // empty when there is none
}

func (c *triggers) find(ctx context.Context) error {
	c.mappings, c.url = nil, ""
	all, ctx := errgroup.WithContext(ctx)
	all.Go(func() error { return c.findMappings(ctx) })
	all.Go(func() error { return c.findURL(ctx) })
	return all.Wait()
}

func (c *triggers) findMappings(ctx context.Context) error {
	pages := lambda.NewListEventSourceMappingsPaginator(c.s.Lambda, &lambda.ListEventSourceMappingsInput{FunctionName: aws.String(c.s.objectName())})
	for pages.HasMorePages() {
		page, err := found(pages.NextPage(ctx))
		if page == nil {
			return err
		}
		for _, mapping := range page.EventSourceMappings {
			if aws.ToString(mapping.State) != "Deleting" {
				c.mappings = append(c.mappings, mapping)
			}
		}
	}
	return nil
}

func (c *triggers) findURL(ctx context.Context) error {
	out, err := c.s.Lambda.GetFunctionUrlConfig(ctx, &lambda.GetFunctionUrlConfigInput{FunctionName: aws.String(c.s.objectName())})
	if isNotFound(err) {
		return nil
	}
	if err == nil {
		c.url = aws.ToString(out.FunctionUrl)
	}
	return err
}

func (c *triggers) diff(*Spec) []Difference {
	if c.s.function.seen == nil {
		return nil // a difference of its own
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
	if err := gone(c.s.Lambda.DeleteFunctionUrlConfig(ctx, &lambda.DeleteFunctionUrlConfigInput{FunctionName: aws.String(c.s.objectName())})); err != nil {
		return err
	}
	c.url = ""
	return nil
}

// remove takes away the mappings, which outlive the function; the URL goes with it.
func (c *triggers) remove(ctx context.Context) error {
	if !c.s.function.ours() {
		return nil
	}
	return c.ensure(ctx, nil)
}
