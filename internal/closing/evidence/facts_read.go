package evidence

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// factsReader reads a factsFile piece by piece: a row of a list is all of the
// text that is kept at a time, and what texts say alike is kept once.
type factsReader struct {
	json  *json.Decoder
	texts map[string]string
}

func readFacts(in io.Reader) (*factsFile, error) {
	b := bufio.NewReaderSize(in, 1<<16)
	r := &factsReader{json: json.NewDecoder(b), texts: map[string]string{}}
	var f factsFile
	err := r.object(func(name string) error {
		switch name {
		case "Directories":
			return list(r, &f.Directories, r.directory)
		case "Uses":
			return rows(r, &f.Uses)
		case "Logs":
			return rows(r, &f.Logs)
		case "Software":
			return list(r, &f.Software, r.software)
		}
		return r.field(&f, name)
	})
	if err == nil {
		if _, err = r.json.Token(); err == io.EOF {
			return &f, nil
		} else if err == nil {
			err = errors.New("something stands behind them")
		}
	}
	return nil, err
}

func (r *factsReader) directory(d *directoryFile) error {
	return r.object(func(name string) error {
		switch name {
		case "Accounts":
			return rows(r, &d.Accounts)
		case "Members":
			return rows(r, &d.Members)
		}
		return r.field(d, name)
	})
}

func (r *factsReader) software(s *softwareFile) error {
	return r.object(func(name string) error {
		if name == "Installs" {
			return rows(r, &s.Installs)
		}
		return r.field(s, name)
	})
}

// object hands each name of an object to what reads its value.
func (r *factsReader) object(value func(name string) error) error {
	if err := r.delim('{'); err != nil {
		return err
	}
	for r.json.More() {
		t, err := r.json.Token()
		if err != nil {
			return err
		}
		if err := value(t.(string)); err != nil { // names of an object are strings, or Token says so
			return err
		}
	}
	return r.delim('}')
}

func (r *factsReader) delim(want json.Delim) error {
	t, err := r.json.Token()
	if err == nil && t != want {
		err = fmt.Errorf("%v stands where %v belongs", t, want)
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// field reads a value whole into the member of a struct with its name; one that
// the struct does not have is passed over.
func (r *factsReader) field(of any, name string) error {
	v := reflect.ValueOf(of).Elem().FieldByName(name)
	if !v.IsValid() {
		var skipped json.RawMessage
		return r.json.Decode(&skipped)
	}
	return r.json.Decode(v.Addr().Interface())
}

// list reads a list of which each entry is read by what knows its parts.
func list[T any](r *factsReader, to *[]T, entry func(*T) error) error {
	t, err := r.json.Token()
	switch {
	case err != nil:
		return err
	case t == nil: // null
		return nil
	case t != json.Delim('['):
		return fmt.Errorf("%v stands where a list belongs", t)
	}
	*to = []T{}
	for r.json.More() {
		*to = append(*to, *new(T))
		if err := entry(&(*to)[len(*to)-1]); err != nil {
			return err
		}
	}
	return r.delim(']')
}

// rows reads a list of plain rows.
func rows[T any](r *factsReader, to *[]T) error {
	texts := stringsOf(reflect.TypeFor[T](), nil)
	return list(r, to, func(row *T) error {
		if err := r.json.Decode(row); err != nil {
			return err
		}
		v := reflect.ValueOf(row).Elem()
		for _, at := range texts {
			s := v.FieldByIndex(at)
			s.SetString(r.once(s.String()))
		}
		return nil
	})
}

// once is the text as it was first read.
func (r *factsReader) once(s string) string {
	if s == "" {
		return s
	}
	if old, ok := r.texts[s]; ok {
		return old
	}
	r.texts[s] = s
	return s
}

// stringsOf are the places of the strings in a struct and in structs within it.
func stringsOf(t reflect.Type, at []int) (all [][]int) {
	for i := range t.NumField() {
		here := append(append([]int(nil), at...), i)
		switch f := t.Field(i); {
		case !f.IsExported():
		case f.Type.Kind() == reflect.String:
			all = append(all, here)
		case f.Type.Kind() == reflect.Struct:
			all = append(all, stringsOf(f.Type, here)...)
		}
	}
	return all
}
