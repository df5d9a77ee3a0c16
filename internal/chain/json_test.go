package chain_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

const nightlyJSON = `{
  "version": 1,
  "name": "nightly",
  "apps": {
    "archive": {
      "id": "80c6f35f-c9d7-4488-bb5a-000000000007",
      "after": {
        "transform": "success"
      },
      "enabled": false
    },
    "audit": {
      "id": "80c6f35f-c9d7-4488-bb5a-000000000006",
      "after": {
        "transform": "completion"
      }
    },
    "dashboard": {
      "id": "80c6f35f-c9d7-4488-bb5a-000000000004",
      "after": {
        "transform": "success"
      },
      "partial": true,
      "variables": {
        "day": "{\u007b{1}}}",
        "mode": "<full> & {\u007bquick}}"
      },
      "weight": 10
    },
    "extract_hr": {
      "id": "80c6f35f-c9d7-4488-bb5a-000000000002"
    },
    "extract_sales": {
      "id": "80c6f35f-c9d7-4488-bb5a-000000000001"
    },
    "fallback": {
      "id": "80c6f35f-c9d7-4488-bb5a-000000000005",
      "after": {
        "transform": "failure"
      }
    },
    "transform": {
      "id": "80c6f35f-c9d7-4488-bb5a-000000000003",
      "after": {
        "extract_hr": "success",
        "extract_sales": "success"
      }
    }
  }
}`

func TestEncode(t *testing.T) {
	t.Parallel()
	got, err := nightly().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != nightlyJSON {
		t.Errorf("Encode() = %s\nwant %s", got, nightlyJSON)
	}
}

func TestParseReadsWhatEncodeWrites(t *testing.T) {
	t.Parallel()
	want := nightly()
	for name, encode := range map[string]func() ([]byte, error){"indented": want.Encode, "compact": want.EncodeCompact} {
		text, err := encode()
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(text, []byte("{{")) {
			t.Errorf("%s: SSM refuses {{ in %s", name, text)
		}
		got, err := chain.Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: Parse() = %+v\nwant %+v", name, got, want)
		}
	}
}

func TestSHA256(t *testing.T) {
	t.Parallel()
	sum := func(d *chain.Definition) string {
		s, err := d.SHA256()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if first, second := sum(nightly()), sum(nightly()); first != second || len(first) != 64 {
		t.Errorf("SHA256() of equal definitions = %s and %s", first, second)
	}
	changed := nightly()
	s := changed.Apps["archive"]
	s.Enabled = true
	changed.Apps["archive"] = s
	if sum(changed) == sum(nightly()) {
		t.Error("SHA256() does not tell an enabled step from a disabled one")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const app = `"id": "80c6f35f-c9d7-4488-bb5a-ad973b13ec00"`
	tests := map[string]struct{ text, want string }{
		"nothing":             {``, "unexpected end of JSON input"},
		"no JSON":             {`nightly`, "invalid character"},
		"no object":           {`[]`, "cannot unmarshal array"},
		"null":                {`null`, "format version 0"},
		"no version":          {`{"name": "a", "apps": {"x": {` + app + `}}}`, "format version 0"},
		"newer version":       {`{"version": 2, "name": "a", "steps": []}`, "format version 2"},
		"no apps":             {`{"version": 1, "name": "a", "apps": {}}`, "apps: The chain has no apps"},
		"unknown field":       {`{"version": 1, "name": "a", "tags": {}, "apps": {"x": {` + app + `}}}`, `unknown field "tags"`},
		"a field of tomorrow": {`{"version": 1, "name": "a", "apps": {"x": {` + app + `, "wait_for": "all"}}}`, `unknown field "wait_for"`},
		"wrong type":          {`{"version": 1, "name": "a", "apps": {"x": {` + app + `, "weight": "3"}}}`, "weight"},
		"something behind":    {`{"version": 1, "name": "a", "apps": {"x": {` + app + `}}} {}`, "after"},
		"broken rule":         {`{"version": 1, "name": "a", "apps": {"x": {"id": "1"}}}`, `apps["x"].id: "1" is not an app id`},
		"null for a step":     {`{"version": 1, "name": "a", "apps": {"x": null}}`, `apps["x"].id: "" is not an app id`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := chain.Parse([]byte(tt.text))
			if err == nil {
				t.Fatalf("Parse() = %+v, want an error", d)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Parse() = %q, want it to contain %q", err, tt.want)
			}
		})
	}
}

func TestParseErrorsAreTyped(t *testing.T) {
	t.Parallel()
	_, err := chain.Parse([]byte(`{"version": 7}`))
	var version *chain.VersionError
	if !errors.As(err, &version) || version.Version != 7 {
		t.Errorf("Parse() of version 7 = %v, want a VersionError with 7", err)
	}
	_, err = chain.Parse([]byte(`{"version": 1, "name": "A", "apps": {}}`))
	var invalid *chain.InvalidError
	if !errors.As(err, &invalid) || len(invalid.Problems) != 2 {
		t.Errorf("Parse() of a definition with two problems = %v, want an InvalidError with both", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(nightlyJSON))
	f.Add([]byte(`{"version":1,"name":"a","apps":{"{{x}}":{"id":"80c6f35f-c9d7-4488-bb5a-ad973b13ec00","after":{},"weight":0}}}`))
	f.Add([]byte(`{"version":1,"name":"a","apps":{"\\{{":{"ID":"80c6f35f-c9d7-4488-bb5a-ad973b13ec00","variables":{"\u2028\\{{{":"}}"}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		first, err := chain.Parse(data)
		if err != nil {
			return
		}
		for _, encode := range []func() ([]byte, error){first.Encode, first.EncodeCompact} {
			text, err := encode()
			if err != nil {
				t.Fatalf("Encode() of a parsed definition: %v", err)
			}
			if bytes.Contains(text, []byte("{{")) {
				t.Fatalf("SSM refuses {{ in %s", text)
			}
			second, err := chain.Parse(text)
			if err != nil {
				t.Fatalf("Parse() of %s: %v", text, err)
			}
			if !reflect.DeepEqual(first, second) {
				t.Fatalf("round trip: %+v became %+v", first, second)
			}
		}
	})
}
