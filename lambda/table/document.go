// SPDX-License-Identifier: MPL-2.0

package table

import (
	"bytes"
	"compress/gzip"
	"io"
)

// readable is the size in bytes past which a document is compressed: what a step that joins hundreds of upstreams has seen says the same
// again and again, an item holds 400 KB, and each KB of a write is paid for.
const readable = 16 << 10

// longest is the size in bytes of the largest document that is read: far above what compresses to an item.
const longest = 64 << 20

// written is a document as an attribute.
func written(doc []byte) (attribute, error) {
	if len(doc) <= readable {
		return text(string(doc)), nil
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(doc); err != nil {
		return attribute{}, err
	}
	if err := z.Close(); err != nil {
		return attribute{}, err
	}
	return attribute{B: b.Bytes()}, nil
}

// documentOf is the document that an attribute holds.
func documentOf(a attribute) ([]byte, error) {
	if len(a.B) == 0 {
		return []byte(a.S), nil
	}
	z, err := gzip.NewReader(bytes.NewReader(a.B))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(z, longest))
}
