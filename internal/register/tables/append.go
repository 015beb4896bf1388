package tables

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/register"
	"splameter/internal/safetext"
)

// AppendDecisions writes more rows to decisions.csv, all or none. What stands in
// the file stays as it is, in its own columns and with its own separator; a file
// that is not there is made.
func AppendDecisions(path string, list []register.Decision) error {
	var rows []map[string]string
	for i := range list {
		d := &list[i]
		values := map[string]string{"key": d.Key, "code": d.Code, "tenant": d.Tenant, "subject": d.Subject,
			"decision": string(d.Decision),
			"by":       safetext.Cell(d.By), "reason": safetext.Cell(d.Reason)} // the others are read back as they are
		if d.Until.Set {
			values["until"] = d.Until.Day.String()
		}
		rows = append(rows, values)
	}
	return appendRows(path, decisionColumns, rows)
}

var decisionColumns = []string{"key", "code", "tenant", "subject", "decision", "by", "reason", "until"}

// MakeDecisions makes decisions.csv with its first line where there is no such
// file.
func MakeDecisions(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return atomicfile.WriteBytes(path, atomicfile.Normal, []byte(strings.Join(decisionColumns, ",")+"\n"))
}

// appendRows adds rows of values, by column, to a table.
func appendRows(path string, columns []string, rows []map[string]string) error {
	data, err := readFile(path)
	var added bytes.Buffer
	w := csv.NewWriter(&added)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		data = []byte(strings.Join(columns, ",") + "\n")
	case err != nil:
		return err
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return fmt.Errorf("%s is a workbook, in which splameter writes nothing: save it as CSV UTF-8, and name that in the config", filepath.Base(path))
	default:
		t := &table{file: path}
		t.data, t.encoded = decode(data)
		t.csvRows() // finds how it is parted, whatever stands before the header
		for i := range rows {
			if rows[i], err = t.encode(rows[i]); err != nil {
				return err
			}
		}
		w.Comma = t.comma
		r := csv.NewReader(bytes.NewReader(t.data))
		r.Comma = t.comma
		if columns, err = r.Read(); err != nil {
			return fmt.Errorf("%s: its first line cannot be read: %w", filepath.Base(path), err)
		}
		for i := range columns {
			columns[i] = strings.ToLower(strings.TrimSpace(columns[i]))
		}
		for _, values := range rows {
			for name, v := range values {
				if v != "" && !slices.Contains(columns, name) {
					return fmt.Errorf("%s has no column %s: add it to its first line", filepath.Base(path), name)
				}
			}
		}
	}
	w.UseCRLF = bytes.Contains(data, []byte("\r\n"))
	if n := len(data); n > 0 && data[n-1] != '\n' {
		data = append(data, '\n')
	}
	for _, values := range rows {
		cells := make([]string, len(columns))
		for i, name := range columns {
			cells[i] = strings.Join(strings.Fields(values[name]), " ")
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return atomicfile.WriteBytes(path, atomicfile.Keep, append(data, added.Bytes()...))
}
