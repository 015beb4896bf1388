package report

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"splameter/internal/atomicfile"
	"splameter/internal/register"
	"splameter/internal/statement"
)

// tree is every file beneath a folder with its content.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func files(m map[string]string) []string {
	var out []string
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

func write(t testing.TB, dir string, in Input) Written {
	t.Helper()
	w, err := Write(t.Context(), dir, in)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	w := write(t, dir, fixture(t))
	want := []string{
		"annex/appel-2026-10.xlsx", "annex/boom-2026-10.xlsx", "annex/citroen-2026-10.xlsx", "annex/partner-west-2026-10.xlsx",
		"review-2026-10.xlsx", "statement-2026-10.json", "usage-report-2026-10.xlsx",
	}
	if diff := cmp.Diff(want, files(tree(t, dir))); diff != "" {
		t.Error(diff)
	}
	if len(w.Paths()) != len(want) || len(w.Removed) != 0 {
		t.Errorf("%+v", w)
	}
	for _, p := range w.Paths() {
		if _, err := os.Stat(p); err != nil {
			t.Error(err)
		}
	}
	var st statement.Statement
	b, _ := os.ReadFile(w.Statement)
	if err := json.Unmarshal(b, &st); err != nil || len(st.Lines) != 3 || bytes.Contains(b, []byte("null")) || bytes.Contains(b, []byte(`\u0026`)) {
		t.Errorf("the statement: %v\n%s", err, b)
	}
}

// Twice the same, by one worker or by two, with many annexes that have charts.
func TestSameInputSameBytes(t *testing.T) {
	for name, in := range map[string]Input{"fixture": fixture(t), "many tenants": monthOfTenants(t, 12)} {
		var before map[string]string
		for _, workers := range []int{1, 2, 1, 2} {
			dir := t.TempDir()
			in.Workers = workers
			write(t, dir, in)
			now := tree(t, dir)
			if before != nil {
				for _, f := range files(now) {
					if before[f] != now[f] {
						t.Errorf("%s: %s differs with %d workers", name, f, workers)
					}
				}
			}
			before = now
		}
	}
}

func TestRewriteTidiesUp(t *testing.T) {
	dir := t.TempDir()
	in := fixture(t)
	write(t, dir, in)
	annexes := filepath.Join(dir, "annex")
	put := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Files of others: a text, a workbook of somebody else, an annex of
	// another month, and one that was saved again by a spreadsheet program.
	put("annex/notes-2026-10.xlsx", []byte("my notes"))
	f := excelize.NewFile()
	var foreign bytes.Buffer
	if err := f.Write(&foreign); err != nil {
		t.Fatal(err)
	}
	put("annex/foreign-2026-10.xlsx", foreign.Bytes())
	boomOld, err := os.ReadFile(filepath.Join(annexes, "boom-2026-10.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	put("annex/boom-2026-09.xlsx", boomOld)
	edited := openBook(t, boomOld)
	if err := edited.SetAppProps(&excelize.AppProperties{Application: "Microsoft Excel"}); err != nil {
		t.Fatal(err)
	}
	var saved bytes.Buffer
	if err := edited.Write(&saved); err != nil {
		t.Fatal(err)
	}
	put("annex/edited-2026-10.xlsx", saved.Bytes())
	// Left by a run that was killed.
	put(".splameter-123.tmp", []byte("half"))
	put("annex/.splameter-9.tmp", []byte("half"))

	in = fixture(t)
	in.Statement.Tenants = slices.DeleteFunc(in.Statement.Tenants, func(t statement.Tenant) bool { return t.ID == "boom" || t.ID == "citroen" })
	w := write(t, dir, in)
	want := []string{
		"annex/appel-2026-10.xlsx", "annex/boom-2026-09.xlsx", "annex/edited-2026-10.xlsx", "annex/foreign-2026-10.xlsx", "annex/notes-2026-10.xlsx",
		"review-2026-10.xlsx", "statement-2026-10.json", "usage-report-2026-10.xlsx",
	}
	if diff := cmp.Diff(want, files(tree(t, dir))); diff != "" {
		t.Error(diff)
	}
	if len(w.Removed) != 3 { // boom, citroen, and their partner
		t.Errorf("removed %q", w.Removed)
	}
}

// Ids come from a table that anybody may have edited.
func TestHostileIdsStayInside(t *testing.T) {
	outer := t.TempDir()
	dir := filepath.Join(outer, "out", "2026-10")
	in := fixture(t)
	for _, id := range []string{`..\..\con`, "../../../escape", "/absolute", "nul", "a\x00b", strings.Repeat("long", 200), "x'y&<z>"} {
		in.Register.Tenants = append(in.Register.Tenants, register.Tenant{ID: id, Name: id, Partner: id})
		in.Statement.Tenants = append(in.Statement.Tenants, statement.Tenant{ID: id, Name: id, Partner: id, Lines: []statement.Line{{Product: "rds", Unit: statement.UnitUser, Quantity: 1}}})
	}
	w := write(t, dir, in)
	if len(w.Annexes) != 3+7 || len(w.Partners) != 1+7 {
		t.Errorf("%d annexes, %d partners", len(w.Annexes), len(w.Partners))
	}
	for f := range tree(t, outer) {
		if !strings.HasPrefix(f, "out/2026-10/") {
			t.Errorf("%s is outside", f)
		}
	}
	for _, p := range w.Annexes {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		openBook(t, b)
	}
}

func TestCancelLeavesTheOldFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, fixture(t))
	before := tree(t, dir)
	in := fixture(t)
	in.Statement.Revision = 1
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Write(ctx, dir, in); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
		t.Error("a cancelled run changed files")
	}
}

func TestReplaceKeepsTheOldOnFailure(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("disk full")
	if err := atomicfile.Write(path, atomicfile.Normal, func(w io.Writer) error { _, _ = w.Write([]byte("ne")); return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{"x": "old"}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// Every text that anybody gave is text, whatever it begins with; and every
// sheet says how large it is.
func TestTextStaysTextAndSheetsSayTheirSize(t *testing.T) {
	in := fixture(t)
	evil := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "_x0041_", "=cmd|' /C calc'!A0"}
	for i, s := range evil {
		p := person("appel", "rds", s, "u"+itoa(i))
		p.Via.Path = []string{s}
		in.Statement.Persons.Add(p)
		in.Statement.Findings = append(in.Statement.Findings, statement.Finding{Code: "x", Subject: s, Message: s, Action: s})
	}
	in.Config.Provider.Name, in.Register.Tenants[0].Contact = "=2+2", "@contact"
	in.Config.Provider.Agreement = "+31"
	for name, b := range map[string][]byte{"usage": usageOf(t, in), "review": reviewOf(t, in), "annex": annexOf(t, in, "appel", AnnexOptions{Named: true})} {
		f := openBook(t, b)
		for _, sheet := range f.GetSheetList() {
			rows := cells(t, f, sheet)
			width := 0
			for i, r := range rows {
				width = max(width, len(r))
				for j := range r {
					cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
					formula, err := f.GetCellFormula(sheet, cell)
					if err != nil {
						t.Fatal(err)
					}
					if formula != "" && !strings.HasPrefix(formula, "SUM(") && !strings.HasPrefix(formula, "'Per klant'!G") && strings.Trim(formula, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
						t.Errorf("%s, %s!%s is the formula %q", name, sheet, cell, formula)
					}
				}
			}
			dimension, err := f.GetSheetDimension(sheet)
			if err != nil {
				t.Fatal(err)
			}
			_, to, _ := strings.Cut(dimension, ":")
			col, row, err := excelize.CellNameToCoordinates(to)
			if err != nil || col < width || row < len(rows) {
				t.Errorf("%s, %s: dimension %s, but %d rows of %d cells", name, sheet, dimension, len(rows), width)
			}
		}
	}
	rows := cells(t, openBook(t, reviewOf(t, in)), "Personen")
	for _, s := range []string{"=1+1", "+1", "-1", "@SUM(A1)", " =1", "_x0041_"} {
		if !slices.ContainsFunc(rows, func(r []string) bool { return len(r) > 1 && r[1] == s }) {
			t.Errorf("the name %q is not there as it is", s)
		}
	}
}

// Both languages have every word.
func TestLabelsAreComplete(t *testing.T) {
	var check func(where string, v reflect.Value)
	check = func(where string, v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			if v.Len() == 0 {
				t.Errorf("%s is empty", where)
			}
		case reflect.Struct:
			for i := range v.NumField() {
				check(where+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Array:
			for i := range v.Len() {
				check(where, v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				check(where+"."+k.String(), v.MapIndex(k))
			}
		}
	}
	for _, l := range []*labels{english(), dutch()} {
		check(l.language, reflect.ValueOf(*l))
		for _, g := range register.Grounds() {
			if l.grounds[g] == "" {
				t.Errorf("%s has no words for the ground %s", l.language, g)
			}
		}
	}
}

func TestSortDefaults(t *testing.T) {
	got := string(sortDefaults([]byte(`<Types><Override A="1"></Override><Default Extension="b"></Default><Default Extension="a"></Default><Override B="2"></Override></Types>`)))
	want := `<Types><Override A="1"></Override><Default Extension="a"></Default><Default Extension="b"></Default><Override B="2"></Override></Types>`
	if got != want {
		t.Error(got)
	}
	if got := string(sortDefaults([]byte("<Types></Types>"))); got != "<Types></Types>" {
		t.Error(got)
	}
}
