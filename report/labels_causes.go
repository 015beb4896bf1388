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

func englishLost() map[string]string {
	return map[string]string{
		string(statement.CauseDisabled):    "account disabled",
		string(statement.CauseExpired):     "account expired",
		string(statement.CauseDeleted):     "account deleted",
		string(statement.CauseNoPerson):    "no user account any more",
		string(statement.CauseGroup):       "access taken away",
		string(statement.CauseAttribute):   "no longer assigned",
		string(statement.CauseMoved):       "moved to another organization",
		string(statement.CauseSamePerson):  "several accounts of one person",
		string(statement.CauseOther):       "counted for another edition",
		string(statement.CauseExcluded):    "own licence or exception",
		string(statement.CauseShared):      "shared account used by fewer",
		string(statement.CauseInactive):    "not used",
		string(statement.CauseRestricted):  "access to the program restricted",
		string(statement.CauseProgram):     "program removed",
		string(statement.CauseRetired):     "machine retired",
		string(statement.CauseCores):       "fewer cores",
		string(statement.CauseEdition):     "other edition",
		string(statement.CauseLicence):     "own licence of the machine",
		string(statement.CauseGuests):      "fewer virtual machines",
		string(statement.CauseConfig):      "set up otherwise",
		string(statement.CauseRule):        "counted by another rule",
		string(statement.CauseCorrection):  "corrected by hand",
		string(statement.CauseUnexplained): "being looked into",
	}
}

func englishGained() map[string]string {
	return map[string]string{
		string(statement.CauseGroup):      "access given",
		string(statement.CauseAttribute):  "assigned",
		string(statement.CauseMoved):      "moved from another organization",
		string(statement.CauseSamePerson): "several persons",
		string(statement.CauseOther):      "counted for another edition before",
		string(statement.CauseShared):     "shared account used by more",
		string(statement.CauseProgram):    "program installed",
		string(statement.CauseCores):      "more cores",
		string(statement.CauseEdition):    "other edition",
		string(statement.CauseGuests):     "more virtual machines",
		string(statement.CauseCorrection): "corrected by hand",
		string(statement.CauseJoined):     "new",
		string(statement.CauseNew):        "new machine",
	}
}

func dutchLost() map[string]string {
	return map[string]string{
		string(statement.CauseDisabled):    "account uitgeschakeld",
		string(statement.CauseExpired):     "account verlopen",
		string(statement.CauseDeleted):     "account verwijderd",
		string(statement.CauseNoPerson):    "geen gebruikersaccount meer",
		string(statement.CauseGroup):       "toegang ingetrokken",
		string(statement.CauseAttribute):   "niet meer toegewezen",
		string(statement.CauseMoved):       "naar een andere organisatie",
		string(statement.CauseSamePerson):  "meer accounts van één persoon",
		string(statement.CauseOther):       "geteld voor een andere editie",
		string(statement.CauseExcluded):    "eigen licentie of uitzondering",
		string(statement.CauseShared):      "gedeeld account door minder mensen gebruikt",
		string(statement.CauseInactive):    "niet gebruikt",
		string(statement.CauseRestricted):  "toegang tot het programma beperkt",
		string(statement.CauseProgram):     "programma verwijderd",
		string(statement.CauseRetired):     "machine buiten gebruik",
		string(statement.CauseCores):       "minder cores",
		string(statement.CauseEdition):     "andere editie",
		string(statement.CauseLicence):     "eigen licentie van de machine",
		string(statement.CauseGuests):      "minder virtuele machines",
		string(statement.CauseConfig):      "anders ingericht",
		string(statement.CauseRule):        "volgens een andere regel geteld",
		string(statement.CauseCorrection):  "met de hand gecorrigeerd",
		string(statement.CauseUnexplained): "wordt uitgezocht",
	}
}

func dutchGained() map[string]string {
	return map[string]string{
		string(statement.CauseGroup):      "toegang gegeven",
		string(statement.CauseAttribute):  "toegewezen",
		string(statement.CauseMoved):      "van een andere organisatie",
		string(statement.CauseSamePerson): "meer personen",
		string(statement.CauseOther):      "eerst geteld voor een andere editie",
		string(statement.CauseShared):     "gedeeld account door meer mensen gebruikt",
		string(statement.CauseProgram):    "programma geïnstalleerd",
		string(statement.CauseCores):      "meer cores",
		string(statement.CauseEdition):    "andere editie",
		string(statement.CauseGuests):     "meer virtuele machines",
		string(statement.CauseCorrection): "met de hand gecorrigeerd",
		string(statement.CauseJoined):     "nieuw",
		string(statement.CauseNew):        "nieuwe machine",
	}
}

// causeText is a cause in words, of what was taken away or of what was added.
func (l *labels) causeText(c statement.Cause, removed bool) string {
	if removed {
		return cmp.Or(l.lost[string(c)], l.gained[string(c)], string(c))
	}
	return cmp.Or(l.gained[string(c)], l.lost[string(c)], string(c))
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
