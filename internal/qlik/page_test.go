// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPaging(t *testing.T) {
	t.Parallel()
	var base string
	c, server := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("next") {
		case "":
			fmt.Fprintf(w, `{"data":[{"id":"1"},{"id":"2"}],"links":{"next":{"href":"%s/api/v1/spaces?next=b"}}}`, base)
		case "b": // relative
			_, _ = io.WriteString(w, `{"data":[{"id":"3"}],"links":{"next":{"href":"?next=c"}}}`)
		case "c":
			_, _ = io.WriteString(w, `{"data":[{"id":"4"}],"links":{"next":null}}`)
		}
	})
	base = server.URL
	spaces, err := c.Spaces(t.Context(), SpaceFilter{})
	if err != nil || len(spaces) != 4 || spaces[3].ID != "4" {
		t.Errorf("got %v, %v", spaces, err)
	}
}

func TestPagingStaysOnTheTenant(t *testing.T) {
	t.Parallel()
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("a link to another host was followed")
	}))
	t.Cleanup(stranger.Close)
	for _, href := range []string{stranger.URL + "/api/v1/spaces", "//" + strings.TrimPrefix(stranger.URL, "http://") + "/",
		"https://169.254.169.254/", "file:///etc/passwd"} {
		c, _ := newTestClient(t, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"data":[],"links":{"next":{"href":%q}}}`, href)
		})
		if _, err := c.Spaces(t.Context(), SpaceFilter{}); err == nil || !strings.Contains(err.Error(), "it is not followed") {
			t.Errorf("%s: error %v", href, err)
		}
	}
}

func TestPagingInCircles(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"data":[],"links":{"next":{"href":"/api/v1/spaces?next=a"}}}`)
	})
	if _, err := c.Spaces(t.Context(), SpaceFilter{}); err == nil || !strings.Contains(err.Error(), "round in circles") {
		t.Errorf("error %v", err)
	}
}

func TestItemsAsksForManyAppsInSeveralRequests(t *testing.T) {
	t.Parallel()
	var sizes []int
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		sizes = append(sizes, len(strings.Split(r.URL.Query().Get("resourceIds"), ",")))
		_, _ = io.WriteString(w, `{"data":[{"resourceId":"x"}]}`)
	})
	ids := make([]string, 201)
	items, err := c.Items(t.Context(), ItemFilter{ResourceIDs: ids})
	if err != nil || len(items) != 3 || fmt.Sprint(sizes) != "[100 100 1]" {
		t.Errorf("%d items, requests of %v, %v", len(items), sizes, err)
	}
}
