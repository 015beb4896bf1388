package evidence

import (
	"bytes"
	"io"

	"splameter/internal/rowjson"
	"splameter/internal/snapshot"
)

// EncodeFacts writes a month's facts in the form in which they are sealed: each
// with its source, file and line or record, as the store gave them. Equal facts
// give equal bytes.
func EncodeFacts(out io.Writer, f *snapshot.Facts) error {
	w := factsWriter{to: out}
	w.object(func() {
		w.field("Month", f.Month.String())
		w.field("TimeZone", f.Month.Location().String())
		w.name("Directories")
		w.list(f.Directories == nil, len(f.Directories), func(i int) {
			d := &f.Directories[i]
			w.object(func() {
				w.field("Source", d.Source)
				w.field("Site", d.Site)
				w.field("Domain", d.Domain)
				w.field("DNS", d.DNS)
				w.field("SID", d.SID)
				w.field("Taken", d.Taken)
				writeRows(&w, "Accounts", d.Accounts)
				w.field("Groups", d.Groups)
				writeRows(&w, "Members", d.Members)
				if len(d.Units) > 0 {
					w.field("Units", d.Units)
				}
				if d.Before != nil {
					w.field("Before", d.Before)
				}
				if len(d.Changes) > 0 {
					w.field("Changes", d.Changes)
				}
				if len(d.Deleted) > 0 {
					w.field("Deleted", d.Deleted)
				}
				if d.After != nil {
					w.field("After", d.After)
				}
				if len(d.Events) > 0 {
					w.field("Events", d.Events)
				}
			})
		})
		writeRows(&w, "Uses", f.Uses)
		writeRows(&w, "Logs", f.Logs)
		w.name("Software")
		w.list(f.Software == nil, len(f.Software), func(i int) {
			s := &f.Software[i]
			w.object(func() {
				w.field("Source", s.Source)
				w.field("Site", s.Site)
				w.field("Host", s.Host)
				w.field("Days", s.Days)
				if s.Installs.Len() == 0 {
					w.field("Installs", nil)
				} else {
					writeRows(&w, "Installs", s.Installs)
				}
			})
		})
		w.field("Machines", f.Machines)
		w.field("Known", f.Known)
		if !f.Before.IsZero() {
			w.field("Before", f.Before)
		}
		w.field("Readings", f.Readings)
	})
	w.out.WriteByte('\n')
	w.flush()
	return w.err
}

// factsWriter writes a factsFile piece by piece: the bytes that encoding it at
// once would give, without all that is packed being unpacked at the same time.
type factsWriter struct {
	to    io.Writer
	out   bytes.Buffer // what was not written yet
	row   []byte
	begun bool // the object has a member
	err   error
}

// enough is from how many bytes on they are written.
const enough = 1 << 16

func (w *factsWriter) flush() {
	if w.err == nil {
		_, w.err = w.to.Write(w.out.Bytes())
	}
	w.out.Reset()
}

func (w *factsWriter) value(v any) {
	b, err := rowjson.Append(w.row[:0], v, "", "")
	if err != nil && w.err == nil {
		w.err = err
	} else if err == nil {
		w.out.Write(b)
	}
	w.row = b
}

func (w *factsWriter) object(members func()) {
	w.out.WriteByte('{')
	w.begun = false
	members()
	w.begun = true
	w.out.WriteByte('}')
}

func (w *factsWriter) name(s string) {
	if w.begun {
		w.out.WriteByte(',')
	}
	w.begun = true
	w.value(s)
	w.out.WriteByte(':')
}

func (w *factsWriter) field(name string, v any) {
	w.name(name)
	w.value(v)
}

func (w *factsWriter) list(none bool, n int, put func(i int)) {
	if none {
		w.out.WriteString("null")
		return
	}
	w.out.WriteByte('[')
	for i := range n {
		if i > 0 {
			w.out.WriteByte(',')
		}
		put(i)
		if w.out.Len() > enough {
			w.flush()
		}
	}
	w.out.WriteByte(']')
}

func writeRows[T any](w *factsWriter, name string, rows snapshot.List[T]) {
	w.name(name)
	w.list(rows.IsNil(), rows.Len(), func(i int) {
		x := rows.At(i)
		w.value(&x)
	})
}
