package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tables are the inventories that are tables, of one month or of all.
func (x *injector) tables() []string {
	return x.files([]string{"inventory/*" + x.last + "*.csv", "inventory/*.csv", "inventory/hosts-" + x.last + "-*.csv", "inventory/software-" + x.last + "-*.csv"}[x.r.IntN(4)])
}

func (x *injector) lines(t *testing.T, files []string, change func(i int, line string) (string, bool)) {
	for _, path := range files {
		var keep []string
		for i, l := range strings.Split(string(x.read(t, path)), "\n") {
			if l, ok := change(i, l); ok {
				keep = append(keep, l)
			}
		}
		x.write(t, path, []byte(strings.Join(keep, "\n")))
	}
}

func (x *injector) dropHost(t *testing.T) string {
	host, files := x.hosts[x.r.IntN(len(x.hosts))], x.later()
	x.lines(t, files, func(_ int, l string) (string, bool) { return l, !strings.HasPrefix(l, host+",") })
	return host + " from " + x.name(files[0])
}

func (x *injector) dropRow(t *testing.T) string {
	files := x.later()
	all := strings.Split(strings.TrimSpace(string(x.read(t, files[0]))), "\n")
	row := all[1+x.r.IntN(len(all)-1)]
	x.lines(t, files, func(_ int, l string) (string, bool) { return l, l != row })
	return row + " from " + x.name(files[0])
}

func (x *injector) blankCell(t *testing.T) string {
	return x.cell(t, func(string) string { return "" })
}

func (x *injector) letter(t *testing.T) string {
	return x.cell(t, func(c string) string {
		at := x.r.IntN(len(c))
		return c[:at] + string(rune('a'+x.r.IntN(26))) + c[at+1:]
	})
}

// cell changes one cell of a table, in all of its files.
func (x *injector) cell(t *testing.T, change func(string) string) string {
	files := x.tables()
	all := strings.Split(strings.TrimSpace(string(x.read(t, files[0]))), "\n")
	row := all[1+x.r.IntN(len(all)-1)]
	cells := strings.Split(row, ",")
	at := x.r.IntN(len(cells))
	if cells[at] == "" || strings.Contains(row, `"`) {
		return ""
	}
	cells[at] = change(cells[at])
	is := strings.Join(cells, ",")
	x.lines(t, files, func(_ int, l string) (string, bool) {
		if l == row {
			return is, true
		}
		return l, true
	})
	return row + " is " + is + " from " + x.name(files[0])
}

func (x *injector) dropColumn(t *testing.T) string {
	files := x.later()
	head, _, _ := strings.Cut(string(x.read(t, files[0])), "\n")
	names := strings.Split(head, ",")
	name := names[x.r.IntN(len(names))]
	for _, path := range files {
		at := -1
		x.lines(t, []string{path}, func(i int, l string) (string, bool) {
			cells := strings.Split(l, ",")
			if i == 0 {
				at = slices.Index(cells, name)
			}
			if at >= 0 && at < len(cells) && !strings.Contains(l, `"`) {
				cells = slices.Delete(cells, at, at+1)
			}
			return strings.Join(cells, ","), true
		})
	}
	return name + " from " + x.name(files[0])
}

func (x *injector) excludeAll(t *testing.T) string {
	path := filepath.Join(x.dir, x.inputs, "exclusions.csv")
	data := string(x.read(t, path))
	head, _, _ := strings.Cut(data, "\n")
	row := ""
	for i, c := range strings.Split(strings.TrimSpace(head), ",") {
		if i > 0 {
			row += ","
		}
		row += map[string]string{"id": "X-ALL", "tenant": "*", "product": "*", "ground": "own-licence", "match": "*", "from": "2026-01-01", "document": []string{"", "paper"}[x.r.IntN(2)]}[c]
	}
	x.write(t, path, []byte(strings.TrimSuffix(data, "\n")+"\n"+row+"\n"))
	return row
}

func (x *injector) dropCustomer(t *testing.T) string {
	path := filepath.Join(x.dir, x.inputs, "tenants.csv")
	all := strings.SplitAfter(string(x.read(t, path)), "\n")
	at := 1 + x.r.IntN(len(all)-2)
	row := all[at]
	x.write(t, path, []byte(strings.Join(slices.Delete(all, at, at+1), "")))
	return strings.TrimSpace(row)
}
