package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// The causes of a change in a customer's words: of less, and of more.

func englishLost() map[statement.Cause]string {
	return map[statement.Cause]string{
		statement.CauseDisabled:    "account disabled",
		statement.CauseExpired:     "account expired",
		statement.CauseDeleted:     "account deleted",
		statement.CauseNoPerson:    "no user account any more",
		statement.CauseGroup:       "access taken away",
		statement.CauseAttribute:   "no longer assigned",
		statement.CauseMoved:       "moved to another organization",
		statement.CauseSamePerson:  "several accounts of one person",
		statement.CauseOther:       "counted for another edition",
		statement.CauseExcluded:    "own licence or exception",
		statement.CauseShared:      "shared account used by fewer",
		statement.CauseInactive:    "not used",
		statement.CauseRestricted:  "access to the program restricted",
		statement.CauseProgram:     "program removed",
		statement.CauseRetired:     "machine retired",
		statement.CauseCores:       "fewer cores",
		statement.CauseEdition:     "other edition",
		statement.CauseLicence:     "own licence of the machine",
		statement.CauseGuests:      "fewer virtual machines",
		statement.CauseConfig:      "set up otherwise",
		statement.CauseRule:        "counted by another rule",
		statement.CauseCorrection:  "corrected by hand",
		statement.CauseUnexplained: "being looked into",
	}
}

func englishGained() map[statement.Cause]string {
	return map[statement.Cause]string{
		statement.CauseGroup:      "access given",
		statement.CauseAttribute:  "assigned",
		statement.CauseMoved:      "moved from another organization",
		statement.CauseSamePerson: "several persons",
		statement.CauseOther:      "counted for another edition before",
		statement.CauseShared:     "shared account used by more",
		statement.CauseProgram:    "program installed",
		statement.CauseCores:      "more cores",
		statement.CauseEdition:    "other edition",
		statement.CauseGuests:     "more virtual machines",
		statement.CauseCorrection: "corrected by hand",
		statement.CauseJoined:     "new",
		statement.CauseNew:        "new machine",
	}
}

func dutchLost() map[statement.Cause]string {
	return map[statement.Cause]string{
		statement.CauseDisabled:    "account uitgeschakeld",
		statement.CauseExpired:     "account verlopen",
		statement.CauseDeleted:     "account verwijderd",
		statement.CauseNoPerson:    "geen gebruikersaccount meer",
		statement.CauseGroup:       "toegang ingetrokken",
		statement.CauseAttribute:   "niet meer toegewezen",
		statement.CauseMoved:       "naar een andere organisatie",
		statement.CauseSamePerson:  "meer accounts van één persoon",
		statement.CauseOther:       "geteld voor een andere editie",
		statement.CauseExcluded:    "eigen licentie of uitzondering",
		statement.CauseShared:      "gedeeld account door minder mensen gebruikt",
		statement.CauseInactive:    "niet gebruikt",
		statement.CauseRestricted:  "toegang tot het programma beperkt",
		statement.CauseProgram:     "programma verwijderd",
		statement.CauseRetired:     "machine buiten gebruik",
		statement.CauseCores:       "minder cores",
		statement.CauseEdition:     "andere editie",
		statement.CauseLicence:     "eigen licentie van de machine",
		statement.CauseGuests:      "minder virtuele machines",
		statement.CauseConfig:      "anders ingericht",
		statement.CauseRule:        "volgens een andere regel geteld",
		statement.CauseCorrection:  "met de hand gecorrigeerd",
		statement.CauseUnexplained: "wordt uitgezocht",
	}
}

func dutchGained() map[statement.Cause]string {
	return map[statement.Cause]string{
		statement.CauseGroup:      "toegang gegeven",
		statement.CauseAttribute:  "toegewezen",
		statement.CauseMoved:      "van een andere organisatie",
		statement.CauseSamePerson: "meer personen",
		statement.CauseOther:      "eerst geteld voor een andere editie",
		statement.CauseShared:     "gedeeld account door meer mensen gebruikt",
		statement.CauseProgram:    "programma geïnstalleerd",
		statement.CauseCores:      "meer cores",
		statement.CauseEdition:    "andere editie",
		statement.CauseGuests:     "meer virtuele machines",
		statement.CauseCorrection: "met de hand gecorrigeerd",
		statement.CauseJoined:     "nieuw",
		statement.CauseNew:        "nieuwe machine",
	}
}

// causeText is a cause in words, of what was taken away or of what was added.
func (l *labels) causeText(c statement.Cause, removed bool) string {
	if removed {
		return cmp.Or(l.lost[c], l.gained[c], string(c))
	}
	return cmp.Or(l.gained[c], l.lost[c], string(c))
}

// mostDays is how many days of one cause are told one by one.
const mostDays = 3

// changeText tells what was removed from a line, or added to it, by cause:
// "2 account disabled on 12 October 2026, 1 access taken away". It names nobody,
// no group and no other customer.
func (l *labels) changeText(changes []statement.Change, removed bool) string {
	type cause struct {
		what statement.Cause
		n    int
		days map[string]int
	}
	var all []*cause
	for i := range changes {
		c := &changes[i]
		n := c.Added
		if removed {
			n = c.Removed
		}
		if n == 0 {
			continue
		}
		at := slices.IndexFunc(all, func(x *cause) bool { return x.what == c.Cause })
		if at < 0 {
			at = len(all)
			all = append(all, &cause{what: c.Cause, days: map[string]int{}})
		}
		all[at].n += n
		all[at].days[c.Day] += n
	}
	slices.SortStableFunc(all, func(a, b *cause) int {
		return cmp.Or(cmp.Compare(b.n, a.n), strings.Compare(string(a.what), string(b.what)))
	})
	var parts []string
	for _, c := range all {
		text := l.causeText(c.what, removed)
		if len(c.days) > mostDays {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, text))
			continue
		}
		var days []string
		for d := range c.days {
			days = append(days, d)
		}
		slices.Sort(days)
		for _, d := range days {
			part := fmt.Sprintf("%d %s", c.days[d], text)
			if day, err := month.ParseDay(d); d != "" && err == nil {
				part += " " + l.onDay + " " + l.dayText(day)
			}
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
