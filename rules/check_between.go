package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/statement"
)

// checkBetween tells who is counted by access between two readings alone, and
// where it is not told when that access was.
func checkBetween(e *evaluation) {
	e.askForUnseen()
	e.askForNewcomers()
	for _, f := range e.ent.clocks {
		e.finding(f)
	}
	if list := e.ent.contradicted; len(list) > 0 {
		e.finding(statement.Finding{Code: "access-contradicted", Severity: statement.High, Subject: "access between two readings", Count: len(list),
			Message: fmt.Sprintf("%d times the Security logs of domain controllers and the directory itself tell otherwise of one thing; whatever gives access by either was counted: %s", len(list), listed(list, 5)),
			Action:  "look at the controllers' clocks and at where the logs come from; a log of another directory, or one that was changed, looks just so"})
	}
	type group struct{ tenant, product string }
	sure, unsure := map[group][]string{}, map[group][]string{}
	for i := range e.st.Persons.Len() {
		p := e.st.Persons.Brief(i)
		if p.Between == nil || p.Excluded != nil {
			continue
		}
		list := sure
		if p.Between.Unsure || !p.Between.FromKnown || !p.Between.UntilKnown {
			list = unsure
		}
		k := group{p.Tenant, p.Product}
		list[k] = append(list[k], p.Name+" "+p.Between.Sentence(e.w.m.Location()))
	}
	tell := func(list map[group][]string, code string, severity statement.Severity, message, action string) {
		var keys []group
		for k := range list {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b group) int {
			return strings.Compare(a.tenant+"\x00"+a.product, b.tenant+"\x00"+b.product)
		})
		for _, k := range keys {
			names := list[k]
			slices.Sort(names)
			e.finding(statement.Finding{Code: code, Severity: severity, Tenant: k.tenant, Product: k.product, Subject: k.product,
				Message: fmt.Sprintf(message, len(names), k.product, k.tenant, listed(names, 5)), Action: action})
		}
	}
	tell(sure, "access-between", statement.Info,
		"%d of those counted for %s in tenant %s had access between two readings alone, as the directory or a log of its controllers tells: %s",
		"nothing; the persons sheet and splameter explain show each; read the directory more often to see it as it happens")
	tell(unsure, "access-uncertain", statement.Medium,
		"%d of those counted for %s in tenant %s had access at a moment between two readings that the directory does not tell in full: %s",
		"look at the domain controllers' Security logs (4728, 4732, 4756, 4722, 4725) of those hours; where they show that there was none, take the person out by a correction")
}
