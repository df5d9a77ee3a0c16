// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"cmp"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

// redactor removes the values from texts of services and terraform.
type redactor struct {
	known []known
}

type known struct{ value, name string }

// redactor returns a redactor with the life's own values. It recognizes other values by their form.
func (l *life) redactor() *redactor {
	r := &redactor{}
	add := func(name string, values ...string) {
		for _, value := range values {
			if len(value) > 2 {
				r.known = append(r.known, known{value, "<" + name + ">"})
			}
		}
	}
	add("chain", l.variables.Name)
	add("account", l.place.account)
	add("region", l.place.region)
	add("tenant", l.place.qlik.TenantURL, l.place.tenantID)
	if u, err := url.Parse(l.place.qlik.TenantURL); err == nil {
		add("tenant", u.Hostname())
	}
	add("secret", l.place.qlik.Credentials.APIKey, l.place.qlik.Credentials.ClientSecret, l.place.qlik.Credentials.ClientID)
	add("url", l.outputs.InvokeURL)
	add("id", l.outputs.APIKeyID, l.outputs.WebhookID, l.options.SpaceID)
	for _, id := range l.journal.Apps {
		add("app", id)
	}
	if l.api != nil {
		add("secret", l.api.key)
	}
	if home, err := os.UserHomeDir(); err == nil {
		add("path", home)
	}
	add("path", l.options.Root, l.options.Dir, os.TempDir())
	// The longest first: one may contain another.
	slices.SortStableFunc(r.known, func(a, b known) int { return cmp.Compare(len(b.value), len(a.value)) })
	return r
}

// forms are what values look like, in the order in which they are looked for.
var forms = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`arn:[a-z-]+:[^\s"',;)]*`), "<arn>"},
	{regexp.MustCompile(`https?://[^\s"',;)]*`), "<url>"},
	{regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)+`), "<mail>"},
	{regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b`), "<address>"},
	{regexp.MustCompile(`(?:(lookup )|(\*\.|for |not |or ))(?:(<region>|[\w-]+)\.)+[a-z]{2,}\b`), "$1$2<host>"},
	{regexp.MustCompile("\"(\\\\.|[^\"\\\\])*\"|'[^']*'|`[^`]*`"), `"…"`},
	{regexp.MustCompile(`(<path>)?(/[\w.<>-]+){2,}/?`), "<path>"},
	{regexp.MustCompile(`\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b`), "<id>"},
	{regexp.MustCompile(`\b[A-Za-z0-9_+/=-]*\d[A-Za-z0-9_+/=-]{3,}`), "<id>"},
	{regexp.MustCompile(`\b[A-Za-z0-9_+/=]{33,}\b`), "<id>"},
}

// text returns a text without values.
func (r *redactor) text(text string) string {
	for _, k := range r.known {
		text = strings.ReplaceAll(text, k.value, k.name)
	}
	for _, form := range forms {
		text = form.pattern.ReplaceAllString(text, form.name)
	}
	return strings.Join(strings.Fields(text), " ")
}
