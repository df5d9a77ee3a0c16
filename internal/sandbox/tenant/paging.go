// SPDX-License-Identifier: MPL-2.0

package tenant

import "strconv"

type link struct {
	Href string `json:"href"`
}

type links struct {
	Self *link `json:"self,omitempty"`
	Next *link `json:"next,omitempty"`
}

type page[T any] struct {
	Data  []T   `json:"data"`
	Links links `json:"links"`
}

// paging is how an API splits a list into pages.
type paging struct {
	code        string // of its refusals
	cursor      string // name of the parameter
	byDefault   int    // size of a page
	maximum     int
	withoutSelf bool // the answer has no link to itself
}

// paginate returns the requested page of all, with a link to the next page. It adds no links to previous pages.
func paginate[T any](t *Tenant, r *request, code string, all []T, defaultLimit int) (*page[T], error) {
	return paginateBy(t, r, paging{code: code, cursor: "next", byDefault: defaultLimit, maximum: 100}, all)
}

func paginateBy[T any](t *Tenant, r *request, by paging, all []T) (*page[T], error) {
	query := r.URL.Query()
	limit, err := number(query.Get("limit"), by.byDefault)
	if err != nil || limit < 1 || limit > by.maximum {
		return nil, badRequest(by.code, "limit must be from 1 to %d, not %q", by.maximum, query.Get("limit"))
	}
	start, err := number(query.Get(by.cursor), 0)
	if err != nil || start < 0 {
		return nil, badRequest(by.code, "the cursor %q is not one of ours", query.Get(by.cursor))
	}
	start = min(start, len(all))
	end := min(start+limit, len(all))
	p := &page[T]{Data: append([]T{}, all[start:end]...)}
	if !by.withoutSelf {
		p.Links.Self = &link{t.url + r.URL.RequestURI()}
	}
	if end < len(all) {
		query.Set(by.cursor, strconv.Itoa(end))
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
