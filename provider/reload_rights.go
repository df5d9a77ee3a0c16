// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// reloadRights is what one identity may reload according to Qlik Cloud. It is kept as long as the provider's process, which lasts for one
// plan or one apply: within it Terraform plans a chain several times.
type reloadRights struct {
	client *qlik.Client

	mu    sync.Mutex
	known map[string]reloadRight // by app id in lower case
}

// reloadRight is what an identity may do with one app.
type reloadRight int

const (
	rightUnknown reloadRight = iota // Qlik Cloud does not report it
	rightGiven
	rightMissing
	appMissing // there is no such app, or the identity may not even see it
)

// rightsOf returns the rights of the identity with these credentials. They may be the provider's own or others.
func (c *connector) rightsOf(ctx context.Context, credentials qlik.Credentials) (*reloadRights, error) {
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
			c.rights = map[string]*reloadRights{}
		}
		c.rights[identity] = &reloadRights{client: client, known: map[string]reloadRight{}}
	}
	return c.rights[identity], nil
}

// concurrentChecks is how many apps are checked at the same time. Qlik Cloud allows a user 5,000 reads within five minutes
// (https://qlik.dev/apis/rest/rate-limiting/), so a chain of 1,000 apps needs no pause.
const concurrentChecks = 8

// of returns the right for each of the apps. After an error, the result lacks the apps that could not be checked.
func (r *reloadRights) of(ctx context.Context, apps []string) (map[string]reloadRight, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrentChecks)
	for _, app := range apps {
		if _, known := r.right(app); known || ctx.Err() != nil {
			continue
		}
		group.Go(func() error {
			right, err := r.query(ctx, app)
			if err == nil {
				r.keep(app, right)
			}
			return err
		})
	}
	err := group.Wait()
	found := map[string]reloadRight{}
	for _, app := range apps {
		if right, known := r.right(app); known {
			found[app] = right
		}
	}
	return found, err
}

func (r *reloadRights) right(app string) (reloadRight, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	right, known := r.known[strings.ToLower(app)]
	return right, known
}

func (r *reloadRights) keep(app string, right reloadRight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[strings.ToLower(app)] = right
}

func (r *reloadRights) query(ctx context.Context, app string) (reloadRight, error) {
	found, err := r.client.App(ctx, strings.ToLower(app))
	var refusal *qlik.Error
	switch {
	case err == nil && found.Privileges == nil:
		return rightUnknown, nil
	case err == nil && found.CanReload():
		return rightGiven, nil
	case err == nil:
		return rightMissing, nil
	case qlik.IsNotFound(err):
		return appMissing, nil
	case errors.As(err, &refusal) && refusal.Status == http.StatusForbidden:
		// The scope of an OAuth client may be the reason, which does not show anything about reloads.
		return rightUnknown, nil
	default:
		return rightUnknown, err
	}
}

// areRefused reports whether the tenant refuses the credentials themselves.
func areRefused(err error) bool {
	var refusal *qlik.Error
	return errors.As(err, &refusal) && (refusal.Status == http.StatusUnauthorized || errors.Is(err, qlik.ErrToken) &&
		refusal.Status == http.StatusBadRequest)
}

// placesOf describes where the apps are, and which role may reload them there. Space roles are documented at
// https://qlik.dev/manage/access-control/space-roles/. What it cannot find out is left out.
func (r *reloadRights) placesOf(ctx context.Context, apps []string) (identity string, places map[string]reloadPlace) {
	identity, places = "the function's credentials", map[string]reloadPlace{}
	if me, err := r.client.Me(ctx); err == nil {
		identity = fmt.Sprintf("the function's credentials, those of %q,", me.Name)
	}
	lower := make([]string, len(apps))
	for i, app := range apps {
		lower[i] = strings.ToLower(app)
	}
	items, err := r.client.Items(ctx, qlik.ItemFilter{ResourceIDs: lower})
	if err != nil {
		return identity, places
	}
	spaces, err := r.client.Spaces(ctx, qlik.SpaceFilter{})
	if err != nil {
		spaces = nil
	}
	for _, item := range items {
		place := reloadPlace{app: item.Name, personal: item.SpaceID == "", spaceID: item.SpaceID}
		if i := slices.IndexFunc(spaces, func(s qlik.Space) bool { return s.ID == item.SpaceID }); i >= 0 {
			place.space, place.kind = spaces[i].Name, spaces[i].Type
		}
		places[strings.ToLower(item.ResourceID)] = place
	}
	return identity, places
}

// reloadPlace is where an app is.
type reloadPlace struct {
	app                  string // its name; empty if unknown
	personal             bool
	space, spaceID, kind string
}

// repair describes how to give the identity the right to reload the app.
func (p reloadPlace) repair() string {
	const shared, managed = "Can edit (producer), Can edit data in apps (codeveloper) or Can manage (facilitator)",
		"Can operate (operator) or Can manage (facilitator)"
	space := fmt.Sprintf("the space %q", p.space)
	switch {
	case p.personal:
		return "It is in a personal space, where only its owner may reload it: move it to a shared space, or give the function its owner's " +
			"credentials."
	case p.kind == "shared":
		return "Give them one of these roles in " + space + ", which is shared: " + shared + "."
	case p.kind == "managed":
		return "Give them one of these roles in " + space + ", which is managed: " + managed + "."
	default:
		return "Give them a role in the app's space that may reload: in a shared one " + shared + "; in a managed one " + managed + "."
	}
}
