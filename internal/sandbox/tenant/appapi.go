// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
)

const codeInvalidApp = "APPS-1" // our choice: the documentation lists no codes

// newApp is the body of POST /api/v1/apps with the members that the tenant knows.
type newApp struct {
	Attributes struct {
		Name    string `json:"name"`
		SpaceID string `json:"spaceId"`
	} `json:"attributes"`
}

// postApp creates an app in the caller's personal space, or in a space in which the caller has a role. Qlik does not document its answers
// for a missing name and an unknown space: here they are 400 and 403.
func (t *Tenant) postApp(r *request) (*response, error) {
	var body newApp
	if err := r.decode(codeInvalidApp, &body); err != nil {
		return nil, err
	}
	wanted := body.Attributes
	if n := utf8.RuneCountInString(wanted.Name); n < 1 || n > 256 {
		return nil, badRequest(codeInvalidApp, "attributes.name must have from 1 to 256 characters, not %d", n)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if wanted.SpaceID != "" {
		space := t.findSpace(wanted.SpaceID)
		if space == nil || space.Type != "shared" || !slices.ContainsFunc(space.rolesOf(r.user), func(role string) bool {
			return slices.Contains([]string{"facilitator", "codeveloper", "producer"}, role)
		}) {
			return nil, forbidden("APPS-3", "the caller may not make apps in the space "+wanted.SpaceID)
		}
	}
	a := &app{
		App:    App{ID: uuid.NewString(), Name: wanted.Name, SpaceID: wanted.SpaceID, Duration: t.config.ReloadDuration, Usage: usageAnalytics},
		itemID: newObjectID(), created: t.now(), maker: r.user,
	}
	t.apps = append(t.apps, a)
	return ok(t.appAnswer(a, r.user)), nil
}

// deleteApp deletes an app. It answers 200, as the documentation says, not 204.
func (t *Tenant) deleteApp(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.visibleApp(r)
	if err != nil {
		return nil, err
	}
	t.apps = slices.DeleteFunc(t.apps, func(other *app) bool { return other == a })
	return &response{status: http.StatusOK}, nil
}

// postScript sets an app's script.
func (t *Tenant) postScript(r *request) (*response, error) {
	var body struct {
		Script         *string `json:"script"`
		VersionMessage string  `json:"versionMessage"`
	}
	if err := r.decode(codeInvalidApp, &body); err != nil {
		return nil, err
	}
	if body.Script == nil {
		return nil, badRequest(codeInvalidApp, "script is missing")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.visibleApp(r)
	if err != nil {
		return nil, err
	}
	if !t.mayReload(a, r.user) {
		return nil, forbidden("APPS-3", "the caller may not change the app "+a.ID)
	}
	a.script = *body.Script
	return &response{status: http.StatusOK}, nil
}

var (
	scriptLabel    = regexp.MustCompile(`(?m)^\s*\[?(\w+)\]?:`)
	scriptResident = regexp.MustCompile(`(?i)\bRESIDENT\s+\[?(\w+)\]?`)
)

// scriptFails reports whether the engine ends a script with an error. The sandbox runs no scripts. It detects one error: a table is loaded
// from another table that the script does not define.
func scriptFails(script string) bool {
	labels := scriptLabel.FindAllStringSubmatch(script, -1)
	for _, source := range scriptResident.FindAllStringSubmatch(script, -1) {
		if !slices.ContainsFunc(labels, func(label []string) bool { return strings.EqualFold(label[1], source[1]) }) {
			return true
		}
	}
	return false
}
