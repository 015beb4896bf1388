package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"splameter/snapshot"
	"splameter/store"
)

// growth shows how the store grows with months of daily readings of a
// directory of which one account in a hundred changes a month, and whether the
// facts of the last month cost more as months pile up.
func growth(ctx context.Context, opt *options) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Printf("\n| growth: %s accounts, read daily, 1 %% change a month | store MB | one reading s | facts of the month s | MiB |\n|---|---:|---:|---:|---:|\n", thousands(float64(opt.accounts)))
	for _, months := range []int{1, max(2, opt.months/3), opt.months} {
		if months > opt.months {
			continue
		}
		path := filepath.Join(opt.dir, fmt.Sprintf("growth-%d.db", months))
		cmd := exec.CommandContext(ctx, self, "-work", "store", path, strconv.Itoa(opt.accounts), strconv.Itoa(months))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return fmt.Errorf("let the store grow: %w", err)
		}
		fmt.Printf("| after %d months | %s | %.0f |\n", months, lastLine(string(out)), peakOf(cmd.ProcessState))
		for _, more := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(path + more)
		}
	}
	return nil
}

// storeGrowth is the work of growth: it prints the row's figures.
func storeGrowth(ctx context.Context, path string, accounts, months int) error {
	last := october()
	loc := last.Location()
	st, err := store.Open(ctx, "sqlite:"+path, store.Options{Location: loc, Now: time.Now})
	if err != nil {
		return err
	}
	defer st.Close()
	first := last.Add(1 - months)
	d := madeDirectory(accounts)
	var put time.Duration
	readings := 0
	for day := first.FirstDay(); day <= last.LastDay(); day++ {
		for i := int(day) % 3000; i < accounts; i += 3000 { // one in 3,000 a day: one in a hundred a month
			a := &d.Accounts[i]
			a.Disabled, a.DisplayName = !a.Disabled, fmt.Sprintf("Voornaam Achternaam %d %d", i, day)
		}
		x := *d
		x.Taken = day.Start(loc)
		began := time.Now()
		if err := st.PutDirectory(ctx, &x); err != nil {
			return err
		}
		put += time.Since(began)
		readings++
	}
	began := time.Now()
	f, err := st.Facts(ctx, last)
	if err != nil {
		return err
	}
	facts := time.Since(began)
	if len(f.Directories) != 1 || len(f.Directories[0].Taken) != last.Days() || f.Directories[0].Members.Len() != len(d.Members) {
		return fmt.Errorf("the facts of %s are not what was put there", last)
	}
	if err := st.Close(); err != nil {
		return err
	}
	size, err := os.Stat(path)
	if err != nil {
		return err
	}
	fmt.Printf("%s | %s | %s\n", short(float64(size.Size())/1e6), short(put.Seconds()/float64(readings)), short(facts.Seconds()))
	return nil
}

// madeDirectory has n accounts, a group for each twenty, and two memberships
// an account.
func madeDirectory(n int) *snapshot.Directory {
	const domain = "S-1-5-21-1004336348-1177238915-682003330"
	id := func(kind, i int) string {
		return fmt.Sprintf("%08x-%04x-4000-8000-%012x", i*2654435761&0xffffffff, kind, i)
	}
	d := &snapshot.Directory{Domain: "HOSTING", DNS: "hosting.example", SID: domain}
	d.Reading = snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Status: snapshot.Complete}
	for i := range n {
		d.Accounts = append(d.Accounts, snapshot.Account{
			ID: id(1, i), SID: fmt.Sprintf("%s-%d", domain, 100_000+i), Name: fmt.Sprintf("u%06d", i), UPN: fmt.Sprintf("u%06d@hosting.example", i),
			DisplayName: fmt.Sprintf("Voornaam Achternaam %d", i), DN: fmt.Sprintf("CN=Voornaam Achternaam %d,OU=Users,OU=T%04d,OU=Customers,DC=hosting,DC=example", i, i/100),
			PrimaryGroup: domain + "-513", Line: i * 20,
		})
	}
	for g := range max(1, n/20) {
		d.Groups = append(d.Groups, snapshot.Group{ID: id(2, g), SID: fmt.Sprintf("%s-%d", domain, 10_000_000+g), Name: fmt.Sprintf("group %d", g), DN: fmt.Sprintf("CN=group %d,OU=Groups,DC=hosting,DC=example", g)})
	}
	for i := range n {
		for k := range 2 {
			d.Members = append(d.Members, snapshot.Member{Group: d.Groups[(i+k*7)%len(d.Groups)].ID, Key: d.Accounts[i].ID, Line: i})
		}
	}
	return d
}
