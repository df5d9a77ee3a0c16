// SPDX-License-Identifier: MPL-2.0

package tenant

import "strconv"

type link struct {
	Href string `json:"href"`
}

type links struct {
	Self link  `json:"self"`
	Next *link `json:"next,omitempty"`
}

type page[T any] struct {
	Data  []T   `json:"data"`
	Links links `json:"links"`
}

// paginate returns the requested page of all, with a link to the next page. It adds no links to previous pages.
func paginate[T any](t *Tenant, r *request, code string, all []T, defaultLimit int) (*page[T], error) {
	query := r.URL.Query()
	limit, err := number(query.Get("limit"), defaultLimit)
	if err != nil || limit < 1 || limit > 100 {
		return nil, badRequest(code, "limit must be from 1 to 100, not %q", query.Get("limit"))
	}
	start, err := number(query.Get("next"), 0)
	if err != nil || start < 0 {
		return nil, badRequest(code, "the cursor %q is not one of ours", query.Get("next"))
	}
	start = min(start, len(all))
	end := min(start+limit, len(all))
	p := &page[T]{Data: append([]T{}, all[start:end]...)}
	p.Links.Self.Href = t.url + r.URL.RequestURI()
	if end < len(all) {
		query.Set("next", strconv.Itoa(end))
		p.Links.Next = &link{Href: t.url + r.URL.Path + "?" + query.Encode()}
	}
	return p, nil
}

func number(text string, byDefault int) (int, error) {
	if text == "" {
		return byDefault, nil
	}
	return strconv.Atoi(text)
}
