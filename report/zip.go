package report

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strings"

	"github.com/klauspost/compress/flate"
)

// level is flate's: at 1 an annex costs a fifth less than at 6, and is a tenth
// larger.
const level = 1

// noRows is what excelize writes for a sheet without rows.
const noRows = "<sheetData></sheetData>"

const contentTypes = "[Content_Types].xml"

// packer writes a workbook's parts sorted by name and without times, so that
// the same workbook has the same bytes: excelize hands them over in the order
// of a map. Each part is held compressed until the end, never whole.
type packer struct {
	out   io.Writer
	parts []*part
	open  *part
	press *flate.Writer
	rows  map[string]func(io.Writer) error // what goes into a sheet's part
	deep  map[string]bool                  // the sheets whose rows have an outline
	fixed map[string]*part                 // parts that are always the same, compressed once
}

type part struct {
	name string
	raw  bytes.Buffer // what was written, where more is to be done with it
	data pieces       // compressed
	size uint64
	sum  uint32
	to   io.Writer
}

// pieces are bytes that are kept as they come: a review is tens of megabytes
// packed, and a buffer that grows would hold it twice.
type pieces [][]byte

func (p *pieces) Write(b []byte) (int, error) {
	const least, most = 1 << 12, 1 << 18
	for rest := b; len(rest) > 0; {
		last := len(*p) - 1
		if last < 0 || len((*p)[last]) == cap((*p)[last]) {
			*p = append(*p, make([]byte, 0, min(max(least, p.Len()), most)))
			last++
		}
		q := (*p)[last]
		n := min(len(rest), cap(q)-len(q))
		(*p)[last], rest = append(q, rest[:n]...), rest[n:]
	}
	return len(b), nil
}

// Len is how many bytes they are.
func (p *pieces) Len() (n int) {
	for _, b := range *p {
		n += len(b)
	}
	return n
}

func (p *part) Write(b []byte) (int, error) {
	p.size += uint64(len(b))
	p.sum = crc32.Update(p.sum, crc32.IEEETable, b)
	return p.to.Write(b)
}

func (lk *look) newPacker(out io.Writer, rows map[string]func(io.Writer) error) (*packer, error) {
	p := &packer{out: out, rows: rows, fixed: lk.fixed}
	if p.press, _ = lk.pool.Get().(*flate.Writer); p.press == nil {
		var err error
		if p.press, err = flate.NewWriter(io.Discard, level); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Create begins a part; it ends when the next begins.
func (p *packer) Create(name string) (io.Writer, error) {
	if err := p.end(); err != nil {
		return nil, err
	}
	if f := p.fixed[name]; f != nil {
		p.parts = append(p.parts, f)
		return io.Discard, nil
	}
	p.open = &part{name: name}
	p.parts = append(p.parts, p.open)
	p.press.Reset(&p.open.data)
	p.open.to = p.press
	if name == contentTypes || p.rows[name] != nil {
		return &p.open.raw, nil
	}
	return p.open, nil
}

func (p *packer) end() error {
	o := p.open
	p.open = nil
	if o == nil {
		return nil
	}
	raw := o.raw.Bytes()
	switch rows := p.rows[o.name]; {
	case o.name == contentTypes:
		raw = sortDefaults(raw)
	case rows != nil:
		before, after, ok := bytes.Cut(raw, []byte(noRows))
		if !ok {
			return fmt.Errorf("part %s has no place for its rows", o.name)
		}
		if p.deep[o.name] { // else no program shows where the outline opens
			before = bytes.Replace(before, []byte("<sheetFormatPr "), []byte(`<sheetFormatPr outlineLevelRow="1" `), 1)
		}
		if _, err := o.Write(fewNamespaces(before)); err != nil {
			return err
		}
		if _, err := io.WriteString(o, "<sheetData>"); err != nil {
			return err
		}
		if err := rows(o); err != nil {
			return err
		}
		raw = append([]byte("</sheetData>"), after...)
	}
	if len(raw) > 0 {
		if _, err := o.Write(raw); err != nil {
			return err
		}
	}
	return p.press.Close()
}

// AddFS is part of what excelize may ask for, and never does when it saves.
func (p *packer) AddFS(fs.FS) error {
	return errors.New("a workbook is not made from a file system")
}

// Close writes the archive.
func (p *packer) Close() error {
	if err := p.end(); err != nil {
		return err
	}
	sort.Slice(p.parts, func(i, j int) bool { return p.parts[i].name < p.parts[j].name })
	z := zip.NewWriter(p.out)
	for _, o := range p.parts {
		w, err := z.CreateRaw(&zip.FileHeader{
			Name: o.name, Method: zip.Deflate, CRC32: o.sum,
			CompressedSize64: uint64(o.data.Len()), UncompressedSize64: o.size,
		})
		if err != nil {
			return err
		}
		for _, b := range o.data {
			if _, err := w.Write(b); err != nil {
				return err
			}
		}
	}
	return z.Close()
}

// compressed is a part made beforehand.
func compressed(name string, data []byte) (*part, error) {
	o := &part{name: name}
	press, err := flate.NewWriter(&o.data, 6) // once only: the time does not matter
	if err != nil {
		return nil, err
	}
	o.to = press
	if _, err := o.Write(data); err != nil {
		return nil, err
	}
	o.to = nil
	return o, press.Close()
}

// worksheet begins a sheet's part, with the only names that our sheets use.
const worksheet = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">`

// fewNamespaces leaves out the four thousand characters of names with which
// excelize begins each sheet.
func fewNamespaces(b []byte) []byte {
	before, rest, ok := bytes.Cut(b, []byte("<worksheet "))
	if !ok {
		return b
	}
	_, rest, ok = bytes.Cut(rest, []byte(">"))
	if !ok {
		return b
	}
	return slices.Concat(before, []byte(worksheet), rest)
}

// sortDefaults puts the Default elements of the content types in order: with a
// chart excelize writes them in the order of a map.
func sortDefaults(b []byte) []byte {
	const end = "</Default>"
	s := string(b)
	var rest strings.Builder
	var all []string
	at := -1
	for {
		i := strings.Index(s, "<Default ")
		if i < 0 {
			break
		}
		j := strings.Index(s[i:], end)
		if j < 0 {
			break
		}
		rest.WriteString(s[:i])
		if at < 0 {
			at = rest.Len()
		}
		all = append(all, s[i:i+j+len(end)])
		s = s[i+j+len(end):]
	}
	rest.WriteString(s)
	if at < 0 {
		return b
	}
	sort.Strings(all)
	r := rest.String()
	return []byte(r[:at] + strings.Join(all, "") + r[at:])
}
