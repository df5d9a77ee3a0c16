// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"encoding/json"
	"errors"
	"testing"
)

// field returns a string out of a JSON object.
func field(body []byte, name string) string {
	var object map[string]string
	if err := json.Unmarshal(body, &object); err != nil {
		return err.Error()
	}
	return object[name]
}

func TestDecodeJSON(t *testing.T) {
	t.Parallel()
	type input struct{ Name string }
	for body, want := range map[string]struct{ name, code string }{
		`{"Name":"a"}`:         {"a", ""},
		``:                     {"", ""},
		`{}`:                   {"", ""},
		`{"Name":"a","Key":1}`: {"a", "ValidationException"},
		`{"Name":1}`:           {"", "SerializationException"},
		`{"Name":"a"}{}`:       {"a", "SerializationException"},
		`{"Name"`:              {"", "SerializationException"},
	} {
		var in input
		err := DecodeJSON([]byte(body), &in)
		var e *Error
		code := ""
		if errors.As(err, &e) {
			code = e.Code
		}
		if code != want.code || code == "" && in.Name != want.name {
			t.Errorf("%s: %q with the error %v, want %+v", body, in.Name, err, want)
		}
	}
}
