package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"splameter/collector/directory/directorytest"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// logSeeds is the environment variable that says how many months of logs are
// broken; without it a few.
const logSeeds = "SPLAMETER_LOG_SEEDS"

// Of three hosts' whole logs over a month, one thing goes wrong: a file is cut,
// deleted, renamed, there twice, or lies half in zeros; a run of records is
// missing; a host stops to write. Then the same persons were active on the same
// days, or the host that they are missing of has a gap; and a name or a copy
// makes none. By hand, with many:
//
//	SPLAMETER_LOG_SEEDS=500 go test -run TestInjectedLogFaults ./cmd/splameter
func TestInjectedLogFaults(t *testing.T) {
	from, n := seedsOf(t, logSeeds, 6)
	for seed := from; seed < from+n; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			g := newLogProvider(t, seed)
			want, gaps := g.count(t)
			if len(gaps) > 0 {
				t.Fatalf("the whole month (%s) has gaps of %v", g.form, gaps)
			}
			if len(want) < 20 {
				t.Fatalf("only %d days of use: the test shows nothing", len(want))
			}
			what := g.inject(t)
			got, gaps := g.count(t)
			if (strings.HasSuffix(what, "twice") || strings.HasSuffix(what, "renamed")) && len(gaps) > 0 {
				t.Errorf("%s, %s: gaps of %v, though nothing is missing", g.form, what, gaps)
			}
			for use := range want {
				host, _, _ := strings.Cut(use, " ")
				if !got[use] && !gaps[host] {
					t.Errorf("%s, %s: %s is missing, and the host has no gap", g.form, what, use)
				}
			}
			for use := range got {
				if !want[use] {
					t.Errorf("%s, %s: %s was invented", g.form, what, use)
				}
			}
		})
	}
}

// logProvider is a provider with three session hosts.
type logProvider struct {
	r    *rand.Rand
	dir  string
	form string
	logs map[string][]logLine
}

// logLine is one record of a host.
type logLine struct {
	host    string
	id      int
	at      time.Time
	event   int
	user    string
	session int
	address string
}

var (
	amsterdam   = mustLoad("Europe/Amsterdam")
	logHosts    = []string{"rdsh-1", "rdsh-2", "rdsh-3"}
	logUsers    = []string{"anna", "bert", "carla", "dirk", "els", "frits"}
	logForms    = []string{"csv", "csv without ids", "xml", "csv.gz", "forwarded", "weekly"}
	logSettings = `
provider: {name: Kust Hosting, time_zone: Europe/Amsterdam}
tenants: tenants.csv
rules: rules.yaml
coverage: {directory_every: 31d, inventory_every: 31d, quiet: 1d}
directories: [{name: kust, domain: KUST, ldif: directory/*.ldif}]
sessions: [{name: logs, files: [logs/*]}]
inventories: [{name: software, software: software-*.csv}]
pools: [{name: all, hosts: ["RDSH-*"], users: [RDS-Users]}]
`
)

func mustLoad(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func newLogProvider(t *testing.T, seed int) *logProvider {
	t.Helper()
	g := &logProvider{r: rand.New(rand.NewPCG(uint64(seed), 12)), dir: t.TempDir(), logs: map[string][]logLine{}}
	g.form = logForms[seed%len(logForms)]
	f := &directorytest.Forest{DNS: "kust.example", NetBIOS: "KUST", SID: "S-1-5-21-1-2-3"}
	f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.Unit, Name: "Kust"})
	for _, u := range logUsers {
		f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.User, Name: u, In: "OU=Kust", Account: u, UPN: u + "@kust.example", Display: u})
	}
	f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.Group, Name: "RDS-Users", In: "OU=Kust", Account: "RDS-Users", Members: logUsers})
	var b bytes.Buffer
	if err := directorytest.WriteLDIF(&b, f); err != nil {
		t.Fatal(err)
	}
	software := "host,name,version,publisher\n"
	for _, h := range logHosts {
		software += h + ",7-Zip 24.08 (x64),24.08,Igor Pavlov\n"
	}
	for name, text := range map[string]string{
		"config.yaml": logSettings, "directory/2026-10-15.ldif": b.String(), "software-2026-10-15.csv": software,
		"rules.yaml":  "version: \"1\"\nproducts:\n  - {id: rds, part_number: EXAMPLE-RDS, unit: user, entitled: {pools: [\"*\"]}}\n",
		"tenants.csv": "id,name,ou\nkust,Kust B.V.,\"OU=Kust,DC=kust,DC=example\"\n",
	} {
		writeFile(t, filepath.Join(g.dir, name), []byte(text))
	}
	for i, h := range logHosts {
		g.logs[h] = g.log(h, 1+g.r.IntN(2)*1000*(i+1))
	}
	g.write(t)
	return g
}

// log is a host's log from 20 September to 3 November: sessions of up to three
// users a day, and something every few hours.
func (g *logProvider) log(host string, id int) (out []logLine) {
	session := 2
	line := func(at time.Time, event int, user, address string) {
		out = append(out, logLine{host, 0, at, event, user, session, address})
	}
	for day := time.Date(2026, 9, 20, 0, 0, 0, 0, amsterdam); day.Before(time.Date(2026, 11, 4, 0, 0, 0, 0, amsterdam)); day = day.AddDate(0, 0, 1) {
		for h := 0; h < 24; h += 5 + g.r.IntN(6) {
			line(day.Add(time.Duration(h)*time.Hour+time.Duration(g.r.IntN(3600))*time.Second), 41, "", "")
		}
		if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
			continue
		}
		for range g.r.IntN(4) {
			session++
			user := `KUST\` + logUsers[g.r.IntN(len(logUsers))]
			begin := day.Add(7*time.Hour + time.Duration(g.r.IntN(4*3600))*time.Second)
			for i, e := range []int{21, 22, 24, 23} {
				address := "10.0.0.7"
				if e == 23 {
					address = ""
				}
				line(begin.Add(time.Duration(i/2)*5*time.Hour+time.Duration(i)*time.Second), e, user, address)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b logLine) int { return a.at.Compare(b.at) })
	for i := range out {
		out[i].id = id + i
	}
	return out
}

const logChannel = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

// write writes the logs in the provider's form.
func (g *logProvider) write(t *testing.T) {
	t.Helper()
	if err := os.RemoveAll(filepath.Join(g.dir, "logs")); err != nil {
		t.Fatal(err)
	}
	files := map[string][]logLine{}
	for _, h := range logHosts {
		for _, l := range g.logs[h] {
			name := h
			switch g.form {
			case "forwarded":
				name = "forwarded"
			case "weekly":
				_, week := l.at.ISOWeek()
				name = fmt.Sprintf("%s-%d", h, week)
			}
			files[name] = append(files[name], l)
		}
	}
	for name, lines := range files {
		slices.SortStableFunc(lines, func(a, b logLine) int { return a.at.Compare(b.at) })
		var b strings.Builder
		if g.form != "xml" {
			b.WriteString("TimeCreated,Computer,Channel,EventID,User,SessionID,Address,EventRecordID\n")
		}
		for _, l := range lines {
			at := l.at.UTC().Format("2006-01-02T15:04:05.000Z")
			if g.form == "xml" {
				fmt.Fprintf(&b, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-TerminalServices-LocalSessionManager'/><EventID>%d</EventID><TimeCreated SystemTime='%s'/><EventRecordID>%d</EventRecordID><Channel>%s</Channel><Computer>%s.kust.example</Computer></System><UserData><EventXML xmlns='Event_NS'><User>%s</User><SessionID>%d</SessionID><Address>%s</Address></EventXML></UserData></Event>\n",
					l.event, at, l.id, logChannel, l.host, l.user, l.session, l.address)
				continue
			}
			id := strconv.Itoa(l.id)
			if g.form == "csv without ids" {
				id = ""
			}
			fmt.Fprintf(&b, "%s,%s.kust.example,%s,%d,%s,%d,%s,%s\n", at, l.host, logChannel, l.event, l.user, l.session, l.address, id)
		}
		data := []byte(b.String())
		ext := ".csv"
		switch g.form {
		case "xml":
			ext = ".xml"
		case "csv.gz":
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			data, ext = z.Bytes(), ".csv.gz"
		}
		g.put(t, name+ext, data)
	}
}

// put writes a log file, copied on the evening of 4 November.
func (g *logProvider) put(t *testing.T, name string, data []byte) {
	t.Helper()
	path := filepath.Join(g.dir, "logs", name)
	writeFile(t, path, data)
	at := time.Date(2026, 11, 4, 20, 0, 0, 0, amsterdam)
	if err := os.Chtimes(path, at, at); err != nil {
		t.Fatal(err)
	}
}

// inject breaks one thing, and says what.
func (g *logProvider) inject(t *testing.T) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(g.dir, "logs", "*"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no logs", err)
	}
	path := paths[g.r.IntN(len(paths))]
	name := filepath.Base(path)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	host := logHosts[g.r.IntN(len(logHosts))]
	lines := g.logs[host]
	switch g.r.IntN(7) {
	case 0:
		n := g.r.IntN(len(data))
		g.put(t, name, data[:n])
		return fmt.Sprintf("%s is cut at byte %d of %d", name, n, len(data))
	case 1:
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return name + " is deleted"
	case 2:
		n := g.r.IntN(len(lines) - 10)
		k := 1 + g.r.IntN(min(80, len(lines)-n-1))
		if g.form == "csv without ids" { // what is missing of it shows by silence only
			k = max(k, 40)
			k = min(k, len(lines)-n-1)
		}
		what := fmt.Sprintf("%s lacks records %d to %d, %s to %s", host, lines[n].id, lines[n+k-1].id, lines[n].at, lines[n+k-1].at)
		g.logs[host] = slices.Delete(slices.Clone(lines), n, n+k)
		g.write(t)
		return what
	case 3:
		n := 1 + g.r.IntN(len(lines)-1)
		g.logs[host] = lines[:n]
		g.write(t)
		return fmt.Sprintf("%s stops on %s", host, lines[n-1].at)
	case 4:
		n := g.r.IntN(len(data))
		k := min(len(data)-n, 1+g.r.IntN(4096))
		clear(data[n : n+k])
		g.put(t, name, data)
		return fmt.Sprintf("%s has %d zeros at byte %d of %d", name, k, n, len(data))
	case 5:
		g.put(t, "kopie-"+strconv.Itoa(int(binary.LittleEndian.Uint16(data)))+"-"+name, data)
		return name + " is there twice"
	default:
		if err := os.Rename(path, filepath.Join(g.dir, "logs", "anders-"+name)); err != nil {
			t.Fatal(err)
		}
		return name + " is renamed"
	}
}

// count collects and counts October anew: whose days on which host, and which
// hosts have a gap. A failure to read is a gap of all.
func (g *logProvider) count(t *testing.T) (uses, gaps map[string]bool) {
	t.Helper()
	for _, f := range []string{"var", "out"} {
		if err := os.RemoveAll(filepath.Join(g.dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	uses, gaps = map[string]bool{}, map[string]bool{}
	config := filepath.Join(g.dir, "config.yaml")
	splameter(t, "--config", config, "collect")
	if code, _, stderr := splameter(t, "--config", config, "report", "--month", "2026-10"); code != exitComplete && code != exitIncomplete {
		t.Fatal(stderr)
	}
	st := readStatement(t, g.dir, "2026-10")
	for _, x := range st.Coverage.Gaps {
		if x.Kind != statement.CoverageSessions {
			continue
		}
		host, _, _ := strings.Cut(strings.ToLower(x.Host), ".")
		gaps[host] = true
		if host == "" {
			for _, h := range logHosts {
				gaps[h] = true
			}
		}
	}
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(g.dir, "var", "splameter.db"), store.Options{Location: amsterdam})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	f, err := s.Facts(t.Context(), month.New(2026, 10, amsterdam))
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Uses.Len() {
		u := f.Uses.At(i)
		for d := range 31 {
			if u.Days&(1<<d) != 0 {
				uses[fmt.Sprintf("%s %s %d", u.Host, u.User, d+1)] = true
			}
		}
	}
	return uses, gaps
}
