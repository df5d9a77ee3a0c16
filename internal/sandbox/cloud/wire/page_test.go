// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	t.Parallel()
	list := []int{1, 2, 3, 4, 5}
	for size := 1; size <= 6; size++ {
		var all []int
		token := ""
		for pages := 0; ; pages++ {
			page, next, ok := Page(list, token, size)
			if !ok || len(page) > size || pages > len(list) {
				t.Fatalf("size %d: page %v, ok %v", size, page, ok)
			}
			all = append(all, page...)
			if token = next; token == "" {
				break
			}
		}
		if !slices.Equal(all, list) {
			t.Errorf("size %d: %v", size, all)
		}
	}
	_, token, _ := Page(list, "", 4)
	if page, next, ok := Page(list[:2], token, 4); len(page) != 0 || next != "" || !ok {
		t.Errorf("a list that has become shorter: %v, %q, %v", page, next, ok)
	}
}

func FuzzPage(f *testing.F) {
	for _, token := range []string{"", "MQ", "LTE", "?"} {
		f.Add(token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		page, next, ok := Page([]int{1, 2, 3}, token, 2)
		if len(page) > 2 || !ok && next != "" {
			t.Errorf("page %v, next %q, ok %v", page, next, ok)
		}
	})
}

func TestCheckTags(t *testing.T) {
	t.Parallel()
	many := Tags{}
	for i := range 50 {
		many[fmt.Sprint(i)] = ""
	}
	tests := map[string]struct {
		present Tags
		add     []Tag
		want    string
	}{
		"good":            {nil, []Tag{{"a", "1"}, {"b", ""}}, ""},
		"no key":          {nil, []Tag{{"", "1"}}, "1 to 128"},
		"long key":        {nil, []Tag{{strings.Repeat("ü", 129), "1"}}, "1 to 128"},
		"long value":      {nil, []Tag{{"a", strings.Repeat("ü", 257)}}, "256"},
		"longest":         {nil, []Tag{{strings.Repeat("ü", 128), strings.Repeat("ü", 256)}}, ""},
		"reserved":        {nil, []Tag{{"AWS:x", "1"}}, "reserved"},
		"twice":           {nil, []Tag{{"a", "1"}, {"a", "2"}}, "Duplicate"},
		"the fifty-first": {many, []Tag{{"a", "1"}}, "50"},
		"one of fifty":    {many, []Tag{{"7", "1"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := CheckTags(tt.present, tt.add)
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
