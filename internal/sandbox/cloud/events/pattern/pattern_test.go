// SPDX-License-Identifier: MPL-2.0

package pattern_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/events/pattern"
)

// documented has what AWS says of patterns. Sources: EventBridge User Guide, "Comparison operators for use in event patterns" and "Amazon
// EventBridge event patterns"; README of aws/event-ruler. The last entry of each line says whether the event matches.
var documented = []struct {
	source, pattern, event string
	matches                bool
}{
	{"and", `{"Location":["New York"],"Day":["Monday"]}`, `{"Location":"New York","Day":"Monday","Time":"noon"}`, true},
	{"and", `{"Location":["New York"],"Day":["Monday"]}`, `{"Location":"New York","Day":"Sunday"}`, false},
	{"empty", `{"LastName":[""]}`, `{"LastName":""}`, true},
	{"empty", `{"LastName":[""]}`, `{}`, false},
	{"equals", `{"Name":["Alice"]}`, `{"Name":"Alice"}`, true},
	{"equals", `{"Name":["Alice"]}`, `{"Name":"alice"}`, false},
	{"equals, ignore case", `{"Name":[{"equals-ignore-case":"alice"}]}`, `{"Name":"aLiCe"}`, true},
	{"ends with", `{"FileName":[{"suffix":".png"}]}`, `{"FileName":"a.png"}`, true},
	{"ends with", `{"FileName":[{"suffix":".png"}]}`, `{"FileName":"a.PNG"}`, false},
	{"ends with, ignore case", `{"FileName":[{"suffix":{"equals-ignore-case":".png"}}]}`, `{"FileName":"a.PnG"}`, true},
	{"begins with", `{"Region":[{"prefix":"us-"}]}`, `{"Region":"us-west-1"}`, true},
	{"begins with", `{"time":[{"prefix":"2017-10-02"}]}`, `{"time":"2017-10-02T18:43:48Z"}`, true},
	{"begins with, ignore case", `{"service":[{"prefix":{"equals-ignore-case":"EventB"}}]}`, `{"service":"EVENTBRIDGE"}`, true},
	{"begins with: texts only", `{"n":[{"prefix":"1"}]}`, `{"n":12}`, false},
	{"exists", `{"ProductName":[{"exists":true}]}`, `{"ProductName":""}`, true},
	{"exists", `{"ProductName":[{"exists":true}]}`, `{}`, false},
	{"does not exist", `{"ProductName":[{"exists":false}]}`, `{"x":1}`, true},
	{"does not exist", `{"detail":{"state":[{"exists":false}]}}`, `{"detail":{"c-count":1}}`, true},
	{"does not exist, nor what is above it", `{"detail":{"state":[{"exists":false}]}}`, `{}`, true},
	{"exists: leaves only", `{"detail":{"c-count":[{"exists":false}]}}`, `{"detail":{"c-count":{"c1":100}}}`, true},
	{"not", `{"Weather":[{"anything-but":["Raining"]}]}`, `{"Weather":"Sunny"}`, true},
	{"not", `{"Weather":[{"anything-but":["Raining"]}]}`, `{"Weather":"Raining"}`, false},
	{"not: the field must exist", `{"Weather":[{"anything-but":"Raining"}]}`, `{}`, false},
	{"not, numbers", `{"x-limit":[{"anything-but":[100,200,300]}]}`, `{"x-limit":301.8}`, true},
	{"not, numbers", `{"x-limit":[{"anything-but":[100,200,300]}]}`, `{"x-limit":200}`, false},
	{"not, begins with", `{"Region":[{"anything-but":{"prefix":"us-"}}]}`, `{"Region":"us-east-1"}`, false},
	{"not, begins with", `{"Region":[{"anything-but":{"prefix":["us-","eu-"]}}]}`, `{"Region":"ap-south-1"}`, true},
	{"not, ends with", `{"FileName":[{"anything-but":{"suffix":[".png",".jpg"]}}]}`, `{"FileName":"a.jpg"}`, false},
	{"not, ignore case", `{"state":[{"anything-but":{"equals-ignore-case":["initializing","stopped"]}}]}`, `{"state":"INITIALIZING"}`, false},
	{"not, ignore case", `{"state":[{"anything-but":{"equals-ignore-case":"initializing"}}]}`, `{"state":"running"}`, true},
	{"not, wildcard", `{"FilePath":[{"anything-but":{"wildcard":"*/lib/*"}}]}`, `{"FilePath":"/usr/lib/a"}`, false},
	{"not, wildcard", `{"FilePath":[{"anything-but":{"wildcard":["*/lib/*","*/bin/*"]}}]}`, `{"FilePath":"/usr/share/a"}`, true},
	{"null", `{"UserID":[null]}`, `{"UserID":null}`, true},
	{"null", `{"UserID":[null]}`, `{"UserID":""}`, false},
	{"null is not missing", `{"UserID":[null]}`, `{}`, false},
	{"numeric", `{"Price":[{"numeric":["=",100]}]}`, `{"Price":100}`, true},
	{"numeric, another form", `{"x-limit":[{"numeric":["=",3.018e2]}]}`, `{"x-limit":301.8}`, true},
	{"numeric range", `{"Price":[{"numeric":[">",10,"<=",20]}]}`, `{"Price":20}`, true},
	{"numeric range", `{"Price":[{"numeric":[">",10,"<=",20]}]}`, `{"Price":10}`, false},
	{"numeric: numbers only", `{"d-count":[{"numeric":["<",10]}]}`, `{"d-count":"5"}`, false},
	{"numbers as written", `{"n":[300]}`, `{"n":300}`, true},
	{"numbers as written", `{"n":[300]}`, `{"n":300.0}`, false},
	{"booleans", `{"flag":[true]}`, `{"flag":true}`, true},
	{"booleans", `{"flag":[true]}`, `{"flag":"true"}`, false},
	{"cidr", `{"source-ip":[{"cidr":"10.0.0.0/24"}]}`, `{"source-ip":"10.0.0.33"}`, true},
	{"cidr", `{"source-ip":[{"cidr":"10.0.0.0/24"}]}`, `{"source-ip":"10.0.1.1"}`, false},
	{"cidr, IPv6", `{"source-ip":[{"cidr":"2001:db8::/32"}]}`, `{"source-ip":"2001:db8::1"}`, true},
	{"or", `{"PaymentType":["Credit","Debit"]}`, `{"PaymentType":"Debit"}`, true},
	{"or, many fields", `{"$or":[{"Location":["New York"]},{"Day":["Monday"]}]}`, `{"Day":"Monday"}`, true},
	{"or, many fields", `{"$or":[{"Location":["New York"]},{"Day":["Monday"]}]}`, `{"Day":"Sunday"}`, false},
	{"or within and", `{"source":["a"],"$or":[{"m":["x"]},{"t":["T"],"$or":[{"i":[1]},{"s":[2]}]}]}`, `{"source":"a","t":"T","s":2}`, true},
	{"or within and", `{"source":["a"],"$or":[{"m":["x"]},{"t":["T"],"$or":[{"i":[1]},{"s":[2]}]}]}`, `{"source":"a","t":"T","s":3}`, false},
	{"or as a field's name", `{"$or":{"m":["x"]}}`, `{"$or":{"m":"x"}}`, true},
	{"wildcard", `{"FileName":[{"wildcard":"dir/*.png"}]}`, `{"FileName":"dir/a/b.png"}`, true},
	{"wildcard", `{"FileName":[{"wildcard":"dir/*.png"}]}`, `{"FileName":"dir/a.jpg"}`, false},
	{"wildcard, overlap", `{"x":[{"wildcard":"ab*ba"}]}`, `{"x":"aba"}`, false},
	{"wildcard, several", `{"x":[{"wildcard":"*Simple*Service"}]}`, `{"x":"Amazon Simple Queue Service"}`, true},
	{"wildcard, escaped", `{"x":[{"wildcard":"a\\*b\\\\*"}]}`, `{"x":"a*b\\c"}`, true},
	{"wildcard, escaped", `{"x":[{"wildcard":"a\\*b"}]}`, `{"x":"axb"}`, false},
	{"array: intersection", `{"resources":["arn:a","arn:b"]}`, `{"resources":["arn:c","arn:b"]}`, true},
	{"array: intersection", `{"resources":["arn:a"]}`, `{"resources":["arn:c"]}`, false},
	{"array of objects", `{"employees":{"firstName":["Anna"]}}`, `{"employees":[{"firstName":"John"},{"firstName":"Anna"}]}`, true},
	{"array consistency", `{"employees":{"firstName":["Anna"],"lastName":["Doe"]}}`,
		`{"employees":[{"firstName":"John","lastName":"Doe"},{"firstName":"Anna","lastName":"Smith"}]}`, false},
	{"complex", `{"time":[{"prefix":"2017-10-02"}],"detail":{"state":[{"anything-but":"initializing"}],"c-count":[{"numeric":[">",0,"<=",5]}],
		"x-limit":[{"anything-but":[100,200,300]}],"source-ip":[{"cidr":"10.0.0.0/8"}]}}`,
		`{"time":"2017-10-02T16:24:49Z","detail":{"c-count":5,"x-limit":301.8,"source-ip":"10.0.0.33","state":"running"}}`, true},
}

func TestDocumented(t *testing.T) {
	t.Parallel()
	for _, tt := range documented {
		p, err := pattern.Parse(tt.pattern)
		if err != nil {
			t.Errorf("%s: %s: %v", tt.source, tt.pattern, err)
			continue
		}
		if got := p.Match(decode(t, tt.event)); got != tt.matches {
			t.Errorf("%s: %s on %s: %t, want %t", tt.source, tt.pattern, tt.event, got, tt.matches)
		}
	}
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var event map[string]any
	if err := decoder.Decode(&event); err != nil {
		t.Fatal(err)
	}
	return event
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		``: "no JSON", `{`: "no JSON", `[]`: "must be a JSON object", `{}`: "empty objects", `{"a":{}}`: "empty objects",
		`{"a":[]}`: "empty arrays", `{"a":"x"}`: "an object or an array", `{"a":1}`: "an object or an array",
		`{"a":["x"]}{}`: "something follows", `{"a":[["x"]]}`: "String, number", `{"a":[{"prefix":"x","suffix":"y"}]}`: "only one key",
		`{"a":[{"starts":"x"}]}`: "unrecognized match type", `{"a":[{"prefix":1}]}`: "must be a string",
		`{"a":[{"exists":"true"}]}`: "true or false", `{"a":[{"cidr":"10.0.0.0"}]}`: "range of addresses",
		`{"a":[{"numeric":["<"]}]}`: "one or two comparisons", `{"a":[{"numeric":["!",1]}]}`: "unrecognized numeric operator",
		`{"a":[{"numeric":["=",5000000001]}]}`: "between",
		`{"a":[{"numeric":["<","1"]}]}`:        "lower bound", `{"a":[{"numeric":["<",1,">",0]}]}`: "lower bound",
		`{"a":[{"anything-but":["x",1]}]}`: "all strings or all numbers", `{"a":[{"anything-but":[]}]}`: "empty",
		`{"a":[{"anything-but":{"numeric":["<",1]}}]}`: "one of prefix", `{"a":[{"anything-but":true}]}`: "strings or numbers",
		`{"a":[{"wildcard":"a**b"}]}`: "consecutive", `{"a":[{"wildcard":"a\\b"}]}`: "backslash", `{"a":[{"wildcard":"a\\"}]}`: "backslash",
		`{"a":[{"prefix":{"wildcard":"x"}}]}`: "only equals-ignore-case", `{"$or":[{"a":["x"]},{}]}`: "empty objects",
	} {
		if _, err := pattern.Parse(text); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want %q", text, err, reason)
		}
	}
}

// FuzzPattern: no pattern and no event breaks the matcher, and a pattern of an event's own field matches it.
func FuzzPattern(f *testing.F) {
	for _, tt := range documented {
		f.Add(tt.pattern, tt.event)
	}
	f.Fuzz(func(t *testing.T, text, event string) {
		p, err := pattern.Parse(text)
		if err != nil {
			return
		}
		decoder := json.NewDecoder(strings.NewReader(event))
		decoder.UseNumber()
		var document map[string]any
		if decoder.Decode(&document) != nil {
			return
		}
		p.Match(document)
		for name, value := range document {
			value, isText := value.(string)
			if !isText || name == "$or" {
				continue
			}
			own, err := json.Marshal(map[string][]string{name: {value}})
			if err != nil {
				t.Fatal(err)
			}
			if p, err := pattern.Parse(string(own)); err != nil || !p.Match(document) {
				t.Errorf("%s does not match %s: %v", own, event, err)
			}
		}
	})
}
