package sessions

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"splameter/collector/sessions/record"
)

// Twelve records, one every second day from 1 September on; of some the clock
// was wrong. What lies between the right ones proves nothing, in whichever
// order the records come. The file was looked at on 26 September: no record of
// it can be of the 28th.
func TestMisdatedRecordsProveNothing(t *testing.T) {
	day := func(n int) int64 {
		return record.ToTicks(time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC).AddDate(0, 0, n))
	}
	for _, test := range []struct {
		name string
		off  map[uint64]int // by record: days that its clock is off
		want string
	}{
		{"right", nil, "1-12 Sep 3..Sep 25"},
		{"a year behind", map[uint64]int{5: -365, 6: -365, 7: -365}, "1-4 Sep 3..Sep 9; 8-12 Sep 17..Sep 25"},
		{"a year ahead", map[uint64]int{5: 365, 6: 365, 7: 365}, "1-4 Sep 3..Sep 9; 8-12 Sep 17..Sep 25"},
		{"ahead until the end", map[uint64]int{10: 365, 11: 365, 12: 365}, "1-9 Sep 3..Sep 19"},
		{"further ahead", map[uint64]int{9: 365, 10: 365, 11: 3650, 12: 3650}, "1-8 Sep 3..Sep 17"},
		{"ahead twice", map[uint64]int{4: 365, 9: 365, 10: 365, 11: 365, 12: 365}, "1-3 Sep 3..Sep 7; 5-8 Sep 11..Sep 17"},
		{"ahead at all times", map[uint64]int{1: 99, 2: 99, 3: 99, 4: 99, 5: 99, 6: 99, 7: 99, 8: 99, 9: 99, 10: 99, 11: 99, 12: 99}, ""},
		{"a little ahead", map[uint64]int{11: 2, 12: 2}, "1-12 Sep 3..Sep 27"},
		{"behind until the end", map[uint64]int{10: -365, 11: -365, 12: -365}, "1-9 Sep 3..Sep 19"},
	} {
		for _, falling := range []bool{false, true} {
			e := newHostLog(1, LSM, reaches(time.Date(2026, 9, 26, 9, 0, 0, 0, time.UTC), time.Time{}, time.Time{}))
			ids := []uint64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
			if falling {
				slices.Reverse(ids)
			}
			for _, id := range ids {
				e.add(id, day(int(id)*2+test.off[id]), false)
			}
			got := ""
			for i, p := range e.parts(true) {
				if i > 0 {
					got += "; "
				}
				got += fmt.Sprintf("%d-%d %s..%s", p.First, p.Last, p.From.Format("Jan 2"), p.Until.Format("Jan 2"))
			}
			if got != test.want {
				t.Errorf("%s (falling %v): %s, want %s", test.name, falling, got, test.want)
			}
		}
	}
}
