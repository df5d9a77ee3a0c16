// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// webhook is the tenant's webhook. It notifies API Gateway that a reload, or a run of another kind, has ended.
type webhook struct {
	s     *Stack
	seen  *qlik.Webhook  // nil when missing
	extra []qlik.Webhook // further ones, from interrupted creates
	made  string         // the id of the webhook that this apply has created
}

// APIKeyHeader is the header in which callers of the REST API send their key. API Gateway prescribes its name.
const APIKeyHeader = "x-api-key"

// maxFilterLength is a limit of this provider: Qlik does not document how long a filter may be. A longer filter is left out, and the
// function ignores the other apps' events.
const maxFilterLength = 2048

func (c *webhook) id() string {
	if c.seen == nil {
		return ""
	}
	return c.seen.ID
}

// mark returns the part of the description that makes a webhook this chain's. Webhooks have no tags.
func (c *webhook) mark() string {
	return fmt.Sprintf("%s %s=%s", c.nameMark(), TagInstance, c.s.instance)
}

// nameMark returns the part of the mark that every chain of this name has, from any create.
func (c *webhook) nameMark() string {
	return fmt.Sprintf("%s=%s %s=%s account=%s region=%s", TagChain, c.s.chain, TagManagedBy, managedBy, c.s.Account, c.s.Region)
}

// description returns the wanted description. It ends with what Qlik Cloud does not show: which version of the secret and which API key the
// webhook has.
func (c *webhook) description() string {
	return fmt.Sprintf("Reports the ends of reloads to the task chain %s. [%s signing-secret=%s api-key=%s]",
		c.s.chain, c.mark(), c.s.signingSecret.revision(), c.s.webhookKey.id())
}

// given matches the part of the description that names a secret's revision and a key's id.
var given = regexp.MustCompile(`signing-secret=(\S*) api-key=(\S*)\]$`)

// diffDescription compares the meaning of the description. It reports another secret or key as such.
func (c *webhook) diffDescription() []Difference {
	have, want := c.seen.Description, c.description()
	if have == want {
		return nil
	}
	haveGiven, wantGiven := given.FindStringSubmatch(have), given.FindStringSubmatch(want)
	if haveGiven == nil || given.ReplaceAllString(have, "") != given.ReplaceAllString(want, "") {
		return []Difference{{Setting: "webhook.description", Have: orNone(have), Want: want}}
	}
	var all []Difference
	if secret := haveGiven[1]; secret != wantGiven[1] {
		all = append(all, Difference{Setting: "webhook.signing_secret", Have: revisionInWords(secret), Want: "the present one"})
	}
	if key := haveGiven[2]; key != wantGiven[2] {
		all = append(all, Difference{Setting: "webhook.api_key", Have: orNone(key), Want: cmp.Or(wantGiven[2], "a new one")})
	}
	return all
}

// hasSecret reports whether the webhook has the secret of this revision.
func (c *webhook) hasSecret(revision string) bool {
	return strings.Contains(c.seen.Description, " signing-secret="+revision+" ")
}

// carriesName reports whether a webhook belongs to a chain of this name.
func (c *webhook) carriesName(w *qlik.Webhook) bool {
	return strings.Contains(w.Description, "["+c.nameMark()+" ")
}

// instanceIn matches the part of the description that names the webhook's instance.
var instanceIn = regexp.MustCompile(` ` + TagInstance + `=([0-9a-f]+) `)

// instanceOf returns that instance. It is empty when the description no longer contains it.
func instanceOf(w *qlik.Webhook) string {
	if w == nil {
		return ""
	}
	if found := instanceIn.FindStringSubmatch(w.Description); found != nil {
		return found[1]
	}
	return ""
}

func (c *webhook) instance() string { return instanceOf(c.seen) }

// eventTypes returns the types of the events to deliver: the one about reloads first.
func (c *webhook) eventTypes(want *Spec) []string {
	return append([]string{want.EventType}, c.s.eventTypes.wanted(want)...)
}

// seenEventTypes splits the webhook's event types into those about the ends of other runs, sorted, and the rest.
func (c *webhook) seenEventTypes() (ofRuns, others []string) {
	for _, name := range c.seen.EventTypes {
		if isRunEvent(name) {
			ofRuns = append(ofRuns, name)
		} else {
			others = append(others, name)
		}
	}
	slices.Sort(ofRuns)
	return ofRuns, others
}

// filter limits the webhook to the events of the chain's apps. It is used only for the engine's event alone, which is documented to always
// carry the app in topLevelResourceId. com.qlik.v1.reload.finished may leave that out, and the events about data tasks have none: a filter
// that does not match loses the event. The function ignores other apps' events anyway.
func (c *webhook) filter(want *Spec) string {
	if types := c.eventTypes(want); len(types) > 1 || types[0] != qlik.EventAppReloadFinished {
		return ""
	}
	var terms []string
	for _, name := range slices.Sorted(maps.Keys(want.Definition.Steps)) {
		if app := want.Definition.Steps[name].App; app != "" {
			terms = append(terms, fmt.Sprintf("topLevelResourceId eq %q", strings.ToLower(app)))
		}
	}
	if text := strings.Join(terms, " or "); len(text) <= maxFilterLength {
		return text
	}
	return ""
}

// find looks the webhook up by the id in the state, or else by its name and mark.
func (c *webhook) find(ctx context.Context) error {
	c.seen, c.extra = nil, nil
	if c.s.Qlik == nil {
		return nil
	}
	if c.s.known.WebhookID != "" {
		found, err := c.s.Qlik.GetWebhook(ctx, c.s.known.WebhookID)
		if qlik.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if !c.s.isAnother(instanceOf(found)) {
			c.seen = found
		}
		return nil
	}
	list, err := c.s.Qlik.ListWebhooks(ctx, c.s.objectName())
	if err != nil {
		return err
	}
	for _, w := range list {
		// Several webhooks may have the same name. Another owner's webhook with this name does not matter.
		if w.Name != c.s.objectName() || !c.carriesName(&w) || c.s.isAnother(instanceOf(&w)) {
			continue
		}
		if c.seen == nil {
			c.seen = &w
		} else {
			c.extra = append(c.extra, w)
		}
	}
	return nil
}

func (c *webhook) exists() bool { return c.seen != nil }

func (c *webhook) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "webhook", Have: missing}}
	}
	var all []Difference
	if !c.seen.Enabled {
		have := "false"
		if c.seen.DisabledReason != "" || c.seen.DisabledReasonCode != "" {
			have += ", switched off by Qlik Cloud: " + strings.TrimSpace(c.seen.DisabledReason+" "+c.seen.DisabledReasonCode)
		}
		all = append(all, Difference{Setting: "webhook.enabled", Have: have, Want: "true"})
	}
	if url := c.s.invokeURL(); c.s.stage.seen != nil && c.seen.URL != url {
		all = append(all, Difference{Setting: "webhook.url", Have: c.seen.URL, Want: url})
	}
	ofRuns, others := c.seenEventTypes()
	wanted := c.s.eventTypes.wanted(want)
	all = append(all, unequal("webhook.", []Difference{
		{"name", c.seen.Name, c.s.objectName()},
		{"event_types", strings.Join(others, ", "), want.EventType},
		{"run_event_types", orNone(strings.Join(ofRuns, ", ")), orNone(strings.Join(slices.Sorted(slices.Values(wanted)), ", "))},
		{"filter", orNone(c.seen.Filter), orNone(c.filter(want))},
		{"level", c.seen.Level, want.WebhookLevel},
		{"encrypted_headers", strings.ToLower(strings.Join(c.seen.EncryptedHeaders, ", ")), APIKeyHeader},
	})...)
	all = append(all, c.diffDescription()...)
	if len(c.seen.Headers) > 0 {
		all = append(all, Difference{Setting: "webhook.headers", Have: strings.Join(keys(c.seen.Headers), ", "), Want: "none"})
	}
	if c.seen.CheckCertificateRevocation {
		all = append(all, Difference{Setting: "webhook.check_certificate_revocation", Have: "true", Want: "false"})
	}
	if !c.seen.SecretKeyAdded {
		all = append(all, Difference{Setting: "webhook.secret", Have: missing})
	}
	return all
}

// ensure writes the whole webhook when anything differs. An update without the secret or the headers would clear them.
func (c *webhook) ensure(ctx context.Context, want *Spec) error {
	if err := c.s.owner.claim.check(ctx); err != nil {
		return err
	}
	if err := c.removeExtra(ctx); err != nil {
		return err
	}
	if c.seen != nil && len(c.diff(want)) == 0 {
		return nil
	}
	secret, err := c.s.signingSecret.read(ctx)
	if err != nil {
		return fmt.Errorf("reading the signing secret: %w", err)
	}
	if secret == nil {
		return errors.New("another client has changed the parameter of the signing secret meanwhile. Apply again")
	}
	key, err := c.s.webhookKey.readValue(ctx)
	if err != nil {
		return fmt.Errorf("reading the webhook's API key: %w", err)
	}
	request := qlik.WebhookRequest{
		Name: c.s.objectName(), URL: c.s.invokeURL(), Description: c.description(), EventTypes: c.eventTypes(want),
		Filter: c.filter(want), Level: want.WebhookLevel, Enabled: true, Secret: secret.Current,
		EncryptedHeaders: map[string]string{APIKeyHeader: key},
	}
	if c.seen == nil {
		c.s.known.WebhookID = "" // the id leads nowhere; from now on the webhook is found by its name and mark
		err := create(ctx, c, func(ctx context.Context) error {
			made, err := c.s.Qlik.CreateWebhook(ctx, request)
			if err == nil {
				c.seen = made
			}
			return err
		})
		if err != nil {
			return err
		}
		if c.instance() == c.s.instance {
			c.made = c.seen.ID
		}
		return c.s.owner.claim.checkIfLate(ctx)
	}
	if want.WebhookLevel == qlik.LevelUser { // a tenant's webhook has no owner
		request.OwnerID = c.seen.OwnerID
	}
	changed, err := c.s.Qlik.ReplaceWebhook(ctx, c.seen.ID, request)
	if err != nil {
		return err
	}
	c.seen = changed
	return c.s.owner.claim.checkIfLate(ctx)
}

// removeExtra deletes further webhooks that interrupted creates have left, so that no event arrives twice.
func (c *webhook) removeExtra(ctx context.Context) error {
	for len(c.extra) > 0 {
		if err := c.s.Qlik.DeleteWebhook(ctx, c.extra[0].ID); err != nil && !qlik.IsNotFound(err) {
			return err
		}
		c.extra = c.extra[1:]
	}
	return nil
}

func (c *webhook) remove(ctx context.Context) error {
	if c.seen == nil {
		return nil
	}
	if err := c.s.Qlik.DeleteWebhook(ctx, c.seen.ID); err != nil && !qlik.IsNotFound(err) {
		return err
	}
	c.seen = nil
	return nil
}

func (c *webhook) report(state *State) {
	if state.note(c.seen != nil) {
		_, others := c.seenEventTypes() // the chain's kinds determine the rest
		state.WebhookID, state.EventType, state.WebhookLevel = c.id(), strings.Join(others, ", "), c.seen.Level
	}
}
