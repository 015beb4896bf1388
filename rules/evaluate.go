package rules

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// Input is everything that a month is counted from.
type Input struct {
	Facts    *snapshot.Facts
	Set      *Set
	Config   *config.Config
	Register *register.Register
	Prices   prices.List
	Titles   *product.Catalog // recognizes installed programs; nil: by what the program knows
	// Earlier are the months before, oldest first; the last one is compared
	// with where it is the month directly before.
	Earlier   []statement.Earlier
	Decisions []register.Decision
	// Corrections were made by hand; they apply in this order.
	Corrections []statement.Correction
	// Accepted are the gaps, by key, that somebody accepted in the month's life,
	// and AcceptedFindings the findings, by the key of their decision: by whom and
	// why.
	Accepted, AcceptedFindings map[string]string
	State                      statement.State // of the month; empty: open
	Revision                   int
	Reason                     string // of the revision
	Test                       bool
	Made                       statement.Made
	// Release lets the facts go while they are counted: their sessions, logs and
	// programs are gone from them before the persons are written down. A large
	// month then takes a third less memory.
	Release bool

	later map[string]bool // products counted by the entry that begins inside the month
}

func (in *Input) titles() *product.Catalog {
	if in.Titles == nil {
		return product.Builtin()
	}
	return in.Titles
}

// evaluation is the work on one month.
type evaluation struct {
	*Input
	st           *statement.Statement
	products     []*Product
	w            *world
	est          *estate
	ent          *entitlement
	tenancies    *tenancies
	usage        *usage
	persons      []person
	claims       *claims
	sharedValues []sharedValue
	doubts       []sharedValue // accounts that free text would make one person
	uses         []exclusionUse
	machines     []*machine
	ended        []endedRow
	manual       map[manualKey]*manual
	told         map[string]*unlisted // findings, by code
	asked        map[string]int       // questions, by key
	gathered     gathered

	computers []computer // of the directories

	lastBy       []int32 // the accounts of the claim written down last, as they are written
	lastAccounts []statement.Account
}

// Evaluate turns a month's facts into its statement. The same input gives the
// same statement, whatever the order in which the facts came about. It fails
// only where the input contradicts itself; what is missing leaves the
// statement incomplete instead.
func Evaluate(ctx context.Context, in Input) (*statement.Statement, error) {
	e, err := evaluate(ctx, &in)
	if err != nil {
		return nil, err
	}
	return e.st, nil
}

func evaluate(ctx context.Context, in *Input) (*evaluation, error) {
	m := in.Facts.Month
	if ids := in.Set.changing(m); len(ids) > 0 && in.later == nil {
		later, err := dearer(ctx, in, ids)
		if err != nil {
			return nil, err
		}
		in.later = later
	}
	e := &evaluation{Input: in, products: in.Set.in(m, in.later), st: &statement.Statement{Month: m.String(), State: cmp.Or(in.State, statement.Open), Revision: in.Revision, Reason: in.Reason, Test: in.Test, Made: in.Made}}
	e.w = newWorld(in.Facts)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.followNames()
	e.computers = e.w.computers()
	e.est = newEstate(in.Facts, in.Config, newFullNames(in.Facts, e.computers, e.sameHost), e.computers, in.titles())
	e.est.index(e.products)
	e.ent = newEntitlement(e.w, in, e.products, e.est)
	e.ent.run()
	e.tenancies = newTenancies(e.w, in.Register)
	e.w.settle(e.tenancies, e.ent.ticks)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	e.usage = newUsage(e.w)
	e.persons, e.sharedValues, e.doubts = e.w.merge(in.Config, in.Register, func(c *sharedValue) register.Answer {
		return e.answer(statement.AskPerson, c.subject(), "")
	})
	e.claims = e.ent.claims(e.persons)
	e.uses = e.ent.exclude(e.persons, e.claims)
	e.ent.elect(e.claims)
	e.machines = foldMachines(in.Facts, e.est.names, e.stillThere)
	e.completeMachines()
	placeGuests(e.machines, byName(e.machines))
	e.completeWindows()
	// First what looks at sessions, logs and programs: then they can go, before
	// the persons are written down, who are the largest part of a month.
	e.cover()
	e.applications()
	for _, c := range checks() {
		if c.early {
			c.run(e)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	e.gather()
	if in.Release {
		e.release()
	}
	e.countPersons()
	e.settleLicences()
	e.countMachines()
	if err := e.lines(); err != nil {
		return nil, err
	}
	e.compare()
	e.tellUnread()
	e.idle()
	for _, c := range checks() {
		if !c.early {
			c.run(e)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	e.rest()
	e.settleQuestions()
	e.finish()
	e.decide()
	e.mapping()
	e.advise()
	return e, e.tieOut()
}

// gathered is what is kept of sessions and programs for the steps that come
// after they may have been let go.
type gathered struct {
	logged  bool                       // any log or session was read
	users   map[string]int             // how many names had sessions, by the key of a host in no pool
	stray   map[string]bool            // names that had sessions and that no reading holds, without domain
	titles  map[string]map[string]bool // the hosts, by a licensable title that no rule counts
	clients map[string]*clientDays     // the devices in session logs, by a product that counts them
}

func (e *evaluation) gather() {
	e.gathered = gathered{e.Facts.Logs.Len()+e.Facts.Uses.Len() > 0, e.usersOfHosts(), e.usage.strayNames(), e.titlesWithoutRule(), e.gatherClients()}
	e.usage.keep()
}

// release lets go of sessions, logs and programs.
func (e *evaluation) release() {
	f := e.Facts
	f.Uses, f.Logs = snapshot.List[snapshot.Use]{}, snapshot.List[snapshot.Log]{}
	for i := range f.Software {
		f.Software[i].Installs = snapshot.List[snapshot.InstallMonth]{}
	}
	e.usage.owned, e.usage.stray, e.usage.foreign = nil, nil, nil
}

// knownTenant says whether an id is a tenant's, or one of the two that stand
// for none.
func (e *evaluation) knownTenant(id string) bool {
	return id == register.Shared || id == register.Unassigned || e.Register.Tenant(id) != nil
}

// finish puts everything into its final order.
func (e *evaluation) finish() {
	known := map[string]bool{}
	compared := false
	if n := len(e.Earlier); n > 0 && e.Earlier[n-1].Month == e.w.m.Add(-1).String() && e.Earlier[n-1].Computed {
		compared = true
		for _, k := range e.Earlier[n-1].Findings {
			known[k] = true
		}
	}
	order := map[statement.Severity]int{statement.Error: 0, statement.High: 1, statement.Medium: 2, statement.Low: 3, statement.Info: 4}
	places := make([]int32, len(e.st.Findings)) // a finding is large, and there may be tens of thousands
	for i := range places {
		places[i] = int32(i)
	}
	slices.SortStableFunc(places, func(i, j int32) int {
		a, b := &e.st.Findings[i], &e.st.Findings[j]
		if c := cmp.Compare(order[a.Severity], order[b.Severity]); c != 0 {
			return c
		}
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.Subject, b.Subject),
			strings.Compare(a.Product, b.Product), strings.Compare(a.Message, b.Message))
	})
	fs := slices.Clone(e.st.Findings)
	for i, at := range places {
		fs[i] = e.st.Findings[at]
	}
	e.st.Findings = fs
	for i := range fs {
		fs[i].New = compared && !known[fs[i].Key()]
	}
	e.st.Basis = e.st.BasisDigest()
}

// tieOut proves that the tenants add up to the report, line by line; where
// they do not, nothing may be written (docs/counting.md, rule 3).
func (e *evaluation) tieOut() error {
	sum := map[string]int{}
	for _, t := range e.st.Tenants {
		for _, l := range t.Lines {
			sum[l.Product] += l.Quantity
		}
	}
	persons := map[string]int{}
	for i := range e.st.Persons.Len() {
		if p := e.st.Persons.Brief(i); p.Excluded == nil {
			persons[p.Product] += p.Units
		}
	}
	for i := range e.st.Machines {
		if m := &e.st.Machines[i]; m.Excluded == nil {
			persons[m.Product] += m.Packs
		}
	}
	for _, l := range e.st.Lines {
		persons[l.Product] += l.Correction
		if sum[l.Product] != l.Quantity {
			return fmt.Errorf("the quantities of all tenants for %s add up to %d and the report says %d: nothing was written; this is a fault of the program, please report it", l.Product, sum[l.Product], l.Quantity)
		}
		if want := persons[l.Product]; l.Authorized == 0 && want != l.Quantity {
			return fmt.Errorf("the persons and machines behind %s make %d and the report says %d: nothing was written; this is a fault of the program, please report it", l.Product, want, l.Quantity)
		}
	}
	return nil
}
