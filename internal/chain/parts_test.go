// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

func store(t *testing.T, d *chain.Definition) chain.Stored {
	t.Helper()
	stored, err := d.Store()
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

// scattered is large with ids as random as real ones, which do not zip.
func scattered(n int) *chain.Definition {
	random := rand.New(rand.NewPCG(1, 2))
	d := chaintest.Tree(n)
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		step := d.Steps[key]
		step.App = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", random.Uint32(), random.Uint32()>>16, random.Uint32()>>20, random.Uint32()>>20,
			random.Uint64()>>16)
		d.Steps[key] = step
	}
	return d
}

func TestStoreIsReadableWhileItFits(t *testing.T) {
	t.Parallel()
	readable, err := nightly().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if stored := store(t, nightly()); stored.Value != string(readable) || stored.Parts != nil {
		t.Errorf("Store() = %+v, want the readable form", stored)
	}
	const steps = 40 // too long with white space, and short enough without
	compact, err := chaintest.Tree(steps).EncodeCompact()
	if err != nil {
		t.Fatal(err)
	}
	if stored := store(t, chaintest.Tree(steps)); stored.Value != string(compact) || len(compact) > chain.MaxValueBytes ||
		stored.Parts != nil {
		t.Errorf("Store() = %+v, want the compact form of %d bytes", stored, len(compact))
	}
}

func TestStoreSplitsALongDefinition(t *testing.T) {
	t.Parallel()
	want := scattered(1000)
	stored := store(t, want)
	if again := store(t, scattered(1000)); !reflect.DeepEqual(stored, again) {
		t.Error("the same definition is stored in two ways")
	}
	ids, ok, err := chain.PartsOf(stored.Value)
	if err != nil || !ok || len(ids) != len(stored.Parts) || len(ids) < 2 || len(stored.Value) > chain.MaxValueBytes {
		t.Fatalf("PartsOf() = %q, %v, %v for %d parts", ids, ok, err, len(stored.Parts))
	}
	for id, part := range stored.Parts {
		sum := sha256.Sum256([]byte(part))
		if !chain.IsPartID(id) || id != hex.EncodeToString(sum[:])[:16] || len(part) > chain.MaxValueBytes || part == "" {
			t.Errorf("the part %s has %d bytes", id, len(part))
		}
	}
	got, err := chain.Assemble(stored.Value, stored.Parts)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("Assemble() returns another definition")
	}
	t.Logf("1,000 steps take %d parts", len(ids))
}

func TestAssembleReadsADefinitionThatIsNotInParts(t *testing.T) {
	t.Parallel()
	got, err := chain.Assemble(nightlyJSON, nil)
	if err != nil || !reflect.DeepEqual(got, nightly()) {
		t.Errorf("Assemble() = %v, %v", got, err)
	}
}

// incompressible is a chain of n steps with variables that do not compress.
func incompressible(n int) *chain.Definition {
	random := rand.New(rand.NewPCG(1, 2))
	d := chaintest.Tree(n)
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		step := d.Steps[key]
		step.Variables = map[string]string{}
		for i := range 20 {
			text := make([]byte, 128)
			for j := range text {
				text[j] = byte(random.Uint32())
			}
			step.Variables[fmt.Sprintf("v%d", i)] = hex.EncodeToString(text)
		}
		d.Steps[key] = step
	}
	return d
}

func TestStoreRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		d     *chain.Definition
		limit int
	}{
		"too many parts": {incompressible(100), chain.MaxParts * chain.MaxValueBytes},
		"too much text":  {incompressible(1000), 4 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.d.Store()
			var tooLarge *chain.TooLargeError
			if !errors.As(err, &tooLarge) || tooLarge.Bytes <= tooLarge.Limit || tooLarge.Limit != tt.limit {
				t.Fatalf("Store() = %v", err)
			}
			if want := fmt.Sprintf("takes %d bytes, and what stores it holds %d: split the chain in two", tooLarge.Bytes,
				tooLarge.Limit); !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %q", err)
			}
		})
	}
}

// manifestOf is the manifest of a text in one part.
func manifestOf(text []byte, size int) (value string, parts map[string]string) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write(text)
	_ = w.Close()
	part := base64.StdEncoding.EncodeToString(zipped.Bytes())
	sum, partSum := sha256.Sum256(text), sha256.Sum256([]byte(part))
	id := hex.EncodeToString(partSum[:])[:16]
	return fmt.Sprintf(`{"version":1,"name":"nightly","sha256":"%x","bytes":%d,"parts":[%q]}`, sum, size, id), map[string]string{id: part}
}

func TestAssembleRefuses(t *testing.T) {
	t.Parallel()
	stored := store(t, scattered(200))
	ids, _, err := chain.PartsOf(stored.Value)
	if err != nil {
		t.Fatal(err)
	}
	with := func(id, part string) map[string]string {
		parts := map[string]string{}
		for k, v := range stored.Parts {
			parts[k] = v
		}
		if parts[id] = part; part == "" {
			delete(parts, id)
		}
		return parts
	}
	bomb, bombParts := manifestOf(make([]byte, 64<<20), 1000)
	broken, brokenParts := manifestOf([]byte(`{"version":1,"name":"nightly","steps":{}`), 39)
	for name, tt := range map[string]struct {
		value string
		parts map[string]string
		want  string
	}{
		"no JSON":       {`{"version":1,`, nil, "reading the definition"},
		"part missing":  {stored.Value, with(ids[1], ""), "part " + ids[1] + " is missing"},
		"part changed":  {stored.Value, with(ids[0], "x"+stored.Parts[ids[0]][1:]), "part " + ids[0] + " was changed"},
		"parts swapped": {strings.NewReplacer(ids[0], ids[1], ids[1], ids[0]).Replace(stored.Value), stored.Parts, "the definition"},
		"part left out": {strings.Replace(stored.Value, `"`+ids[len(ids)-1]+`"`, `"`+ids[0]+`"`, 1), stored.Parts, "the definition"},
		"checksum": {strings.Replace(stored.Value, `"sha256":"`, `"sha256":"0`, 1), stored.Parts,
			"do not match its manifest"},
		"zip bomb":       {bomb, bombParts, "do not match its manifest"},
		"no definition":  {broken, brokenParts, "reading the definition"},
		"another format": {strings.Replace(stored.Value, `"version":1`, `"version":2`, 1), stored.Parts, "format version 2"},
		"unknown field":  {strings.Replace(stored.Value, `"bytes"`, `"encoding":"zstd","bytes"`, 1), stored.Parts, "encoding"},
		"no parts":       {`{"version":1,"name":"n","sha256":"","bytes":1,"parts":[]}`, nil, "names 0 parts"},
		"too many parts": {`{"version":1,"name":"n","sha256":"","bytes":1,"parts":["` + strings.Repeat(ids[0]+`","`, 40) + ids[0] + `"]}`, nil,
			"names 41 parts"},
		"too many bytes": {`{"version":1,"name":"n","sha256":"","bytes":4194305,"parts":["` + ids[0] + `"]}`, nil, "speaks of 4194305 bytes"},
		"no id": {`{"version":1,"name":"n","sha256":"","bytes":1,"parts":["../credentials"]}`, nil,
			`"../credentials", which is not the id of a part`},
		"a plain invalid":  {`{"version":1,"name":"nightly","steps":{"a":{"app":"x"}}}`, nil, "UUID"},
		"a plain, version": {`{"version":2,"name":"nightly","steps":{}}`, nil, "format version 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := chain.Assemble(tt.value, tt.parts); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Assemble() = %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestPartsOf(t *testing.T) {
	t.Parallel()
	if ids, ok, err := chain.PartsOf(nightlyJSON); ids != nil || ok || err != nil {
		t.Errorf("PartsOf(a definition) = %q, %v, %v", ids, ok, err)
	}
	var version *chain.VersionError
	if _, _, err := chain.PartsOf(`{"version":3,"parts":[]}`); !errors.As(err, &version) || version.Version != 3 {
		t.Errorf("PartsOf(another format) = %v, want a VersionError", err)
	}
}

func FuzzAssemble(f *testing.F) {
	f.Add(nightlyJSON, "")
	stored, err := scattered(200).Store()
	if err != nil {
		f.Fatal(err)
	}
	for _, part := range stored.Parts {
		f.Add(stored.Value, part)
	}
	value, parts := manifestOf([]byte(nightlyJSON), len(nightlyJSON))
	for _, part := range parts {
		f.Add(value, part)
	}
	f.Fuzz(func(t *testing.T, value, part string) {
		sum := sha256.Sum256([]byte(part))
		d, err := chain.Assemble(value, map[string]string{hex.EncodeToString(sum[:])[:16]: part})
		if err != nil {
			return
		}
		stored, err := d.Store()
		if err != nil {
			t.Fatal(err)
		}
		again, err := chain.Assemble(stored.Value, stored.Parts)
		if err != nil || !reflect.DeepEqual(d, again) {
			t.Errorf("Assemble(Store()) = %v, %v", again, err)
		}
		if !json.Valid([]byte(stored.Value)) {
			t.Errorf("the value is no JSON: %s", stored.Value)
		}
	})
}

func BenchmarkAssemble(b *testing.B) {
	stored, err := scattered(1000).Store()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := chain.Assemble(stored.Value, stored.Parts); err != nil {
			b.Fatal(err)
		}
	}
}
