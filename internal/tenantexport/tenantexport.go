// Package tenantexport hands out everything that is held about one customer,
// as CSV and JSON, and nothing of another. It decides nothing about licences:
// what was counted it takes from the months as they were sealed.
package tenantexport

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"splameter/internal/atomicfile"
	"splameter/internal/safetext"
)

// Table is one kind of facts, in the order in which they are shown.
type Table struct {
	Name    string
	Columns []string
	Rows    [][]string
}

func (t *Table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

// Export is everything held about one customer.
type Export struct {
	Tenant string
	Made   time.Time
	Notes  []string // what could not be given, and why
	Tables []*Table
}

// whole is the file in which all of it stands; by it an export is known.
const whole = "tenant.json"

// JSON is the whole export. Its rows name their columns.
func (e *Export) JSON() ([]byte, error) {
	type object map[string]string
	tables := map[string][]object{}
	for _, t := range e.Tables {
		rows := []object{}
		for _, r := range t.Rows {
			o := object{}
			for i, c := range t.Columns {
				if r[i] != "" {
					o[c] = r[i]
				}
			}
			rows = append(rows, o)
		}
		tables[t.Name] = rows
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		Tenant string              `json:"tenant"`
		Made   string              `json:"made"`
		Notes  []string            `json:"notes"`
		Tables map[string][]object `json:"tables"`
	}{e.Tenant, e.Made.UTC().Format(time.RFC3339), append([]string{}, e.Notes...), tables})
	return b.Bytes(), err
}

// CSV is one table. What a spreadsheet program would take for a formula gets
// an apostrophe before it; the JSON holds every value as it is.
func (t *Table) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(t.Columns); err != nil {
		return nil, err
	}
	for _, r := range t.Rows {
		row := make([]string, len(r))
		for i := range r {
			row[i] = safetext.Cell(r[i])
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// Write puts the export into a folder of its own: an earlier export of the
// same customer is replaced, a folder with anything else in it is refused.
func (e *Export) Write(dir string) error {
	all, err := e.JSON()
	if err != nil {
		return err
	}
	if err := e.mayReplace(dir); err != nil {
		return err
	}
	files := map[string][]byte{whole: all}
	for _, t := range e.Tables {
		if files[t.Name+".csv"], err = t.CSV(); err != nil {
			return err
		}
	}
	if err := atomicfile.WriteFolder(dir, atomicfile.Private, files); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}

func (e *Export) mayReplace(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into %s: %w", dir, err)
	}
	ours := map[string]bool{whole: true}
	for _, t := range e.Tables {
		ours[t.Name+".csv"] = true
	}
	for _, x := range entries {
		if !ours[x.Name()] || !x.Type().IsRegular() {
			return fmt.Errorf("%s holds %s, which is no part of an export: give an empty or a new folder with --out", dir, x.Name())
		}
	}
	var head struct {
		Tenant string `json:"tenant"`
	}
	b, err := os.ReadFile(filepath.Join(dir, whole))
	if err != nil || json.Unmarshal(b, &head) != nil || head.Tenant != e.Tenant {
		return fmt.Errorf("%s holds the export of another customer: give an empty or a new folder with --out", dir)
	}
	return nil
}
