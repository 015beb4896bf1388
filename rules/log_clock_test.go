package rules

import (
	"testing"
	"time"

	"splameter/internal/snapshot"
)

// A log whose last record is of 29 October. That it was exported on 1 November is
// believed of a file that was looked at then or later, and else up to the look, also
// where the directory was read later. But where that was later than the last look at
// any log, it is the clock of who looked that is behind: a week beyond that is
// believed, a month is not.
func TestStatedToBeExported(t *testing.T) {
	at := func(month time.Month, day int) time.Time { return time.Date(2026, month, day, 8, 0, 0, 0, time.UTC) }
	for _, c := range []struct {
		name                            string
		looked, any, directory, exports time.Time
		want                            time.Time
	}{
		{"looked at later", at(11, 3), at(11, 3), at(10, 31), at(11, 1), at(11, 1)},
		{"looked at before", at(10, 30), at(10, 30), at(10, 30), at(11, 1), at(10, 30)},
		{"looked at before, and other logs later", at(10, 30), at(11, 1), at(11, 1), at(11, 1), at(10, 30)},
		{"the directory was read some hours later", at(10, 30), at(10, 30), at(10, 30).Add(9 * time.Hour), at(11, 1), at(10, 30)},
		{"by a clock that is behind", at(2, 1), at(2, 1), at(10, 31), at(11, 1), at(11, 1)},
		{"a month beyond all", at(2, 1), at(2, 1), at(10, 31), at(12, 1), at(10, 31)},
	} {
		l := snapshot.Log{Last: at(10, 29), Until: c.looked, Exported: c.exports}
		if got := (logClock{latest: c.directory, looked: c.any}).stated(&l, l.Last); !got.Equal(c.want) {
			t.Errorf("%s: up to %s, want %s", c.name, got, c.want)
		}
	}
	l := snapshot.Log{Last: at(10, 29), Until: at(2, 1), Exported: at(11, 1)}
	if got := (logClock{latest: at(2, 1), looked: at(2, 1)}).stated(&l, l.Last); !got.Equal(at(11, 1)) {
		t.Errorf("by a clock behind the last record: up to %s", got)
	}
}
