package evidence

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"

	"splameter/internal/month"
	"splameter/internal/packed/facts"
	"splameter/internal/snapshot"
)

// DecodeFacts reads what EncodeFacts wrote, to its end. Large lists are packed
// as a store packs them: a row is all that is kept at a time as it was read.
func DecodeFacts(in io.Reader) (*snapshot.Facts, error) {
	r := &factsReader{json: json.NewDecoder(bufio.NewReaderSize(in, 1<<16)), out: &snapshot.Facts{}, programs: map[string]*facts.Programs{}}
	err := r.object(r.member)
	if err == nil {
		if _, err = r.json.Token(); err == io.EOF {
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
	json        *json.Decoder
	out         *snapshot.Facts
	month, zone string
	programs    map[string]*facts.Programs // by source
	whole       error                      // where they lead outside themselves
}

func (r *factsReader) member(name string) error {
	switch name {
	case "Month":
		return r.json.Decode(&r.month)
	case "TimeZone":
		return r.json.Decode(&r.zone)
	case "Directories":
		return list(r, &r.out.Directories, r.directory)
	case "Uses":
		return r.uses()
	case "Logs":
		logs := &facts.Logs{}
		some, err := rows(r, func(l *snapshot.Log) error { logs.Add(l); return nil })
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
	some, err := rows(r, func(u *snapshot.Use) error {
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
			some, err := rows(r, func(a *snapshot.AccountSpan) error {
				accountSpans.add(a.Span, a.Class <= snapshot.Contact)
				accounts.Add(a)
				return nil
			})
			if some {
				d.Accounts = snapshot.ListIn[snapshot.AccountSpan](accounts)
			}
			return err
		case "Members":
			some, err := rows(r, func(m *snapshot.MemberSpan) error {
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
		some, err := rows(r, func(x *snapshot.InstallMonth) error {
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
	some, err := r.opens()
	if err != nil || !some {
		return err
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

// rows hands on the rows of a list, each until the next is read; false where
// there is no list.
func rows[T any](r *factsReader, each func(*T) error) (bool, error) {
	some, err := r.opens()
	if err != nil || !some {
		return false, err
	}
	var row, empty T
	for r.json.More() {
		row = empty
		err := r.json.Decode(&row)
		if err == nil {
			err = each(&row)
		}
		if err != nil {
			return true, err
		}
	}
	return true, r.delim(']')
}

// opens begins a list; false where null stands in its place.
func (r *factsReader) opens() (bool, error) {
	t, err := r.json.Token()
	switch {
	case err != nil:
		return false, err
	case t == nil: // null
		return false, nil
	case t != json.Delim('['):
		return false, fmt.Errorf("%v stands where a list belongs", t)
	}
	return true, nil
}
