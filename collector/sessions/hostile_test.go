package sessions

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"splameter/collector/sessions/record"
)

// long is a file of one line: a head, filler up to its size, and a tail. No
// more of it exists than is being read.
type long struct {
	head, tail string
	fill       byte
	size       int64
}

// ReadAt implements io.ReaderAt.
func (l *long) ReadAt(p []byte, off int64) (int, error) {
	if off >= l.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), l.size-off))
	p = p[:n]
	for i := range p {
		p[i] = l.fill
	}
	if off < int64(len(l.head)) {
		copy(p, l.head[off:])
	}
	if at := l.size - int64(len(l.tail)); off+int64(n) > at {
		if off >= at {
			copy(p, l.tail[off-at:])
		} else {
			copy(p[at-off:], l.tail)
		}
	}
	return n, nil
}

// seen keeps what a reading delivered.
type seen struct {
	ids     []uint64
	damages []string
}

func (s *seen) Record(r *record.Record) { s.ids = append(s.ids, r.ID) }
func (s *seen) Damaged(d record.Damage) { s.damages = append(s.damages, d.What) }

const (
	jsonLine = `{"@timestamp":"2026-10-05T08:00:00Z","winlog":{"channel":"Security","event_id":4624,"record_id":7,"computer_name":"H"}}` + "\n"
	csvHead  = "TimeCreated,EventID,Computer,Channel,EventRecordID,User\n"
	csvLine  = "2026-10-05T08:00:00Z,4624,H,Security,7,u\n"
	xmlLine  = `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><EventID>4624</EventID><TimeCreated SystemTime='2026-10-05T08:00:00Z'/><EventRecordID>7</EventRecordID><Channel>Security</Channel><Computer>H</Computer></System><EventData><Data Name='A'>b</Data></EventData></Event>` + "\n"
)

// A line of 1 GiB in a file of text is one damage; the event behind it is
// read, and the memory for it is a small part of the line.
func TestLineOfOneGiB(t *testing.T) {
	for _, c := range []struct {
		name string
		long
	}{
		{"JSON, nested arrays", long{head: jsonLine + `{"message":`, tail: "\n" + strings.Replace(jsonLine, ":7,", ":8,", 1), fill: '['}},
		{"CSV, one value", long{head: csvHead + csvLine, tail: "\n" + strings.Replace(csvLine, ",7,", ",8,", 1), fill: 'a'}},
		{"XML, one text", long{head: xmlLine + "<Event><System><Channel>", tail: "</Channel></System></Event>\n" + strings.Replace(xmlLine, ">7<", ">8<", 1), fill: 'a'}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.size = 1 << 30
			var s seen
			before := memory()
			info, err := Read(t.Context(), &c.long, c.size, Options{Name: "long", Zone: time.UTC}, &s)
			if err != nil {
				t.Fatal(err)
			}
			if len(s.damages) == 0 || len(s.damages) > 4 || info.Damaged != len(s.damages) {
				t.Errorf("%d damages told and %d counted: %.300q", len(s.damages), info.Damaged, s.damages)
			}
			if len(s.ids) != 2 || s.ids[0] != 7 || s.ids[1] != 8 {
				t.Errorf("records %v, want 7 and 8", s.ids)
			}
			if more := memory() - before; more > 128<<20 {
				t.Errorf("the line took %d MiB of memory", more>>20)
			}
		})
	}
}

// A compressed file that unpacks to 64 MiB of one byte is no session log, or
// one long damage, and takes no memory either.
func TestBombs(t *testing.T) {
	pack := map[string]func(io.Writer) io.WriteCloser{
		"gzip": func(w io.Writer) io.WriteCloser { z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed); return z },
		"zstd": func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
			if err != nil {
				t.Fatal(err)
			}
			return z
		},
	}
	for name, newWriter := range pack {
		for _, head := range []string{"", jsonLine, csvHead + csvLine, xmlLine} {
			var b bytes.Buffer
			z := newWriter(&b)
			if _, err := io.WriteString(z, head); err != nil {
				t.Fatal(err)
			}
			block := bytes.Repeat([]byte{'x'}, 1<<20)
			for range 64 {
				if _, err := z.Write(block); err != nil {
					t.Fatal(err)
				}
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "bomb."+name)
			if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			var s seen
			before := memory()
			_, err := ReadFile(t.Context(), path, Options{Zone: time.UTC}, &s)
			switch {
			case head == "" && err == nil:
				t.Errorf("%s: a file of one byte over and over passed for a session log", name)
			case head != "" && (err != nil || len(s.ids) != 1 || len(s.damages) == 0):
				t.Errorf("%s behind %.10q: %d records, %d damages, %v", name, head, len(s.ids), len(s.damages), err)
			}
			if more := memory() - before; more > 48<<20 {
				t.Errorf("%s: the bomb took %d MiB of memory", name, more>>20)
			}
		}
	}
}

// memory is what the program has of the system. It never shrinks in a test, so
// that the difference is what a reading had to have at most.
func memory() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
