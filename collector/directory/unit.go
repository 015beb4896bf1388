package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// addUnit takes an organizational unit. An export may leave its objectGUID out:
// then it is known by its name, and a rename makes another of it.
func (r *resolver) addUnit() error {
	e := &r.e
	u := snapshot.Unit{DN: string(e.text[e.name.from:e.name.to]), Made: generalizedTime(e.bytes(fieldMade)), Line: e.line}
	if e.field[fieldGUID].set {
		id, err := appendGUID(nil, e.bytes(fieldGUID))
		if err != nil {
			return r.fault(e.field[fieldGUID].line, "the value of objectGUID "+err.Error())
		}
		u.ID = string(id)
	} else {
		u.ID = "ou:" + dn.Text(string(e.key))
	}
	r.units = append(r.units, u)
	r.e.isUnit = true
	if r.learning {
		r.freshUnits = append(r.freshUnits, true)
	}
	return nil
}

// sortUnits puts the units in order and refuses two with one identity.
func (r *resolver) sortUnits(d *snapshot.Directory) error {
	if r.learning {
		r.unitsRead = slices.Clone(r.units)
	}
	d.Units = r.units
	slices.SortFunc(d.Units, func(a, b snapshot.Unit) int { return strings.Compare(a.ID, b.ID) })
	for i := 1; i < len(d.Units); i++ {
		if a, b := d.Units[i-1], d.Units[i]; a.ID == b.ID {
			return fmt.Errorf("%stwo organizational units have the objectGUID %s%s; make the %s again, in one piece", lineText(max(a.Line, b.Line)), a.ID, otherLine(min(a.Line, b.Line)), r.what)
		}
	}
	return nil
}

// generalizedTime reads a moment as whenCreated holds one, such as
// 20260901053000.0Z. What cannot be read is not known.
func generalizedTime(v []byte) time.Time {
	s, _, _ := strings.Cut(strings.TrimSuffix(string(v[:min(len(v), 40)]), "Z"), ".")
	t, err := time.ParseInLocation("20060102150405", s, time.UTC)
	if err != nil {
		return time.Time{}
	}
	return t
}
