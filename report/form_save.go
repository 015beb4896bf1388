package report

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"splameter/internal/lazyregexp"
)

// collector takes a workbook's parts from excelize, which hands them over in
// the order of a map.
type collector struct{ parts map[string]*bytes.Buffer }

func (c *collector) Create(name string) (io.Writer, error) {
	c.parts[name] = &bytes.Buffer{}
	return c.parts[name], nil
}

func (c *collector) AddFS(fs.FS) error {
	return errors.New("a workbook is not made from a file system")
}

func (c *collector) Close() error { return nil }

// write packs the parts sorted by name and without times: equal parts, equal
// bytes.
func (c *collector) write(out io.Writer) error {
	z := zip.NewWriter(out)
	for _, name := range slices.Sorted(maps.Keys(c.parts)) {
		b := c.parts[name].Bytes()
		if name == contentTypes {
			b = sortDefaults(b)
		}
		p, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			return err
		}
		if _, err := p.Write(b); err != nil {
			return err
		}
	}
	return z.Close()
}

// saveFilled writes a form that was filled in. Whoever only reads the file
// finds the new value of every formula in it; a spreadsheet program computes
// all of them again when it opens it.
func saveFilled(f *excelize.File, out io.Writer) error {
	again := true
	if err := f.SetCalcProps(&excelize.CalcPropsOptions{FullCalcOnLoad: &again}); err != nil {
		return err
	}
	c := &collector{map[string]*bytes.Buffer{}}
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return c })
	if _, err := f.WriteTo(io.Discard); err != nil {
		return fmt.Errorf("write the reseller's form: %w", err)
	}
	if err := c.compute(); err != nil {
		return fmt.Errorf("compute the formulas of the reseller's form: %w", err)
	}
	return c.write(out)
}

// formulaXML is a cell with a formula as excelize writes it; valueType is the
// type of its value.
var (
	formulaXML = lazyregexp.New(`<c r="([A-Z]+[0-9]+)"([^>]*)>(<f[^>]*/>|<f[^>]*>[^<]*</f>)(<v>[^<]*</v>|<v/>)?</c>`)
	valueType  = lazyregexp.New(` t="([a-z]*)"`)
)

// maxFormulas is how many formulas are computed. Of a form with more, none
// keeps a value: an old one would be wrong.
const maxFormulas = 50_000

// compute gives every formula the value that it has now. One that cannot be
// computed here keeps none.
func (c *collector) compute() error {
	sheets, err := c.sheets()
	if err != nil {
		return err
	}
	count := 0
	for _, part := range sheets {
		count += len(formulaXML().FindAllIndex(c.bytes(part), maxFormulas+1))
	}
	if count == 0 {
		return nil
	}
	var packed bytes.Buffer
	if err := c.write(&packed); err != nil {
		return err
	}
	f, err := openTemplate(packed.Bytes())
	if err != nil {
		return err
	}
	defer f.Close()
	for _, name := range slices.Sorted(maps.Keys(sheets)) {
		b := c.bytes(sheets[name])
		if b == nil {
			continue
		}
		done := formulaXML().ReplaceAllFunc(b, func(cell []byte) []byte {
			m := formulaXML().FindSubmatch(cell)
			v, err := "", error(nil)
			if count <= maxFormulas {
				v, err = f.CalcCellValue(name, string(m[1]), excelize.Options{RawCellValue: true})
			}
			return withValue(m, v, err == nil && count <= maxFormulas)
		})
		c.parts[sheets[name]] = bytes.NewBuffer(done)
	}
	return nil
}

// withValue is a formula's cell with a value.
func withValue(m [][]byte, v string, known bool) []byte {
	kind := ""
	if t := valueType().FindSubmatch(m[2]); t != nil {
		kind = string(t[1])
	}
	attributes := valueType().ReplaceAllString(string(m[2]), "")
	head := `<c r="` + string(m[1]) + `"` + attributes
	if !known {
		return []byte(head + ">" + string(m[3]) + "</c>")
	}
	_, err := strconv.ParseFloat(v, 64)
	switch {
	case v == "TRUE" || v == "FALSE":
		head += ` t="b"`
		v = map[string]string{"TRUE": "1", "FALSE": "0"}[v]
	case strings.HasPrefix(v, "#") && kind != "str":
		head += ` t="e"`
	case err != nil || kind == "str" && len(m[4]) > 0:
		head += ` t="str"`
	}
	var text bytes.Buffer
	_ = xml.EscapeText(&text, []byte(v)) // a buffer takes everything
	return []byte(head + ">" + string(m[3]) + "<v>" + text.String() + "</v></c>")
}

func (c *collector) bytes(part string) []byte {
	if b := c.parts[part]; b != nil {
		return b.Bytes()
	}
	return nil
}

// sheets are the parts of the sheets by their names.
func (c *collector) sheets() (map[string]string, error) {
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		Links []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	for part, to := range map[string]any{"xl/workbook.xml": &book, "xl/_rels/workbook.xml.rels": &links} {
		if err := xml.Unmarshal(c.bytes(part), to); err != nil {
			return nil, fmt.Errorf("its %s cannot be read: %w", part, err)
		}
	}
	out := map[string]string{}
	for _, s := range book.Sheets {
		for _, l := range links.Links {
			if l.ID == s.ID {
				target := l.Target
				if !strings.HasPrefix(target, "/") {
					target = "xl/" + target
				}
				out[s.Name] = strings.TrimPrefix(path.Clean(target), "/")
			}
		}
	}
	return out, nil
}
