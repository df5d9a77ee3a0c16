// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"strings"
	"testing"
)

var (
	scimAttributes = []string{"id", "spaceId", "data.status"}
	scimOperators  = []string{"eq", "ne"}
)

func TestSCIM(t *testing.T) {
	t.Parallel()
	object := map[string]string{"id": "1", "spaceId": "s", "data.status": "ok"}
	tests := map[string]struct {
		want bool
		err  string
	}{
		`id eq "1"`:                    {want: true},
		`id eq "2"`:                    {},
		`id ne "2"`:                    {want: true},
		`ID EQ "1"`:                    {want: true},
		`id eq "2" or spaceId eq "s"`:  {want: true},
		`id eq "1" and spaceId eq "x"`: {},
		`id eq "1" or id eq "2" and spaceId eq "x"`:   {want: true}, // and binds closer
		`(id eq "1" or id eq "2") and spaceId eq "x"`: {},
		` ( (id eq "1") ) `:                           {want: true},
		`data.status eq "ok"`:                         {want: true},
		`id ne "\u0031"`:                              {},
		`id eq "a\"b"`:                                {},
		``:                                            {err: "is not an attribute"},
		`id`:                                          {err: "is not an operator"},
		`id eq`:                                       {err: "is not a string"},
		`id eq 1`:                                     {err: "is not a string"},
		`id eq '1'`:                                   {err: "is not a string"},
		`id eq "1`:                                    {err: "is not closed"},
		`id eq "\x"`:                                  {err: "is not a string"},
		`id co "1"`:                                   {err: "is not an operator"},
		`name eq "1"`:                                 {err: "is not an attribute"},
		`(id eq "1"`:                                  {err: "parenthesis"},
		`id eq "1")`:                                  {err: "should end"},
		`id eq "1" xor id eq "2"`:                     {err: "should end"},
		`id eq "1" and`:                               {err: "is not an attribute"},
		`not (id eq "1")`:                             {err: "is not an attribute"},
		strings.Repeat("(", 100) + `id eq "1"`:        {err: "too deep"},
	}
	for text, test := range tests {
		filter, err := parseSCIM(text, scimAttributes, scimOperators)
		if test.err != "" {
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: error %v, want %q", text, err, test.err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := filter.match(object); got != test.want {
			t.Errorf("%s: %t, want %t", text, got, test.want)
		}
	}
}

func FuzzSCIM(f *testing.F) {
	f.Add(`(id eq "1" or spaceId ne "x\"y") and data.status eq "ok"`)
	f.Add(`id eq "`)
	f.Fuzz(func(t *testing.T, text string) {
		filter, err := parseSCIM(text, scimAttributes, scimOperators)
		if err != nil {
			return
		}
		if len(filter.comparisons) == 0 {
			t.Error("a filter that compares nothing")
		}
		filter.match(map[string]string{"id": "1"})
	})
}
