// SPDX-License-Identifier: MPL-2.0

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

// Parse reads a definition, in its canonical form. It refuses what it does not know: an unknown version with *VersionError, an
// unknown field, a rule broken with *InvalidError. Of the rules that Validate knows it leaves out those of guards: to compile each
// would take most of the time, and only those of steps that are due are needed.
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
	d := new(Definition)
	if err := unmarshal(data, d); err != nil {
		return nil, fmt.Errorf("reading the definition: %w", err)
	}
	if problems := d.check(whenRead); len(problems) > 0 {
		return nil, &InvalidError{Problems: problems}
	}
	return d.Canonical(), nil
}

// stepFields is a Step without the methods by which it is read and written.
type stepFields Step

// MarshalJSON writes the step; that it is enabled only if it is not, since that is the default.
func (s Step) MarshalJSON() ([]byte, error) {
	doc := struct {
		*stepFields
		Enabled *bool `json:"enabled,omitempty"`
	}{stepFields: (*stepFields)(&s)}
	if !s.Enabled {
		doc.Enabled = &s.Enabled
	}
	return marshal(doc, "")
}

// UnmarshalJSON reads a step, and refuses what it does not know.
func (s *Step) UnmarshalJSON(data []byte) error {
	fields := stepFields{Enabled: true}
	err := unmarshal(data, &fields)
	*s = Step(fields)
	return err
}

// unmarshal reads one JSON value without members that are unknown.
func unmarshal(data []byte, value any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after its end")
	}
	return nil
}

// marshal writes a value as JSON in which texts stand as they are, also those with characters that mean something in HTML.
func marshal(value any, indent string) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Encode writes the definition's canonical form as JSON that people can read: indented, keys sorted. Definitions that mean the same
// give the same bytes. The result is a valid value of an SSM parameter.
func (d *Definition) Encode() ([]byte, error) {
	return d.encode("  ")
}

// EncodeCompact is Encode without white space.
func (d *Definition) EncodeCompact() ([]byte, error) {
	return d.encode("")
}

func (d *Definition) encode(indent string) ([]byte, error) {
	text, err := marshal(d.Canonical(), indent)
	if err != nil {
		return nil, fmt.Errorf("writing the definition: %w", err)
	}
	// SSM takes {{name}} in a value for a reference to another parameter and refuses it ("you can't nest a parameter in
	// a parameter value", PutParameter). Outside of a string no brace of JSON follows another directly.
	return bytes.ReplaceAll(text, []byte("{{"), []byte(`{\u007b`)), nil
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
