// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

const (
	// MaxValueBytes is the size of the longest value of a standard SSM parameter
	// (https://docs.aws.amazon.com/general/latest/gr/ssm.html).
	MaxValueBytes = 4096
	// MaxParts is the maximum number of parameters that hold a long definition.
	MaxParts = 40
	// maxBytes is the maximum size of a definition's compact form. It also limits what a reader unzips.
	maxBytes = 4 << 20
	// partIDLength is the length of a part's id, in hexadecimal digits.
	partIDLength = 16
)

// Stored is a definition in the form that SSM parameters hold.
type Stored struct {
	Value string // of the definition's own parameter: the definition, or a manifest that names the parts
	// Parts maps the ids of further parameters to their values; nil if Value holds the definition. An id is derived from its part, so no
	// part ever overwrites another. A reader of a manifest therefore gets that manifest's definition or none.
	Parts map[string]string
}

// TooLargeError reports a definition that does not fit into the parameters.
type TooLargeError struct {
	Bytes int // size of the definition
	Limit int // maximum size
}

// Error reports the size of the definition, and its limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the definition takes %d bytes, and what stores it holds %d: split the chain in two, or shorten names and variables",
		e.Bytes, e.Limit)
}

// manifest is the value of the definition's parameter if the definition is split. The parts are its compact form, zipped, in base64.
type manifest struct {
	Version int      `json:"version"`
	Name    string   `json:"name"`
	SHA256  string   `json:"sha256"` // of the compact form, in hexadecimal
	Bytes   int      `json:"bytes"`  // of the compact form
	Parts   []string `json:"parts"`  // ids, in order
}

// Store returns the definition in its form for SSM: readable if that fits into one parameter, else without white space, else in parts. It
// refuses a definition that needs more than MaxParts parts with *TooLargeError.
func (d *Definition) Store() (Stored, error) {
	readable, err := d.Encode()
	if err != nil {
		return Stored{}, err
	}
	if len(readable) <= MaxValueBytes {
		return Stored{Value: string(readable)}, nil
	}
	compact, err := d.EncodeCompact()
	if err != nil {
		return Stored{}, err
	}
	if len(compact) <= MaxValueBytes {
		return Stored{Value: string(compact)}, nil
	}
	if len(compact) > maxBytes {
		return Stored{}, &TooLargeError{Bytes: len(compact), Limit: maxBytes}
	}
	text, err := pack(compact)
	if err != nil {
		return Stored{}, err
	}
	if len(text) > MaxParts*MaxValueBytes {
		return Stored{}, &TooLargeError{Bytes: len(text), Limit: MaxParts * MaxValueBytes}
	}
	sum := sha256.Sum256(compact)
	m := manifest{Version: Version, Name: d.Name, SHA256: hex.EncodeToString(sum[:]), Bytes: len(compact)}
	parts := map[string]string{}
	for part := range slices.Chunk([]byte(text), MaxValueBytes) {
		id := partID(part)
		m.Parts, parts[id] = append(m.Parts, id), string(part)
	}
	value, err := json.Marshal(m)
	if err != nil {
		return Stored{}, fmt.Errorf("writing the definition: %w", err)
	}
	return Stored{Value: string(value), Parts: parts}, nil
}

// pack compresses data and encodes it in base64. Equal input gives equal output: the header of gzip holds neither a time nor a name.
func pack(data []byte) (string, error) {
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		return "", fmt.Errorf("zipping the definition: %w", err)
	}
	if _, err := w.Write(data); err != nil {
		return "", fmt.Errorf("zipping the definition: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("zipping the definition: %w", err)
	}
	return base64.StdEncoding.EncodeToString(zipped.Bytes()), nil
}

func partID(part []byte) string {
	sum := sha256.Sum256(part)
	return hex.EncodeToString(sum[:])[:partIDLength]
}

var partIDPattern = pattern(fmt.Sprintf("^[0-9a-f]{%d}$", partIDLength))

// IsPartID reports whether s has the form of a part's id.
func IsPartID(s string) bool { return partIDPattern().MatchString(s) }

// PartsOf returns the ids of the parts that the value of the definition's parameter names, in order. ok is false if the value is the
// definition itself. It refuses a manifest of another format with *VersionError.
func PartsOf(value string) (ids []string, ok bool, err error) {
	m, ok, err := readManifest(value)
	return m.Parts, ok, err
}

func readManifest(value string) (m manifest, ok bool, err error) {
	var format struct {
		Version int             `json:"version"`
		Parts   json.RawMessage `json:"parts"`
	}
	if err := json.Unmarshal([]byte(value), &format); err != nil {
		return m, false, fmt.Errorf("reading the definition: %w", err)
	}
	if format.Parts == nil {
		return m, false, nil
	}
	if format.Version != Version {
		return m, false, &VersionError{Version: format.Version}
	}
	if err := unmarshal([]byte(value), &m); err != nil {
		return m, false, fmt.Errorf("reading the definition's manifest: %w", err)
	}
	switch {
	case len(m.Parts) == 0 || len(m.Parts) > MaxParts:
		err = fmt.Errorf("the definition's manifest names %d parts, and 1 to %d are possible", len(m.Parts), MaxParts)
	case m.Bytes < 1 || m.Bytes > maxBytes:
		err = fmt.Errorf("the definition's manifest speaks of %d bytes, and 1 to %d are possible", m.Bytes, maxBytes)
	}
	for _, id := range m.Parts {
		if err == nil && !IsPartID(id) {
			err = fmt.Errorf("the definition's manifest names the part %q, which is not the id of a part", id)
		}
	}
	return m, err == nil, err
}

// Assemble restores what Store returned, from the value of the definition's parameter and its parts. It fails if a part is missing or
// changed, and for all that Parse refuses.
func Assemble(value string, parts map[string]string) (*Definition, error) {
	m, ok, err := readManifest(value)
	if err != nil {
		return nil, err
	}
	if !ok {
		return Parse([]byte(value))
	}
	var text bytes.Buffer
	for _, id := range m.Parts {
		part, there := parts[id]
		switch {
		case !there:
			return nil, fmt.Errorf("the definition's part %s is missing", id)
		case partID([]byte(part)) != id:
			return nil, fmt.Errorf("the definition's part %s was changed", id)
		}
		text.WriteString(part)
	}
	compact, err := unpack(&text, m.Bytes)
	if err != nil {
		return nil, fmt.Errorf("unzipping the definition: %w", err)
	}
	if sum := sha256.Sum256(compact); hex.EncodeToString(sum[:]) != m.SHA256 {
		return nil, errors.New("the definition's parts do not match its manifest")
	}
	return Parse(compact)
}

// unpack reverses pack. It reads at most one byte past size. In that case the caller's checksum does not match.
func unpack(text io.Reader, size int) ([]byte, error) {
	r, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, int64(size)+1))
}
