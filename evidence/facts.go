package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"splameter/month"
	"splameter/snapshot"
)

// factsFile is the form in which a month's facts are sealed: each with its
// source, file and line or record, as the store gave them.
type factsFile struct {
	Month       string
	TimeZone    string
	Directories []snapshot.DirectoryMonth
	Uses        []snapshot.Use
	Logs        []snapshot.Log
	Software    []snapshot.SoftwareMonth
	Machines    []snapshot.MachineMonth
	Known       []string
	Readings    []snapshot.Reading
}

// EncodeFacts writes facts. Equal facts give equal bytes.
func EncodeFacts(f *snapshot.Facts) ([]byte, error) {
	w := factsWriter{}
	w.json = json.NewEncoder(&w.out)
	w.json.SetEscapeHTML(false)
	w.out.WriteByte('{')
	w.field("Month", f.Month.String())
	w.field("TimeZone", f.Month.Location().String())
	w.name("Directories")
	writeList(&w, f.Directories == nil, len(f.Directories), func(i int) any {
		d := f.Directories[i]
		if d.MemberRows != nil {
			d.Members, d.MemberRows = make([]snapshot.MemberSpan, d.MemberRows.Len()), nil
			for j := range d.Members {
				d.Members[j] = f.Directories[i].MemberAt(j)
			}
		}
		return &d
	})
	writeTable(&w, "Uses", f.Uses, f.UseRows)
	writeTable(&w, "Logs", f.Logs, f.LogRows)
	w.name("Software")
	writeList(&w, f.Software == nil, len(f.Software), func(i int) any {
		s := f.Software[i]
		if s.Rows != nil && s.Rows.Len() > 0 {
			s.Installs, s.Rows = make([]snapshot.InstallMonth, s.Rows.Len()), nil
			for j := range s.Installs {
				s.Installs[j] = f.Software[i].At(j)
			}
		}
		return &s
	})
	w.field("Machines", f.Machines)
	w.field("Known", f.Known)
	w.field("Readings", f.Readings)
	w.out.WriteString("}\n")
	return w.out.Bytes(), w.err
}

// factsWriter writes a factsFile piece by piece: the bytes that encoding it at
// once would give, without all that is packed being unpacked at the same time.
type factsWriter struct {
	out  bytes.Buffer
	json *json.Encoder
	err  error
}

func (w *factsWriter) value(v any) {
	if err := w.json.Encode(v); err != nil && w.err == nil {
		w.err = err
	} else if err == nil {
		w.out.Truncate(w.out.Len() - 1) // the line's end
	}
}

func (w *factsWriter) name(s string) {
	if w.out.Len() > 1 {
		w.out.WriteByte(',')
	}
	w.value(s)
	w.out.WriteByte(':')
}

func (w *factsWriter) field(name string, v any) {
	w.name(name)
	w.value(v)
}

func writeList(w *factsWriter, none bool, n int, at func(i int) any) {
	if none {
		w.out.WriteString("null")
		return
	}
	w.out.WriteByte('[')
	for i := range n {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.value(at(i))
	}
	w.out.WriteByte(']')
}

func writeTable[T any](w *factsWriter, name string, list []T, rows snapshot.Table[T]) {
	w.name(name)
	if rows == nil {
		writeList(w, list == nil, len(list), func(i int) any { return &list[i] })
		return
	}
	writeList(w, false, rows.Len(), func(i int) any { x := rows.At(i); return &x })
}

// DecodeFacts reads what EncodeFacts wrote.
func DecodeFacts(b []byte) (*snapshot.Facts, error) {
	var f factsFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("the sealed facts cannot be read: %w", err)
	}
	loc, err := time.LoadLocation(f.TimeZone)
	if err != nil || f.TimeZone == "Local" {
		return nil, fmt.Errorf("the sealed facts are of no time zone that is known here: %q", f.TimeZone)
	}
	m, err := month.Parse(f.Month, loc)
	if err != nil {
		return nil, fmt.Errorf("the sealed facts are of no month: %w", err)
	}
	return &snapshot.Facts{Month: m, Directories: f.Directories, Uses: f.Uses, Logs: f.Logs, Software: f.Software,
		Machines: f.Machines, Known: f.Known, Readings: f.Readings}, check(&f)
}

// check finds indices that would lead outside, since sealed facts come from a
// file that anybody may have made.
func check(f *factsFile) error {
	for i := range f.Directories {
		d := &f.Directories[i]
		n := int32(len(d.Taken))
		ok := func(s snapshot.Span) bool { return s.First >= 0 && s.First <= s.Last && s.Last < n }
		for j := range d.Accounts {
			if !ok(d.Accounts[j].Span) || d.Accounts[j].Class > snapshot.Contact {
				return fmt.Errorf("the sealed facts of directory %q are not whole: account %d", d.Source, j)
			}
		}
		for j := range d.Groups {
			if !ok(d.Groups[j].Span) {
				return fmt.Errorf("the sealed facts of directory %q are not whole: group %d", d.Source, j)
			}
		}
		for j := range d.Members {
			if !ok(d.Members[j].Span) {
				return fmt.Errorf("the sealed facts of directory %q are not whole: membership %d", d.Source, j)
			}
		}
	}
	return nil
}
