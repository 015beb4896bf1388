package store

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// dump are all spans as text, without the numbers that depend on the order of
// arrival.
func dump(t *testing.T, s *database) (out []string) {
	t.Helper()
	err := s.read(t.Context(), func(x *tx) error {
		return x.each(func(r *sql.Rows) error {
			var kind, first, until, line int64
			var a, file string
			var b, digest, lines []byte
			if err := r.Scan(&kind, &a, &b, &first, &until, &digest, &file, &line, &lines); err != nil {
				return err
			}
			out = append(out, fmt.Sprintf("%d %s %s [%d %d) %x %s:%d %x", kind, a, b, first, until, digest, file, line, lines))
			return nil
		}, `SELECT s.kind, n.name, m.name, s.first_at, s.until_at, v.digest, r.file_name, s.line, s.lines FROM span s
			JOIN name n ON n.id = s.a LEFT JOIN name m ON m.id = s.b LEFT JOIN value v ON v.id = s.value
			JOIN reading r ON r.id = s.seen`)
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func randomDirectory(r *rand.Rand, day month.Day, t testing.TB) *snapshot.Directory {
	d := &snapshot.Directory{Reading: snapshot.Reading{
		Source: "ad", Kind: snapshot.KindDirectory, Taken: day.Start(amsterdam(t)), Status: snapshot.Complete, File: day.String(), Fingerprint: day.String(),
	}}
	for i := range 3 {
		if r.IntN(4) > 0 {
			d.Accounts = append(d.Accounts, snapshot.Account{ID: fmt.Sprint("a", i), Disabled: r.IntN(3) == 0, Line: r.IntN(99)})
		}
		if r.IntN(2) > 0 {
			d.Members = append(d.Members, snapshot.Member{Group: "g", Key: fmt.Sprint("a", i), Line: r.IntN(99)})
		}
	}
	return d
}

func randomInventory(r *rand.Rand, day month.Day, t testing.TB) *snapshot.Inventory {
	v := &snapshot.Inventory{Reading: snapshot.Reading{
		Source: "inv", Kind: snapshot.KindInventory, Taken: day.Start(amsterdam(t)), Status: snapshot.Complete, File: day.String(), Fingerprint: day.String(),
	}}
	n := 1 + r.IntN(30)
	for h := range n {
		if r.IntN(3) == 0 {
			continue
		}
		host := fmt.Sprintf("h%02d", h)
		v.Software = append(v.Software, snapshot.HostSoftware{Host: host, Installs: []snapshot.Install{{Name: fmt.Sprint("p", r.IntN(2)), Line: r.IntN(99)}}})
		v.Machines = append(v.Machines, snapshot.Machine{Host: host, VirtualCores: r.IntN(2), Line: r.IntN(99)})
	}
	return v
}

// Snapshots put in any order leave the very rows that they leave in order:
// one for each longest run, with the place where its state was seen first.
func TestRowsDoNotDependOnOrder(t *testing.T) {
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 9))
		var puts []func(s *database) error
		for i := range 4 + r.IntN(8) {
			d := randomDirectory(r, month.Date(2026, 10, 1+2*i), t)
			v := randomInventory(r, month.Date(2026, 10, 1+2*i), t)
			puts = append(puts,
				func(s *database) error { return s.PutDirectory(t.Context(), d) },
				func(s *database) error { return s.PutInventory(t.Context(), v) })
		}
		run := func() []string {
			s := openAt(t, t.TempDir()+"/s.db")
			for _, put := range puts {
				if err := put(s); err != nil {
					t.Fatal(err)
				}
			}
			return dump(t, s)
		}
		want := run()
		r.Shuffle(len(puts), func(i, j int) { puts[i], puts[j] = puts[j], puts[i] })
		if d := cmp.Diff(want, run()); d != "" {
			t.Fatalf("seed %d: the order left other rows:\n%s", seed, d)
		}
	}
}

// What the month is read by must be found by an index that is
// bounded, never by walking a table or all that ever was.
func TestFactsReadByIndex(t *testing.T) {
	s := openAt(t, t.TempDir()+"/s.db")
	for _, c := range []struct{ query, want string }{
		{monthSpansQuery, "SEARCH span USING PRIMARY KEY (source=? AND kind=? AND until_at>?)"},
		{useColumns + "month = ?", "SEARCH used USING PRIMARY KEY (month=?)"},
		{leftOpenQuery, "SEARCH left_open USING PRIMARY KEY (month=?)"},
		{useColumns + earlierUses, "SEARCH used USING PRIMARY KEY (month=? AND host=? AND account=?)"},
		{"SELECT body FROM log WHERE until_at >= 1 AND from_at < 2", "SEARCH log USING INDEX log_reach (until_at>?)"},
		{"SELECT id FROM reading WHERE month = 1", "SEARCH reading USING COVERING INDEX reading_month (month=?)"},
		{"SELECT notes FROM reading WHERE until_at > 0 AND until_at >= 1 AND from_at < 2 AND taken >= 2", "SEARCH reading USING INDEX reading_reach (until_at>?)"},
		{"SELECT item FROM observed WHERE reading = 1 AND kind = 2", "SEARCH observed USING PRIMARY KEY (reading=? AND kind=?)"},
		{historyQuery, "SEARCH span USING INDEX span_fact (a=? AND b=?)"},
		{itemSpansQuery, "SEARCH s USING INDEX span_fact (a=? AND b=?); SEARCH v USING INTEGER PRIMARY KEY (rowid=?)"},
	} {
		args := make([]any, strings.Count(c.query, "?"))
		for i := range args {
			args[i] = 1
		}
		rows, err := s.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+c.query, args...)
		if err != nil {
			t.Fatal(err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, x int
			var detail string
			if err := rows.Scan(&id, &parent, &x, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		rows.Close()
		if got := strings.Join(plan, "; "); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.query, got, c.want)
		}
	}
}

// Spans that a month must read, counted: after three years of days with a
// change each, the newest month still reads what it would have read in the
// first, and not three years.
func TestFactsReadNothingThatEndedBefore(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	s := openAt(t, t.TempDir()+"/s.db")
	loc := amsterdam(t)
	var day month.Day
	for i := range 36 * 30 {
		day = month.Date(2024, 1, 1+i)
		d := &snapshot.Directory{Reading: snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Taken: day.Start(loc), Status: snapshot.Complete}}
		// One account that is another each day, and one that stays.
		d.Accounts = []snapshot.Account{{ID: fmt.Sprintf("a%04d", i)}, {ID: "stays"}}
		if err := s.PutDirectory(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	// 1,080 days from 1 January 2024 end on 15 December 2026. That month
	// knows 15 accounts of a day and the one that stays.
	m := month.New(2026, 12, loc)
	f, err := s.Facts(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if n := f.Directories[0].Accounts.Len(); n != 16 {
		t.Errorf("%d spans, want 16", n)
	}
	var read int
	if err := s.db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM span WHERE until_at > ?", ticks(m.Start())).Scan(&read); err != nil {
		t.Fatal(err)
	}
	if read != 16 { // the rows that the index bounds: what ended earlier is not among them
		t.Errorf("%d rows are read, want 16", read)
	}
}
