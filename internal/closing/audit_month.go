package closing

import (
	"errors"
	"io"
	"slices"
	"strings"

	"splameter/internal/closing/evidence"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
	"splameter/report"
)

// maskedExclusion is an exclusion that was used.
type maskedExclusion struct {
	ID     string
	Ground register.Ground
}

func (k masker) exclusion(x *statement.Exclusion) *maskedExclusion {
	if x == nil {
		return nil
	}
	return &maskedExclusion{k.mask("exclusion", x.ID), x.Ground}
}

// maskedPerson is a counted person as an auditor sees it.
type maskedPerson struct {
	Tenant, Product, Person string
	Accounts                []string
	Units                   int
	Excluded                *maskedExclusion `json:",omitempty"`
	Via                     statement.WayKind
	Groups                  []string `json:",omitempty"`
	Pool, Host, Application string   `json:",omitempty"`
	First, Last             month.Day
	Active                  bool
}

// maskedMachine is a counted machine.
type maskedMachine struct {
	Tenant, Product, Host string
	Edition               string   `json:",omitempty"`
	Cores, Minimum, Times int      `json:",omitempty"`
	Guests                []string `json:",omitempty"`
	Packs                 int
	Excluded              *maskedExclusion `json:",omitempty"`
	First, Last           month.Day
}

type maskedFinding struct {
	Code     string             `json:"code"`
	Severity statement.Severity `json:"severity"`
	Tenant   string             `json:"tenant"`
	Product  string             `json:"product,omitempty"`
	Subject  string             `json:"subject"`
	Count    int                `json:"count,omitempty"`
	Accepted bool               `json:"accepted,omitempty"`
}

type maskedQuestion struct {
	Kind    statement.QuestionKind `json:"kind"`
	Subject string                 `json:"subject"`
	Tenant  string                 `json:"tenant,omitempty"`
	Product string                 `json:"product,omitempty"`
	About   []string               `json:"about,omitempty"`
	Count   int                    `json:"count,omitempty"`
	Units   int                    `json:"units,omitempty"`
	Decided bool                   `json:"decided"`
}

// registered is an entry of the exclusion register.
type registered struct {
	ID, Tenant, Product, Ground, Match string
	Quantity                           int
	Limited                            bool
	From, Until                        string
}

// month is what of a pack an auditor sees.
func (k masker) month(p *evidence.Pack, folder string) (out []evidence.Member, err error) {
	add := func(name string, v any, makeErr error) {
		if err = errors.Join(err, makeErr); err != nil {
			return
		}
		var b []byte
		if b, err = indented(v); err == nil {
			out = append(out, evidence.Member{Name: folder + name, Data: b})
		}
	}
	add("sealed-manifest.json", struct {
		SHA256   string
		Manifest evidence.Manifest
	}{p.Digest, maskedManifest(p.Manifest)}, nil)
	for _, file := range []string{monthend.CatalogFile, monthend.TitlesFile} { // the program's own
		if name := inputFolder + file; err == nil && p.Has(name) {
			b, err := p.Read(name)
			if err != nil {
				return nil, err
			}
			out = append(out, evidence.Member{Name: folder + file, Data: b})
		}
	}
	var acts []statement.Act
	if err := readJSON(p, actsMember, &acts); err != nil {
		return nil, err
	}
	totals, name := &statement.Statement{}, totalsMember
	if !p.Has(name) { // an earlier version sealed it without
		name = statementMember
	}
	if err := readJSON(p, name, totals); err != nil {
		return nil, err
	}
	masked, maskErr := k.acts(acts, totals)
	add(actsMember, masked, maskErr)
	if !p.Has(factsMember) { // retention has reduced it: only totals are left
		tree, scrubErr := k.statement(totals)
		add(totalsMember, tree, scrubErr)
		return out, err
	}
	in, inErr := read(p)
	if inErr != nil {
		return nil, inErr
	}
	names := k.names(in, subjects(in))
	in.facts = nil // of no more use, and the largest thing here
	tree, scrubErr := k.statement(in.statement)
	add(statementMember, tree, scrubErr)
	var findings []maskedFinding
	for i := range in.statement.Findings {
		f := &in.statement.Findings[i]
		findings = append(findings, maskedFinding{f.Code, f.Severity, f.Tenant, f.Product, names.of(f.Subject), f.Count, f.Accepted != ""})
	}
	add(findingsMember, findings, nil)
	var questions []maskedQuestion
	for i := range in.statement.Questions {
		q := &in.statement.Questions[i]
		m := maskedQuestion{Kind: q.Kind, Subject: names.of(q.Subject), Tenant: q.Tenant, Product: q.Product, Count: q.Count, Units: q.Units, Decided: !q.Open()}
		for _, a := range q.About {
			m.About = append(m.About, names.of(a))
		}
		questions = append(questions, m)
	}
	add("questions.json", questions, nil)
	list, err2 := k.counted(p, folder+countedMember)
	if err = errors.Join(err, err2); err != nil {
		return out, err
	}
	out = append(out, list)
	add("exclusions.json", k.exclusions(in.setup.Register, names), nil)
	for _, x := range in.members {
		switch x.Name {
		case inputFolder + "rules.yaml":
			b, ruleErr := maskedRules(x.Data)
			if err = errors.Join(err, ruleErr); err == nil {
				out = append(out, evidence.Member{Name: folder + "rules.yaml", Data: b})
			}
		case inputFolder + "prices.csv":
			if k.prices {
				add("prices.json", in.setup.Prices, nil)
			}
		}
	}
	return out, err
}

// subjects are what the names of a pack are asked for, in lower case.
func subjects(in *inputs) map[string]bool {
	asked := map[string]bool{}
	put := func(s string) { asked[strings.ToLower(s)] = true }
	for i := range in.statement.Findings {
		put(in.statement.Findings[i].Subject)
	}
	for i := range in.statement.Questions {
		q := &in.statement.Questions[i]
		put(q.Subject)
		for _, a := range q.About {
			put(a)
		}
	}
	for i := range in.setup.Register.Exclusions {
		put(in.setup.Register.Exclusions[i].Match.Pattern)
	}
	return asked
}

// counted are the persons and machines counted, written down one by one.
func (k masker) counted(p *evidence.Pack, name string) (evidence.Member, error) {
	spool := func(from func(*evidence.Pack, func(*statement.Person), func(*statement.Machine)) error) (evidence.Member, error) {
		return evidence.Spool(k.scratch, name, func(w io.Writer) error {
			of := struct {
				Persons  report.Rows
				Machines []maskedMachine
			}{Machines: []maskedMachine{}}
			of.Persons = func(each func(any) error) (failed error) {
				err := from(p, func(x *statement.Person) {
					if failed == nil {
						failed = each(k.person(x))
					}
				}, func(x *statement.Machine) { of.Machines = append(of.Machines, k.machine(x)) })
				return errors.Join(err, failed)
			}
			return report.WriteObject(w, " ", &of)
		})
	}
	x, err := spool(func(p *evidence.Pack, person func(*statement.Person), machine func(*statement.Machine)) error {
		return eachCounted(p, func(string) bool { return true }, person, machine)
	})
	if errors.Is(err, errOtherForm) {
		x, err = spool(wholeCounted)
	}
	return x, err
}

// wholeCounted is eachCounted for a list in another form.
func wholeCounted(p *evidence.Pack, person func(*statement.Person), machine func(*statement.Machine)) error {
	var counted struct {
		Persons  []statement.Person
		Machines []statement.Machine
	}
	if err := readJSON(p, countedMember, &counted); err != nil {
		return err
	}
	for i := range counted.Persons {
		person(&counted.Persons[i])
	}
	for i := range counted.Machines {
		machine(&counted.Machines[i])
	}
	return nil
}

func (k masker) person(x *statement.Person) *maskedPerson {
	m := &maskedPerson{Tenant: x.Tenant, Product: x.Product, Person: k.mask("person", x.Key), Units: x.Units, Excluded: k.exclusion(x.Excluded), Via: x.Via.Kind,
		Groups: x.Via.Path, Pool: x.Via.Pool, Host: x.Via.Host, Application: x.Via.Application, First: x.First, Last: x.Last, Active: x.Active}
	for j := range x.Accounts {
		m.Accounts = append(m.Accounts, k.mask("account", x.Accounts[j].ID))
	}
	return m
}

func (k masker) machine(x *statement.Machine) maskedMachine {
	return maskedMachine{x.Tenant, x.Product, x.Host, x.Edition, x.Cores, x.Minimum, x.Times, x.Guests, x.Packs, k.exclusion(x.Excluded), x.First, x.Last}
}

// maskedManifest is a manifest without names of files that somebody gave.
func maskedManifest(m evidence.Manifest) evidence.Manifest {
	m.Members = slices.Clone(m.Members)
	for i := range m.Members {
		e := &m.Members[i]
		if strings.HasPrefix(e.Name, attachFolder) {
			e.Name = attachFolder + e.SHA256[:min(16, len(e.SHA256))]
		}
	}
	return m
}

// acts are what was done, by whom under a mask, and no word of why. A part number
// that the month does not know is what somebody else wrote on an invoice, and
// masked.
func (k masker) acts(acts []statement.Act, of *statement.Statement) (any, error) {
	known := map[string]bool{}
	for i := range of.Products {
		known[of.Products[i].PartNumber] = true
	}
	for i := range of.Lines {
		known[of.Lines[i].PartNumber] = true
	}
	part := func(s *string) {
		if !known[*s] {
			*s = k.mask("article", *s)
		}
	}
	for i := range acts {
		a := &acts[i]
		a.Quantities, a.Differences, a.Unlike = slices.Clone(a.Quantities), slices.Clone(a.Differences), slices.Clone(a.Unlike)
		for j := range a.Quantities {
			part(&a.Quantities[j].PartNumber)
		}
		for j := range a.Differences {
			part(&a.Differences[j].PartNumber)
		}
		for j := range a.Unlike {
			part(&a.Unlike[j].PartNumber)
		}
		a.By, a.Account = k.staff(a.By), k.mask("staff-account", strings.ToLower(a.Account))
		if a.Correction != nil {
			c := *a.Correction
			c.By = k.staff(c.By)
			a.Correction = &c
		}
	}
	return k.scrubbed("acts", acts)
}

// statement is a statement without its findings and questions, which are
// masked one by one.
func (k masker) statement(st *statement.Statement) (any, error) {
	c := *st
	c.Findings, c.Questions = []statement.Finding{}, []statement.Question{}
	return k.scrubbed("statement", &c)
}

// exclusions are the register's entries; a pattern that is for users is shown
// by its mask, since it may be a name.
func (k masker) exclusions(r *register.Register, names *auditNames) []registered {
	out := []registered{}
	for i := range r.Exclusions {
		x := &r.Exclusions[i]
		m := x.Match
		if m.Kind == register.MatchUser && m.Pattern != "*" {
			masked, ok := names.who[strings.ToLower(m.Pattern)]
			if !ok {
				masked = k.mask("pattern", strings.ToLower(m.Pattern))
			}
			m.Pattern = masked
		}
		e := registered{ID: k.mask("exclusion", x.ID), Tenant: x.Tenant, Product: x.Product, Ground: string(x.Ground), Match: m.String(), Quantity: x.Quantity, Limited: x.Limited}
		if x.From.Set {
			e.From = x.From.Day.String()
		}
		if x.Until.Set {
			e.Until = x.Until.Day.String()
		}
		out = append(out, e)
	}
	return out
}
