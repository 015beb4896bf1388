package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

func gaps(st *statement.Statement, kind statement.CoverageKind) []string {
	var out []string
	for _, g := range st.Coverage.Gaps {
		if g.Kind == kind {
			out = append(out, fmt.Sprintf("%s%s %s..%s", g.Source, g.Host, g.From, g.Until))
		}
	}
	return out
}

// every: 1d wants each day; 3d lets two days go by.
// Read on the 1st, 2nd, 6th, 29th of a month of 31 days.
func TestMissingDays(t *testing.T) {
	m := month.New(2026, 10, time.UTC)
	first := m.FirstDay()
	read := []month.Day{first, first + 1, first + 5, first + 28}
	for every, want := range map[int][]string{
		1:  {"3..5", "7..28", "30..31"},
		3:  {"3..5", "7..28"},
		4:  {"7..28"},
		22: {"7..28"},
		23: nil,
	} {
		var got []string
		for _, g := range missing(read, m, every) {
			got = append(got, fmt.Sprintf("%d..%d", g[0]-first+1, g[1]-first+1))
		}
		if !slices.Equal(got, want) {
			t.Errorf("every %dd: %v, want %v", every, got, want)
		}
	}
	// A leap February with 31d: one reading on any day will do, none will not.
	feb := month.New(2028, 2, time.UTC)
	if got := missing([]month.Day{feb.LastDay()}, feb, 31); got != nil {
		t.Errorf("%v", got)
	}
	if got := missing(nil, feb, 31); len(got) != 1 || got[0] != [2]month.Day{feb.FirstDay(), feb.LastDay()} {
		t.Errorf("%v", got)
	}
}

func TestDirectoryGap(t *testing.T) {
	s := newScene(t)
	s.cfg.Directories = []config.Directory{{Name: "hosting"}, {Name: "second"}}
	d := s.dir()
	d.d.Taken = append(d.d.Taken[:9:9], d.d.Taken[10:]...) // the 10th is not there
	d.user(1, "ann", "OU=alpha,DC=h", snapshot.Span{First: 0, Last: 29})
	st := s.run()
	if st.Status != statement.Incomplete {
		t.Error("the month is complete")
	}
	want := []string{"hosting 2026-10-10..2026-10-10", "second 2026-10-01..2026-10-31"}
	if got := gaps(st, statement.CoverageDirectory); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// RDSH-01 was read; RDSH-02 is in a log only; RDSH-03 had an inventory last
// month; GW-1 is in nothing that matters.
func TestInventoryGaps(t *testing.T) {
	s := newScene(t)
	s.cfg.Directories = []config.Directory{{Name: "hosting"}}
	s.cfg.Inventories = []config.Inventory{{Name: "estate", Software: config.Globs{"x"}}}
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	s.install("RDSH-01", "7-Zip")
	s.use("rdsh-02", `hosting\ann`, 3)
	s.facts.Known = []string{"rdsh-01", "rdsh-03"}
	s.machine(snapshot.Machine{Host: "GW-1", Kind: snapshot.Virtual})
	st := s.run()
	want := []string{"inventoryrdsh-02 ..", "inventoryrdsh-03 .."}
	if got := gaps(st, statement.CoverageInventory); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// Log coverage by hand: A is whole from record 1; B begins on the 4th at
// record 900; C is read up to the 30th only; D, a pool host, has no log; E's
// Security log is short but its LSM log is whole.
func TestLogGaps(t *testing.T) {
	s := newScene(t)
	s.cfg.Directories = []config.Directory{{Name: "hosting"}}
	s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	start, end := s.facts.Month.Start(), s.facts.Month.End()
	log := func(host, channel string, record uint64, first, until time.Time) {
		s.facts.Logs.Add(snapshot.Log{Host: host, Name: host, Channel: channel, File: host, FirstRecord: record, LastRecord: record, First: first, Last: first, Until: until})
	}
	log("rdsh-a", "LSM", 1, start.Add(50*time.Hour), end)
	log("rdsh-b", "LSM", 900, start.Add(72*time.Hour), end)
	log("rdsh-c", "LSM", 1, start, end.Add(-24*time.Hour))
	log("rdsh-e", "LSM", 1, start, end)
	log("rdsh-e", "Security", 5, end.Add(-time.Hour), end)
	s.install("RDSH-D", "")
	st := s.run()
	want := []string{"sessionsrdsh-b 2026-10-01 00:00..2026-10-04 00:00", "sessionsrdsh-c 2026-10-31 00:00..2026-11-01 00:00", "sessionsRDSH-D .."}
	if got := gaps(st, statement.CoverageSessions); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A log cut off on the 8th at 08:30 is a gap from there on and one finding,
// however often the same file is read. Read whole on the 12th it is neither;
// cut again on the 13th it is damaged again, but what was whole up to the end
// of the month stays so. Another file's damage stays a finding.
func TestCutLog(t *testing.T) {
	s := newScene(t)
	s.cfg.Directories = []config.Directory{{Name: "hosting"}}
	s.cfg.Sessions = []config.Sessions{{Name: "logs"}}
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	loc := s.facts.Month.Location()
	start, end := s.facts.Month.Start(), s.facts.Month.End()
	s.install("RDSH-A", "")
	s.install("RDSH-B", "")
	whole := time.Date(2026, 10, 8, 8, 30, 0, 0, loc)
	s.facts.Logs = snapshot.ListOf(
		snapshot.Log{Host: "rdsh-a", Name: "RDSH-A", Channel: "LSM", File: "a.evtx", FirstRecord: 1, LastRecord: 44, Records: 44, First: start, Last: whole, Until: whole},
		snapshot.Log{Host: "rdsh-b", Name: "RDSH-B", Channel: "LSM", File: "b.evtx", FirstRecord: 1, LastRecord: 9, Records: 8, First: start, Last: whole, Until: end},
	)
	note := func(code, file, message string) snapshot.Notice {
		return snapshot.Notice{Code: code, Subject: file, Message: message, At: snapshot.Evidence{File: file}}
	}
	read := func(day int, notes ...snapshot.Notice) {
		at := time.Date(2026, 10, day, 12, 0, 0, 0, loc)
		s.facts.Readings = append(s.facts.Readings, snapshot.Reading{Source: "logs", Kind: snapshot.KindSessions, Taken: at, Day: month.DayOf(at, loc), Notes: notes})
	}
	damaged := func(st *statement.Statement) (out []string) {
		for _, f := range st.Findings {
			if f.Code == "log-damaged" || f.Code == "log-mended" {
				out = append(out, f.Subject)
			}
		}
		return out
	}
	read(10, note("log-damaged", "a.evtx", "cut off"), note("log-damaged", "b.evtx", "a hole"))
	read(11, note("log-damaged", "a.evtx", "cut off"))
	st := s.run()
	want := []string{"sessionsRDSH-A 2026-10-08 08:30..2026-11-01 00:00"}
	if got := gaps(st, statement.CoverageSessions); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if g := st.Coverage.Gaps[0].Message; !strings.Contains(g, "behind that its file a.evtx is damaged") {
		t.Error(g)
	}
	if got := damaged(st); !slices.Equal(got, []string{"a.evtx", "b.evtx"}) {
		t.Errorf("%q", got)
	}

	read(12, note("log-mended", "a.evtx", ""))
	s.facts.Logs.Values()[0].Until = end
	st = s.run()
	if got, found := gaps(st, statement.CoverageSessions), damaged(st); len(got) > 0 || !slices.Equal(found, []string{"b.evtx"}) {
		t.Errorf("gaps %q, findings %q", got, found)
	}
	read(13, note("log-damaged", "a.evtx", "cut off"))
	st = s.run()
	if got, found := gaps(st, statement.CoverageSessions), damaged(st); len(got) > 0 || !slices.Equal(found, []string{"a.evtx", "b.evtx"}) {
		t.Errorf("gaps %q, findings %q", got, found)
	}
}

// A file that is still being written on the 1st ends in half a record: nothing of
// the month is lost by it. Where the damage lies in the month, or where nobody
// knows where it lies, it is a finding of high severity.
func TestDamageOutsideTheMonth(t *testing.T) {
	s := newScene(t)
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	start, end := s.facts.Month.Start(), s.facts.Month.End()
	s.install("RDSH-A", "")
	s.facts.Readings = []snapshot.Reading{{Source: "logs", Kind: snapshot.KindSessions, Taken: end.Add(time.Hour), Day: month.DayOf(end, s.facts.Month.Location()),
		Notes: []snapshot.Notice{{Code: "log-damaged", Subject: "a", Message: "the last record is not complete", At: snapshot.Evidence{File: "a"}}}}}
	broken := func(from time.Time) snapshot.Part {
		return snapshot.Part{First: 21, Last: 44, From: from, Until: end.Add(time.Minute), Broken: true}
	}
	part := func(until time.Time) snapshot.Part {
		return snapshot.Part{First: 1, Last: 20, From: start.Add(-48 * time.Hour), Until: until}
	}
	for _, c := range []struct {
		name string
		last time.Time
		cut  bool
		part []snapshot.Part
		want statement.Severity
	}{
		{"cut after the month", end.Add(time.Minute), true, nil, statement.Low},
		{"cut within it", end.Add(-time.Minute), true, nil, statement.High},
		{"a hole before it", end.Add(time.Minute), false, []snapshot.Part{part(start.Add(-9 * time.Hour)), broken(start.Add(-8 * time.Hour))}, statement.Low},
		{"a hole over its beginning", end.Add(time.Minute), false, []snapshot.Part{part(start.Add(-9 * time.Hour)), broken(start.Add(8 * time.Hour))}, statement.High},
		{"nobody knows where", end.Add(time.Minute), false, nil, statement.High},
	} {
		s.facts.Logs = snapshot.ListOf(snapshot.Log{Host: "rdsh-a", Name: "RDSH-A", Channel: "LSM", File: "a", FirstRecord: 1, LastRecord: 44, Records: 44,
			First: start.Add(-48 * time.Hour), Last: c.last, Modified: end.Add(time.Hour), Until: end.Add(time.Hour), Cut: c.cut, Parts: c.part})
		for _, f := range s.run().Findings {
			if f.Code == "log-damaged" && f.Severity != c.want {
				t.Errorf("%s: %s, want %s", c.name, f.Severity, c.want)
			}
		}
	}
}

// What every day's reading notices again is one finding. That sessions cannot
// be matched, or that persons may be missing, is of high severity: the active
// would be too few, use without a licence unseen, the quantities too low.
func TestNoticesAreToldOnce(t *testing.T) {
	s := newScene(t)
	s.dir().user(1, "ann", "OU=alpha,DC=h", always)
	for day := s.facts.Month.FirstDay(); day <= s.facts.Month.LastDay(); day++ {
		at := snapshot.Evidence{File: day.String() + ".ldif"}
		s.facts.Readings = append(s.facts.Readings, snapshot.Reading{Source: "hosting", Kind: snapshot.KindDirectory, Day: day, Status: snapshot.Complete, Notes: []snapshot.Notice{
			{Code: "directory-domain-name", Subject: "HOSTIN", Message: "the config calls the domain HOSTIN", At: at},
			{Code: "attribute-missing", Subject: "employeid", Message: "no account has the attribute employeid", At: at},
			{Code: "attribute-missing", Subject: "mailbox", Message: "no account has the attribute mailbox", At: at},
			{Code: "directory-round-count", Subject: at.File, Message: "the export holds exactly 1000 entries", At: at},
		}})
	}
	st := s.run()
	s.wantFindings(st, "directory-domain-name", "HOSTIN")
	s.wantFindings(st, "attribute-missing", "employeid", "mailbox")
	if n := len(subjects(st, "directory-round-count")); n != 31 {
		t.Errorf("%d exports of a round count, want each of 31", n)
	}
	for _, f := range st.Findings {
		want := map[string]statement.Severity{"directory-domain-name": statement.High, "directory-round-count": statement.High, "attribute-missing": statement.Medium}[f.Code]
		if want != "" && f.Severity != want {
			t.Errorf("%s is %s, want %s", f.Code, f.Severity, want)
		}
	}
}

// Nothing read at all is incomplete, not zero.
func TestNothingRead(t *testing.T) {
	s := newScene(t)
	s.cfg.Directories = []config.Directory{{Name: "hosting"}}
	st := s.run()
	if st.Status != statement.Incomplete || len(st.Coverage.Gaps) == 0 {
		t.Error("a month without data is complete")
	}
}
