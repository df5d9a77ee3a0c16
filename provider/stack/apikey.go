// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// apiKey is one of the chain's API keys. API Gateway generates its value. Every key of the usage plan opens every method that requires a
// key, so the function distinguishes the keys by their ids.
//
// A rotation creates a key beside the previous one. The webhook's previous key stays until the webhook has the new one, see
// previousWebhookKeys. The previous keys of the other kinds are deleted at once.
type apiKey struct {
	s *Stack
	keyKind
	seen   *types.ApiKey  // nil when missing
	others []types.ApiKey // the chain's other keys of this kind: from before a rotation, or from an interrupted create
	gone   []string       // the ids of those that this apply has deleted, which took them out of the usage plan too
	made   string         // the id of the key that this apply has created
	value  string         // of the key that this apply has created
}

// keyKind is what distinguishes the chain's API keys.
type keyKind struct {
	setting string // its name in differences: api_key
	suffix  string // of its name, after the chain's. It begins with a dot, which no chain's name contains
	purpose string // its description, before the chain's name
	wanted  func(*Spec) bool
	known   func(*Known) *string // its id in the state
	found   func(*State) *string
	shared  bool // whether the previous key is still in use when a new one is made
}

func always(*Spec) bool { return true }

// These are the kinds of the chain's keys.
var (
	operatorsKey = keyKind{
		setting: "api_key", purpose: "For those who read and operate the task chain ", wanted: always,
		known: func(k *Known) *string { return &k.APIKeyID }, found: func(f *State) *string { return &f.APIKeyID },
	}
	webhooksKey = keyKind{
		setting: "webhook_key", suffix: ".webhook", purpose: "For the webhook that delivers events to the task chain ", wanted: always,
		shared: true,
		known:  func(k *Known) *string { return &k.WebhookKeyID }, found: func(f *State) *string { return &f.WebhookKeyID },
	}
	viewersKey = keyKind{
		setting: "viewer_key", suffix: ".viewers", purpose: "For those who only read the task chain ",
		wanted: func(want *Spec) bool { return want.ViewerKey },
		known:  func(k *Known) *string { return &k.ViewerKeyID }, found: func(f *State) *string { return &f.ViewerKeyID },
	}
	signalsKey = keyKind{
		setting: "signal_key", suffix: ".signals", purpose: "For those who only send signals to the task chain ",
		wanted: func(want *Spec) bool { return want.SignalKey },
		known:  func(k *Known) *string { return &k.SignalKeyID }, found: func(f *State) *string { return &f.SignalKeyID },
	}
)

func (c *apiKey) object() string { return c.name() }

func (c *apiKey) name() string { return c.s.objectName() + c.suffix }

func (c *apiKey) description() string { return c.purpose + c.s.chain + "." }

func (c *apiKey) id() string {
	if c.seen == nil {
		return ""
	}
	return aws.ToString(c.seen.Id)
}

func (c *apiKey) knownID() string { return *c.known(&c.s.known) }

func (c *apiKey) rotation() string { return c.seen.Tags[TagRotation] }

// find picks the key that is in the state, else the newest one. The operators' key lists all keys, because the other names begin with its
// name.
func (c *apiKey) find(ctx context.Context) error {
	if c == c.s.apiKey {
		listed, err := c.s.listKeys(ctx)
		if err != nil {
			return err
		}
		c.s.listedKeys = listed
	}
	return c.pick(ctx, c.s.listedKeys)
}

func (c *apiKey) pick(ctx context.Context, listed []types.ApiKey) error {
	keys := c.among(listed)
	slices.SortFunc(keys, func(a, b types.ApiKey) int { return aws.ToTime(b.CreatedDate).Compare(aws.ToTime(a.CreatedDate)) })
	c.seen, c.others = nil, keys
	current := 0
	if known := c.knownID(); known != "" {
		current = slices.IndexFunc(keys, func(key types.ApiKey) bool { return aws.ToString(key.Id) == known })
	}
	if current < 0 { // its name or its tags were changed outside of Terraform
		key, err := c.s.getKey(ctx, c.knownID())
		if err == nil && key != nil && !c.s.isAnothers(key.Tags) {
			c.seen = key
		}
		return err
	}
	if len(keys) > 0 {
		c.seen, c.others = &keys[current], slices.Delete(slices.Clone(keys), current, current+1)
	}
	return nil
}

// among returns the keys of this kind.
func (c *apiKey) among(listed []types.ApiKey) []types.ApiKey {
	var keys []types.ApiKey
	for _, key := range listed {
		known := aws.ToString(key.Id) == c.knownID() && !c.s.isAnothers(key.Tags)
		if aws.ToString(key.Name) == c.name() && (known || c.s.owns(key.Tags)) {
			keys = append(keys, key)
		}
	}
	return keys
}

// isOwn reports whether an id is that of one of the chain's keys of this kind, including one that this apply has just deleted.
func (c *apiKey) isOwn(id string) bool {
	return id == c.id() || contains(c.others, id) || slices.Contains(c.gone, id)
}

func contains(keys []types.ApiKey, id string) bool {
	return slices.ContainsFunc(keys, func(key types.ApiKey) bool { return aws.ToString(key.Id) == id })
}

// ours reports whether the key is the chain's. A key that was found by the id in the state is, even without its tags.
func (c *apiKey) ours() bool {
	return c.seen != nil && (c.id() == c.knownID() || c.s.owns(c.seen.Tags))
}

func (c *apiKey) diff(want *Spec) []Difference {
	var all []Difference
	switch {
	case !c.wanted(want):
		if c.seen != nil {
			all = append(all, Difference{Setting: c.setting, Have: "there", Want: "none"})
		}
	case c.seen == nil:
		all = append(all, Difference{Setting: c.setting, Have: missing})
	default:
		all, _ = split(append(c.changes(), changed(c.setting+".", setting("rotation", orNone(c.rotation()), orNone(want.APIKeyRotation)))...))
		all = append(all, c.s.diffTags(c.setting, c.seen.Tags, want)...)
	}
	if len(c.others) > 0 && !c.shared {
		all = append(all, Difference{Setting: c.setting + ".other", Have: "there", Want: "none"})
	}
	return all
}

func (c *apiKey) changes() []settingChange {
	return changed(c.setting+".",
		setting("enabled", strconv.FormatBool(c.seen.Enabled), "true", replace("/enabled", "true")),
		setting("name", aws.ToString(c.seen.Name), c.name(), replace("/name", c.name())),
		setting("description", aws.ToString(c.seen.Description), c.description(), replace("/description", c.description())))
}

// readValue reads the key's value.
func (c *apiKey) readValue(ctx context.Context) (string, error) {
	if c.value != "" && c.id() == c.made {
		return c.value, nil
	}
	return c.s.keyValue(ctx, c.id())
}

func (c *apiKey) ensure(ctx context.Context, want *Spec) error {
	if !c.wanted(want) {
		return c.remove(ctx)
	}
	if c.seen == nil || c.rotation() != want.APIKeyRotation {
		c.rotate(want)
	}
	if c.seen == nil {
		*c.known(&c.s.known) = "" // the id leads nowhere, or to a previous key; from now on the key is found by its name and tags
		if err := create(ctx, wantedKey{c, want}, func(ctx context.Context) error { return c.create(ctx, want) }); err != nil {
			return err
		}
	}
	if _, patches := split(c.changes()); len(patches) > 0 {
		if _, err := c.s.APIGateway.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: c.seen.Id, PatchOperations: patches}); err != nil {
			return err
		}
		c.seen.Enabled = true
	}
	if err := c.s.syncTags(ctx, gatewayObject{c.s, "/apikeys/" + c.id()}, &c.seen.Tags, want); err != nil || c.shared {
		return err
	}
	return c.removeOthers(ctx)
}

// rotate makes the current key one of the others. A key that an interrupted apply has created for this rotation takes its place.
func (c *apiKey) rotate(want *Spec) {
	candidates := c.others
	if c.seen != nil {
		c.others, c.seen = append(slices.Clone(c.others), *c.seen), nil
		if want.APIKeyRotation == "" { // without a rotation, the key may be the one that earlier rotations were made for
			return
		}
	}
	for i, key := range candidates {
		if key.Tags[TagRotation] == want.APIKeyRotation {
			c.seen, c.others = &key, slices.Delete(slices.Clone(c.others), i, i+1)
			return
		}
	}
}

func (c *apiKey) create(ctx context.Context, want *Spec) error {
	tags := withRotation(c.s.tags(want), map[string]string{TagRotation: want.APIKeyRotation})
	out, err := c.s.APIGateway.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{
		Name: aws.String(c.name()), Description: aws.String(c.description()), Enabled: true, Tags: tags,
	})
	if err == nil {
		c.seen = &types.ApiKey{Id: out.Id, Name: out.Name, Description: aws.String(c.description()), Enabled: true, Tags: tags}
		c.made, c.value = aws.ToString(out.Id), aws.ToString(out.Value)
	}
	return err
}

// wantedKey looks for the key that a create may have made although its answer got lost.
type wantedKey struct {
	*apiKey
	want *Spec
}

func (c wantedKey) find(ctx context.Context) error {
	listed, err := c.s.listKeys(ctx)
	if err != nil {
		return err
	}
	for _, key := range c.among(listed) {
		if !contains(c.others, aws.ToString(key.Id)) && key.Tags[TagRotation] == c.want.APIKeyRotation {
			c.seen = &key
		}
	}
	return nil
}

func (c wantedKey) exists() bool { return c.seen != nil }

func (c *apiKey) remove(ctx context.Context) error {
	if c.ours() {
		if err := c.s.deleteKey(ctx, c.id()); err != nil {
			return err
		}
		c.seen, c.gone = nil, append(c.gone, c.id())
	}
	return c.removeOthers(ctx)
}

func (c *apiKey) removeOthers(ctx context.Context) error {
	for len(c.others) > 0 {
		id := aws.ToString(c.others[0].Id)
		if err := c.s.deleteKey(ctx, id); err != nil {
			return err
		}
		c.others, c.gone = c.others[1:], append(c.gone, id)
	}
	return nil
}

// rotationReached returns the rotation that all of the chain's keys have reached. A failed apply may have rotated only some of them.
func (s *Stack) rotationReached(want *Spec) string {
	for _, key := range s.keys() {
		if key.seen != nil && key.wanted(want) && key.rotation() != want.APIKeyRotation {
			return key.rotation()
		}
	}
	return want.APIKeyRotation
}

func (c *apiKey) report(state *State) {
	state.note(c.ours() || len(c.others) > 0)
	*c.found(state) = c.id()
	if c == c.s.apiKey && c.seen != nil {
		state.APIKeyRotation = c.rotation()
	}
}
