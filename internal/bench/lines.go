package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/collector/sessions/record"
)

//go:embed peers
var peerFiles embed.FS

// inputs makes each file once, beneath the folder.
type inputs struct{ dir string }

func (in inputs) path(name string) string { return filepath.Join(in.dir, name) }

// file says how a file is made, if it is not there.
func (in inputs) file(name string, write func(path string) error) func() error {
	return func() error {
		path := in.path(name)
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		if err := write(path + ".part"); err != nil {
			return err
		}
		return os.Rename(path+".part", path)
	}
}

func both(steps ...func() error) func() error {
	return func() error {
		for _, s := range steps {
			if err := s(); err != nil {
				return err
			}
		}
		return nil
	}
}

func (in inputs) peerFile(name string) (string, error) {
	data, err := peerFiles.ReadFile("peers/" + name)
	if err != nil {
		return "", err
	}
	path := in.path(name)
	return path, os.WriteFile(path, data, 0o644)
}

// lines are all comparisons, in the order of the table.
func lines(ctx context.Context, opt *options) ([]line, error) {
	in := inputs{opt.dir}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ours := func(name string, units int, args ...string) *contender {
		return &contender{name: name, argv: append([]string{self, "-work"}, args...), units: float64(units)}
	}
	// A benchmark of one core: Go would collect garbage on the other.
	one := func(c *contender) *contender { c.env = append(c.env, "GOMAXPROCS=1"); return c }
	tool := func(name string, units int, argv ...string) contender {
		path, absent := found(argv[0])
		return contender{name: name, argv: append([]string{path}, argv[1:]...), units: float64(units), absent: absent}
	}
	shell := func(name, needs string, units int, script string, args ...string) contender {
		_, absent := found(needs)
		sh, no := found("sh")
		return contender{name: name, argv: append([]string{sh, "-c", script, "sh"}, args...), units: float64(units), absent: absent + no, env: []string{"LC_ALL=C"}}
	}
	few := func(n int) int { return max(1, n/opt.slow) }
	log := func(kind, form, header string, e estate, write func(*event, []byte) []byte) (path string, make func() error) {
		name := fmt.Sprintf("%s-%d.%s", kind, e.events, form)
		return in.path(name), in.file(name, func(path string) error { return writeLog(path, e, header, write) })
	}
	xml, makeXML := log("sparse", "xml", "", sparse(opt.events), (*event).xml)
	json, makeJSON := log("sparse", "ndjson", "", sparse(opt.events), (*event).ndjson)
	csv, makeCSV := log("fortnight", "csv", csvHeader, fortnight(opt.rows), (*event).csv)
	xmlFew, makeXMLFew := log("sparse", "xml", "", sparse(few(opt.events)), (*event).xml)
	jsonFew, makeJSONFew := log("sparse", "ndjson", "", sparse(few(opt.events)), (*event).ndjson)
	csvFew, makeCSVFew := log("fortnight", "csv", csvHeader, fortnight(few(opt.rows)), (*event).csv)
	csvSparse, makeCSVSparse := log("sparse", "csv", csvHeader, sparse(min(opt.rows, 500_000)), (*event).csv)

	differ, makeDiffer := log("differ", "ndjson", "", sparse(opt.events), different)

	var out []line
	for _, security := range []bool{false, true} {
		channel := "LocalSessionManager"
		if security {
			channel = "Security"
		}
		large, makeLarge := in.evtx(security, opt.evtx)
		small, makeSmall := in.evtx(security, few(opt.evtx))
		out = append(out, line{name: "EVTX, " + channel + ", parsed", unit: "events", make: both(makeLarge, makeSmall), what: cpu,
			ours: one(ours("splameter, one core", opt.evtx, "read", large, "1")),
			peers: []peer{
				{tool("sha256sum", opt.evtx, "sha256sum", large), 1.54},
				{tool("evtxexport (libevtx)", few(opt.evtx), "evtxexport", "-f", "xml", small), 0},
			}})
		collect, err := opt.collecting(ctx, large, opt.evtx)
		if err != nil {
			return nil, err
		}
		out = append(out, line{name: "EVTX, " + channel + ", the whole command", unit: "events", make: makeLarge, what: cpu,
			ours: collect, peers: []peer{{tool("sha256sum", opt.evtx, "sha256sum", large), 3}}})
	}
	mawk := `BEGIN{FS=","} NR>1{u=$4 SUBSEP $3; n[u]++; d[u SUBSEP substr($1,1,10)]++} END{print length(n), length(d)}`
	jq := `jq -r '[.winlog.user_data.User,.winlog.computer_name,.["@timestamp"][0:10]]|@tsv' "$1" | sort -u | wc -l`
	out = append(out,
		line{name: "event XML, counted: ten events an account", unit: "events", make: both(makeXML, makeXMLFew), what: cpu,
			ours: one(ours("splameter, one core", opt.events, "count", xml, "1")),
			peers: []peer{
				{tool("wc -l", opt.events, "wc", "-l", xml), 0},
				{*one(ours("encoding/xml and a map", few(opt.events), "plain-xml", xmlFew)), 15},
			}},
		line{name: "JSON lines, parsed", unit: "events", make: makeJSON, what: cpu,
			ours: one(ours("splameter, one core", opt.events, "read", json, "1")),
			peers: []peer{
				{tool("wc -l", opt.events, "wc", "-l", json), 0.08},
				{*one(ours("encoding/json", opt.events, "parse-json", json)), 6},
			}},
		line{name: "JSON lines that all differ, parsed", unit: "events", make: makeDiffer, what: cpu,
			ours: one(ours("splameter, one core", opt.events, "read", differ, "1")),
			peers: []peer{
				{*one(ours("goccy/go-json", opt.events, "parse-json-goccy", differ)), 1},
				{*one(ours("encoding/json", opt.events, "parse-json", differ)), 0},
			}},
		line{name: "JSON lines, counted: ten events an account", unit: "events", make: both(makeJSON, makeJSONFew), what: cpu,
			ours: one(ours("splameter, one core", opt.events, "count", json, "1")),
			peers: []peer{
				in.duckdb(opt.events, duckJSON, json, 3),
				{shell("jq and sort", "jq", opt.events, jq, json), 12},
				{*one(ours("encoding/json and a map", opt.events, "plain-json", json)), 0},
				{tool("Miller", few(opt.events), "mlr", "--ijson", "--ocsv", "count-distinct", "-f", "winlog.computer_name,winlog.user_data.User", jsonFew), 0},
			}},
		line{name: "CSV, counted: 100 events an account", unit: "events", make: both(makeCSV, makeCSVFew), what: cpu,
			ours: one(ours("splameter, one core", opt.rows, "count", csv, "1")),
			peers: []peer{
				{tool("wc -l", opt.rows, "wc", "-l", csv), 0},
				in.duckdb(opt.rows, duckCSV, csv, 1.5),
				{tool("mawk, two arrays", opt.rows, "mawk", mawk, csv), 4},
				{*one(ours("encoding/csv and a map", opt.rows, "plain-csv", csv)), 0},
				{tool("Miller", few(opt.rows), "mlr", "--icsv", "--ocsv", "count-distinct", "-f", "Computer,User", csvFew), 0},
			}},
		line{name: "CSV, counted: ten events an account", unit: "events", make: makeCSVSparse, what: cpu,
			ours:  one(ours("splameter, one core", min(opt.rows, 500_000), "count", csvSparse, "1")),
			peers: []peer{in.duckdb(min(opt.rows, 500_000), duckCSV, csvSparse, 0), {tool("mawk, two arrays", min(opt.rows, 500_000), "mawk", mawk, csvSparse), 0}}},
	)
	security, makeSecurity := in.evtx(true, opt.evtx)
	for _, x := range []struct {
		name, path string
		units      int
		make       func() error
	}{{"EVTX, Security", security, opt.evtx, makeSecurity}, {"event XML", xml, opt.events, makeXML}, {"JSON lines", json, opt.events, makeJSON}, {"CSV", csv, opt.rows, makeCSV}} {
		out = append(out, line{name: "second worker: " + x.name, unit: "events", make: x.make, what: wall,
			ours:  ours("two workers", x.units, "count", x.path, "2"),
			peers: []peer{{*one(ours("one", x.units, "count", x.path, "1")), 1.4}}})
	}
	month, err := in.byScript(ctx, opt, tool)
	if err != nil {
		return nil, err
	}
	out = append(out, month)
	books, err := in.workbooks(opt, ours, one, tool)
	return append(out, books...), err
}

// evtx is a made-up event log.
func (in inputs) evtx(security bool, events int) (path string, make func() error) {
	name := fmt.Sprintf("lsm-%d.evtx", events)
	if security {
		name = fmt.Sprintf("security-%d.evtx", events)
	}
	return in.path(name), in.file(name, func(path string) error {
		m := evtxtest.Made{Events: events, Users: 400, Seed: 1, Host: "RDSH-A01.hosting.example", Start: record.ToTicks(october().Start()), Step: 1e7}
		seq := m.LocalSessions()
		if security {
			seq = m.SecurityLog()
		}
		_, err := evtxtest.Write(path, seq, evtxtest.Options{})
		return err
	})
}

// workbooks are the comparisons of Excel files.
func (in inputs) workbooks(opt *options, ours func(string, int, ...string) *contender, one func(*contender) *contender, tool func(string, int, ...string) contender) ([]line, error) {
	for _, d := range []string{"ours", "theirs"} {
		if err := os.MkdirAll(in.path(d), 0o755); err != nil {
			return nil, err
		}
	}
	annexPy, err := in.peerFile("annex.py")
	if err != nil {
		return nil, err
	}
	sheetPy, err := in.peerFile("sheet.py")
	if err != nil {
		return nil, err
	}
	python := func(name string, units int, args ...string) contender {
		c := tool(name, units, append([]string{"/usr/bin/python3"}, args...)...)
		if c.absent == "" && exec.Command("/usr/bin/python3", "-c", "import openpyxl").Run() != nil {
			c.absent = "not run: python3 has no openpyxl"
		}
		return c
	}
	n, few := strconv.Itoa(opt.annexes), max(1, opt.annexes/4)
	rows, fewRows := strconv.Itoa(opt.sheet), max(1, opt.sheet/4)
	return []line{
		{name: "annexes", unit: "annexes", what: cpu,
			ours: one(ours("splameter, one core", opt.annexes, "annexes", in.path("ours"), n, "1")),
			peers: []peer{
				{python("openpyxl", few, annexPy, in.path("theirs"), strconv.Itoa(few)), 5},
				{in.compiled("libxlsxwriter", opt.annexes, in.path("theirs"), n), 0.9},
			}},
		{name: "second worker: annexes", unit: "annexes", what: wall,
			ours:  ours("two workers", opt.annexes, "annexes", in.path("ours"), n, "2"),
			peers: []peer{{*one(ours("one", opt.annexes, "annexes", in.path("ours"), n, "1")), 1.4}}},
		{name: "evidence sheet, " + thousands(float64(opt.sheet)) + " rows", unit: "rows", what: cpu,
			ours:  one(ours("splameter, one core", opt.sheet, "review", in.path("review.xlsx"), rows)),
			peers: []peer{{python("openpyxl, write-only", fewRows, sheetPy, in.path("sheet.xlsx"), strconv.Itoa(fewRows)), 3.5}}},
	}, nil
}

// compiled is the C program, if there is a compiler and the library.
func (in inputs) compiled(name string, units int, args ...string) contender {
	c := contender{name: name, units: float64(units)}
	cc, absent := found("cc")
	if absent != "" {
		c.absent = "not run: there is no C compiler"
		return c
	}
	source, err := in.peerFile("annex.c")
	if err != nil {
		c.absent = err.Error()
		return c
	}
	program := in.path("annex")
	if err := exec.Command(cc, "-O2", "-o", program, source, "-lxlsxwriter", "-lz").Run(); err != nil {
		c.absent = "not run: libxlsxwriter is not installed"
		return c
	}
	c.argv = append([]string{program}, args...)
	return c
}
