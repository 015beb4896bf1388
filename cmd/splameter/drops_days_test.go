package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/collector/directory/directorytest"
	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/internal/drop"
	"splameter/internal/gather"
)

// dropDays is a provider whose hosts rdsh-1 and rdsh-2 hand in by themselves.
type dropDays struct {
	t     *testing.T
	dir   string
	a, b  *standIn
	ldif  string
	codes map[string][]string // of findings, filled by month
}

const dropSettings = `
provider: {name: Kust Hosting, time_zone: Europe/Amsterdam}
tenants: tenants.csv
rules: rules.yaml
coverage: {directory_every: 31d, inventory_every: 31d}
directories: [{name: kust, domain: KUST, ldif: directory/*.ldif}]
drops: [{name: handed-in, files: [drops/*.zip]}]
pools: [{name: all, hosts: ["RDSH-*"], users: [RDS-Users]}]
`

func newDropDays(t *testing.T) *dropDays {
	t.Helper()
	d := &dropDays{t: t, dir: t.TempDir(), a: newStandIn("rdsh-1"), b: newStandIn("rdsh-2")}
	d.a.frits = true
	f := &directorytest.Forest{DNS: "kust.example", NetBIOS: "KUST", SID: "S-1-5-21-1-2-3"}
	f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.Unit, Name: "Kust"}, directorytest.Object{Kind: directorytest.Unit, Name: "Servers"})
	for _, u := range logUsers {
		f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.User, Name: u, In: "OU=Kust", Account: u, UPN: u + "@kust.example", Display: u})
	}
	f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.Group, Name: "RDS-Users", In: "OU=Kust", Account: "RDS-Users", Members: logUsers})
	for _, n := range []string{"RDSH-1", "RDSH-2"} {
		f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.Computer, Name: n, In: "OU=Servers", Account: n + "$", System: "Windows Server 2022 Standard",
			Attributes: []directorytest.Pair{{Name: "dNSHostName", Value: n + ".kust.example"}}})
	}
	var b bytes.Buffer
	if err := directorytest.WriteLDIF(&b, f); err != nil {
		t.Fatal(err)
	}
	d.ldif = b.String()
	for name, text := range map[string]string{
		"config.yaml": dropSettings, "directory/2026-10-05.ldif": d.ldif,
		"rules.yaml":  "version: \"1\"\nproducts:\n  - {id: rds, part_number: EXAMPLE-RDS, unit: user, entitled: {pools: [\"*\"]}}\n  - {catalog: win-std, part_number: EXAMPLE-WIN}\n",
		"tenants.csv": "id,name,ou\nkust,Kust B.V.,\"OU=Kust,DC=kust,DC=example\"\n",
	} {
		writeFile(t, filepath.Join(d.dir, name), []byte(text))
	}
	return d
}

// october is a moment of October: day 33 is 2 November.
func october(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, time.UTC) }

// hand lets a host hand in, and gives back the drop's path.
func (d *dropDays) hand(h *standIn, at time.Time) string {
	d.t.Helper()
	h.now = at
	r, err := gather.Run(d.t.Context(), h, gather.Options{To: filepath.Join(d.dir, "drops"), State: filepath.Join(d.dir, "state-"+h.id+h.names[1]+".json"),
		Now: func() time.Time { return at.Add(h.clock) }, Version: "test"})
	if err != nil {
		d.t.Fatal(err)
	}
	return r.Path
}

// weekly lets hosts hand in each Thursday at 05:00 UTC from 1 October to a day,
// and collects after each.
func (d *dropDays) weekly(from, to int, hosts ...*standIn) {
	d.t.Helper()
	for day := from; day <= to; day += 7 {
		for _, h := range hosts {
			d.hand(h, october(day, 5))
		}
		d.collect(0, october(day, 6))
	}
}

func (d *dropDays) command(want int, at time.Time, args ...string) string {
	d.t.Helper()
	var out, errs bytes.Buffer
	args = append([]string{"--config", filepath.Join(d.dir, "config.yaml"), "--log-level", "error"}, args...)
	if got := run(d.t.Context(), args, &out, &errs, func() time.Time { return at }); got != want {
		d.t.Fatalf("splameter %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

func (d *dropDays) collect(want int, at time.Time) string { return d.command(want, at, "collect") }

// month is October as it stands at a moment: its state, the licences, the
// active among them, and each gap.
func (d *dropDays) month(at time.Time) string {
	d.t.Helper()
	var out, errs bytes.Buffer
	code := run(d.t.Context(), []string{"--config", filepath.Join(d.dir, "config.yaml"), "--log-level", "error", "report", "--month", "2026-10"}, &out, &errs, func() time.Time { return at })
	if code != exitComplete && code != exitIncomplete {
		d.t.Fatal(errs.String())
	}
	return d.said()
}

// said is October as its statement has it.
func (d *dropDays) said() string {
	d.t.Helper()
	st := readStatement(d.t, d.dir, "2026-10")
	said := string(st.Status)
	for _, l := range st.Lines[:1] {
		said += fmt.Sprintf(", %s %d, active %d", l.Product, l.Quantity, l.Active)
	}
	for _, g := range st.Coverage.Gaps {
		said += "\n" + g.Message
	}
	for _, q := range st.Questions {
		said += "\nquestion " + q.Key
	}
	d.codes = map[string][]string{}
	for _, f := range st.Findings {
		d.codes[f.Code] = append(d.codes[f.Code], f.Message)
	}
	return said
}

const wholeDrops = "complete, rds 6, active 6"

func (d *dropDays) want(at time.Time, want string) {
	d.t.Helper()
	if got := d.month(at); got != want {
		d.t.Errorf("got  %s\nwant %s", got, want)
	}
}

// wantClosed is want of a month that was closed.
func (d *dropDays) wantClosed(want string) {
	d.t.Helper()
	if got := d.said(); got != want {
		d.t.Errorf("got  %s\nwant %s", got, want)
	}
}

// told says that a finding stands in the month that was reported last.
func (d *dropDays) told(code, text string) {
	d.t.Helper()
	if !slices.ContainsFunc(d.codes[code], func(s string) bool { return strings.Contains(s, text) }) {
		d.t.Errorf("no %s with %q in %q", code, text, d.codes)
	}
}

// Hosts that hand in each Thursday make a whole month, and none of their drops
// changes it a second time, late or under another name.
func TestDropsOfAMonth(t *testing.T) {
	d := newDropDays(t)
	d.weekly(1, 36, d.a, d.b)
	d.want(october(36, 7), wholeDrops)
}

// refused lets the drop of the 15th of rdsh-1 be refused by name, which holds
// up no other, and takes a whole one in its place at last.
func (d *dropDays) refused(spoil func(path string), says string) {
	d.t.Helper()
	d.weekly(1, 8, d.a, d.b)
	p := d.hand(d.a, october(15, 5))
	whole, err := os.ReadFile(p)
	if err != nil {
		d.t.Fatal(err)
	}
	spoil(p)
	if said := d.collect(3, october(15, 6)); !strings.Contains(said, filepath.Base(p)+": ") || !strings.Contains(said, says) {
		d.t.Error(said)
	}
	for day := 22; day <= 36; day += 7 {
		d.hand(d.a, october(day, 5))
		d.hand(d.b, october(day, 5))
		d.collect(3, october(day, 6))
	}
	d.want(october(36, 7), withoutThe15th)
	writeFile(d.t, p, whole)
	d.collect(0, october(37, 7))
	d.want(october(37, 8), wholeDrops)
}

// A drop begins with the chunk of 122 records that holds the one 50 before the
// last that was handed in. On 8 October at 05:00 that was 18 days and 5 hours
// after the beginning, 875; on the 15th 1211, so that the drop of the 22nd begins
// with the chunk of 1161: with 9 times 122 and 1, of 12 October 21:00.
const withoutThe15th = "incomplete, rds 6, active 6\nthe session log of host rdsh-1.kust.example lacks 223 records, 876 to 1098, written between 2026-10-08 07:00 and 2026-10-12 23:00"

// What may become of a host's drops, and what then becomes of the month.
func TestDropsOnBadDays(t *testing.T) {
	if testing.Short() {
		t.Skip("a month of drops, twenty times")
	}
	move := func(d *dropDays, from, to string) {
		d.t.Helper()
		if err := os.Rename(from, to); err != nil {
			d.t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		run  func(d *dropDays)
	}{
		{"twice", func(d *dropDays) {
			d.weekly(1, 8, d.a, d.b)
			p := d.hand(d.a, october(15, 5))
			d.collect(0, october(15, 6))
			copyFile(d.t, p, strings.TrimSuffix(p, ".zip")+" - Copy.zip")
			d.collect(0, october(15, 7))
			d.hand(d.b, october(15, 8))
			d.weekly(22, 36, d.a, d.b)
			d.want(october(36, 7), wholeDrops)
		}},
		{"after a newer one", func(d *dropDays) {
			d.weekly(1, 8, d.a, d.b)
			p, late := d.hand(d.a, october(15, 5)), filepath.Join(d.dir, "late.zip")
			move(d, p, late)
			d.weekly(22, 36, d.a, d.b)
			d.want(october(36, 7), withoutThe15th)
			move(d, late, p)
			d.collect(0, october(37, 7))
			d.want(october(37, 8), wholeDrops)
		}},
		// On the 22nd 1547 was the newest, on the 29th 1883; the drop of 5 November
		// begins with the chunk of 1833, with record 1831 of the 28th 03:00 UTC.
		{"after the month was closed", func(d *dropDays) {
			d.weekly(1, 22, d.a, d.b)
			p, late := d.hand(d.a, october(29, 5)), filepath.Join(d.dir, "late.zip")
			move(d, p, late)
			d.weekly(36, 36, d.a, d.b)
			d.command(3, october(36, 8), "close", "--month", "2026-10")
			d.wantClosed("incomplete, rds 6, active 6\nthe session log of host rdsh-1.kust.example lacks 283 records, 1548 to 1830, written between 2026-10-22 07:00 and 2026-10-28 04:00")
			move(d, late, p)
			d.collect(0, october(37, 7))
			d.command(0, october(37, 9), "close", "--month", "2026-10")
			d.wantClosed(wholeDrops)
		}},
		{"cut", func(d *dropDays) {
			d.refused(func(path string) {
				b, _ := os.ReadFile(path)
				writeFile(d.t, path, b[:len(b)-100])
			}, "it is no zip file, or it is cut off")
		}},
		{"with the manifest of another host", func(d *dropDays) {
			d.refused(func(path string) {
				remade(d.t, path, func(m *drop.Manifest) { m.Host, m.SID = "rdsh-2.kust.example", d.b.id })
			}, "its manifest says that it is of host rdsh-2.kust.example, and its registry that it is of RDSH-1: nothing of it is taken")
		}},
		{"with 4 GiB in it", func(d *dropDays) {
			d.refused(func(path string) { bomb(d.t, path) }, "its member logs/System.evtx claims 4294967296 bytes, which is not believed")
		}},
		// Its clock says 2031: until the next drop it is known up to the collection.
		{"from a day to come", func(d *dropDays) {
			d.weekly(1, 8, d.a, d.b)
			remade(d.t, d.hand(d.a, october(15, 5)), func(m *drop.Manifest) { m.Taken, m.Clock = m.Taken.AddDate(5, 0, 0), nil })
			d.collect(0, october(15, 6))
			d.weekly(22, 36, d.b)
			d.want(october(36, 7), "incomplete, rds 6, active 6\nthe session log of host rdsh-1.kust.example was read up to 2026-10-15 08:00, before the month ended")
			d.told("clock-skew", "host rdsh-1.kust.example says that it handed in on 2031-10-15 05:00 UTC, which is not yet")
			d.hand(d.a, october(36, 8))
			d.collect(0, october(36, 9))
			d.want(october(36, 10), wholeDrops)
		}},
		{"away for three weeks", func(d *dropDays) {
			d.weekly(1, 8, d.a, d.b)
			d.weekly(15, 22, d.b)
			d.weekly(29, 36, d.a, d.b)
			d.want(october(36, 7), wholeDrops)
		}},
		// Record 1501 is of 31 days and 6 hours after the beginning. Of 13 October,
		// the only day of frits, nothing is left.
		{"away for three weeks, and its log went round", func(d *dropDays) {
			d.weekly(1, 8, d.a, d.b)
			d.weekly(15, 22, d.b)
			d.a.first = 1501
			d.weekly(29, 36, d.a, d.b)
			d.want(october(36, 7), "incomplete, rds 6, active 5\nthe session log of host rdsh-1.kust.example lacks 625 records, 876 to 1500, written between 2026-10-08 07:00 and 2026-10-21 08:00")
		}},
		{"installed anew", func(d *dropDays) {
			d.weekly(1, 15, d.a, d.b)
			d.a.id, d.a.first, d.a.id1, d.a.from = "S-1-5-21-9-9-9", 1, 1, october(20, 12)
			d.weekly(22, 36, d.a, d.b)
			d.want(october(36, 7), "incomplete, rds 6, active 6\nthe session log of host rdsh-1.kust.example begins anew with record 1 on 2026-10-20 14:00: what was written after 2026-10-15 07:00 is not known")
			d.told("host-reinstalled", "rdsh-1")
		}},
		{"cloned", func(d *dropDays) {
			d.b.id = d.a.id
			d.weekly(1, 36, d.a, d.b)
			d.want(october(36, 7), wholeDrops)
			d.told("host-cloned", "hosts rdsh-1.kust.example and rdsh-2.kust.example are copies of one installation")
		}},
		{"an hour ahead", func(d *dropDays) {
			d.a.clock = time.Hour
			d.weekly(1, 36, d.a, d.b)
			d.want(october(36, 7), wholeDrops)
			d.told("clock-skew", "differ by -1h0m0s")
		}},
		// Record 1300 is of 27 days and 90 minutes after the beginning.
		{"cleared, and counted on", func(d *dropDays) {
			d.weekly(1, 15, d.a, d.b)
			d.a.first = 1300
			d.weekly(22, 36, d.a, d.b)
			d.want(october(36, 7), "incomplete, rds 6, active 6\nthe session log of host rdsh-1.kust.example lacks 88 records, 1212 to 1299, written between 2026-10-15 07:00 and 2026-10-17 03:30")
		}},
		{"cleared, and counted from 1", func(d *dropDays) {
			d.weekly(1, 15, d.a, d.b)
			d.a.first, d.a.id1, d.a.from = 1, 1, october(16, 12)
			d.weekly(22, 36, d.a, d.b)
			d.want(october(36, 7), "incomplete, rds 6, active 6\nthe session log of host rdsh-1.kust.example begins anew with record 1 on 2026-10-16 14:00: what was written after 2026-10-15 07:00 is not known")
			d.told("log-cleared", "rdsh-1")
		}},
		// 539 was the newest; when the host hands in again it is at 851 anew. What
		// the log holds is told whole all the same: 1 to 851.
		{"cleared, and counted beyond what was read", func(d *dropDays) {
			d.weekly(1, 1, d.a, d.b)
			d.a.first, d.a.id1, d.a.from = 1, 1, october(2, 12)
			d.hand(d.a, october(20, 5))
			d.collect(0, october(20, 6))
			d.weekly(22, 36, d.a, d.b)
			d.want(october(36, 7), "incomplete, rds 6, active 6\nthe session log of host rdsh-1.kust.example begins anew with record 1 on 2026-10-02 14:00: what was written after 2026-10-01 07:00 is not known")
		}},
		// On 12 October at 06:00 UTC it starts again as rdsh-9; the directory says so
		// from that day on. Its log goes on, and it is one host all month.
		{"renamed", func(d *dropDays) {
			d.weekly(1, 8, d.a, d.b)
			d.a.now = october(12, 6)
			d.a.names[d.a.newest()], d.a.name = "rdsh-9", "rdsh-9"
			writeFile(d.t, filepath.Join(d.dir, "directory", "2026-10-12.ldif"), []byte(strings.ReplaceAll(d.ldif, "RDSH-1", "RDSH-9")))
			d.weekly(15, 36, d.a, d.b)
			d.want(october(36, 7), wholeDrops)
			d.told("host-renamed", "host rdsh-9.kust.example is what was called rdsh-1.kust.example before")
		}},
		{"away at the end of the month", func(d *dropDays) {
			d.weekly(1, 29, d.a, d.b)
			d.weekly(36, 36, d.b)
			d.want(october(36, 7), "incomplete, rds 6, active 6\nthe session log of host rdsh-1.kust.example was read up to 2026-10-29 06:00, before the month ended")
		}},
		// Host rdsh-2 vouches for its own log, and not for that of rdsh-1, which sent
		// it its last event on 10 October at 06:00 UTC.
		{"with another host's events, which no longer come", func(d *dropDays) {
			d.a.now = october(10, 6)
			for id := uint64(1); id <= d.a.newest(); id++ {
				e := evtxtest.LocalSession(21, `KUST\`+logUsers[id%6], uint32(id%200)+2, "10.0.0.7")
				d.b.others = append(d.b.others, e.Logged(id, "rdsh-1.kust.example", d.a.at(id)))
			}
			d.weekly(1, 36, d.b)
			d.want(october(36, 7), "incomplete, rds 6, active 6\n"+
				"host rdsh-1.kust.example belongs to pool all and has no software inventory this month: what is installed there is not known\n"+
				"the session log of host rdsh-1.kust.example holds nothing after 2026-10-10 08:00, and nothing else was heard of the host for longer than it may be quiet (coverage.quiet)\n"+
				"question question|machine|rdsh-1.kust.example")
		}},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(newDropDays(t)) })
	}
}
