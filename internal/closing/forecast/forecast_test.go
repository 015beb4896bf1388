package forecast_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/closing/forecast"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// A line goes on by the middle change: one odd month bends it in no direction.
func TestContinue(t *testing.T) {
	for _, c := range []struct {
		list []int
		want int
	}{
		{[]int{7}, 7},
		{[]int{3, 9}, 9},                // two months draw no line
		{[]int{10, 11, 12}, 13},         // one more a month
		{[]int{10, 10, 30, 30}, 30},     // 0, 20, 0: the middle is 0
		{[]int{10, 12, 14, 40}, 42},     // 2, 2, 26: the middle is 2
		{[]int{10, 9, 8, 1}, 0},         // −1, −1, −7: 1 − 1
		{[]int{5, 3, 1}, 0},             // never below nothing
		{[]int{10, 10, 13, 13, 17}, 17}, // 0, 3, 0, 4: of 0 and 3 the smaller
	} {
		if got := forecast.Continue(c.list); got != c.want {
			t.Errorf("%v leads to %d, want %d", c.list, got, c.want)
		}
	}
}

func lines(rds int) []statement.Line {
	return []statement.Line{{Product: "rds", PartNumber: "R", Unit: statement.UnitUser, Quantity: rds, UnitPrice: "4.00", Currency: "EUR", Compared: true, Previous: 30}}
}

func past(quantities ...int) (out []statement.History) {
	for _, n := range quantities {
		out = append(out, statement.History{Quantities: map[string]int{"rds": n}, Computed: true})
	}
	return out
}

// Of five customers, grown is off by 6 of 10 and gone by its 8; steady is where
// it was, small off by 1 only, and new has no line to be off.
func TestMake(t *testing.T) {
	m := month.New(2026, time.October, time.UTC)
	st := &statement.Statement{Lines: lines(35), Tenants: []statement.Tenant{
		{ID: "grown", Lines: lines(16), History: past(10, 10, 10)},
		{ID: "gone", History: past(8, 8, 8)},
		{ID: "steady", Lines: lines(10), History: past(8, 9)},
		{ID: "small", Lines: lines(2), History: past(1, 1, 1)},
		{ID: "new", Lines: lines(7)},
	}}
	soFar := &statement.Statement{Lines: lines(31), Coverage: statement.Coverage{Sources: []statement.SourceCoverage{{Kind: statement.CoverageDirectory, Days: []month.Day{month.Date(2026, 10, 7), month.Date(2026, 10, 8)}}}}}
	got := forecast.Make(forecast.Input{Month: m, SoFar: soFar, Ahead: st, Jump: 25})
	so := 31
	want := &forecast.Forecast{Month: "2026-10", Until: "2026-10-08", Left: 23,
		Lines: []forecast.Line{{Product: "rds", PartNumber: "R", Unit: statement.UnitUser, Compared: true, Previous: 30, SoFar: &so, Ahead: 35, Currency: "EUR"}},
		Customers: []forecast.Customer{
			{Tenant: "gone", Product: "rds", Previous: 8, Own: 8, Months: 3, Off: -8, Amount: "-32.00", Currency: "EUR"},
			{Tenant: "grown", Product: "rds", Previous: 10, Own: 10, Months: 3, Ahead: 16, Off: 6, Amount: "24.00", Currency: "EUR"},
		}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	soFar.Lines[0].Quantity, soFar.Lines[0].Unread = 0, true
	if got = forecast.Make(forecast.Input{Month: m, SoFar: soFar, Ahead: st, Jump: 25}); got.Lines[0].SoFar != nil || got.Lines[0].Ahead != 35 {
		t.Errorf("what was not read yet is %+v", got.Lines[0])
	}
}

// The last reading stands on every day after it; what it no longer saw does
// not. A host that was read in the month is not taken from the month before.
func TestCarry(t *testing.T) {
	m := month.New(2026, time.October, time.UTC)
	day := func(d int) month.Day { return month.Date(2026, 10, d) }
	taken := func(d int) snapshot.Taken {
		return snapshot.Taken{Day: day(d), Time: time.Date(2026, 10, d, 5, 30, 0, 0, time.UTC)}
	}
	f := &snapshot.Facts{Month: m, Directories: []snapshot.DirectoryMonth{{Source: "d", Taken: []snapshot.Taken{taken(1), taken(29)},
		Accounts: snapshot.ListOf(snapshot.AccountSpan{Account: snapshot.Account{ID: "stays"}, Span: snapshot.Span{First: 0, Last: 1}}, snapshot.AccountSpan{Account: snapshot.Account{ID: "left"}, Span: snapshot.Span{First: 0, Last: 0}}),
		Groups:   []snapshot.GroupSpan{{Span: snapshot.Span{First: 1, Last: 1}}}}},
		Software: []snapshot.SoftwareMonth{{Source: "s", Host: "read", Days: []month.Day{day(5)}}},
		Machines: []snapshot.MachineMonth{{Source: "t", Machine: snapshot.Machine{Host: "is"}, First: day(5), Last: day(5)}}}
	was := month.Date(2026, 9, 28)
	before := &snapshot.Facts{Month: m.Add(-1),
		Software: []snapshot.SoftwareMonth{{Source: "s", Host: "read", Days: []month.Day{was}}, {Source: "s", Host: "unread", Days: []month.Day{was - 7, was},
			Installs: snapshot.ListOf(snapshot.InstallMonth{Install: snapshot.Install{Name: "Office"}, First: was - 7, Last: was}, snapshot.InstallMonth{Install: snapshot.Install{Name: "Visio"}, First: was - 7, Last: was - 7})}},
		Machines: []snapshot.MachineMonth{{Source: "t", Machine: snapshot.Machine{Host: "was"}, First: was, Last: was}, {Source: "u", Machine: snapshot.Machine{Host: "other"}, First: was, Last: was}}}
	out := forecast.Carry(f, before)
	d := out.Directories[0]
	if len(d.Taken) != 4 || d.Taken[3].Day != day(31) || !d.Taken[3].Time.Equal(time.Date(2026, 10, 31, 5, 30, 0, 0, time.UTC)) {
		t.Errorf("read on %v", d.Taken)
	}
	if a, b := d.Accounts.At(0).Span, d.Accounts.At(1).Span; a != (snapshot.Span{First: 0, Last: 3}) || b != (snapshot.Span{First: 0, Last: 0}) || d.Groups[0].Last != 3 {
		t.Errorf("%v, %v, %v", a, b, d.Groups[0].Span)
	}
	if len(f.Directories[0].Taken) != 2 || f.Directories[0].Groups[0].Last != 1 || f.Machines[0].Last != day(5) {
		t.Error("the facts themselves were changed")
	}
	if len(out.Software) != 2 || out.Software[1].Host != "unread" || out.Software[1].Installs.Len() != 1 || out.Software[1].Installs.At(0).Name != "Office" {
		t.Errorf("%+v", out.Software)
	}
	// The table t was read since: what it no longer names is gone. u was not.
	var hosts []string
	for _, x := range out.Machines {
		hosts = append(hosts, x.Host)
		if x.Last != day(31) {
			t.Errorf("%s stands up to %s", x.Host, x.Last)
		}
	}
	if diff := cmp.Diff([]string{"is", "other"}, hosts); diff != "" {
		t.Error(diff)
	}
}
