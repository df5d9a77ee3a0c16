// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
)

// decode returns a file's text as UTF-8 without a byte order mark. It reads UTF-8 and UTF-16. It refuses workbooks and other encodings,
// because a wrong guess would change names without a warning.
func decode(data []byte) ([]byte, error) {
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) || bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return nil, errors.New("the file is an Excel workbook. Export the tasks with --output-file-format csv or json; " +
			`or open the workbook, and save the sheet as "CSV UTF-8"`)
	}
	if order, marked, wide := utf16(data); wide {
		text, err := unicode.UTF16(order, marked).NewDecoder().Bytes(data)
		if err != nil || len(data)%2 != 0 {
			return nil, errors.New("the file is only partly UTF-16. Save it as UTF-8")
		}
		data = text
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for number, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) {
			return nil, fmt.Errorf(`line %d is not UTF-8 text. Save the file as UTF-8; Excel calls it "CSV UTF-8"`, number+1)
		}
		if bytes.IndexByte(line, 0) >= 0 {
			return nil, fmt.Errorf("line %d has a zero byte, so the file is not text. Export it as CSV or JSON", number+1)
		}
	}
	return data, nil
}

// utf16 reports whether data is UTF-16: it has a byte order mark, or every other byte of its beginning is zero.
func utf16(data []byte) (order unicode.Endianness, mark unicode.BOMPolicy, wide bool) {
	if len(data) < 2 {
		return order, mark, false
	}
	switch first, second := data[0], data[1]; {
	case first == 0xff && second == 0xfe:
		return unicode.LittleEndian, unicode.ExpectBOM, true
	case first == 0xfe && second == 0xff:
		return unicode.BigEndian, unicode.ExpectBOM, true
	case first != 0 && second == 0:
		return unicode.LittleEndian, unicode.IgnoreBOM, true
	case first == 0 && second != 0:
		return unicode.BigEndian, unicode.IgnoreBOM, true
	}
	return order, mark, false
}
