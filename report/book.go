package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"

	"splameter/internal/month"
)

// book is one workbook being made. Each is an excelize file of its own: one
// that is used again keeps the shared strings of the one before, and so the
// names of another customer.
type book struct {
	*look
	f      *excelize.File
	names  sheetNames
	sheets int
	rows   map[string]func(io.Writer) error // of each sheet, by its part
	deep   map[string]bool                  // the parts of sheets with an outline
	// What every sheet carries when printed.
	provider, title, mark string
}

// properties say what a workbook is to whoever looks at its file.
type properties struct {
	title, subject, status string
	identifier             string // program/kind/month/id: tells our own files
	anchor                 string // of the evidence; empty: none
	day                    month.Day
}

// application is what our workbooks say that made them.
const application = "splameter"

func (lk *look) newBook(p properties, provider string) (*book, error) {
	f := excelize.NewFile()
	// Styles and theme are ready: the packer puts them in, and excelize need
	// not make them anew.
	f.Styles, f.Theme = nil, nil
	b := &book{look: lk, f: f, rows: map[string]func(io.Writer) error{}, deep: map[string]bool{}, provider: line(provider), title: p.title}
	stamp := p.day.String() + "T00:00:00Z"
	if err := f.SetDocProps(&excelize.DocProperties{
		Creator: b.provider, LastModifiedBy: b.provider, Created: stamp, Modified: stamp,
		Title: p.title, Subject: line(p.subject), ContentStatus: p.status,
		Identifier: p.identifier, Language: lk.language, Keywords: p.anchor,
	}); err != nil {
		return nil, err
	}
	return b, f.SetAppProps(&excelize.AppProperties{Application: application, Company: b.provider})
}

// write packs the workbook and lets go of it.
func (b *book) write(out io.Writer) error {
	p, err := b.look.newPacker(out, b.rows)
	if err != nil {
		return err
	}
	p.deep = b.deep
	defer b.look.pool.Put(p.press)
	b.f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return p })
	_, err = b.f.WriteTo(io.Discard) // the packer writes to out itself
	if cerr := b.f.Close(); err == nil {
		err = cerr
	}
	return err
}

// drop lets go of a workbook that is not written, with its temporary files.
func (b *book) drop() { _ = b.f.Close() }

// layout is how a sheet looks on screen and on paper.
type layout struct {
	widths    []float64
	landscape bool
	freeze    int    // rows that stay
	repeat    int    // the row that is printed on every page; 0: none
	filter    string // the range to filter; empty: none
	grid      bool   // whether the lines between cells show
	reference string // at the left of the footer
	rows      int    // how many rows the sheet will have
	onePage   bool   // whether a little more than a page is made to fit one
	outline   bool   // whether rows fold beneath the one above them
}

// sheet is a sheet that has everything but its rows.
type sheet struct {
	b    *book
	name string
	part string // its place in the file
	sw   *excelize.StreamWriter
}

// merge joins cells of a row, from a column on.
func (s *sheet) merge(row, column, span int) error {
	from, err := excelize.CoordinatesToCellName(column, row)
	if err != nil {
		return err
	}
	to, err := excelize.CoordinatesToCellName(column+span-1, row)
	if err != nil {
		return err
	}
	return s.sw.MergeCell(from, to)
}

// finish closes the sheet; rows writes its rows when the workbook is packed.
func (s *sheet) finish(rows func(io.Writer) error) error {
	s.b.rows[s.part] = rows
	return s.sw.Flush()
}

// sheet adds a sheet. Excelize makes everything but the rows. It loses what is
// set too late: size and fit go before its stream is opened, the rest before
// it is flushed.
func (b *book) sheet(name string, lay layout) (*sheet, error) {
	name = b.names.give(name)
	var err error
	if b.sheets == 0 {
		err = b.f.SetSheetName("Sheet1", name)
	} else {
		_, err = b.f.NewSheet(name)
	}
	if err != nil {
		return nil, fmt.Errorf("add sheet %s: %w", name, err)
	}
	b.sheets++
	last, err := excelize.CoordinatesToCellName(max(len(lay.widths), 1), max(lay.rows, 1))
	if err != nil {
		return nil, err
	}
	orientation, fit, size, wide, tall := "portrait", true, 9, 1, 0
	if lay.onePage {
		tall = 1
	}
	if lay.landscape {
		orientation = "landscape"
	}
	side, edge, small := 0.5, 0.75, 0.3
	props := &excelize.SheetPropsOptions{FitToPage: &fit}
	part := fmt.Sprintf("xl/worksheets/sheet%d.xml", b.sheets)
	if lay.outline {
		props.OutlineSummaryBelow, b.deep[part] = new(bool), true
	}
	for _, step := range []func() error{
		func() error { return b.f.SetSheetDimension(name, "A1:"+last) },
		func() error { return b.f.SetSheetProps(name, props) },
		func() error {
			return b.f.SetPageLayout(name, &excelize.PageLayoutOptions{Size: &size, Orientation: &orientation, FitToWidth: &wide, FitToHeight: &tall})
		},
		func() error {
			return b.f.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &edge, Bottom: &edge, Header: &small, Footer: &small})
		},
		func() error { return b.f.SetHeaderFooter(name, b.headerFooter(lay.reference)) },
		func() error { return b.f.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &lay.grid}) },
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("lay out sheet %s: %w", name, err)
		}
	}
	sw, err := b.f.NewStreamWriter(name)
	if err != nil {
		return nil, err
	}
	if lay.filter != "" {
		if err := b.f.AutoFilter(name, lay.filter, nil); err != nil {
			return nil, err
		}
	}
	if lay.freeze > 0 {
		top := fmt.Sprintf("A%d", lay.freeze+1)
		if err := sw.SetPanes(&excelize.Panes{Freeze: true, YSplit: lay.freeze, TopLeftCell: top, ActivePane: "bottomLeft",
			Selection: []excelize.Selection{{SQRef: top, ActiveCell: top, Pane: "bottomLeft"}}}); err != nil {
			return nil, err
		}
	}
	if lay.repeat > 0 {
		if err := b.f.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles",
			RefersTo: fmt.Sprintf("'%s'!$%d:$%d", name, lay.repeat, lay.repeat), Scope: name}); err != nil {
			return nil, err
		}
	}
	for i, w := range lay.widths {
		if err := sw.SetColWidth(i+1, i+1, w); err != nil {
			return nil, err
		}
	}
	return &sheet{b, name, part, sw}, nil
}

func (b *book) headerFooter(reference string) *excelize.HeaderFooterOptions {
	h := "&L" + headerText(b.provider, 60)
	if b.mark != "" {
		h += "&C&B" + headerText(b.mark, 60) + "&B"
	}
	return &excelize.HeaderFooterOptions{
		OddHeader: h + "&R" + headerText(b.title, 60),
		OddFooter: "&L" + headerText(reference, 90) + "&R" + b.pageOf,
	}
}

// grid is a small sheet, held until its size is known.
type grid struct {
	rows    [][]cell
	heights map[int]float64
}

// add appends a row and returns its number, counted from 1. A height of 0 is
// the usual one.
func (g *grid) add(height float64, cells ...cell) int {
	g.rows = append(g.rows, cells)
	if height > 0 {
		if g.heights == nil {
			g.heights = map[int]float64{}
		}
		g.heights[len(g.rows)] = height
	}
	return len(g.rows)
}

// append adds the rows of another beneath.
func (g *grid) append(more *grid) {
	for i, cells := range more.rows {
		g.add(more.heights[i+1], cells...)
	}
}

// put writes the grid as a sheet. before runs when the sheet is there and can
// still be added to: the moment for a chart.
func (g *grid) put(b *book, name string, lay layout, before func(sheet string) error) error {
	lay.rows = len(g.rows)
	sh, err := b.sheet(name, lay)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	e := newEncoder(&out, &b.ids, len(lay.widths))
	for i, cells := range g.rows {
		e.begin(i + 1)
		for _, c := range cells {
			if c.span > 1 {
				if err := sh.merge(i+1, e.col+1, c.span); err != nil {
					return err
				}
			}
			e.put(c)
		}
		e.end(g.heights[i+1])
	}
	if err := e.flush(); err != nil {
		return err
	}
	if before != nil {
		if err := before(sh.name); err != nil {
			return err
		}
	}
	return sh.finish(func(w io.Writer) error {
		_, err := w.Write(out.Bytes())
		return err
	})
}
