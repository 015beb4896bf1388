package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// injector breaks one thing of a provider's folder: of the example, or of one
// that testdata/oracle made up.
type injector struct {
	r      *rand.Rand
	dir    string
	inputs string // the folder of the inputs beneath dir
	logs   string // that of the session logs beneath inputs
	last   string // the last month: what the one before met is missed there
	units  []string
	hosts  []string
	made   bool // a made-up provider: its tables come by chance and several a month
}

func exampleInjector(r *rand.Rand, dir string) *injector {
	return &injector{r: r, dir: dir, inputs: "testdata", logs: "sessions", last: "2026-10",
		units: []string{"OU=tuinderij,", "OU=notaris,", "OU=harbour,", "OU=ijzer,", "OU=duinrand,", "OU=Customers,"},
		hosts: []string{"HV-01", "HV-02", "HV-03", "RDSH-K01", "RDSH-K02", "RDSH-T01", "SQL-01", "SQL-02"}}
}

// madeInjector finds the units and hosts of a made-up provider in its inputs.
func madeInjector(t *testing.T, r *rand.Rand, dir, last string) *injector {
	x := &injector{r: r, dir: dir, logs: "events", last: last, made: true}
	seen := map[string]bool{}
	add := func(to *[]string, s string) {
		if s != "" && !seen[s] {
			seen[s] = true
			*to = append(*to, s)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^dn: (OU=[^\n,]+,)`).FindAllStringSubmatch(string(x.read(t, x.files("directory/*")[0])), -1) {
		add(&x.units, m[1])
	}
	for _, path := range x.files("inventory/*.csv") {
		for i, line := range strings.Split(string(x.read(t, path)), "\n") {
			if host, _, _ := strings.Cut(line, ","); i > 0 {
				add(&x.hosts, host)
			}
		}
	}
	return x
}

// inject breaks something by chance, and says what.
func (x *injector) inject(t *testing.T) string {
	faults := []struct {
		name string
		do   func(*testing.T) string
	}{
		{"delete", x.delete}, {"empty", x.empty}, {"truncate", x.truncate}, {"zeros", x.zeros}, {"copy over", x.copyOver}, {"twice", x.twice},
		{"hide unit", x.hideUnit}, {"hide attribute", x.hideAttribute}, {"hide group", x.hideGroup},
		{"drop host", x.dropHost}, {"drop row", x.dropRow}, {"blank cell", x.blankCell}, {"letter", x.letter}, {"drop column", x.dropColumn},
		{"stop log", x.stopLog}, {"exclude all", x.excludeAll}, {"rename group", x.renameGroup}, {"drop customer", x.dropCustomer},
	}
	for {
		f := faults[x.r.IntN(len(faults))]
		if what := f.do(t); what != "" {
			return f.name + ": " + what
		}
	}
}

// pick is one of the files that fit, by its path beneath testdata.
func (x *injector) pick(patterns ...string) string {
	all := x.files(patterns...)
	if len(all) == 0 {
		return ""
	}
	return all[x.r.IntN(len(all))]
}

func (x *injector) files(patterns ...string) []string {
	var all []string
	for _, p := range patterns {
		if rest, ok := strings.CutPrefix(p, "sessions/"); ok {
			p = x.logs + "/" + rest
		}
		found, _ := filepath.Glob(filepath.Join(x.dir, x.inputs, filepath.FromSlash(p)))
		all = append(all, found...)
	}
	slices.Sort(all)
	return all
}

func (x *injector) name(path string) string {
	rel, _ := filepath.Rel(x.dir, path)
	return filepath.ToSlash(rel)
}

var anyInput = []string{"directory/*", "sessions/*", "inventory/*"}

// read is a file's content, unfolded where it is in gzip.
func (x *injector) read(t *testing.T, path string) []byte {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

func (x *injector) write(t *testing.T, path string, data []byte) {
	if strings.HasSuffix(path, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, _ = z.Write(data)
		_ = z.Close()
		data = b.Bytes()
	}
	writeFile(t, path, data)
}

func (x *injector) delete(t *testing.T) string {
	path := x.pick(anyInput...)
	if strings.Contains(path, "hosts-"+x.last) || x.made && strings.Contains(path, "inventory") { // one of two within the interval that is asked for: nothing can tell
		return ""
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	return x.name(path)
}

func (x *injector) empty(t *testing.T) string {
	path := x.pick(anyInput...)
	writeFile(t, path, nil)
	return x.name(path)
}

func (x *injector) truncate(t *testing.T) string {
	path := x.pick(anyInput...)
	data := x.read(t, path)
	n := 1 + x.r.IntN(len(data)-1)
	x.write(t, path, data[:n])
	return fmt.Sprintf("%s at byte %d of %d", x.name(path), n, len(data))
}

func (x *injector) zeros(t *testing.T) string {
	path := x.pick(anyInput...)
	data := x.read(t, path)
	n := max(1, len(data)/8)
	at := x.r.IntN(len(data) - n + 1)
	clear(data[at : at+n])
	x.write(t, path, data)
	return fmt.Sprintf("%s, %d bytes from %d", x.name(path), n, at)
}

func (x *injector) copyOver(t *testing.T) string {
	all := x.files("directory/" + x.last + "-*")
	if x.r.IntN(3) == 0 {
		all = x.files("inventory/software-*") // hosts tables are the same from month to month
	}
	a, b := all[x.r.IntN(len(all))], all[x.r.IntN(len(all))]
	if a == b || filepath.Base(a)[:5] != filepath.Base(b)[:5] {
		return ""
	}
	x.write(t, b, x.read(t, a))
	return x.name(a) + " over " + x.name(b)
}

func (x *injector) twice(t *testing.T) string {
	path := x.pick("sessions/*")
	copyFile(t, path, filepath.Join(filepath.Dir(path), "copy-"+filepath.Base(path)))
	return x.name(path)
}

// someDays are exports of the directory from a day on.
func (x *injector) someDays() []string {
	all := x.files("directory/*")
	return all[x.r.IntN(len(all)):]
}

// records changes the records of exports.
func (x *injector) records(t *testing.T, files []string, change func(record string) string) {
	for _, path := range files {
		parts := strings.Split(string(x.read(t, path)), "\n\n")
		var keep []string
		for _, p := range parts {
			if p = change(p); p != "" {
				keep = append(keep, p)
			}
		}
		x.write(t, path, []byte(strings.Join(keep, "\n\n")))
	}
}

func (x *injector) hideUnit(t *testing.T) string {
	unit, files := x.units[x.r.IntN(len(x.units))], x.someDays()
	x.records(t, files, func(record string) string {
		first, _, _ := strings.Cut(record, "\n")
		if strings.Contains(first, unit) {
			return ""
		}
		return record
	})
	return unit + " from " + x.name(files[0])
}

func (x *injector) hideAttribute(t *testing.T) string {
	names := []string{"employeeID", "member", "userAccountControl", "primaryGroupID", "objectSid", "objectGUID", "homeMDB", "msExchMailboxGuid", "mail", "userPrincipalName", "accountExpires", "operatingSystem", "sAMAccountName"}
	line := regexp.MustCompile(`(?m)^` + names[x.r.IntN(len(names))] + `:.*\n(?: .*\n)*`)
	files, seen := x.someDays(), false
	x.records(t, files, func(record string) string {
		seen = seen || line.MatchString(record+"\n")
		return strings.TrimSuffix(line.ReplaceAllString(record+"\n", ""), "\n")
	})
	if !seen {
		return ""
	}
	return line.String() + " from " + x.name(files[0])
}

func (x *injector) hideGroup(t *testing.T) string {
	files := x.someDays()
	var groups []string
	x.records(t, files[:1], func(record string) string {
		if first, _, _ := strings.Cut(record, "\n"); strings.Contains(record, "objectClass: group") {
			groups = append(groups, first)
		}
		return record
	})
	if len(groups) == 0 {
		return ""
	}
	group := groups[x.r.IntN(len(groups))]
	x.records(t, files, func(record string) string {
		if first, _, _ := strings.Cut(record, "\n"); first == group {
			return ""
		}
		return record
	})
	return group + " from " + x.name(files[0])
}

// later are the tables of October: what the month before met is missed there.
// What no table ever held, nothing can miss.
func (x *injector) later() []string {
	return x.files([]string{"inventory/*" + x.last + "*.csv", "inventory/hosts-" + x.last + "-*.csv", "inventory/software-" + x.last + "-*.csv"}[x.r.IntN(3)])
}

func (x *injector) stopLog(t *testing.T) string {
	path := x.pick("sessions/*.csv", "sessions/*.ndjson", "sessions/*.evtx")
	data := x.read(t, path)
	if strings.HasSuffix(path, ".evtx") { // whole chunks after the first
		x.write(t, path, data[:4096+65536])
		if len(data) <= 4096+65536 {
			return ""
		}
		return x.name(path) + " after its first chunk"
	}
	all := strings.SplitAfter(string(data), "\n")
	n := 1 + x.r.IntN(len(all)-1)
	x.write(t, path, []byte(strings.Join(all[:n], "")))
	// Nobody writes to it any more: its own time is that of its last event.
	if last := regexp.MustCompile(`\d{4}-\d\d-\d\d`).FindAllString(strings.Join(all[:n], ""), -1); len(last) > 0 {
		at, err := time.Parse(time.DateOnly, last[len(last)-1])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at.AddDate(0, 0, 1), at.AddDate(0, 0, 1)); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%s after %d of %d lines", x.name(path), n, len(all))
}

func (x *injector) renameGroup(t *testing.T) string {
	path := filepath.Join(x.dir, "config.yaml")
	data := string(x.read(t, path))
	all := regexp.MustCompile(`users: \["?([^"\],]+)`).FindAllStringSubmatch(data, -1)
	if len(all) == 0 {
		return ""
	}
	group := all[x.r.IntN(len(all))][1]
	x.write(t, path, []byte(strings.ReplaceAll(data, group, group+"x")))
	return group
}

// seedsOf is from which seed on, and how many, a test breaks things: a few, or
// as the environment variables name and name_FROM say.
func seedsOf(t *testing.T, name string, few int) (from, n int) {
	t.Helper()
	from, n = 1, few
	for v, to := range map[string]*int{name: &n, name + "_FROM": &from} {
		if text := os.Getenv(v); text != "" {
			var err error
			if *to, err = strconv.Atoi(text); err != nil {
				t.Fatalf("%s: %v", v, err)
			}
		}
	}
	return from, n
}
