// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"cmp"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

type link struct {
	Href string `json:"href"`
}

type links struct {
	Self link  `json:"self"`
	Next *link `json:"next,omitempty"`
	Prev *link `json:"prev,omitempty"`
}

type page[T any] struct {
	Data  []T   `json:"data"`
	Links links `json:"links"`
}

// paginate cuts the page that the request asks for out of all, and links to its neighbours. Cursors are opaque to callers.
func paginate[T any](t *Tenant, r *request, code string, all []T, defaultLimit int) (*page[T], error) {
	query := r.URL.Query()
	limit := defaultLimit
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return nil, badRequest(code, "limit must be from 1 to 100, not %q", text)
		}
		limit = n
	}
	next, prev := query.Get("next"), query.Get("prev")
	if next != "" && prev != "" {
		return nil, badRequest(code, "next and prev exclude each other")
	}
	start := 0
	if cursor := cmp.Or(next, prev); cursor != "" {
		var err error
		if start, err = readCursor(cursor); err != nil {
			return nil, badRequest(code, "the cursor %q is not one of ours", cursor)
		}
	}
	start = min(start, len(all))
	end := min(start+limit, len(all))
	p := &page[T]{Data: append([]T{}, all[start:end]...)}
	p.Links.Self.Href = t.url + r.URL.RequestURI()
	if end < len(all) {
		p.Links.Next = t.pageLink(r, "next", end)
	}
	if start > 0 {
		p.Links.Prev = t.pageLink(r, "prev", max(0, start-limit))
	}
	return p, nil
}

func (t *Tenant) pageLink(r *request, name string, start int) *link {
	query := r.URL.Query()
	query.Del("next")
	query.Del("prev")
	query.Set(name, base64.RawURLEncoding.EncodeToString([]byte("from:"+strconv.Itoa(start))))
	return &link{Href: t.url + r.URL.Path + "?" + query.Encode()}
}

func readCursor(cursor string) (int, error) {
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, err
	}
	start, err := strconv.Atoi(strings.TrimPrefix(string(data), "from:"))
	if err != nil {
		return 0, err
	}
	return max(0, start), nil
}

// sortBy sorts in place by a query's sort parameter: a field, with + or - before it. fields holds a key for each field. What has
// the same key stays in the order of its making, or with - in the reverse of it.
func sortBy[T any](all []T, query url.Values, code, byDefault string, fields map[string]func(T) string) error {
	order := cmp.Or(query.Get("sort"), byDefault)
	// A plus sign that was not escaped arrives as a space.
	name := strings.TrimLeft(order, "+- ")
	key, known := fields[name]
	if !known || len(order)-len(name) > 1 {
		return badRequest(code, "sorting by %q is not possible", order)
	}
	descending := strings.HasPrefix(order, "-")
	if descending {
		slices.Reverse(all)
	}
	slices.SortStableFunc(all, func(a, b T) int {
		if descending {
			a, b = b, a
		}
		return strings.Compare(key(a), key(b))
	})
	return nil
}
