package stack

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// definition is the parameter with the chain's definition.
type definition struct{ parameter }

// stored is the definition that the parameter holds, or nil when there is none that can be read.
func (c *definition) stored() (*chain.Definition, error) {
	if c.seen == nil {
		return nil, nil
	}
	return chain.Parse([]byte(aws.ToString(c.seen.Value)))
}

func (c *definition) diff(want *Spec) []Difference {
	all := c.diffTags(want)
	if c.seen == nil {
		return all
	}
	value, _, _, err := EncodeDefinition(want.Definition)
	if err != nil || aws.ToString(c.seen.Value) == value {
		return all
	}
	difference := Difference{Setting: c.setting(), Have: "another definition"}
	if _, err := c.stored(); err != nil {
		difference.Have = "a definition that cannot be read: " + err.Error()
	}
	return append(all, difference)
}

func (c *definition) ensure(ctx context.Context, want *Spec) error {
	if err := c.ensureTags(ctx, want); err != nil {
		return err
	}
	value, _, _, err := EncodeDefinition(want.Definition)
	if err != nil {
		return err
	}
	if c.seen != nil && aws.ToString(c.seen.Value) == value {
		return nil
	}
	return c.put(ctx, want, value)
}

func (c *definition) publish(state *State) {
	c.parameter.publish(state)
	state.Definition = nil
	if c.s.ours(c.tags) {
		state.Definition, _ = c.stored() // diff says what is wrong with it
	}
}
