package inventory

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"unicode/utf8"

	"splameter/internal/textfile"

	"golang.org/x/text/encoding/charmap"
)

// all is the whole text as UTF-8.
func (in *input) all(most int) ([]byte, error) {
	b, err := in.whole(most)
	if err != nil {
		in.end(err)
	}
	if err := in.failure(); err != nil {
		return nil, err
	}
	if len(b) > most {
		return nil, fmt.Errorf("it holds more than %d MiB of JSON; split the export, or use CSV", most>>20)
	}
	if !in.wide && !utf8.Valid(b) {
		in.notes.add(CodeEncoding, "", 0, "the text is not UTF-8 and was taken as %s; export as UTF-8 to be sure of names with accents", pageName(textfile.CodePage(b)))
		b = fromPage(b, textfile.CodePage(b))
	}
	if in.wide && bytes.ContainsRune(b, utf8.RuneError) {
		in.notes.damage(0, "text that is not valid UTF-16: characters are lost")
	}
	return b, nil
}

// maxDoubled is up to where a buffer of unknown final size is doubled.
const maxDoubled = 32 << 20

// whole reads at most one byte more than most. The text is held once: a file's
// size is asked for, and a buffer that must grow beyond maxDoubled gets all
// that it may come to need at once, which is taken from the system only as it
// is filled.
func (in *input) whole(most int) ([]byte, error) {
	size := 64 << 10
	if f, ok := in.r.(interface{ Stat() (fs.FileInfo, error) }); ok && in.Compression == textfile.Plain && !in.wide {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			size = int(min(info.Size(), int64(most))) + 1 // one for its end
		}
	}
	b := make([]byte, 0, min(size, most+1))
	for {
		if len(b) > most {
			return b, nil
		}
		if len(b) == cap(b) {
			more := min(2*cap(b), most+1)
			if more > maxDoubled {
				more = most + 1
			}
			b = append(make([]byte, 0, more), b...)
		}
		n, err := in.Text.Read(b[len(b):min(cap(b), len(b)+1<<20)])
		b = b[:len(b)+n]
		if err == io.EOF {
			return b, nil
		}
		if err == nil {
			err = in.ctx.Err()
		}
		if err != nil {
			return b, err
		}
	}
}

// fromPage is text of a code page as UTF-8.
func fromPage(b []byte, page *charmap.Charmap) []byte {
	size := len(b)
	for _, c := range b {
		if c >= utf8.RuneSelf {
			size += utf8.RuneLen(page.DecodeByte(c)) - 1
		}
	}
	out := make([]byte, 0, size)
	for _, c := range b {
		out = utf8.AppendRune(out, page.DecodeByte(c))
	}
	return out
}
