package agent

import (
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// A log that may still come is not called a gap before coverage.late has
// passed; what a person accepted is no longer awaited.
func TestMissing(t *testing.T) {
	day := func(d int) month.Day { return month.Date(2026, time.November, d) }
	gaps := []statement.Gap{
		{Host: "H1", Message: "the log of H1 ends on 30 October", Action: "collect it", Open: "2026-11-05"},
		{Host: "H2", Message: "the log of H2 was never read", Action: "read it"},
	}
	awaited := "1 still awaited, until 2026-11-05 at the latest: a log that comes by then is read by itself, and the draft made again\n"
	for _, c := range []struct {
		name string
		gaps []statement.Gap
		day  int
		want string
	}{
		{"both", gaps, 1, "1 gaps, the first: the log of H2 was never read (read it)\n" + awaited},
		{"on the last day", gaps[:1], 5, awaited},
		{"past it", gaps[:1], 6, "1 gaps, the first: the log of H1 ends on 30 October (collect it)\n"},
		{"none", nil, 1, ""},
	} {
		if got := missing(c.gaps, day(c.day)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
