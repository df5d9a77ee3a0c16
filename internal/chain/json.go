package chain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// VersionError is a definition in a format that this package does not read.
type VersionError struct {
	Version int // the definition's; 0 when it has none
}

// Error says what was found and what can be read.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the definition has format version %d, and this release reads version %d only: "+
		"apply the chain again with the release that is to run it", e.Version, Version)
}

// document is a definition's JSON.
type document struct {
	Version int             `json:"version"`
	Name    string          `json:"name"`
	Apps    map[string]step `json:"apps"`
}

type step struct {
	ID        string               `json:"id"`
	After     map[string]Condition `json:"after,omitempty"`
	Enabled   *bool                `json:"enabled,omitempty"` // absent = true
	Partial   bool                 `json:"partial,omitempty"`
	Variables map[string]string    `json:"variables,omitempty"`
	Weight    int                  `json:"weight,omitempty"`
}

// Parse reads a definition. It refuses what it does not know: an unknown version with *VersionError, an unknown field, a rule
// broken with *InvalidError.
func Parse(data []byte) (*Definition, error) {
	// The version comes first: the fields of another version may be unknown ones.
	var format struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &format); err != nil {
		return nil, fmt.Errorf("reading the definition: %w", err)
	}
	if format.Version != Version {
		return nil, &VersionError{Version: format.Version}
	}
	var doc document
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return nil, fmt.Errorf("reading the definition: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("reading the definition: there is something after its end")
	}
	d := doc.definition()
	if problems := d.Validate(); len(problems) > 0 {
		return nil, &InvalidError{Problems: problems}
	}
	return d, nil
}

func (doc document) definition() *Definition {
	d := &Definition{Version: doc.Version, Name: doc.Name, Apps: make(map[string]Step, len(doc.Apps))}
	for key, s := range doc.Apps {
		d.Apps[key] = Step{
			ID: s.ID, After: nilIfEmpty(s.After), Enabled: s.Enabled == nil || *s.Enabled, Partial: s.Partial,
			Variables: nilIfEmpty(s.Variables), Weight: s.Weight,
		}
	}
	return d
}

func (d *Definition) document() document {
	doc := document{Version: d.Version, Name: d.Name, Apps: make(map[string]step, len(d.Apps))}
	for key, s := range d.Apps {
		encoded := step{ID: s.ID, After: s.After, Partial: s.Partial, Variables: s.Variables, Weight: s.Weight}
		if !s.Enabled {
			encoded.Enabled = &s.Enabled
		}
		doc.Apps[key] = encoded
	}
	return doc
}

// nilIfEmpty makes an empty map and a missing one the same, as they mean the same.
func nilIfEmpty[V any](m map[string]V) map[string]V {
	if len(m) == 0 {
		return nil
	}
	return m
}

// Encode writes the definition as JSON that people can read: indented, keys sorted. Equal definitions give equal bytes.
// The result is a valid value of an SSM parameter.
func (d *Definition) Encode() ([]byte, error) {
	return d.encode("  ")
}

// EncodeCompact is Encode without white space.
func (d *Definition) EncodeCompact() ([]byte, error) {
	return d.encode("")
}

func (d *Definition) encode(indent string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(d.document()); err != nil {
		return nil, fmt.Errorf("writing the definition: %w", err)
	}
	// SSM takes {{name}} in a value for a reference to another parameter and refuses it ("you can't nest a parameter in
	// a parameter value", PutParameter). Outside of a string no brace of JSON follows another directly.
	text := bytes.ReplaceAll(bytes.TrimSuffix(b.Bytes(), []byte("\n")), []byte("{{"), []byte(`{\u007b`))
	return text, nil
}

// SHA256 returns the checksum of the compact form, in hexadecimal.
func (d *Definition) SHA256() (string, error) {
	text, err := d.EncodeCompact()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
