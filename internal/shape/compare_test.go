// SPDX-License-Identifier: MPL-2.0

package shape

import (
	"fmt"
	"strings"
	"testing"
)

// TestCompare names each kind of difference, and nothing where a list or a map is empty on one side.
func TestCompare(t *testing.T) {
	t.Parallel()
	answer := func(operation string, status int, code string, fields ...string) Answer {
		a := Answer{Service: "S", Operation: operation, Status: status, Code: code, Media: "application/json", Fields: map[string]string{}}
		for _, field := range fields {
			path, kind, _ := strings.Cut(field, ":")
			a.Fields[path] = kind
		}
		return a
	}
	other := func(a Answer, change func(*Answer)) Answer {
		change(&a)
		return a
	}
	for name, test := range map[string]struct {
		reality, sandbox []Answer
		want             string
	}{
		"the same": {[]Answer{answer("A", 200, "", "$:object")}, []Answer{answer("A", 200, "", "$:object")}, ""},
		"other status": {[]Answer{answer("A", 409, "C")}, []Answer{answer("A", 200, "")},
			"other status or error code S A 409 C the sandbox answers: 200; answered so in the sandbox only S A 200 reality answers: 409 C"},
		"other code": {[]Answer{answer("A", 400, "C")}, []Answer{answer("A", 400, "D")},
			"other status or error code S A 400 C the sandbox answers: 400 D; answered so in the sandbox only S A 400 D reality answers: 400 C"},
		"other type": {[]Answer{answer("A", 200, "", "$:object", "$.a:string")}, []Answer{answer("A", 200, "", "$:object", "$.a:number")},
			"other type S A 200 $.a: string, in the sandbox number"},
		"several types": {[]Answer{answer("A", 200, "", "$.a:string"), answer("A", 200, "", "$.a:null")}, []Answer{answer("A", 200, "",
			"$.a:null|string")}, ""},
		"in reality only": {[]Answer{answer("A", 200, "", "$:object", "$.a:string")}, []Answer{answer("A", 200, "", "$:object")},
			"missing in the sandbox S A 200 $.a: string"},
		"in the sandbox only": {
			[]Answer{answer("A", 200, "", "$:object")}, []Answer{answer("A", 200, "", "$:object", "$.a:object",
				"$.a.b:string")}, "missing in reality S A 200 $.a: object",
		},
		"a text instead of an object": {[]Answer{answer("A", 200, "", "$:text")}, []Answer{answer("A", 200, "", "$:object", "$.a:string")},
			"other type S A 200 $: text, in the sandbox object"},
		"an empty list": {[]Answer{answer("A", 200, "", "$:object", "$.a:array")}, []Answer{answer("A", 200, "", "$:object", "$.a:array",
			"$.a[]:object", "$.a[].b:string")}, ""},
		"an empty map": {[]Answer{answer("A", 200, "", "$.tags:object")}, []Answer{answer("A", 200, "", "$.tags:object", "$.tags.*:string")},
			""},
		"other media type": {
			[]Answer{other(answer("A", 200, ""), func(a *Answer) { a.Media = "" })}, []Answer{answer("A", 200, "")},
			"other media type S A 200 none, in the sandbox application/json",
		},
		"a header": {
			[]Answer{other(answer("A", 429, ""), func(a *Answer) { a.Headers = []string{"sunset"} })}, []Answer{other(answer("A", 429, ""),
				func(a *Answer) { a.Headers = []string{"retry-after"} })},
			"header missing in reality S A 429 retry-after; header missing in the sandbox S A 429 sunset",
		},
		"other calls": {[]Answer{answer("A", 200, "")}, []Answer{answer("B", 200, "")},
			"called in reality only S A 200 ; called in the sandbox only S B 200 "},
	} {
		sets := [2]Set{{}, {}}
		for i, answers := range [2][]Answer{test.reality, test.sandbox} {
			for _, a := range answers {
				sets[i].add(a)
			}
		}
		var got []string
		for _, d := range Compare(sets[0], sets[1]) {
			got = append(got, fmt.Sprintf("%s %s %s %s %s", d.Kind, d.Service, d.Operation, d.Answer, d.What))
		}
		if strings.Join(got, "; ") != test.want {
			t.Errorf("%s:\n is %s\nnot %s", name, strings.Join(got, "; "), test.want)
		}
	}
}
