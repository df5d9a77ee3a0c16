// SPDX-License-Identifier: MPL-2.0

package template_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway/template"
)

func input(body string) template.Input {
	return template.Input{Body: body, RequestID: "req-1", APIKeyID: "key-1", Param: func(name string) string {
		return map[string]string{"Qlik-Signature": "abc", "quote": `"it's"`}[name]
	}}
}

func TestExecute(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ text, body, want string }{
		{"", "b", ""},
		{"plain", "b", "plain"},
		{`{"a": "\n # é"}`, "", `{"a": "\n # é"}`},
		{"$input.body", `{"a":1}`, `{"a":1}`},
		{"$input.body.", "x", "x."},
		{"$input.params('Qlik-Signature')$input.params('qlik-signature')", "", "abc"},
		{`$input.params("quote")`, "", `"it's"`},
		{"$util.base64Encode($input.body)", "\x00é", base64.StdEncoding.EncodeToString([]byte("\x00é"))},
		{"$util.base64Encode($input.params('Qlik-Signature'))", "", "YWJj"},
		{`{"request_id":"$context.requestId"}`, "", `{"request_id":"req-1"}`},
		{`"$context.identity.apiKeyId"`, "", `"key-1"`},
	} {
		parsed, err := template.Parse(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		if got := parsed.Execute(input(test.body)); got != test.want {
			t.Errorf("%s gave %q, want %q", test.text, got, test.want)
		}
	}
}

func TestParseRefusesWhatItDoesNotEmulate(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"$", "$x", "$!input.body", "${input.body}", "$input", "$input.bodyguard", "$input.body.length()", "$input.body[0]", "$input.json('$')",
		"$input.path('$.a')", "$input.params", "$input.params()", "$input.params(name)", "$input.params('a", "$input.params('a'",
		"$input.params('a').b",
		"$input.params('$x')", "$util.urlEncode('a')", "$util.base64Encode('a')", "$util.base64Encode( $input.body)",
		"$util.escapeJavaScript($input.body)", "$util.base64Encode($input.body", "$util.base64Encode($input.body).x",
		"$util.base64Encode()", "$context.stage", "$context.requestIdentity", "$context.identity.apiKey", "#set($a = 1)", "#if(true)x#end",
		"## comment", "#*c*#", "#{end}",
		`\$input.body`, `\\`, `\`, "#",
	} {
		if _, err := template.Parse("text " + text); err == nil {
			t.Errorf("%s was accepted", text)
		} else if !strings.Contains(err.Error(), "at offset 5") || !strings.Contains(err.Error(), "does not emulate") {
			t.Errorf("%s: got the error %q", text, err)
		}
	}
}

// FuzzDelivery checks that for every input the result of the webhook's template is JSON and contains every byte.
func FuzzDelivery(f *testing.F) {
	f.Add(`{"a":1}`)
	f.Add("\x00\xff\"\\$input.body#set")
	parsed, err := template.Parse(`{"body":"$util.base64Encode($input.body)","id":"$context.requestId"}`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		var got struct{ Body []byte }
		if err := json.Unmarshal([]byte(parsed.Execute(input(body))), &got); err != nil || string(got.Body) != body {
			t.Errorf("%q became %q, %v", body, got.Body, err)
		}
	})
}

// FuzzParse checks that no text makes Parse or Execute panic, and that text without marks stays as it is.
func FuzzParse(f *testing.F) {
	f.Add(`$util.base64Encode($input.params('x'))`)
	f.Add(`#if($x)`)
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := template.Parse(text)
		if err != nil {
			return
		}
		if got := parsed.Execute(input("body")); !strings.ContainsAny(text, "$") && got != text {
			t.Errorf("%q became %q", text, got)
		}
	})
}
