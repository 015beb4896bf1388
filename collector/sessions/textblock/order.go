package textblock

import (
	"fmt"
	"sync"
)

// Dates gathers what a file's own times say of the order of day and month.
// Several goroutines may use it. A reader that is given one only looks: it
// hands over nothing of what it reads.
type Dates struct {
	mu               sync.Mutex
	unclear          int // times that could be either
	day, month       int // times that prove an order
	dayLine, monLine int // the first of each
	example          string
}

// See takes one time that is no Stamp, and says whether its form is known.
func (d *Dates) See(b []byte, line int) bool {
	_, said, ambiguous, ok := Wall(b, Unproved)
	if said == Unproved && !ambiguous {
		return ok
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.example == "" {
		d.example = fmt.Sprintf("%.40s", b)
	}
	first := func(n, at *int) {
		if *n++; *n == 1 || line < *at {
			*at = line
		}
	}
	switch {
	case !ok && !ambiguous:
		return false
	case said == DayFirst:
		first(&d.day, &d.dayLine)
	case said == MonthFirst:
		first(&d.month, &d.monLine)
	default:
		d.unclear++
	}
	return true
}

// Any says that there are times of which the order must be known.
func (d *Dates) Any() bool { return d.unclear+d.day+d.month > 0 }

// Order is the order that the file proves, or else the configured one. An
// error is why the file cannot be read at all: part of a file would be a gap
// that looks like none.
func (d *Dates) Order(configured Order) (Order, error) {
	switch {
	case d.day > 0 && d.month > 0:
		return Unproved, fmt.Errorf("the time on line %d can only have the day first, the one on line %d only the month: the file was joined from two, or changed by hand; export it again", d.dayLine, d.monLine)
	case d.day > 0 && configured == MonthFirst:
		return Unproved, fmt.Errorf("dates: mdy is configured, and the time on line %d has the day first; correct dates in the config", d.dayLine)
	case d.month > 0 && configured == DayFirst:
		return Unproved, fmt.Errorf("dates: dmy is configured, and the time on line %d has the month first; correct dates in the config", d.monLine)
	case d.day > 0:
		return DayFirst, nil
	case d.month > 0:
		return MonthFirst, nil
	case d.unclear > 0 && configured == Unproved:
		return Unproved, fmt.Errorf("in its times, such as %q, nothing proves whether the day or the month stands first; write dates: dmy or dates: mdy with this source in the config, or export times as 2026-10-01T05:11:08Z", d.example)
	}
	return configured, nil
}

// Proof says in words how the order is known.
func (d *Dates) Proof() string {
	switch {
	case d.day > 0:
		return fmt.Sprintf("day before month, as line %d proves", d.dayLine)
	case d.month > 0:
		return fmt.Sprintf("month before day, as line %d proves", d.monLine)
	case d.unclear > 0:
		return "day and month in the configured order"
	}
	return ""
}
