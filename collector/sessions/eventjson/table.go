package eventjson

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"splameter/collector/forms"
	"splameter/collector/sessions/textblock"
)

// table makes an object a line of a table whose columns are named once.
type table struct {
	d       *json.Decoder
	bound   *bounded
	names   [][]byte // with the colon, as members begin
	inRows  bool
	out     []byte
	ended   bool
	failure error
}

func newTable(r io.Reader) *table {
	b := &bounded{in: r}
	return &table{d: json.NewDecoder(b), bound: b}
}

// bounded ends a text of which one row is larger than any event.
type bounded struct {
	in   io.Reader
	left int
}

var errLongRow = errors.New("a row of the table is longer than an event may be")

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errLongRow
	}
	n, err := b.in.Read(p)
	b.left -= n
	return n, err
}

func (t *table) Read(p []byte) (int, error) {
	for len(t.out) == 0 {
		if t.ended {
			if t.failure != nil {
				return 0, t.failure
			}
			return 0, io.EOF
		}
		t.bound.left = 4 * textblock.MaxRecord
		if err := t.next(); err != nil {
			t.ended = true
			var syntax *json.SyntaxError
			switch {
			case errors.Is(err, io.EOF) && !t.inRows:
			case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, errLongRow), errors.As(err, &syntax), isType(err):
				t.out = append(t.out, '{') // an object that is not closed: damage, and told as such
			default:
				t.failure = err
			}
		}
	}
	n := copy(p, t.out)
	t.out = t.out[:copy(t.out, t.out[n:])]
	return n, nil
}

func isType(err error) bool {
	var e *json.UnmarshalTypeError
	return errors.As(err, &e)
}

// next goes on by one row or one token.
func (t *table) next() error {
	if t.inRows {
		if t.d.More() {
			return t.row()
		}
		t.inRows = false
	}
	token, err := t.d.Token()
	if err != nil {
		return err
	}
	name, ok := token.(string)
	switch {
	case !ok:
	case forms.IsColumns(strings.ToLower(name)):
		var raw json.RawMessage
		if err := t.d.Decode(&raw); err != nil {
			return err
		}
		t.names = t.names[:0]
		for _, n := range forms.ColumnNames(raw) {
			key, err := json.Marshal(n)
			if err != nil {
				return err
			}
			t.names = append(t.names, append(key, ':'))
		}
	case strings.EqualFold(name, "rows") && len(t.names) > 0:
		token, err := t.d.Token()
		if err != nil {
			return err
		}
		t.inRows = token == json.Delim('[')
	}
	return nil
}

func (t *table) row() error {
	var values []json.RawMessage
	if err := t.d.Decode(&values); err != nil {
		return err
	}
	if len(values) != len(t.names) {
		t.out = append(t.out, `{"a row with more or fewer values than there are columns`+"\n"...)
		return nil
	}
	t.out = append(t.out, '{')
	for i, v := range values {
		if string(v) == "null" {
			continue
		}
		if len(t.out) > 1 {
			t.out = append(t.out, ',')
		}
		t.out = append(append(t.out, t.names[i]...), v...)
	}
	t.out = append(t.out, "}\n"...)
	return nil
}
