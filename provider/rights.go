// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// rights is what one identity may start according to Qlik Cloud. It is kept as long as the provider's process, which lasts for one plan or
// one apply: within it Terraform plans a chain several times.
type rights struct {
	client *qlik.Client
	person bool // a user with an API key, not an OAuth client

	me     func(context.Context) (*qlik.User, error)
	spaces func(context.Context) ([]qlik.Space, error)

	mu    sync.Mutex
	known map[string]right // by step id
}

// right is what an identity may do with one app, automation or data task.
type right int

const (
	rightUnknown right = iota // Qlik Cloud does not report it
	rightGiven
	rightMissing
	targetMissing // there is no such app, automation or data task, or the identity may not even see it
	neverEnds     // it is a data task that runs until it is stopped
)

// rightsOf returns the rights of the identity with these credentials. They may be the provider's own or others.
func (c *connector) rightsOf(ctx context.Context, credentials qlik.Credentials) (*rights, error) {
	client, err := c.connectTenant(ctx)
	if err != nil {
		return nil, err
	}
	if credentials != c.settings.credentials {
		client, err = qlik.NewClient(qlik.Config{
			TenantURL: c.settings.tenantURL, Credentials: credentials, UserAgent: c.settings.userAgent(), Timeout: c.settings.waits.answer,
		})
		if err != nil {
			return nil, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	identity := credentials.Fingerprint()
	if c.rights[identity] == nil {
		if c.rights == nil {
			c.rights = map[string]*rights{}
		}
		c.rights[identity] = newRights(client, credentials.APIKey != "")
	}
	return c.rights[identity], nil
}

func newRights(client *qlik.Client, person bool) *rights {
	return &rights{
		client: client, person: person, known: map[string]right{},
		me:     once(client.Me),
		spaces: once(func(ctx context.Context) ([]qlik.Space, error) { return client.Spaces(ctx, qlik.SpaceFilter{}) }),
	}
}

// once returns a function that asks until it has an answer, and then returns that answer. It may be called concurrently.
func once[T any](ask func(context.Context) (T, error)) func(context.Context) (T, error) {
	var mu sync.Mutex
	var answer T
	known := false
	return func(ctx context.Context) (T, error) {
		mu.Lock()
		defer mu.Unlock()
		if known {
			return answer, nil
		}
		found, err := ask(ctx)
		if err == nil {
			answer, known = found, true
		}
		return found, err
	}
}

// concurrentChecks is how many targets are checked at the same time. Qlik Cloud allows a user 5,000 reads within five minutes
// (https://qlik.dev/apis/rest/rate-limiting/), so a chain of 1,000 apps needs no pause.
const concurrentChecks = 8

// of returns the right for what each of the steps starts, by step id. After an error, the result lacks those that could not be checked.
func (r *rights) of(ctx context.Context, steps []checkedStep) (map[string]right, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrentChecks)
	for _, step := range steps {
		if _, known := r.right(step.id); known || ctx.Err() != nil {
			continue
		}
		group.Go(func() error {
			found, err := r.query(ctx, step.target)
			if err == nil {
				r.keep(step.id, found)
			}
			return err
		})
	}
	err := group.Wait()
	found := map[string]right{}
	for _, step := range steps {
		if right, known := r.right(step.id); known {
			found[step.id] = right
		}
	}
	return found, err
}

func (r *rights) right(id string) (right, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	right, known := r.known[id]
	return right, known
}

func (r *rights) keep(id string, found right) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[id] = found
}

// query asks Qlik Cloud for the right. A refusal of the question is no answer: the scope of an OAuth client may be the reason, which does
// not show anything about starts.
func (r *rights) query(ctx context.Context, t chain.Target) (right, error) {
	ask := r.ofApp
	switch t.Kind {
	case chain.KindAutomation:
		ask = r.ofAutomation
	case chain.KindDataTask:
		ask = r.ofDataTask
	case chain.KindApp, chain.KindSignal:
	}
	found, err := ask(ctx, t)
	var refusal *qlik.Error
	switch {
	case err == nil:
		return found, nil
	case qlik.IsNotFound(err):
		return targetMissing, nil
	case errors.As(err, &refusal) && refusal.Status == http.StatusForbidden:
		return rightUnknown, nil
	default:
		return rightUnknown, err
	}
}

func (r *rights) ofApp(ctx context.Context, t chain.Target) (right, error) {
	found, err := r.client.App(ctx, strings.ToLower(t.ID))
	switch {
	case err != nil || found.Privileges == nil:
		return rightUnknown, err
	case found.CanReload():
		return rightGiven, nil
	default:
		return rightMissing, nil
	}
}

// runningRoles are the roles in a shared space with which its automations may be run (https://qlik.dev/apis/rest/workflows/automations/:
// "editor or operator in shared space"), and the one that manages the space.
func runningRoles() []string { return []string{"producer", "operator", "facilitator"} }

// ofAutomation asks where the automation is. Qlik Cloud returns no privileges for it, but documents who may run it. OAuth clients may have
// the scope admin.automations, which cannot be asked for: what they lack by their roles is unknown.
func (r *rights) ofAutomation(ctx context.Context, t chain.Target) (right, error) {
	items, err := r.client.Items(ctx, qlik.ItemFilter{Type: qlik.ResourceAutomation, ResourceIDs: []string{strings.ToLower(t.ID)}})
	if err != nil {
		return rightUnknown, err
	}
	if len(items) == 0 {
		return targetMissing, nil
	}
	lacking := rightUnknown
	if r.person {
		lacking = rightMissing
	}
	if space := items[0].SpaceID; space != "" {
		return r.byRole(ctx, space, lacking)
	}
	me, err := r.me(ctx)
	if err != nil || me.ID == items[0].OwnerID {
		return rightGiven, err
	}
	return lacking, nil
}

// byRole returns rightGiven if the identity has one of runningRoles in the space, otherwise lacking. If Qlik Cloud shows no role, the right
// is unknown.
func (r *rights) byRole(ctx context.Context, space string, lacking right) (right, error) {
	spaces, err := r.spaces(ctx)
	if err != nil {
		return rightUnknown, err
	}
	i := slices.IndexFunc(spaces, func(s qlik.Space) bool { return s.ID == space })
	switch {
	case i < 0 || len(spaces[i].Meta.Roles) == 0:
		return rightUnknown, nil
	case slices.ContainsFunc(spaces[i].Meta.Roles, func(role string) bool { return slices.Contains(runningRoles(), role) }):
		return rightGiven, nil
	default:
		return lacking, nil
	}
}

// ofDataTask asks what kind of task it is, and for the roles in its space. Qlik does not document which of them may start it: that a role
// is lacking is not certain.
func (r *rights) ofDataTask(ctx context.Context, t chain.Target) (right, error) {
	task, err := r.client.GetDataTask(ctx, t.Project, t.ID)
	if err != nil {
		return rightUnknown, err
	}
	if task.Type.NeverEnds() {
		return neverEnds, nil
	}
	if task.Type == qlik.DataTaskLanding { // whether it captures changes shows after its first run
		state, err := r.client.GetDataTaskState(ctx, t.Project, t.ID)
		if err != nil {
			return rightUnknown, err
		}
		if state.NeverEnds() {
			return neverEnds, nil
		}
	}
	return r.byRole(ctx, task.SpaceID, rightUnknown)
}

// areRefused reports whether the tenant refuses the credentials themselves.
func areRefused(err error) bool {
	var refusal *qlik.Error
	return errors.As(err, &refusal) && (refusal.Status == http.StatusUnauthorized || errors.Is(err, qlik.ErrToken) &&
		refusal.Status == http.StatusBadRequest)
}
