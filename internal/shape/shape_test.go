// SPDX-License-Identifier: MPL-2.0

package shape

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"
)

// TestOf reads the forms of bodies that AWS and Qlik Cloud use.
func TestOf(t *testing.T) {
	t.Parallel()
	cborBody := cbor.Encode(cbor.Map{
		"MetricAlarms": cbor.List{cbor.Map{"AlarmName": cbor.String("secret"), "Threshold": cbor.Float64(1.5),
			"ActionsEnabled": cbor.Bool(true)}},
		"Nothing": &cbor.Nil{}, "At": &cbor.Tag{ID: 1, Value: cbor.Uint(1)},
	})
	for name, test := range map[string]struct {
		status      int
		header      http.Header
		body        string
		code, media string
		headers     string
		fields      string
	}{
		"JSON": {
			200, http.Header{"Content-Type": {"application/json; charset=UTF-8"}, "Link": {"x"}, "X-Other": {"y"}},
			`{"item":[{"id":"a","size":1},{"id":null,"tags":{"team":"bi"}}],"enabled":true,"empty":[]}`, "", "application/json; " +
				"charset=UTF-8", "link",
			"$:object $.empty:array $.enabled:boolean $.item:array $.item[]:object $.item[].id:null|string $.item[].size:number " +
				"$.item[].tags:object $.item[].tags.*:string",
		},
		"AWS JSON's error": {
			400, http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
			`{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table x"}`,
			"ResourceNotFoundException", "application/x-amz-json-1.0", "", "$:object $.__type:string $.message:string",
		},
		"REST JSON's error": {
			404, http.Header{"Content-Type": {"application/json"}, "X-Amzn-Errortype": {"ResourceNotFoundException:http://internal.amazon.com/"}},
			`{"Message":"no function x"}`,
			"ResourceNotFoundException", "application/json", "x-amzn-errortype", "$:object $.Message:string",
		},
		"Qlik's error": {
			429, http.Header{"Content-Type": {"application/json"}, "Retry-After": {"17"}},
			`{"errors":[{"code":"HTTP-429","title":"t"}],"traceId":"x"}`,
			"HTTP-429", "application/json", "retry-after", "$:object $.errors:array $.errors[]:object $.errors[].code:string " +
				"$.errors[].title:string $.traceId:string",
		},
		"XML": {
			200, http.Header{"Content-Type": {"text/xml"}},
			`<R ` +
				`xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Role><Tags><member><Key>k</Key><Value>v</Value></member></Tags>` +
				`<Path>/</Path></Role></R>`, "", "text/xml", "",
			"$:element $.R:element $.R.Role:element $.R.Role.Path:text $.R.Role.Tags:element $.R.Role.Tags.member:element " +
				"$.R.Role.Tags.member.Key:text " +
				"$.R.Role.Tags.member.Value:text",
		},
		"XML's error": {
			404, http.Header{"Content-Type": {"text/xml"}}, "<ErrorResponse>\n <Error>\n  <Code>NoSuchEntity</Code>\n  <Message>m</Message>\n " +
				"</Error>\n</ErrorResponse>",
			"NoSuchEntity", "text/xml", "", "$:element $.ErrorResponse:element $.ErrorResponse.Error:element $.ErrorResponse.Error.Code:text " +
				"$.ErrorResponse.Error.Message:text",
		},
		"CBOR": {
			200, http.Header{"Content-Type": {"application/cbor"}}, string(cborBody), "", "application/cbor", "",
			"$:object $.At:time $.MetricAlarms:array $.MetricAlarms[]:object $.MetricAlarms[].ActionsEnabled:boolean " +
				"$.MetricAlarms[].AlarmName:string " +
				"$.MetricAlarms[].Threshold:number $.Nothing:null",
		},
		"no body":              {204, http.Header{}, "", "", "", "", ""},
		"a proxy's page":       {502, http.Header{"Content-Type": {"text/html"}}, "<html>secret", "", "text/html", "", "$:text"},
		"JSON by another name": {200, http.Header{"Content-Type": {"text/html"}}, `{"id":"x"}`, "", "text/html", "", "$:object $.id:string"},
		"a broken body": {
			200, http.Header{"Content-Type": {"application/json"}}, `{"a":{"b":1},`, "", "application/json", "", "$:unreadable",
		},
		"no code": {400, http.Header{}, `{"code":"the account 123456789012 is closed"}`, "", "no media type", "",
			"$:object $.code:string"},
		"a delivery": {200, http.Header{"Content-Type": {"application/json"}}, `{"headers":{"Content-Type":"x","X-Team-Secret":"y"}}`, "",
			"application/json", "", "$:object $.headers:object $.headers.*:string $.headers.content-type:string"},
		"keys as values": {200, http.Header{"Content-Type": {"application/json"}},
			`{"a":{"123456789012":1,"arn:aws:x":1,"65f0c0ffee":1,"jane@acme":1,"":1}}`, "", "application/json", "", "$:object $.a:object " +
				"$.a.*:number"},
		"an odd mediatype": {200, http.Header{"Content-Type": {"application/json; charset=\"my secret\""}}, `1`, "", "application/json", "",
			"$:number"},
	} {
		a := Of(test.status, test.header, []byte(test.body))
		var fields []string
		for _, path := range slices.Sorted(maps.Keys(a.Fields)) {
			fields = append(fields, path+":"+a.Fields[path])
		}
		got := fmt.Sprintf("%d|%s|%s|%s|%s", a.Status, a.Code, a.Media, strings.Join(a.Headers, " "), strings.Join(fields, " "))
		want := fmt.Sprintf("%d|%s|%s|%s|%s", test.status, test.code, test.media, test.headers, test.fields)
		if got != want {
			t.Errorf("%s:\n is %s\nnot %s", name, got, want)
		}
	}
}

// TestNoValue makes up bodies in which each value, each key that a person chooses and each header is a canary. No record holds one.
func TestNoValue(t *testing.T) {
	t.Parallel()
	const canary = "7canary7"
	random := rand.New(rand.NewPCG(1, 2))
	var value func(depth int) any
	value = func(depth int) any {
		switch n := random.IntN(8); {
		case n == 0 && depth > 0:
			return []any{value(depth - 1), value(depth - 1)}
		case n < 5 && depth > 0:
			object := map[string]any{}
			for range 3 {
				object[[]string{"id", "Name", "tags", "Variables", "headers", canary, "a:" + canary}[random.IntN(7)]] = value(depth - 1)
			}
			for _, keyed := range []string{"tags", "Variables", "headers"} {
				if object[keyed] != nil {
					object[keyed] = map[string]any{"Xcanary": canary, canary: value(depth - 1)}
				}
			}
			return object
		case n == 5:
			return 7777777
		default:
			return canary
		}
	}
	for range 2000 {
		body, err := json.Marshal(map[string]any{"body": value(5), "code": canary + " " + canary, "message": canary})
		if err != nil {
			t.Fatal(err)
		}
		a := Of(400, http.Header{"Content-Type": {"application/json; x=" + canary}, "Location": {canary}, "Retry-After": {canary}, "X-" +
			canary: {canary}}, body)
		line, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(line); strings.Contains(text, "canary") || strings.Contains(text, "7777777") {
			t.Fatalf("%s\nhas a value of %s", text, body)
		}
	}
}

// FuzzOf: whatever a service answers, its shape is taken, and no digit string of a value is in it.
func FuzzOf(f *testing.F) {
	f.Add("application/json", []byte(`{"a":[1,{"b":null}]}`))
	f.Add("text/xml", []byte(`<a><b/>text</a>`))
	f.Add("application/cbor", cbor.Encode(cbor.Map{"a": cbor.List{cbor.String("x")}}))
	f.Fuzz(func(t *testing.T, media string, body []byte) {
		a := Of(500, http.Header{"Content-Type": {media}}, body)
		for path := range a.Fields {
			if len(path) > 100*(strings.Count(path, ".")+1) {
				t.Errorf("a path holds more than names: %q", path)
			}
		}
	})
}
