package sessions

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/evtx"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
)

// aLargeTable is an export of 12,000 rows, nearly 2 MB, with things in
// it that are told in their place:
//
//	4 rows have too few values, 3 say that Security was cleared, 24 are of a
//	channel that means nothing, 12 name no computer, 1 has a time of no zone,
//	and the last is cut off. A quarter go over a line end, where blocks are
//	cut, too.
func aLargeTable() string {
	var b strings.Builder
	b.WriteString("TimeCreated,EventID,Computer,User,SessionID,Address,EventRecordID,Channel,Provider\n")
	ids := []int{21, 24, 25, 23}
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for i := 1; i <= 12_000; i++ {
		at = at.Add(200 * time.Second)
		host, stamp, provider := fmt.Sprintf("RDSH-A%02d.hosting.example", i%7), at.Format(time.RFC3339), "Microsoft-Windows-TerminalServices-LocalSessionManager"
		switch {
		case i%3000 == 1500:
			fmt.Fprintf(&b, "%s,21,%s\n", stamp, host)
			continue
		case i%4000 == 2000:
			fmt.Fprintf(&b, "%s,1102,%s,,,,%d,Security,Microsoft-Windows-Eventlog\n", stamp, host, i)
			continue
		case i%500 == 250:
			fmt.Fprintf(&b, "%s,1000,%s,,,,%d,Application,Application Error\n", stamp, host, i)
			continue
		case i%1000 == 13:
			host = ""
		case i == 5000:
			stamp = strings.TrimSuffix(stamp, "Z")
		}
		if i/3000 == 2 {
			provider = "\"a provider\nof two lines, the other as long as the one\""
		}
		fmt.Fprintf(&b, "%s,%d,%s,HOSTING\\u%03d,%d,10.0.0.%d,%d,Microsoft-Windows-TerminalServices-LocalSessionManager/Operational,%s\n", stamp, ids[i/7%4], host, i/28%50, 2+i%3, i%250, i, provider)
	}
	b.WriteString("2026-10-28T")
	return b.String()
}

// However many workers gather what a log holds, the same comes out, in the
// same order: rows, reaches, notes and numbers.
func TestWorkersOfOneFileChangeNothing(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "hosts.csv"), aLargeTable())
	job := jobIn(t, dir)
	job.Workers = 1
	want, files := collect(t, job)
	// 12,000 rows but for the 4 that are broken; of these 3 and 24 are no
	// session events.
	if f := files[0]; f.Records != 11_996 || f.Events != 11_969 || f.Damaged != 5 || !f.Cut {
		t.Errorf("%d records, %d events, %d damages, cut %t; want 11996, 11969, 5, true", f.Records, f.Events, f.Damaged, f.Cut)
	}
	damaged, cleared := "log-damaged hosts.csv; ", func(host string) string { return "log-cleared " + host + ".hosting.example; " }
	// 2000, 6000 and 10000 leave 5, 1 and 4 when divided by 7.
	order := damaged + cleared("RDSH-A05") + damaged + cleared("RDSH-A01") + damaged + cleared("RDSH-A04") + damaged + damaged +
		"log-without-host hosts.csv; log-local-time hosts.csv"
	if got := codes(want.Notes); got != order {
		t.Errorf("notes %s\nwant  %s", got, order)
	}
	// Each of the 50 users was on each of the 7 hosts.
	if len(want.Uses) != 350 {
		t.Errorf("%d rows, want 350", len(want.Uses))
	}
	for _, workers := range []int{2, 3, 8} {
		job.Workers = workers
		got, read := collect(t, job)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%d workers (-one +more):\n%s", workers, d)
		}
		if d := cmp.Diff(files, read); d != "" {
			t.Errorf("%d workers, of the file (-one +more):\n%s", workers, d)
		}
	}
}

// A piece with more damage than a worker may keep is read once more in its turn:
// nothing of it is told twice or not at all. Of 300,000 broken rows 20 are told
// one by one, and a last note says how many there are.
func TestAPieceFullOfDamageIsToldOnce(t *testing.T) {
	good := "2026-10-0%dT08:00:00Z,21,RDSH-A01,D\\a,2,10.0.0.1,%d,Microsoft-Windows-TerminalServices-LocalSessionManager/Operational\n"
	dir := t.TempDir()
	write(t, filepath.Join(dir, "hosts.csv"), "TimeCreated,EventID,Computer,User,SessionID,Address,EventRecordID,Channel\n"+
		fmt.Sprintf(good, 1, 1)+strings.Repeat("x\n", 300_000)+fmt.Sprintf(good, 2, 2))
	for _, workers := range []int{1, 2} {
		job := jobIn(t, dir)
		job.Workers = workers
		got, files := collect(t, job)
		if f := files[0]; f.Damaged != 300_000 || f.Events != 2 || f.Cut || len(f.Notes) != 21 {
			t.Errorf("%d workers: %d damages, %d events, cut %t, %d notes; want 300000, 2, false, 21", workers, f.Damaged, f.Events, f.Cut, len(f.Notes))
		}
		if len(got.Uses) != 1 || got.Uses[0].Days != 1<<0|1<<1 {
			t.Errorf("%d workers: %+v", workers, got.Uses)
		}
	}
}

// A damage is the end of a file if no record came behind it and nothing was
// read behind it, whoever gathered which. r is a record, d a damage, g one
// behind which reading goes on, | where one worker's piece ends.
func TestDamageAtTheEndCuts(t *testing.T) {
	for script, want := range map[string]bool{
		"rd": true, "dr": false, "drd": true, "rg": false, "dg": true, "gr": false,
		"d|r": false, "r|d": true, "d|": true, "dr|g": false, "d|rg": false, "r|d|g": true, "drrd|r": false,
	} {
		u := newFileRun(NewFolder(time.UTC), "s.csv", &FileRead{})
		for piece := range strings.SplitSeq(script, "|") {
			p := u.NewBatch()
			for _, c := range piece {
				if c == 'r' {
					p.Record(rec("Security", "RDSH-A01", 4624, "2026-10-05T08:00:00Z"))
				} else {
					p.Damaged(record.Damage{What: "broken", GoesOn: c == 'g'})
				}
			}
			p.Deliver()
		}
		if u.tail != want {
			t.Errorf("%s: cut %t, want %t", script, u.tail, want)
		}
	}
}

// An event log whose first record came reaches as far as its reader says: of
// records 5 to 9 only 5 is an event of ours.
func TestTheFirstRecordIsRemembered(t *testing.T) {
	f := NewFolder(time.UTC)
	u := newFileRun(f, "s.evtx", &FileRead{})
	r := rec("Security", "RDSH-A01", 4634, "2026-10-05T08:00:00Z")
	r.ID = 5
	u.Record(r)
	u.own.Deliver()
	u.finish(Info{Form: textblock.EVTX, Records: 5, First: evtx.Mark{ID: 5, Ticks: r.Ticks}, Last: evtx.Mark{ID: 9, Ticks: r.Ticks}})
	if l := f.Logs(); len(l) != 1 || l[0].FirstRecord != 5 || l[0].LastRecord != 9 || l[0].Records != 5 {
		t.Errorf("%+v", l)
	}
}
