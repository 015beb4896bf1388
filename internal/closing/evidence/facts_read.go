package evidence

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"splameter/internal/month"
	"splameter/internal/packed/facts"
	"splameter/internal/rowjson"
	"splameter/internal/snapshot"
)

// DecodeFacts reads what EncodeFacts wrote, to its end. Large lists are packed
// as a store packs them: a row is all that is kept at a time as it was read.
func DecodeFacts(in io.Reader) (*snapshot.Facts, error) {
	r := &factsReader{json: rowjson.NewScanner(in), out: &snapshot.Facts{}, programs: map[string]*facts.Programs{}}
	r.install = rowjson.NewReader[snapshot.InstallMonth]()
	err := r.object(r.member)
	if err == nil {
		if _, err = r.json.Next(); err == io.EOF {
			err = nil
		} else if err == nil {
			err = errors.New("something stands behind them")
		}
	}
	if err == nil {
		err = r.dated()
	}
	if err != nil {
		return nil, fmt.Errorf("the sealed facts cannot be read: %w", err)
	}
	return r.out, r.whole
}

// factsReader reads facts piece by piece.
type factsReader struct {
	json        *rowjson.Scanner
	out         *snapshot.Facts
	month, zone string
	programs    map[string]*facts.Programs // by source
	install     *rowjson.Reader[snapshot.InstallMonth]
	whole       error // where they lead outside themselves
}

func (r *factsReader) member(name string) error {
	switch name {
	case "Month":
		return r.value(&r.month)
	case "TimeZone":
		return r.value(&r.zone)
	case "Directories":
		return list(r, &r.out.Directories, r.directory)
	case "Uses":
		return r.uses()
	case "Logs":
		logs := &facts.Logs{}
		some, err := rows(r, rowjson.NewReader[snapshot.Log](), func(l *snapshot.Log) error { logs.Add(l); return nil })
		if some {
			logs.Done()
			r.out.Logs = snapshot.ListIn[snapshot.Log](logs)
		}
		return err
	case "Software":
		return list(r, &r.out.Software, r.software)
	}
	return r.field(r.out, name)
}

// dated makes the month out of what was said of it, which stands before all else.
func (r *factsReader) dated() error {
	if !r.out.Month.IsZero() {
		return nil
	}
	loc, err := time.LoadLocation(r.zone)
	if err != nil || r.zone == "Local" {
		return fmt.Errorf("they are of no time zone that is known here: %q", r.zone)
	}
	if r.out.Month, err = month.Parse(r.month, loc); err != nil {
		return fmt.Errorf("they are of no month: %w", err)
	}
	return nil
}

func (r *factsReader) uses() error {
	if err := r.dated(); err != nil {
		return err
	}
	uses := facts.NewUses(r.out.Month, 0)
	some, err := rows(r, rowjson.NewReader[snapshot.Use](), func(u *snapshot.Use) error {
		if u.Month != r.out.Month.Number() {
			return fmt.Errorf("a use of host %q is one of another month", u.Host)
		}
		uses.Add(u)
		return nil
	})
	if some {
		uses.Done()
		r.out.Uses = snapshot.ListIn[snapshot.Use](uses)
	}
	return err
}

func (r *factsReader) directory(d *snapshot.DirectoryMonth) error {
	accounts, members := facts.NewAccounts(0), &facts.Members{}
	var accountSpans, memberSpans spans
	err := r.object(func(name string) error {
		switch name {
		case "Accounts":
			some, err := rows(r, rowjson.NewReader[snapshot.AccountSpan](), func(a *snapshot.AccountSpan) error {
				accountSpans.add(a.Span, a.Class <= snapshot.Contact)
				accounts.Add(a)
				return nil
			})
			if some {
				d.Accounts = snapshot.ListIn[snapshot.AccountSpan](accounts)
			}
			return err
		case "Members":
			some, err := rows(r, rowjson.NewReader[snapshot.MemberSpan](), func(m *snapshot.MemberSpan) error {
				memberSpans.add(m.Span, true)
				members.Add(m)
				return nil
			})
			if some {
				d.Members = snapshot.ListIn[snapshot.MemberSpan](members)
			}
			return err
		}
		return r.field(d, name)
	})
	accounts.Done()
	members.Done()
	var groups, units, changes spans
	for i := range d.Groups {
		groups.add(d.Groups[i].Span, true)
	}
	for i := range d.Units {
		units.add(d.Units[i].Span, true)
	}
	for i := range d.Changes {
		changes.add(d.Changes[i].Span, true)
	}
	for _, x := range []struct {
		what string
		of   *spans
	}{{"account", &accountSpans}, {"group", &groups}, {"organizational unit", &units}, {"change", &changes}, {"membership", &memberSpans}} {
		if at, bad := x.of.outside(len(d.Taken)); bad && r.whole == nil {
			r.whole = fmt.Errorf("the sealed facts of directory %q are not whole: %s %d", d.Source, x.what, at)
		}
	}
	return err
}

// spans finds one that would lead outside a directory's readings, since sealed
// facts come from a file that anybody may have made.
type spans struct {
	n      int
	wrong  int // from 1
	last   int32
	lastAt int
}

func (s *spans) add(x snapshot.Span, ok bool) {
	if s.wrong == 0 && (!ok || x.First < 0 || x.First > x.Last) {
		s.wrong = s.n + 1
	}
	if s.n == 0 || x.Last > s.last {
		s.last, s.lastAt = x.Last, s.n
	}
	s.n++
}

func (s *spans) outside(readings int) (at int, bad bool) {
	if s.wrong > 0 {
		return s.wrong - 1, true
	}
	return s.lastAt, s.n > 0 && int(s.last) >= readings
}

func (r *factsReader) software(s *snapshot.SoftwareMonth) error {
	return r.object(func(name string) error {
		if name != "Installs" {
			return r.field(s, name)
		}
		known := r.programs[s.Source]
		if known == nil {
			known = facts.NewPrograms()
			r.programs[s.Source] = known
		}
		installs := facts.NewInstalls(known)
		some, err := rows(r, r.install, func(x *snapshot.InstallMonth) error {
			line := x.Line
			x.Line = 0
			installs.File(x.File)
			installs.Add(known.Add(&x.Install), line, x.First, x.Last)
			return nil
		})
		if some {
			installs.Done(nil)
			s.Installs = snapshot.ListIn[snapshot.InstallMonth](installs)
		}
		return err
	})
}

// object hands each name of an object to what reads its value.
func (r *factsReader) object(value func(name string) error) error {
	if err := r.delim('{'); err != nil {
		return err
	}
	return r.entries('}', func() error {
		var name string
		if err := r.value(&name); err != nil {
			return err
		}
		if err := r.delim(':'); err != nil {
			return err
		}
		return value(name)
	})
}

// entries reads what stands between commas up to an end.
func (r *factsReader) entries(end byte, entry func() error) error {
	for first := true; ; first = false {
		c, err := r.next()
		if err != nil {
			return err
		}
		if c == end {
			r.json.Skip(1)
			return nil
		}
		if !first {
			if err := r.delim(','); err != nil {
				return err
			}
			if c, err := r.next(); err != nil || c == end {
				return cmp.Or(err, fmt.Errorf("%c stands behind a comma", c))
			}
		}
		if err := entry(); err != nil {
			return err
		}
	}
}

// next is the byte that comes next, where one must.
func (r *factsReader) next() (byte, error) {
	c, err := r.json.Next()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return c, err
}

func (r *factsReader) delim(want byte) error {
	c, err := r.next()
	if err == nil && c != want {
		err = fmt.Errorf("%c stands where %c belongs", c, want)
	}
	if err == nil {
		r.json.Skip(1)
	}
	return err
}

// value reads a value whole.
func (r *factsReader) value(to any) error {
	b, err := r.json.Value()
	if err != nil {
		return err
	}
	return json.Unmarshal(b, to)
}

// field reads a value whole into the member of a struct with its name; one that
// the struct does not have is passed over.
func (r *factsReader) field(of any, name string) error {
	v := reflect.ValueOf(of).Elem().FieldByName(name)
	if !v.IsValid() {
		var skipped json.RawMessage
		return r.value(&skipped)
	}
	return r.value(v.Addr().Interface())
}

// list reads a list of which each entry is read by what knows its parts.
func list[T any](r *factsReader, to *[]T, entry func(*T) error) error {
	some, err := r.opens()
	if err != nil || !some {
		return err
	}
	*to = []T{}
	return r.entries(']', func() error {
		*to = append(*to, *new(T))
		return entry(&(*to)[len(*to)-1])
	})
}

// rows hands on the rows of a list, each until the next is read; false where
// there is no list.
func rows[T any](r *factsReader, reader *rowjson.Reader[T], each func(*T) error) (bool, error) {
	some, err := r.opens()
	if err != nil || !some {
		return false, err
	}
	var row, empty T
	return true, r.entries(']', func() error {
		row = empty
		if n, ok := reader.Read(r.json.Ahead(), &row); ok {
			r.json.Skip(n)
			return each(&row)
		}
		b, err := r.json.Value()
		if err == nil {
			row = empty
			err = reader.Unmarshal(b, &row)
		}
		if err != nil {
			return err
		}
		return each(&row)
	})
}

// opens begins a list; false where null stands in its place.
func (r *factsReader) opens() (bool, error) {
	switch c, err := r.next(); {
	case err != nil:
		return false, err
	case c == 'n': // null
		var nothing *struct{}
		return false, r.value(&nothing)
	case c != '[':
		return false, fmt.Errorf("%c stands where a list belongs", c)
	}
	r.json.Skip(1)
	return true, nil
}
