package statement

import "testing"

// What any month brings is no more than fewer than three on each line, with a
// cause; each case names one thing that wants a person.
func TestRoutine(t *testing.T) {
	line := func(unit Unit, was, added, removed int) Line {
		return Line{Product: "p", Unit: unit, Compared: true, Previous: was, Quantity: was + added - removed, Added: added, Removed: removed}
	}
	unexplained := line(UnitUser, 20, 0, 1)
	unexplained.Changes = []Change{{Cause: CauseUnexplained, Removed: 1}}
	corrected := line(UnitUser, 20, 1, 0)
	corrected.Correction = 1
	unread := line(UnitUser, 20, 0, 0)
	unread.Unread = true
	for name, x := range map[string]struct {
		lines []Line
		want  bool
	}{
		"nothing changed":                 {[]Line{line(UnitUser, 20, 0, 0)}, true},
		"two came, two went":              {[]Line{line(UnitUser, 20, 2, 2)}, true},
		"two on each of two lines":        {[]Line{line(UnitUser, 20, 2, 0), line(UnitUser, 0, 0, 0), line(UnitUser, 3, 0, 2)}, true},
		"three came":                      {[]Line{line(UnitUser, 20, 3, 0)}, false},
		"three went":                      {[]Line{line(UnitUser, 20, 0, 3)}, false},
		"a pack of cores":                 {[]Line{line(UnitCore, 8, 1, 0)}, false},
		"a device":                        {[]Line{line(UnitDevice, 8, 1, 0)}, false},
		"one that nothing explains":       {[]Line{unexplained}, false},
		"one that was corrected by hand":  {[]Line{corrected}, false},
		"one that was not read":           {[]Line{unread}, false},
		"nothing to be compared with":     {[]Line{{Unit: UnitUser, Quantity: 2}}, false},
		"a customer that is new":          {[]Line{line(UnitUser, 0, 2, 0)}, false},
		"a customer that is gone":         {[]Line{line(UnitUser, 2, 0, 2)}, false},
		"a second product for two of ten": {[]Line{line(UnitUser, 10, 0, 0), line(UnitUser, 0, 2, 0)}, true},
		"no lines":                        {nil, true},
	} {
		if got := (&Tenant{Lines: x.lines}).Routine(3); got != x.want {
			t.Errorf("%s: %v, want %v", name, got, x.want)
		}
	}
}
