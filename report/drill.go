package report

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// drillTable is everything that is said of the questions that an auditor asks:
// the questions, what each needs, its sheets with their columns, and the words
// of each in every language.
//
//go:embed drills.csv
var drillTable []byte

// Drill is one question that an auditor asks.
type Drill struct {
	Name   string
	OfDay  bool // of one day; else of months
	title  [2]string
	needs  [2]string
	Sheets []DrillTable
}

// DrillTable is one sheet of an answer: its name, and its columns by theirs.
type DrillTable struct {
	Name    string
	Columns []string
}

type drillWord struct {
	of   string
	text [2]string // English, Dutch
}

var drillData = sync.OnceValues(func() ([]Drill, map[string]drillWord) {
	drills, words, _ := parseDrills(drillTable) // TestDrillTable fails of each fault
	return drills, words
})

// parseDrills reads the table of questions. A fault takes its own line away and
// no other: a word that is missing at a user's is shown as it is called.
func parseDrills(b []byte) (drills []Drill, words map[string]drillWord, faults []error) {
	lines := csv.NewReader(bytes.NewReader(b))
	lines.FieldsPerRecord = 5
	words = map[string]drillWord{}
	for head := true; ; head = false {
		r, err := lines.Read()
		switch {
		case err == io.EOF:
			return drills, words, faults
		case err != nil:
			faults = append(faults, err)
			continue
		case head:
			continue
		}
		line, _ := lines.FieldPos(0)
		kind, name, of, text := r[0], r[1], r[2], [2]string{r[3], r[4]}
		_, twice := words[kind+" "+name]
		ofQuestion := kind == "needs" || kind == "sheet" && name != DrillMissing
		switch {
		case twice || text[0] == "" || text[1] == "":
			faults = append(faults, fmt.Errorf("line %d: %s %s stands twice, or lacks a language", line, kind, name))
			continue
		case ofQuestion && len(drills) == 0:
			faults = append(faults, fmt.Errorf("line %d: %s %s stands before any question", line, kind, name))
			continue
		}
		words[kind+" "+name] = drillWord{of, text}
		switch {
		case kind == "question":
			drills = append(drills, Drill{Name: name, OfDay: of == "day", title: text})
		case kind == "needs":
			drills[len(drills)-1].needs = text
		case ofQuestion:
			d := &drills[len(drills)-1]
			d.Sheets = append(d.Sheets, DrillTable{name, strings.Fields(of)})
		}
	}
}

// DrillMissing is the sheet of what an answer lacks.
const DrillMissing = "missing"

// Drills are all questions, in their order.
func Drills() []Drill {
	list, _ := drillData()
	return list
}

// Title is the question in a language.
func (d *Drill) Title(language string) string { return drillIn(d.title, language) }

// Needs is what an answer needs, in a language.
func (d *Drill) Needs(language string) string { return drillIn(d.needs, language) }

func drillIn(text [2]string, language string) string {
	if strings.EqualFold(language, "nl") {
		return text[1]
	}
	return text[0]
}

// DrillWord is a word of the answers in a language; itself where there is none.
func DrillWord(kind, name, language string) string {
	_, words := drillData()
	if w, ok := words[kind+" "+name]; ok {
		return drillIn(w.text, language)
	}
	return name
}

// DrillAnswer is a question with its answer. Its cells are texts, numbers and
// days; nil is nothing.
type DrillAnswer struct {
	Drill    *Drill
	Span     string // the day or the months
	Until    month.Month
	Rows     map[string][][]any // by sheet
	Missing  []DrillLack
	Products []statement.Product
}

// DrillLack is something that an answer lacks.
type DrillLack struct {
	Month, What, Subject, From, Until string // What is a word of kind missing
}

// WriteDrill writes an answer as a workbook, in the provider's language.
func WriteDrill(ctx context.Context, out io.Writer, cfg *config.Config, reg *register.Register, a *DrillAnswer) error {
	if err := a.check(); err != nil {
		return err
	}
	st := &statement.Statement{Month: a.Until.String(), Status: statement.Complete, State: statement.Approved, Products: a.Products}
	w, err := New(Input{Statement: st, Config: cfg, Register: reg, Month: a.Until})
	if err != nil {
		return err
	}
	lk := w.own()
	title := a.Drill.Title(lk.language)
	b, err := lk.newBook(properties{title: title + ", " + a.Span, day: a.Until.LastDay(), identifier: w.identifier("drill-"+a.Drill.Name, "")}, cfg.Provider.Name)
	if err != nil {
		return err
	}
	r := drillBook{&review{w: w, book: b, words: &lk.review, maxRows: 1 << 20}, a}
	err = r.summary(title)
	for i := 0; err == nil && i < len(a.Drill.Sheets); i++ {
		err = r.table(ctx, r.sheetOf(a.Drill.Sheets[i], a.Rows[a.Drill.Sheets[i].Name]))
	}
	if err == nil {
		err = r.table(ctx, r.missing())
	}
	if err != nil {
		b.drop()
		return fmt.Errorf("make the answer to %s: %w", a.Drill.Name, err)
	}
	return b.write(out)
}

// check holds the rows against the question's sheets: a row that has no place
// would be lost without a word.
func (a *DrillAnswer) check() error {
	for name, rows := range a.Rows {
		at := slices.IndexFunc(a.Drill.Sheets, func(s DrillTable) bool { return s.Name == name })
		if at < 0 {
			return fmt.Errorf("the question %s has no sheet %s", a.Drill.Name, name)
		}
		for _, row := range rows {
			if len(row) != len(a.Drill.Sheets[at].Columns) {
				return fmt.Errorf("a row of the sheet %s has %d cells for %d columns", name, len(row), len(a.Drill.Sheets[at].Columns))
			}
		}
	}
	return nil
}

type drillBook struct {
	*review
	a *DrillAnswer
}

func (r *drillBook) word(kind, name string) string { return DrillWord(kind, name, r.language) }

// summary is the first sheet: the question, its span, and what there is.
func (r *drillBook) summary(title string) error {
	widths := []float64{26, 60}
	var g grid
	g.add(30, wide(styleTitle, title, 2))
	fact := func(label, value string) {
		g.add(rowHeight(linesOf(value, 58)), text(styleLabel, label), text(styleText, value))
	}
	fact(r.serviceProvider, r.w.Config.Provider.Name)
	fact(r.agreement, r.w.Config.Provider.Agreement)
	fact(r.period, r.a.Span)
	for _, s := range r.a.Drill.Sheets {
		fact(r.word("sheet", s.Name), strconv.Itoa(len(r.a.Rows[s.Name])))
	}
	fact(r.word("sheet", DrillMissing), strconv.Itoa(len(r.a.Missing)))
	notes := []string{r.word("note", "masked")}
	if len(r.a.Missing) == 0 {
		notes = append(notes, r.word("note", "complete"))
	}
	g.add(6)
	for _, n := range notes {
		g.add(textHeight(n, widths), wide(styleNote, n, 2))
	}
	return g.put(r.book, r.labels.overview, layout{widths: widths, reference: title}, nil)
}

func (r *drillBook) columns(names []string) []column {
	_, words := drillData()
	var out []column
	for _, name := range names {
		width, err := strconv.Atoi(words["column "+name].of)
		if err != nil {
			width = 16
		}
		out = append(out, column{r.word("column", name), float64(width), false})
	}
	return out
}

func (r *drillBook) sheetOf(s DrillTable, rows [][]any) table {
	columns := r.columns(s.Columns)
	for i := range columns {
		for _, row := range rows {
			if _, ok := row[i].(int); ok {
				columns[i].right = true
				break
			}
		}
	}
	return table{
		name: r.word("sheet", s.Name), span: r.a.Span, columns: columns, n: len(rows),
		fill: func(i int, row *row) {
			for j, v := range rows[i] {
				switch v := v.(type) {
				case nil:
					row.blank()
				case int:
					row.int(v)
				case month.Day:
					row.day(v)
				case bool:
					row.yes(v)
				case string:
					if s.Columns[j] == "product" {
						v = r.review.product(v)
					}
					row.long(v)
				}
			}
		},
	}
}

// missing is the sheet of what the answer lacks.
func (r *drillBook) missing() table {
	_, words := drillData()
	return table{
		name: r.word("sheet", DrillMissing), span: r.a.Span, columns: r.columns(strings.Fields(words["sheet "+DrillMissing].of)), n: len(r.a.Missing),
		fill: func(i int, row *row) {
			m := &r.a.Missing[i]
			row.text(m.Month)
			row.long(r.word("missing", m.What))
			row.long(m.Subject)
			row.text(m.From)
			row.text(m.Until)
		},
	}
}
