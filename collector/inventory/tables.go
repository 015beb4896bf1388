package inventory

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"splameter/collector/forms"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
)

func readSoftwareCSV(in *input, b *builder, opt Options, form *forms.Form) error {
	c, err := newCSV(in)
	if err != nil {
		return err
	}
	at, unknown, err := locate(c.header, c.columns, softwareColumns(), opt.Columns, form)
	if err != nil {
		return err
	}
	if len(at[colName]) == 0 && len(at[colFamily]) == 0 && (form == nil || form.Const["name"] == "") {
		return fmt.Errorf("it has no column with the program's name; its columns are: %s; name the right one under columns in the config",
			strings.Join(c.header, ", "))
	}
	if len(at[colFamily]) > 0 && (len(at[colPartialKey]) == 0 || len(at[colStatus]) == 0) {
		return errors.New("it lists licences without PartialProductKey or LicenseStatus, so that nothing tells which are installed; export these two columns also")
	}
	if len(at[colHost]) == 0 {
		if own := opt.Columns["host"]; own != "" {
			return fmt.Errorf("it has no column %q, which the config names for host, and none that is usually called so; its columns are: %s", own, strings.Join(c.header, ", "))
		}
		if h := suspect(unknown); h != "" {
			return fmt.Errorf("it has no column that is known to name the host, and %q may do so; write columns: {host: %q} in the config if it does; its columns are: %s", h, h, strings.Join(c.header, ", "))
		}
		if b.fallback == "" {
			return fmt.Errorf("it has no column %q, and its file name tells no host either; its columns are: %s; name the right one under columns in the config",
				"host", strings.Join(c.header, ", "))
		}
		b.host(b.fallback) // read, even where nothing is installed
	}
	id := idColumn(c.columns)
	first := ""
	h := &hostColumn{c: c, b: b, at: at[colHost]}
	if len(h.at) > 0 && (form == nil || !form.OneHost) {
		b.fallback = "" // a row without its host is damaged, not another's
	}
	var r row
	for c.next() {
		if !c.fits() {
			continue
		}
		for i := range at {
			r[i] = b.intern(c.first(at[i]))
		}
		if v := string(c.get(id)); len(h.at) == 0 && v != "" && v != first {
			if first != "" {
				return byNumber(c.header[id], []string{safetext.Brief(first), safetext.Brief(v)})
			}
			first = v
		}
		fixed(form, softwareColumns(), r[:])
		if err := h.row(&r); err != nil {
			return err
		}
	}
	if err := h.finish(); err != nil {
		return err
	}
	return in.done()
}

// idColumn is a column that says by a number or an id which host a row is of, or
// -1.
func idColumn(folded []string) int {
	return slices.IndexFunc(folded, func(name string) bool {
		return strings.HasSuffix(name, "id") && slices.Contains(headings().Innocent, name)
	})
}

// hostColumn decides whose a row is. A column that is there and empty in every
// row is that of a program that ran on the host itself (PSComputerName): then
// the file's name tells, as though the column were not there. Two columns that
// could be the host and differ are a question.
type hostColumn struct {
	c     *csvReader
	b     *builder
	at    []int
	named bool
	held  []heldRow
}

func (h *hostColumn) row(r *row) error {
	if itself(r[colHost]) {
		r[colHost] = ""
	}
	if len(h.at) == 0 {
		return h.b.add(r, h.c.at)
	}
	if r[colHost] == "" && !h.named && h.b.fallback != "" {
		if len(h.held) > maxRows {
			return tooManyRows()
		}
		h.held = append(h.held, heldRow{*r, h.c.at})
		return nil
	}
	if r[colHost] != "" {
		if !h.named {
			h.named = true
			h.b.fallback = "" // a row without its host is damaged, not another's
			for i := range h.held {
				if err := h.b.add(&h.held[i].row, h.held[i].line); err != nil {
					return err
				}
			}
			h.held = nil
		}
		for _, j := range h.at[1:] {
			if v := safetext.Value(string(h.c.get(j))); v != "" && !sameHost(v, r[colHost]) {
				first := h.at[0]
				return fmt.Errorf("two of its columns could name the host, and they differ: %q says %q and %q says %q on line %d; write columns: {host: %q} in the config, or the other",
					h.c.header[first], safetext.Brief(string(h.c.get(first))), h.c.header[j], safetext.Brief(v), h.c.at, h.c.header[first])
			}
		}
	}
	return h.b.add(r, h.c.at)
}

func (h *hostColumn) finish() error {
	if h.named || len(h.held) == 0 {
		return nil
	}
	h.b.host(h.b.fallback)
	for i := range h.held {
		if err := h.b.add(&h.held[i].row, h.held[i].line); err != nil {
			return err
		}
	}
	return nil
}

// itself says that a host's name means the machine on which a command ran.
func itself(host string) bool {
	switch strings.ToLower(host) {
	case ".", "localhost", "(local)", "127.0.0.1", "::1":
		return true
	}
	return false
}

// sameHost says that two names may be one host's: the short name and the
// fully qualified one.
func sameHost(a, b string) bool {
	return snapshot.HostKey(a) == snapshot.HostKey(b)
}

func readHostsCSV(in *input, notes *notices, opt Options, form *forms.Form) ([]snapshot.Machine, error) {
	c, err := newCSV(in)
	if err != nil {
		return nil, err
	}
	at, unknown, err := locate(c.header, c.columns, hostColumns(), opt.Columns, form)
	if err != nil {
		return nil, err
	}
	if len(unknown) > 0 && (form == nil || form.Maker == "") { // a tool's own columns are no mistake of the reader's
		notes.add(CodeColumns, "", 0, "columns that are not read: %s; known are %s",
			strings.Join(unknown, ", "), columnNames(hostColumns()))
	}
	var out []snapshot.Machine
	values := make([]string, len(hostColumns()))
	for c.next() {
		if !c.fits() {
			continue
		}
		for i := range at {
			values[i] = safetext.Value(string(c.first(at[i])))
		}
		if !fixed(form, hostColumns(), values) {
			continue
		}
		if m, ok := machineOf(values, c.at, notes); ok {
			out = append(out, m)
		}
		if len(out) > maxRows {
			return nil, tooManyRows()
		}
	}
	return out, in.done()
}

// fixed sets what holds for every row of a form, and what its words mean in
// ours. It reports false for a row that is of something else.
func fixed(form *forms.Form, columns []column, values []string) bool {
	if form == nil || len(form.Const)+len(form.Means) == 0 {
		return true
	}
	for i, c := range columns {
		if ours, ok := form.Means[c.name][strings.ToLower(values[i])]; ok {
			if values[i] = ours; ours == "-" {
				return false
			}
		}
		if v, ok := form.Const[c.name]; ok && values[i] == "" {
			values[i] = v
		}
	}
	return true
}
