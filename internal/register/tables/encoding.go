package tables

import (
	"bytes"
	"fmt"
	"path/filepath"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	"splameter/internal/textfile"
)

// Text is a table of another program as UTF-8, whatever a spreadsheet saved it
// in.
func Text(data []byte) []byte {
	text, _ := decode(data)
	return text
}

// decode is a table's text as UTF-8, and in what it was written, where that is
// something else: UTF-16 by its mark, or an old code page of Windows or of DOS
// (a spreadsheet's "CSV (MS-DOS)"), told apart by where its letters lie.
func decode(data []byte) ([]byte, encoding.Encoding) {
	var as encoding.Encoding
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		as = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0:
		return bytes.TrimPrefix(data, []byte("\ufeff")), nil
	default:
		as = textfile.CodePage(data)
	}
	text, err := as.NewDecoder().Bytes(data)
	if err != nil {
		return data, nil
	}
	return bytes.TrimPrefix(text, []byte("\ufeff")), as
}

// encode is values in the table's own encoding.
func (t *table) encode(values map[string]string) (map[string]string, error) {
	if t.encoded == nil {
		return values, nil
	}
	out := make(map[string]string, len(values))
	for name, v := range values {
		s, err := t.encoded.NewEncoder().String(v)
		if err != nil {
			return nil, fmt.Errorf("%s is not in UTF-8 and cannot hold what is to be written: save it as CSV UTF-8", filepath.Base(t.file))
		}
		out[name] = s
	}
	return out, nil
}
