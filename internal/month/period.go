package month

// OptionalDay is a calendar day that may be left out, as the bounds of a
// period are in the configuration and in the tables kept by hand.
type OptionalDay struct {
	Day Day
	Set bool
}

// UnmarshalText reads YYYY-MM-DD, or nothing.
func (d *OptionalDay) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = OptionalDay{}
		return nil
	}
	day, err := ParseDay(string(b))
	*d = OptionalDay{day, err == nil}
	return err
}

// MarshalText writes YYYY-MM-DD, or nothing.
func (d OptionalDay) MarshalText() ([]byte, error) {
	if !d.Set {
		return nil, nil
	}
	return d.Day.MarshalText()
}

// Within says whether a day lies in from..until, both inclusive, where a
// bound left out is open.
func Within(day Day, from, until OptionalDay) bool {
	return (!from.Set || day >= from.Day) && (!until.Set || day <= until.Day)
}

// Overlap says whether two periods share a day, where a bound left out is
// open.
func Overlap(from1, until1, from2, until2 OptionalDay) bool {
	before := func(until, from OptionalDay) bool { return until.Set && from.Set && until.Day < from.Day }
	return !before(until1, from2) && !before(until2, from1)
}
