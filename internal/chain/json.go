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

// VersionError reports a definition in a format that this package cannot read.
type VersionError struct {
	Version int // the definition's; 0 if it has none
}

// Error reports the version found and the version supported.
func (e *VersionError) Error() string {
	return fmt.Sprintf("the definition has format version %d, and this release reads version %d only: "+
		"apply the chain again with the release that is to run it", e.Version, Version)
}

// Parse parses a definition and returns its canonical form. It refuses an unknown version with *VersionError, unknown fields, and broken
// rules with *InvalidError. It does not compile guards, which would take most of the time: only the guards of due steps are needed.
func Parse(data []byte) (*Definition, error) {
	// The version is checked first, because another version may have fields that are unknown here.
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

// stepFields is a Step without its JSON methods.
type stepFields Step

// MarshalJSON encodes the step. It omits enabled if it is true, the default.
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

// UnmarshalJSON decodes a step, and refuses unknown fields.
func (s *Step) UnmarshalJSON(data []byte) error {
	fields := stepFields{Enabled: true}
	err := unmarshal(data, &fields)
	*s = Step(fields)
	return err
}

// unmarshal decodes one JSON value, and refuses unknown fields.
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

// marshal encodes a value as JSON without escaping characters for HTML.
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

// Encode returns the definition's canonical form as readable JSON: indented, with sorted keys. Equivalent definitions give the same bytes.
// The result is a valid value of an SSM parameter.
func (d *Definition) Encode() ([]byte, error) {
	return d.encode("  ")
}

// EncodeCompact returns what Encode does, without white space.
func (d *Definition) EncodeCompact() ([]byte, error) {
	return d.encode("")
}

func (d *Definition) encode(indent string) ([]byte, error) {
	text, err := marshal(d.Canonical(), indent)
	if err != nil {
		return nil, fmt.Errorf("writing the definition: %w", err)
	}
	// SSM reads {{name}} in a value as a reference to another parameter and refuses it ("you can't nest a parameter in a parameter value",
	// PutParameter). JSON has two adjacent opening braces only inside strings.
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
