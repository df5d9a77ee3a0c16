// SPDX-License-Identifier: MPL-2.0

package attribute_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0": "0", "-0.0": "0", "007": "7", "1.50": "1.5", "-1.5e1": "-15", ".5": "0.5", "5.": "5", "+3": "3", "1e-3": "0.001",
		"9007199254740993":        "9007199254740993", // a float64 has no such number
		"1784523600000000001":     "1784523600000000001",
		"1E125":                   "1" + strings.Repeat("0", 125),
		"1e-130":                  "0." + strings.Repeat("0", 129) + "1",
		strings.Repeat("9", 38):   strings.Repeat("9", 38),
		"0." + "1" + "0000000000": "0.1",
	} {
		if got, err := attribute.ParseNumber(text); err != nil || got != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                        "cannot be converted",
		"x":                       "cannot be converted",
		"1/2":                     "cannot be converted",
		"0x10":                    "cannot be converted",
		"1_000":                   "cannot be converted",
		"NaN":                     "cannot be converted",
		"1e9999":                  "cannot be converted",
		"1e126":                   "overflow",
		"1e-131":                  "underflow",
		strings.Repeat("9", 39):   "38 significant digits",
		strings.Repeat("1", 2000): "cannot be converted",
	} {
		if got, err := attribute.ParseNumber(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %s, %v, want an error with %s", text, got, err, want)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, text := range []string{"1", "-0.001", "1e125", "9.9E-130", "1e", ".", "12345678901234567890"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := attribute.ParseNumber(text)
		if err != nil {
			return
		}
		if again, err := attribute.ParseNumber(got); err != nil || again != got {
			t.Errorf("%s became %s, and that %s, %v", text, got, again, err)
		}
		want, ok := new(big.Rat).SetString(text)
		if value, parsed := new(big.Rat).SetString(got); !ok || !parsed || want.Cmp(value) != 0 {
			t.Errorf("%s became %s", text, got)
		}
	})
}

// TestJSON reads values and writes them again.
func TestJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"S":"<&>"}`:  `{"S":"\u003c\u0026\u003e"}`,
		`{"S":""}`:     ``,
		`{"N":"1.0"}`:  `{"N":"1"}`,
		`{"B":"AAH/"}`: ``,
	} {
		if want == "" {
			want = text
		}
		var v attribute.Value
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got, err := v.MarshalJSON()
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s, %v, want %s", text, got, err, want)
		}
		var again attribute.Value
		if err := json.Unmarshal(got, &again); err != nil || again != v {
			t.Errorf("%s: %v is not %v: %v", text, again, v, err)
		}
	}
	for text, want := range map[string]string{
		`{}`:                "empty",
		`null`:              "empty",
		`{"S":null}`:        "empty",
		`{"X":"1"}`:         "does not offer values of the type X",
		`{"S":"1","N":"1"}`: "more than one",
		`{"N":"x"}`:         "numeric",
		`{"B":"?"}`:         "Base64",
		`{"BOOL":true}`:     "does not offer values of the type BOOL",
		`{"NULL":true}`:     "does not offer values of the type NULL",
		`{"SS":["a"]}`:      "does not offer values of the type SS",
		`{"NS":["1"]}`:      "does not offer values of the type NS",
		`{"BS":["AA=="]}`:   "does not offer values of the type BS",
		`{"L":[]}`:          "does not offer values of the type L",
		`{"M":{}}`:          "does not offer values of the type M",
		`{"S":1}`:           "cannot unmarshal",
	} {
		var v attribute.Value
		if err := json.Unmarshal([]byte(text), &v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v, want an error with %s", text, v, err, want)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, text := range []string{`{"S":"x"}`, `{"N":"1.50"}`, `{"L":[]}`, `{"B":""}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v, again attribute.Value
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		out, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := json.Unmarshal(out, &again); err != nil || again != v {
			t.Errorf("%s became %s: %v", text, out, err)
		}
	})
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"pk":{"S":"äb"}}`:   5,
		`{"n":{"N":"0"}}`:     2,
		`{"n":{"N":"1234"}}`:  4,
		`{"n":{"N":"-1200"}}`: 4,
		`{"b":{"B":"AAH/"}}`:  4,
	} {
		var item attribute.Item
		if err := json.Unmarshal([]byte(text), &item); err != nil {
			t.Fatal(err)
		}
		if got := item.Size(); got != want {
			t.Errorf("%s: got %d, want %d", text, got, want)
		}
	}
}
