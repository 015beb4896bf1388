package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// growth shows what becomes of the store, of a reading and of a month's report
// and close while months pile up: of a directory that is read daily, and of
// which one account in a hundred changes a month. Every month is put into the
// store by a process of its own, through the store's own door: reading the
// export before that costs the same whatever the store holds.
func growth(ctx context.Context, opt *options) error {
	program, err := opt.built(ctx)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	dir := filepath.Join(opt.dir, fmt.Sprintf("growth-%d", opt.accounts))
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := writeGrowth(dir, opt.accounts); err != nil {
		return err
	}
	shown := map[int]bool{1: true, 4: true, 12: true, 24: true, 36: true, opt.months: true}
	fmt.Fprintf(opt.out, "\n| growth: %s accounts, a reading every %d days, 1 %% change a month | store MB | CPU s a reading | MiB | report CPU s | MiB | close CPU s | MiB | store MB then | sha256sum MB/s |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
		thousands(float64(opt.accounts)), opt.every)
	worker := func(args ...string) (string, *os.ProcessState, error) {
		cmd := exec.CommandContext(ctx, self, append([]string{"-work"}, args...)...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return "", nil, fmt.Errorf("let the store grow: %w", err)
		}
		return lastLine(string(out)), cmd.ProcessState, nil
	}
	read := func(n int) (string, *os.ProcessState, error) {
		return worker("store", dir, strconv.Itoa(opt.accounts), strconv.Itoa(opt.months), strconv.Itoa(n), strconv.Itoa(opt.every))
	}
	for n := 1; n <= opt.months && ctx.Err() == nil; n++ {
		m := october().Add(n - opt.months)
		line, used, err := read(n)
		if err != nil {
			return err
		}
		if opt.fewer && !shown[n] && !shown[n+1] {
			continue
		}
		var cost [2]sample
		for i, args := range [][]string{{"report", "--month", m.String()}, {"close", "--no-collect", "--month", m.String()}} {
			c := contender{name: args[0], argv: append([]string{program, "-c", filepath.Join(dir, "config.yaml")}, args...), dir: dir, units: 1, codes: []int{0, 3}}
			if i == 0 && !shown[n] {
				continue // closing it does all that a report does
			}
			if cost[i], err = c.run(ctx); err != nil {
				return err
			}
		}
		if shown[n] {
			size, err := os.Stat(filepath.Join(dir, "var", "splameter.db"))
			if err != nil {
				return err
			}
			opt.hash.runs = nil
			opt.hash.measure(ctx)
			fmt.Fprintf(opt.out, "| after %d months | %s | %.0f | %s | %.0f | %s | %.0f | %s | %s |\n", n, line, peakOf(used),
				short(cost[0].cpu), cost[0].peak, short(cost[1].cpu), cost[1].peak, short(float64(size.Size())/1e6), opt.hash.speed())
		}
	}
	if opt.months <= kept || ctx.Err() != nil {
		return ctx.Err()
	}
	line, used, err := worker("reduce", dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(opt.out, "\nNames older than %d months reduced: %s, %.0f MiB.\n", kept, line, peakOf(used))
	if line, _, err = read(opt.months + 1); err == nil {
		fmt.Fprintf(opt.out, "One month more: store MB and CPU s a reading | %s\n", line)
	}
	return err
}

// kept is how many months keep their names when the grown store is reduced.
const kept = 12

// storeReduce is the work of forgetting who was named long ago.
func storeReduce(ctx context.Context, dir string) error {
	last := october()
	path := filepath.Join(dir, "var", "splameter.db")
	st, err := store.Open(ctx, "sqlite:"+path, store.Options{Location: last.Location(), Now: time.Now})
	if err != nil {
		return err
	}
	defer st.Close()
	began := cpuTime()
	n, err := st.Reduce(ctx, last.Add(1-kept))
	if err != nil {
		return err
	}
	spent := cpuTime() - began
	if err := st.Close(); err != nil {
		return err
	}
	size, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("%s facts gone in %s CPU s, the store has %s MB", thousands(float64(n.Spans)), short(spent.Seconds()), short(float64(size.Size())/1e6))
	return nil
}

// writeGrowth writes what a report of the growing store needs.
func writeGrowth(dir string, accounts int) error {
	if err := os.MkdirAll(filepath.Join(dir, "var"), 0o755); err != nil {
		return err
	}
	of := estate{tenants: (accounts + 99) / 100}
	for name, text := range map[string]string{
		"config.yaml": growthConfig, "rules.yaml": growthRules, "tenants.csv": of.tenantTable(),
		"exclusions.csv": "id,tenant,product,ground,match,quantity,document,from,until\n",
		"prices.csv":     strings.ReplaceAll(estatePrices, "2025-01-01", "2020-01-01"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// storeGrowth is the work of growth: it puts the nth month's readings into the
// store, and prints the row's figures.
func storeGrowth(ctx context.Context, dir string, accounts, months, n, every int) error {
	last := october()
	loc := last.Location()
	path := filepath.Join(dir, "var", "splameter.db")
	st, err := store.Open(ctx, "sqlite:"+path, store.Options{Location: loc, Now: time.Now})
	if err != nil {
		return err
	}
	defer st.Close()
	first, m := last.Add(1-months), last.Add(n-months)
	d := madeDirectory(accounts)
	var put time.Duration
	readings := 0
	for day := first.FirstDay(); day <= m.LastDay(); day++ {
		d.change(day)
		if day < m.FirstDay() || int(day-m.FirstDay())%every != 0 && day != m.LastDay() {
			continue
		}
		x := d.Directory
		x.Taken = day.Start(loc)
		began := cpuTime()
		if err := st.PutDirectory(ctx, &x); err != nil {
			return err
		}
		if n > 1 || readings > 0 { // the very first writes everything
			put += cpuTime() - began
		}
		readings++
	}
	if n == 1 {
		readings--
	}
	if err := st.Close(); err != nil {
		return err
	}
	size, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("%s | %s\n", short(float64(size.Size())/1e6), short(put.Seconds()/float64(readings)))
	return nil
}

// living is a directory that changes from day to day.
type living struct{ snapshot.Directory }

// change is what a day does: one account in 3,000, one in a hundred a month,
// is blocked or let in again under another name; of ten of those two change a
// group, and one leaves, and another account stands in its place.
func (d *living) change(day month.Day) {
	accounts := len(d.Accounts)
	for i := int(day) % 3000; i < accounts; i += 3000 {
		a := &d.Accounts[i]
		a.Disabled, a.DisplayName = !a.Disabled, fmt.Sprintf("Voornaam Achternaam %d %d", i, day)
		switch i / 3000 % 10 {
		case 0, 1:
			d.Members[2*i].Group = d.Groups[1+(i+int(day))%(len(d.Groups)-1)].ID
		case 2:
			a.ID, a.SID = fmt.Sprintf("%08x-%04x-4000-8000-%012x", i, 3, day), fmt.Sprintf("%s-%d", d.SID, 20_000_000+int(day)*100+i/3000)
			d.Members[2*i].Key, d.Members[2*i+1].Key = a.ID, a.ID
		}
	}
}

// madeDirectory has n accounts, a group for each twenty, and two memberships
// an account: of such a group, and of the one for all.
func madeDirectory(n int) *living {
	const domain = "S-1-5-21-1004336348-1177238915-682003330"
	id := func(kind, i int) string {
		return fmt.Sprintf("%08x-%04x-4000-8000-%012x", i*2654435761&0xffffffff, kind, i)
	}
	d := &living{snapshot.Directory{Domain: "HOSTING", DNS: "hosting.example", SID: domain}}
	d.Reading = snapshot.Reading{Source: "hosting", Kind: snapshot.KindDirectory, Status: snapshot.Complete}
	for i := range n {
		d.Accounts = append(d.Accounts, snapshot.Account{
			ID: id(1, i), SID: fmt.Sprintf("%s-%d", domain, 100_000+i), Name: fmt.Sprintf("u%06d", i), UPN: fmt.Sprintf("u%06d@hosting.example", i),
			DisplayName: fmt.Sprintf("Voornaam Achternaam %d", i), DN: fmt.Sprintf("CN=Voornaam Achternaam %d,OU=Users,OU=T%04d,OU=Customers,DC=hosting,DC=example", i, i/100),
			PrimaryGroup: domain + "-513", Line: i * 20,
		})
	}
	for g := range 1 + max(2, n/20) {
		name := fmt.Sprintf("group %d", g)
		if g == 0 {
			name = "RDS-Users"
		}
		d.Groups = append(d.Groups, snapshot.Group{ID: id(2, g), SID: fmt.Sprintf("%s-%d", domain, 10_000_000+g), Name: name, DN: fmt.Sprintf("CN=%s,OU=Groups,DC=hosting,DC=example", name)})
	}
	for i := range n {
		for _, g := range []int{1 + i%(len(d.Groups)-1), 0} {
			d.Members = append(d.Members, snapshot.Member{Group: d.Groups[g].ID, Key: d.Accounts[i].ID, Line: i})
		}
	}
	return d
}

const (
	growthConfig = providerConfig + "coverage: {directory_every: 31d}\n"
	growthRules  = `version: "2026-01"
products:
  - {id: core-cal, name: {en: Core CAL Suite}, part_number: CCAL, unit: user, entitled: {groups: [RDS-Users]}}
`
)
