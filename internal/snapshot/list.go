package snapshot

import (
	"bytes"
	"encoding/json"
	"iter"
)

// Table is rows by place, made when they are asked for. A large provider has
// hundreds of thousands of some facts; packed they take a tenth of the room
// that they take as values of their own.
type Table[T any] interface {
	Len() int
	At(i int) T
}

// Programs is the table of a host's programs.
type Programs interface {
	Table[InstallMonth]
	// Program is the program in a place, without its line. Equal programs are
	// the same pointer on every host of a source, so that one need be looked
	// at only once.
	Program(i int) *Install
}

// List is rows in order: values, or a table that makes each row when it is
// asked for. Whoever reads it cannot tell which. The zero value is empty.
type List[T any] struct{ rows Table[T] }

// ListOf is a list of values.
func ListOf[T any](values ...T) List[T] {
	if values == nil {
		return List[T]{}
	}
	return List[T]{valueTable[T](values)}
}

// ListIn is a table as a list.
func ListIn[T any](t Table[T]) List[T] { return List[T]{t} }

// Len is how many rows there are.
func (l List[T]) Len() int {
	if l.rows == nil {
		return 0
	}
	return l.rows.Len()
}

// IsNil says that the list never had anything to hold rows.
func (l List[T]) IsNil() bool { return l.rows == nil }

// At is the row in a place.
func (l List[T]) At(i int) T { return l.rows.At(i) }

// All goes through the rows with their places.
func (l List[T]) All() iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		for i := range l.Len() {
			if !yield(i, l.rows.At(i)) {
				return
			}
		}
	}
}

// Values are the rows, which the list may go on using; nil where it has none
// and never had a table.
func (l List[T]) Values() []T {
	if l.rows == nil {
		return nil
	}
	if v, ok := l.rows.(valueTable[T]); ok {
		return v
	}
	out := make([]T, l.rows.Len())
	for i := range out {
		out[i] = l.rows.At(i)
	}
	return out
}

// Add appends rows; it makes values of a table.
func (l *List[T]) Add(rows ...T) { l.rows = valueTable[T](append(l.Values(), rows...)) }

// IsZero says that there are no rows: then an encoder may leave them out.
func (l List[T]) IsZero() bool { return l.Len() == 0 }

// MarshalJSON gives what a slice of the rows gives.
func (l List[T]) MarshalJSON() ([]byte, error) {
	if l.IsNil() {
		return []byte("null"), nil
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false) // that is for whoever asked
	out.WriteByte('[')
	for i, x := range l.All() {
		if i > 0 {
			out.WriteByte(',')
		}
		if err := e.Encode(&x); err != nil {
			return nil, err
		}
		out.Truncate(out.Len() - 1) // the line's end
	}
	out.WriteByte(']')
	return out.Bytes(), nil
}

// UnmarshalJSON reads a list of values.
func (l *List[T]) UnmarshalJSON(b []byte) error {
	var values []T
	err := json.Unmarshal(b, &values)
	*l = ListOf(values...)
	return err
}

// valueTable is values as a table.
type valueTable[T any] []T

func (t valueTable[T]) Len() int   { return len(t) }
func (t valueTable[T]) At(i int) T { return t[i] }
