package tenantexport

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"splameter/internal/closing"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/rules"
)

// tables are all tables of an export, in their order.
type tables struct {
	customer, accounts, memberships, sessions, machineFacts, software, persons, machines, quantities, exclusions, shared, prices, corrections, bills, decisions, deliveries, findings Table
}

func (t *tables) list() []*Table {
	return []*Table{&t.customer, &t.accounts, &t.memberships, &t.sessions, &t.machineFacts, &t.software, &t.persons, &t.machines, &t.quantities, &t.exclusions, &t.shared,
		&t.prices, &t.corrections, &t.bills, &t.decisions, &t.deliveries, &t.findings}
}

func newTables() *tables {
	def := func(name, columns string) Table { return Table{Name: name, Columns: strings.Fields(columns)} }
	return &tables{
		customer:     def("customer", "field value"),
		accounts:     def("accounts", "month account_id sid class name upn display_name mail dn disabled expires attributes from until directory file line"),
		memberships:  def("memberships", "month account_id account group from until"),
		sessions:     def("sessions", "month account_id account host user days first_time first_event first_channel first_file first_record last_time last_event last_channel last_file last_record note devices"),
		machineFacts: def("hosts", "month key host kind processors cores_per_processor virtual_cores parent operating_system sql_edition sql_licence windows_licence cluster pinned power first last days_read source file line"),
		software:     def("software", "month host name version publisher edition release key first last source file line"),
		persons:      def("persons", "month revision product key name accounts counts_as excluded_ground excluded_document from until active via path pool host"),
		machines:     def("machines", "month revision product key host edition cores packs from until note"),
		quantities:   def("quantities", "month revision state product part_number unit quantity active excluded computed"),
		exclusions:   def("exclusions", "id product ground match quantity document from until"),
		shared:       def("shared_accounts", "account persons ids document from until"),
		prices:       def("sales_prices", "product currency unit_price from until"),
		corrections:  def("corrections", "month revision product set quantity code reason by at"),
		bills:        def("bills", "month revision bill article products quantity unit_price amount currency by at"),
		decisions:    def("decisions", "key code subject decision by reason until"),
		deliveries:   def("deliveries", "month revision action document file sha256 to subject message_id by reason at error attachment attachment_sha256"),
		findings:     def("findings", "month revision code severity product subject count message action accepted"),
	}
}

// Gather takes everything about a customer out of the register and the store.
func Gather(ctx context.Context, d *closing.Desk, tenant string) (*Export, error) {
	reg := d.Setup.Register
	r := reg.Tenant(tenant)
	if r == nil {
		return nil, fmt.Errorf("the tenants table has no customer %q; look at its ids", tenant)
	}
	e := &Export{Tenant: tenant, Made: d.Now()}
	t := newTables()
	e.Tables = t.list()
	all := newGuard(reg, tenant)
	t.register(d, r)
	names, err := d.Store.Months(ctx)
	if err != nil {
		return nil, err
	}
	acts, err := d.Store.Acts(ctx, "")
	if err != nil {
		return nil, err
	}
	for i := range acts {
		names = append(names, acts[i].Month)
		if a := &acts[i]; a.Correction != nil && a.Correction.Tenant == tenant {
			t.corrections.add(a.Month, strconv.Itoa(a.Revision), a.Correction.Product, strconv.FormatBool(a.Correction.Set), strconv.Itoa(a.Correction.Quantity),
				a.Correction.Code, a.Reason, a.By, instant(a.At))
		}
		for j := range acts[i].Bills {
			if x := &acts[i].Bills[j]; x.Tenant == tenant {
				t.bills.add(acts[i].Month, strconv.Itoa(acts[i].Revision), x.Bill, x.Article, strings.Join(x.Products, "+"), x.Quantity, x.UnitPrice, x.Amount, x.Currency, acts[i].By, instant(acts[i].At))
			}
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := month.Parse(name, d.Setup.Config.Provider.Location)
		if err != nil {
			return nil, err
		}
		if err := t.month(ctx, d, e, m, all); err != nil {
			return nil, fmt.Errorf("gather what %s holds of %s: %w", m, tenant, err)
		}
	}
	if err := t.imported(ctx, d, tenant); err != nil {
		return nil, err
	}
	log, err := d.Store.Deliveries(ctx, "")
	if err != nil {
		return nil, err
	}
	for i := range log {
		x := &log[i]
		if x.Tenant != tenant {
			continue
		}
		a := statement.Attachment{}
		if x.Attachment != nil {
			a = *x.Attachment
		}
		t.deliveries.add(x.Month, strconv.Itoa(x.Revision), string(x.Action), x.Document, x.File, x.SHA256, x.To, x.Subject, x.MessageID, x.By, x.Reason, instant(x.At), x.Error, a.Name, a.SHA256)
	}
	for _, x := range []*Table{&t.customer, &t.exclusions, &t.shared, &t.prices, &t.corrections, &t.bills, &t.decisions, &t.deliveries} {
		all.table(x, 0)
	}
	for i := range e.Notes {
		e.Notes[i] = all.text(e.Notes[i], true)
	}
	return e, nil
}

func instant(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// register is what the hand-kept tables hold.
func (t *tables) register(d *closing.Desk, r *register.Tenant) {
	date := func(b interface{ MarshalText() ([]byte, error) }) string {
		s, _ := b.MarshalText() // a date always has a text
		return string(s)
	}
	for _, f := range [][2]string{{"id", r.ID}, {"name", r.Name}, {"number", r.Number}, {"street", r.Street}, {"postal_code", r.Postal}, {"city", r.City},
		{"country", r.Country}, {"contact", r.Contact}, {"email", r.Email}, {"reference", r.Ref}, {"language", r.Language}, {"reseller", r.Partner},
		{"named_users", strconv.FormatBool(r.Named)}, {"suspended_from", date(r.SuspendedFrom)}, {"suspended_until", date(r.SuspendedUntil)}} {
		if f[1] != "" {
			t.customer.add(f[0], f[1])
		}
	}
	for _, ou := range r.OUs {
		t.customer.add("ou", ou.DN)
	}
	for i := range r.Signs {
		t.customer.add(string(r.Signs[i].Kind), r.Signs[i].String())
	}
	reg := d.Setup.Register
	for i := range reg.Exclusions {
		if x := &reg.Exclusions[i]; x.Tenant == r.ID {
			quantity := ""
			if x.Limited {
				quantity = strconv.Itoa(x.Quantity)
			}
			t.exclusions.add(x.ID, x.Product, string(x.Ground), x.Match.String(), quantity, x.Document, date(x.From), date(x.Until))
		}
	}
	for i := range reg.Shared {
		if x := &reg.Shared[i]; x.Tenant == r.ID {
			t.shared.add(x.Account, strconv.Itoa(x.Persons), strings.Join(x.IDs, "; "), x.Document, date(x.From), date(x.Until))
		}
	}
	for i := range d.Setup.Sales {
		if x := &d.Setup.Sales[i]; x.Tenant == r.ID {
			t.prices.add(x.Product, x.Currency, x.Unit.String(), date(x.From), date(x.Until))
		}
	}
	for i := range d.Setup.Decisions {
		if x := &d.Setup.Decisions[i]; x.Tenant == r.ID || strings.Contains(x.Key, "|"+r.ID+"|") || x.IsCustomer() && x.Decision.Is(register.Answer(r.ID)) {
			t.decisions.add(x.Key, x.Code, x.Subject, string(x.Decision), x.By, x.Reason, date(x.Until))
		}
	}
}

// month is what one month holds.
func (t *tables) month(ctx context.Context, d *closing.Desk, e *Export, m month.Month, all *guard) error {
	l, err := d.Life(ctx, m)
	if err != nil {
		return err
	}
	monthly := []*Table{&t.accounts, &t.memberships, &t.sessions, &t.machineFacts, &t.software, &t.persons, &t.machines, &t.quantities, &t.findings}
	var from []int
	for _, x := range monthly {
		from = append(from, len(x.Rows))
	}
	reg, cfg := d.Setup.Register, d.Setup.Config
	in, err := d.ViewTenant(ctx, m, e.Tenant)
	switch {
	case err == nil && in == nil: // nothing was read yet
	case err == nil:
		reg, cfg = in.Register, in.Config
		t.counted(in.Statement, e.Tenant)
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	default:
		e.Notes = append(e.Notes, fmt.Sprintf("%s: the persons counted cannot be given: %v", m, err))
	}
	var of *rules.Holding
	facts, err := d.Store.FactsAbout(ctx, m, func(f *snapshot.Facts) func(*snapshot.Use) bool {
		of = rules.NewHolding(f, reg, e.Tenant)
		return of.Asks
	})
	if err != nil {
		return err
	}
	held := of.Held()
	near := newGuard(reg, e.Tenant)
	near.accounts(held)
	near.places(facts, cfg, e.Tenant)
	all.join(near)
	t.held(m, held)
	e.Notes = append(e.Notes, t.hosts(m, facts.Facts, cfg, e.Tenant)...)
	for revision := 0; revision <= l.Revision; revision++ {
		if in != nil && l.State == statement.Open && in.Statement.Revision == revision {
			t.result(in.Statement, e.Tenant) // as it is now: what was kept may be older than the last correction
			continue
		}
		b, err := d.Store.Result(ctx, m.String(), revision)
		if errors.Is(err, store.ErrNone) {
			continue
		}
		if err != nil {
			return err
		}
		var st statement.Statement
		if err := json.Unmarshal(b, &st); err != nil {
			return fmt.Errorf("the kept result cannot be read: %w", err)
		}
		t.result(&st, e.Tenant)
	}
	for i, x := range monthly {
		near.table(x, from[i])
	}
	return nil
}

func (t *tables) held(m month.Month, held *rules.Held) {
	for i := range held.Accounts {
		a := &held.Accounts[i]
		var attributes []string
		for _, x := range a.Attributes {
			attributes = append(attributes, x.Name+"="+x.Value)
		}
		t.accounts.add(m.String(), a.ID, a.SID, a.Class.String(), a.Name, a.UPN, a.DisplayName, a.Mail, a.DN, strconv.FormatBool(a.Disabled), instant(a.Expires),
			strings.Join(attributes, "; "), a.First.String(), a.Last.String(), a.Directory, a.File, number(a.Line))
	}
	for i := range held.Memberships {
		x := &held.Memberships[i]
		t.memberships.add(m.String(), x.Account, x.Name, x.Group, x.First.String(), x.Last.String())
	}
	for i := range held.Sessions {
		x := &held.Sessions[i]
		var days []string
		for _, day := range x.Days {
			days = append(days, day.String())
		}
		row := []string{m.String(), x.Account, x.Name, x.Use.Host, x.Use.User, strings.Join(days, " ")}
		for _, s := range []snapshot.Sighting{x.First, x.Last} {
			row = append(row, instant(s.Time), number(int(s.EventID)), s.Channel, s.File, number(int(s.Record)))
		}
		note := ""
		if x.Use.Carried {
			note = "open from an earlier month"
		}
		t.sessions.add(append(row, note, strings.Join(x.Use.Clients, " "))...)
	}
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// counted are the persons and machines behind the quantities.
func (t *tables) counted(st *statement.Statement, tenant string) {
	revision := strconv.Itoa(st.Revision)
	for i := range st.Persons.Len() {
		if st.Persons.Brief(i).Tenant != tenant {
			continue
		}
		p := st.Persons.At(i)
		t.person(st, &p)
	}
	for i := range st.Machines {
		if x := &st.Machines[i]; x.Tenant == tenant {
			t.machines.add(st.Month, revision, x.Product, x.Key, x.Host, x.Edition, number(x.Cores), strconv.Itoa(x.Packs), x.First.String(), x.Last.String(), x.Note)
		}
	}
}

// person is one person behind a quantity.
func (t *tables) person(st *statement.Statement, p *statement.Person) {
	var accounts []string
	for _, a := range p.Accounts {
		accounts = append(accounts, a.Name)
	}
	x := statement.Exclusion{}
	if p.Excluded != nil {
		x = *p.Excluded
	}
	t.persons.add(st.Month, strconv.Itoa(st.Revision), p.Product, p.Key, p.Name, strings.Join(accounts, "; "), strconv.Itoa(p.Units), string(x.Ground), x.Document,
		p.First.String(), p.Last.String(), strconv.FormatBool(p.Active), string(p.Via.Kind), strings.Join(p.Via.Path, " > "), p.Via.Pool, p.Via.Host)
}

// result is what a kept result says of the customer.
func (t *tables) result(st *statement.Statement, tenant string) {
	revision := strconv.Itoa(st.Revision)
	for i := range st.Tenants {
		if st.Tenants[i].ID != tenant {
			continue
		}
		for j := range st.Tenants[i].Lines {
			l := &st.Tenants[i].Lines[j]
			of := [3]string{strconv.Itoa(l.Quantity), strconv.Itoa(l.Active), strconv.Itoa(l.Excluded)}
			if !st.Answered() && st.Unread(l) { // not known, and no zero
				of = [3]string{}
			}
			t.quantities.add(st.Month, revision, string(st.State), l.Product, l.PartNumber, string(l.Unit), of[0], of[1], of[2], "true")
		}
	}
	for i := range st.Findings {
		if f := &st.Findings[i]; f.Tenant == tenant {
			t.findings.add(st.Month, revision, f.Code, string(f.Severity), f.Product, f.Subject, number(f.Count), f.Message, f.Action, f.Accepted)
		}
	}
}

// imported are the quantities from before splameter.
func (t *tables) imported(ctx context.Context, d *closing.Desk, tenant string) error {
	now := month.Of(d.Now(), d.Setup.Config.Provider.Location)
	earlier, err := d.Store.Earlier(ctx, now.Add(1), 1200)
	if err != nil {
		return err
	}
	for i := range earlier {
		if earlier[i].Computed {
			continue
		}
		for _, q := range earlier[i].Quantities {
			if q.Tenant == tenant {
				t.quantities.add(earlier[i].Month, "", "imported", q.Product, q.PartNumber, "", strconv.Itoa(q.Quantity), "", "", "false")
			}
		}
	}
	return nil
}
