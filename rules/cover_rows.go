package rules

import (
	"fmt"
	"path"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// coverRows makes a gap of every inventory or hosts table of which rows could not
// be read: what they held is not known, and a row that is left out is no machine
// less (docs/proof.md 1). The same file read whole since has filled it.
func (e *evaluation) coverRows() {
	type place struct{ source, file string }
	whole := map[place]int{}
	for i := range e.Facts.Readings {
		if r := &e.Facts.Readings[i]; r.Kind == snapshot.KindInventory && r.Status == snapshot.Complete {
			whole[place{r.Source, r.File}] = i
		}
	}
	done := map[place]bool{}
	for i := len(e.Facts.Readings) - 1; i >= 0; i-- { // of a file that was read twice, the later reading
		r := &e.Facts.Readings[i]
		at := place{r.Source, r.File}
		if r.Kind != snapshot.KindInventory || r.Status != snapshot.Partial || done[at] {
			continue
		}
		done[at] = true
		if later, ok := whole[at]; ok && later > i {
			continue
		}
		lost, first := 0, snapshot.Notice{}
		for _, n := range r.Notes {
			if n.Code == "inventory-damaged" {
				if lost == 0 {
					first = n
				}
				lost++
			}
		}
		if lost == 0 {
			continue
		}
		where := ""
		if first.At.Line > 0 {
			where = fmt.Sprintf("line %d: ", first.At.Line)
		}
		e.gap(statement.Gap{Source: r.Source, Kind: statement.CoverageInventory, Site: r.Site, File: path.Base(r.File), From: r.Day.String(), Until: r.Day.String(),
			Message: fmt.Sprintf("%s could not be read whole (%s%s): which programs or machines stood there is not known", r.File, where, first.Message),
			Action:  "repair or export the file again and collect it under the same name, or accept the gap by name, with the reason"})
	}
}

// readAgain says that the file of an inventory's reading was corrected in its
// place and read again since: what was wrong with it is not so any more.
func (e *evaluation) readAgain(i int) bool {
	r := &e.Facts.Readings[i]
	if r.Kind != snapshot.KindInventory || r.File == "" || len(r.Notes) == 0 {
		return false
	}
	for k := i + 1; k < len(e.Facts.Readings); k++ {
		o := &e.Facts.Readings[k]
		if o.Kind == r.Kind && o.Source == r.Source && o.File == r.File && o.Day == r.Day && o.Status != snapshot.Failed {
			return true
		}
	}
	return false
}
