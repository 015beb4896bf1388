// Package handover is the file in which a site without a line to the shared
// store hands over its facts: lines of JSON in a zstandard frame, the same
// bytes for the same facts, closed by a digest over all of it. What the facts
// are, and what taking them over means, is the store's business.
package handover

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// Bounds on a file, far above what a site of 100,000 accounts writes.
const (
	maxLine  = 64 << 20
	maxBytes = 16 << 30
	maxLines = 100_000_000
	version  = 1
)

// line is one line of the file; exactly one member is set.
type line struct {
	Head    *head                `json:"splameter,omitempty"`
	Reading *store.HandedReading `json:"reading,omitempty"`
	Fact    *store.HandedFact    `json:"fact,omitempty"`
	Use     *snapshot.Use        `json:"use,omitempty"`
	Log     *snapshot.Log        `json:"log,omitempty"`
	End     *end                 `json:"end,omitempty"`
}

// head is the first line.
type head struct {
	Handover int    `json:"handover"` // the version of this form
	Site     string `json:"site"`
	Month    string `json:"month"`
	Zone     string `json:"time_zone"`
}

// end is the last line.
type end struct {
	Lines  int    `json:"lines"`  // before this one
	Digest string `json:"sha256"` // of all bytes before this line
}

// Write writes what a site hands over.
func Write(ctx context.Context, w io.Writer, h *store.Handover) error {
	// One encoder at one level on one goroutine: the same bytes everywhere.
	z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return err
	}
	sum := digest.New()
	buf := bufio.NewWriterSize(io.MultiWriter(z, sum), 1<<20)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	n := 0
	put := func(l line) error {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		return enc.Encode(l)
	}
	err = put(line{Head: &head{version, h.Site, h.Month, h.Zone}})
	for i := 0; err == nil && i < len(h.Readings); i++ {
		err = put(line{Reading: &h.Readings[i]})
	}
	for i := 0; err == nil && i < len(h.Facts); i++ {
		err = put(line{Fact: &h.Facts[i]})
	}
	for i := 0; err == nil && i < len(h.Uses); i++ {
		err = put(line{Use: &h.Uses[i]})
	}
	for i := 0; err == nil && i < len(h.Logs); i++ {
		err = put(line{Log: &h.Logs[i]})
	}
	if err == nil {
		err = buf.Flush()
	}
	if err == nil {
		var last []byte
		last, err = json.Marshal(line{End: &end{n, sum.Hex()}})
		if err == nil {
			_, err = z.Write(append(last, '\n'))
		}
	}
	return errors.Join(err, z.Close())
}

// Read reads a file to its end and checks its digest; only then is anything
// handed on. A file that is cut, changed or made up is an error.
func Read(ctx context.Context, r io.Reader) (*store.Handover, error) {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(128<<20), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return nil, errForm
	}
	defer z.Close()
	x := &reader{sum: digest.New()}
	in := bufio.NewReaderSize(io.LimitReader(z, maxBytes), 1<<20)
	for {
		if x.lines%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		text, err := readLine(in)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := x.line(text); err != nil {
			return nil, fmt.Errorf("line %d: %w", x.lines+1, err)
		}
	}
	if !x.done {
		return nil, errors.New("the file ends too early; copy it again, or export it again")
	}
	return x.out, nil
}

var errForm = errors.New("the file is none that splameter export wrote, or it is damaged; copy it again, or export it again")

// readLine reads a line with its break; io.EOF only where nothing is left.
func readLine(in *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(text)+len(part) > maxLine {
			return nil, errors.New("a line is longer than any that splameter writes; the file was made up or is damaged")
		}
		switch {
		case err == nil && text == nil:
			return part, nil
		case err == nil:
			return append(text, part...), nil
		case err == bufio.ErrBufferFull:
			text = append(text, part...)
		case err == io.EOF && len(text)+len(part) == 0:
			return nil, io.EOF
		case err == io.EOF:
			return nil, errors.New("the file ends in the middle of a line; copy it again, or export it again")
		default:
			return nil, errForm
		}
	}
}

type reader struct {
	out   *store.Handover
	sum   digest.Sum
	lines int
	done  bool
}

func (x *reader) line(text []byte) error {
	if x.done {
		return errors.New("something stands behind the end of the file; export it again")
	}
	if x.lines >= maxLines {
		return errors.New("the file has more lines than any that splameter writes")
	}
	var l line
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		return errors.New("it cannot be read; the file comes from a newer splameter, was changed, or is damaged")
	}
	n := 0
	for _, set := range []bool{l.Head != nil, l.Reading != nil, l.Fact != nil, l.Use != nil, l.Log != nil, l.End != nil} {
		if set {
			n++
		}
	}
	if n != 1 || (l.Head != nil) != (x.out == nil) || dec.More() {
		return errors.New("it is none that splameter writes there; the file was changed")
	}
	if l.End != nil {
		x.done = true
		if l.End.Lines != x.lines || l.End.Digest != x.sum.Hex() {
			return errors.New("the digest does not fit: the file was changed or is damaged; copy it again, or export it again")
		}
		return nil
	}
	x.sum.Write(text)
	x.lines++
	switch {
	case l.Head != nil:
		if l.Head.Handover != version {
			return fmt.Errorf("the file has form %d, and this splameter reads form %d; use one version at all sites", l.Head.Handover, version)
		}
		if err := config.CheckName(l.Head.Site); err != nil {
			return errors.New("the site's name is none; export it again")
		}
		if _, err := month.Parse(l.Head.Month, nil); err != nil {
			return errors.New("its month is none; export it again")
		}
		x.out = &store.Handover{Site: l.Head.Site, Month: l.Head.Month, Zone: l.Head.Zone}
	case l.Reading != nil:
		x.out.Readings = append(x.out.Readings, *l.Reading)
	case l.Fact != nil:
		x.out.Facts = append(x.out.Facts, *l.Fact)
	case l.Use != nil:
		x.out.Uses = append(x.out.Uses, *l.Use)
	case l.Log != nil:
		x.out.Logs = append(x.out.Logs, *l.Log)
	}
	return nil
}
