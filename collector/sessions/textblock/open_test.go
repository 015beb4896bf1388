package textblock

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"splameter/collector/sessions/record"
	"splameter/internal/textfile"
)

func gz(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zst(t testing.TB, b []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll(b, nil)
}

// utf16Of is UTF-16 by the standard library.
func utf16Of(s string, big, mark bool) []byte {
	var out []byte
	if mark {
		s = "\ufeff" + s
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			out = append(out, byte(u>>8), byte(u))
		} else {
			out = append(out, byte(u), byte(u>>8))
		}
	}
	return out
}

func TestOpen(t *testing.T) {
	const text = "<Event>zoë 😀 ローカル</Event>\r\n"
	for _, tt := range []struct {
		name string
		in   []byte
		want string
		c    textfile.Compression
		e    textfile.Encoding
		f    Form
	}{
		{"plain", []byte(text), text, textfile.Plain, textfile.UTF8, XML},
		{"mark", []byte("\ufeff" + text), text, textfile.Plain, textfile.UTF8, XML},
		{"UTF-16 LE", utf16Of(text, false, true), text, textfile.Plain, textfile.UTF16LE, XML},
		{"UTF-16 BE", utf16Of(text, true, true), text, textfile.Plain, textfile.UTF16BE, XML},
		{"UTF-16 LE without mark", utf16Of(text, false, false), text, textfile.Plain, textfile.UTF16LE, XML},
		{"UTF-16 BE without mark", utf16Of(text, true, false), text, textfile.Plain, textfile.UTF16BE, XML},
		{"gzip", gz(t, []byte(text)), text, textfile.Gzip, textfile.UTF8, XML},
		{"two gzip members", append(gz(t, []byte("{}")), gz(t, []byte("\n{}"))...), "{}\n{}", textfile.Gzip, textfile.UTF8, JSON},
		{"zstd", zst(t, utf16Of("{\"a\":1}", false, true)), `{"a":1}`, textfile.Zstd, textfile.UTF16LE, JSON},
		{"array", []byte(" \n[{}]"), " \n[{}]", textfile.Plain, textfile.UTF8, JSON},
		{"csv", []byte("\ufeff\"a\",\"b\"\n"), "\"a\",\"b\"\n", textfile.Plain, textfile.UTF8, CSV},
		{"old PowerShell", []byte("#TYPE x\n"), "#TYPE x\n", textfile.Plain, textfile.UTF8, CSV},
		{"evtx", []byte("ElfFile\x00\x01\x00"), "ElfFile\x00\x01\x00", textfile.Plain, textfile.Binary, EVTX},
		{"evtx in gzip", gz(t, []byte("ElfFile\x00\x01\x00")), "ElfFile\x00\x01\x00", textfile.Gzip, textfile.Binary, EVTX},
		{"empty", nil, "", textfile.Plain, textfile.UTF8, Empty},
		{"zeros", make([]byte, 300), string(make([]byte, 300)), textfile.Plain, textfile.UTF8, Unknown},
		{"half a unit", append(utf16Of("{}", false, true), 'x'), "{}\ufffd", textfile.Plain, textfile.UTF16LE, JSON},
		{"a lone surrogate", []byte{0xff, 0xfe, '{', 0, 0x3d, 0xd8, '}', 0}, "{\ufffd}", textfile.Plain, textfile.UTF16LE, JSON},
		{"words", []byte("hello\n"), "hello\n", textfile.Plain, textfile.UTF8, Unknown},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, r := range []io.Reader{bytes.NewReader(tt.in), iotest.OneByteReader(bytes.NewReader(tt.in))} {
				s, err := Open(r)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(s)
				if err != nil {
					t.Fatal(err)
				}
				if string(got) != tt.want || s.Compression != tt.c || s.Encoding != tt.e || s.Form != tt.f {
					t.Errorf("got %q, %s, %s, %s", got, s.Compression, s.Encoding, s.Form)
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// What comes before damaged compression is whole, and the damage is told.
func TestTruncated(t *testing.T) {
	text := []byte(strings.Repeat("line of text\n", 50_000))
	for name, in := range map[string][]byte{"gzip": gz(t, text), "zstd": zst(t, text)} {
		s, err := Open(bytes.NewReader(in[:len(in)-5]))
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := io.ReadAll(s)
		var corrupt *textfile.CorruptError
		if !errors.As(err, &corrupt) || !strings.Contains(err.Error(), "ends early") {
			t.Errorf("%s: %v", name, err)
		}
		if len(got) < 100_000 || !bytes.HasPrefix(text, got) {
			t.Errorf("%s: %d bytes were read", name, len(got))
		}
		s.Close()
	}
}

// A frame that asks for a window of 512 MiB is refused.
func TestWindow(t *testing.T) {
	w, err := zstd.NewWriter(nil, zstd.WithWindowSize(512<<20), zstd.WithSingleSegment(false))
	if err != nil {
		t.Fatal(err)
	}
	var frame bytes.Buffer
	w.Reset(&frame)
	if _, err := io.Copy(w, io.LimitReader(zeros{}, 2<<20)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(&frame)
	if err == nil {
		_, err = io.ReadAll(s)
		s.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "64 MiB") {
		t.Errorf("got %v", err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func FuzzOpen(f *testing.F) {
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add([]byte("\x28\xb5\x2f\xfd\x00\x00"))
	f.Add([]byte("\xff\xfe<\x00E\x00"))
	f.Fuzz(func(t *testing.T, in []byte) {
		s, err := Open(bytes.NewReader(in))
		if err != nil {
			return
		}
		defer s.Close()
		_, err = io.Copy(io.Discard, io.LimitReader(s, 1<<24))
		var corrupt *textfile.CorruptError
		if err != nil && !errors.As(err, &corrupt) {
			t.Errorf("an error that is no damage: %v", err)
		}
	})
}

// lines is a parser whose records are lines.
type lines struct{}

func (lines) Parse(b Block, out record.Handler) (used, state int, c Counts) {
	for {
		n := bytes.IndexByte(b.Data[used:], '\n') + 1
		if n == 0 {
			if b.Last {
				n = len(b.Data) - used
			}
			if n == 0 {
				return used, 0, c
			}
		}
		c.Records++
		out.Record(&record.Record{Computer: b.Data[used : used+n]})
		used += n
	}
}

type texts struct {
	lines   []string
	damages []record.Damage
}

func (l *texts) Record(r *record.Record) { l.lines = append(l.lines, string(r.Computer)) }
func (l *texts) Damaged(d record.Damage) { l.damages = append(l.damages, d) }

func TestRun(t *testing.T) {
	failed := errors.New("the disk is gone")
	for _, workers := range []int{1, 3} {
		job := func(block int) Job {
			return Job{File: "f", Workers: workers, BlockSize: block, New: func() Parser { return lines{} },
				Cut: func(b []byte) int { return bytes.LastIndexByte(b, '\n') + 1 }}
		}
		in := strings.Repeat("a line\n", 1000) + "the end"
		h := &texts{}
		c, err := Run(t.Context(), strings.NewReader(in), job(50), h)
		if err != nil || c.Records != 1001 || len(h.lines) != 1001 || h.lines[1000] != "the end" {
			t.Errorf("%d workers: %+v, %v", workers, c, err)
		}
		// The reader's own error comes back, after all that could be read.
		h = &texts{}
		_, err = Run(t.Context(), io.MultiReader(strings.NewReader(in), iotest.ErrReader(failed)), job(64<<10), h)
		if !errors.Is(err, failed) || len(h.lines) != 1001 {
			t.Errorf("%d workers: %v after %d lines", workers, err, len(h.lines))
		}
		// Damaged compression is damage of the file and no error.
		h = &texts{}
		_, err = Run(t.Context(), io.MultiReader(strings.NewReader(in), iotest.ErrReader(&textfile.CorruptError{Compression: textfile.Gzip, Err: io.ErrUnexpectedEOF})), job(100), h)
		if err != nil || len(h.lines) != 1001 || len(h.damages) != 1 || h.damages[0].Line != 1001 {
			t.Errorf("%d workers: %v, %d lines, %v", workers, err, len(h.lines), h.damages)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err = Run(ctx, zeros{}, job(100), &texts{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%d workers: %v", workers, err)
		}
	}
}

// A table in the code page of Windows or of a command prompt is told by where
// its letters lie; one broken byte in a text of UTF-8 stays as it is.
func TestCodePages(t *testing.T) {
	for in, want := range map[string]string{
		"Time,User\nx,M\xfcller\ny,Fran\xe7oise\n": "Time,User\nx,Müller\ny,Françoise\n",
		"Time,User\nx,M\x81ller\ny,Fran\x87oise\n": "Time,User\nx,Müller\ny,Françoise\n",
		"Time,User\nx,Müller\ny,Fran\xe7oise\n":    "Time,User\nx,Müller\ny,Fran\xe7oise\n",
		"Time,User\nx,l\x92ordinateur de Zo\xeb\n": "Time,User\nx,l’ordinateur de Zoë\n",
	} {
		s, err := Open(strings.NewReader(in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(s)
		if err != nil || string(got) != want {
			t.Errorf("%q: %q, want %q (%v)", in, got, want, err)
		}
	}
}
