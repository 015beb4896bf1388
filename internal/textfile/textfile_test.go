package textfile_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"splameter/internal/textfile"
)

const text = "dn: CN=zoë\n"

func gz(t testing.TB, s string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zst(t testing.TB, s string) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.EncodeAll([]byte(s), nil)
}

func wide(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

// The same text, however it is wrapped. A skippable frame of zstd (RFC 8878,
// 3.1.2), such as pzstd and tools of backup write first, holds no text.
func TestOpen(t *testing.T) {
	skipped := append([]byte("\x5a\x2a\x4d\x18\x04\x00\x00\x00abcd"), zst(t, text)...)
	for name, in := range map[string][]byte{
		"plain": []byte(text), "mark": []byte("\ufeff" + text), "gzip": gz(t, text), "zstd": zst(t, text), "skippable frame": skipped,
		"UTF-16 with a mark": []byte("\xff\xfe" + wide(text)), "UTF-16 without one": []byte(wide(text)), "both": gz(t, wide(text)),
	} {
		f, err := textfile.Open(iotest.OneByteReader(bytes.NewReader(in)), 1<<16, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := io.ReadAll(f)
		if err != nil || string(got) != text {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		f.Close()
	}
}

// A disk that fails within a compressed file is no damage of the file.
func TestSourceFails(t *testing.T) {
	gone := errors.New("the share is gone")
	for name, in := range map[string][]byte{"gzip": gz(t, text), "zstd": zst(t, text)} {
		for _, n := range []int{0, 3, 5, len(in) - 3} {
			f, err := textfile.Open(io.MultiReader(bytes.NewReader(in[:n]), iotest.ErrReader(gone)), 0, nil)
			if err == nil {
				_, err = io.ReadAll(f)
				f.Close()
			}
			var corrupt *textfile.CorruptError
			if !errors.Is(err, gone) || errors.As(err, &corrupt) {
				t.Errorf("%s, after %d bytes: %v", name, n, err)
			}
		}
	}
}

// What is no text is handed on byte for byte.
func TestBinary(t *testing.T) {
	in := "ElfFile\x00\x01\x00\xff\xfe"
	f, err := textfile.Open(bytes.NewReader([]byte(in)), 0, func(head []byte) bool { return bytes.HasPrefix(head, []byte("ElfFile")) })
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != in || f.Encoding != textfile.Binary {
		t.Errorf("%q, %v, %v", got, f.Encoding, err)
	}
}
