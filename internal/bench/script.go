package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"splameter/collector/directory/directorytest"
)

// scripted is a month of a directory alone, that of an administrator who has its
// exports and writes a script: 18 readings, from one to the next one account in
// 800 changes.
func scripted(users int) estate {
	return estate{tenants: max(1, users/100), users: users, exports: 18, month: october()}
}

// byScript is a whole month, from the exports to the counts: splameter collects
// and reports it, the script counts it. Both must come to the same.
func (in inputs) byScript(ctx context.Context, opt *options, tool func(string, int, ...string) contender) (line, error) {
	program, err := opt.built(ctx)
	if err != nil {
		return line{}, err
	}
	script, err := in.peerFile("month.py")
	if err != nil {
		return line{}, err
	}
	e := scripted(opt.scripted)
	name := fmt.Sprintf("script-%d", e.users)
	dir := in.path(name)
	counts := filepath.Join(dir, "counts.csv")
	sh, absent := found("sh")
	mb, _ := folderMB(filepath.Join(dir, "directory")) // 0 while it is not made
	return line{
		name: fmt.Sprintf("a month by script: %s accounts × %d exports, %.0f MB", thousands(float64(e.users)), e.exports, mb), unit: "readings", what: wall,
		make: in.file(filepath.Join(name, "made"), func(path string) error {
			if err := e.writeScripted(dir); err != nil {
				return err
			}
			return os.WriteFile(path, nil, 0o644)
		}),
		ours: &contender{
			name: "splameter collect and report", units: float64(e.exports), absent: absent, dir: dir, codes: []int{0, 3},
			argv: []string{sh, "-c", `rm -rf var out && "$1" -c config.yaml collect && exec "$1" -c config.yaml report --month "$2"`, "sh", program, e.month.String()},
		},
		peers: []peer{{tool("Python's standard library", e.exports, "python3", script, filepath.Join(dir, "directory"), counts), 10}},
		same: func() error {
			ours, err := statementCounts(filepath.Join(dir, "out", e.month.String(), "statement-"+e.month.String()+".json"))
			if err != nil {
				return err
			}
			theirs, err := tableCounts(counts)
			if err != nil {
				return err
			}
			return sameCounts(ours, theirs)
		},
	}, nil
}

// writeScripted writes what collect and report need, and the script reads.
func (e estate) writeScripted(dir string) error {
	exports := filepath.Join(dir, "directory")
	if err := os.MkdirAll(exports, 0o755); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"config.yaml": strings.ReplaceAll(providerConfig, ".ldif.zst", ".ldif") + "coverage: {directory_every: 3d}\n", "rules.yaml": scriptRules, "tenants.csv": e.tenantTable(),
		"exclusions.csv": "id,tenant,product,ground,match,quantity,document,from,until\n", "prices.csv": estatePrices,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return e.eachExport(func(day string, f *directorytest.Forest) error {
		return saved(filepath.Join(exports, day+".ldif"), func(w *bufio.Writer) error { return directorytest.WriteLDIF(w, f) })
	})
}

const scriptRules = `version: "2026-01"
products:
  - {id: rds, name: {en: Remote Desktop Services SAL}, part_number: 6WC-00002, unit: user, entitled: {groups: [RDS-Users]}}
  - {id: office-pro, name: {en: Office Professional Plus SAL}, part_number: OFF-PRO, unit: user, entitled: {groups: [LIC-Office]}}
  - {id: core-cal, name: {en: Core CAL Suite}, part_number: CCAL, unit: user, entitled: {groups: [Everybody]}}
`

// owed is what a count is of.
type owed struct{ tenant, product string }

func statementCounts(path string) (map[owed]int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var s struct {
		Tenants []struct {
			ID    string `json:"id"`
			Lines []struct {
				Product  string `json:"product"`
				Quantity int    `json:"quantity"`
			} `json:"lines"`
		} `json:"tenants"`
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, err
	}
	out := map[owed]int{}
	for _, t := range s.Tenants {
		for _, l := range t.Lines {
			if t.ID != "own" && l.Quantity > 0 {
				out[owed{t.ID, l.Product}] = l.Quantity
			}
		}
	}
	return out, nil
}

func tableCounts(path string) (map[owed]int, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	out := map[owed]int{}
	r := csv.NewReader(f)
	for n := 0; ; n++ {
		row, err := r.Read()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if n == 0 {
			continue
		}
		if out[owed{row[0], row[1]}], err = strconv.Atoi(row[2]); err != nil {
			return nil, err
		}
	}
}

// sameCounts is an error where two counted differently, or nothing.
func sameCounts(ours, theirs map[owed]int) error {
	if len(ours) == 0 {
		return fmt.Errorf("splameter counted nothing")
	}
	both := maps.Clone(ours)
	maps.Copy(both, theirs)
	for _, c := range slices.SortedFunc(maps.Keys(both), func(a, b owed) int { return strings.Compare(a.tenant+"\x00"+a.product, b.tenant+"\x00"+b.product) }) {
		if ours[c] != theirs[c] {
			return fmt.Errorf("splameter counts %d of %s for %s, and the script %d", ours[c], c.product, c.tenant, theirs[c])
		}
	}
	return nil
}

// folderMB is how large the files of a folder are together.
func folderMB(dir string) (float64, error) {
	list, err := os.ReadDir(dir)
	var sum int64
	for _, x := range list {
		info, err := x.Info()
		if err != nil {
			return 0, err
		}
		sum += info.Size()
	}
	return float64(sum) / 1e6, err
}
