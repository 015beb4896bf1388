package rules

import (
	"fmt"
	"strings"

	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// licenceColumn is a column of the hosts table that says by what a machine's
// product is licensed.
type licenceColumn string

// The two of them.
const (
	sqlColumn     licenceColumn = "sql_licence"
	windowsColumn licenceColumn = "windows_licence"
)

// customer is the state of a question about a licence said to be the customer's.
func (c licenceColumn) customer() string { return string(c) + " " + string(snapshot.SQLCustomer) }

// settleLicences holds what the licence columns of the hosts table take away
// to what the month shows (docs/proof.md 3): a machine said to be licensed by SALs
// needs the SALs, one said to be covered by its hosts needs each of them to be
// licensed, and a customer's own licence needs an entry of the register with a
// document, which then keeps the machine out and is shown. What is not shown is
// counted, and asked.
func (e *evaluation) settleLicences() {
	sals := e.sqlSALs()
	names := byName(e.machines)
	for _, m := range e.machines {
		m.sqlCovered = false
		if edition := product.SQLEdition(m.sql); sqlRank(edition) > 1 {
			switch m.sqlLicence {
			case snapshot.SQLSAL:
				why := ""
				switch {
				case edition != "Standard" && edition != "Business Intelligence" && edition != "Workgroup":
					why = fmt.Sprintf("SQL Server %s has no SAL", edition)
				case !sals[m.tenant]:
					why = fmt.Sprintf("the month counts no SQL Server SAL%s", ofTenant(m.tenant))
				}
				m.sqlCovered = why == ""
				e.unshown(m, sqlColumn, string(snapshot.SQLSAL), why)
			case snapshot.SQLHost:
				m.sqlCovered = true
				if uncovered := unlicensedHosts(m, names); uncovered != "" {
					m.sqlCovered = false
					e.unshown(m, sqlColumn, string(snapshot.SQLHost), uncovered)
				}
			case snapshot.SQLCustomer:
				e.customers(m, sqlColumn)
			}
		}
		if m.kind == snapshot.Physical && m.windowsLicence == snapshot.WindowsCustomer && m.windowsDue() == snapshot.WindowsCustomer {
			e.customers(m, windowsColumn)
		}
	}
}

func ofTenant(tenant string) string {
	if tenant == "" {
		return ""
	}
	return " of " + tenant
}

// sqlSALs are the tenants for whom the month counts SALs of SQL Server; "" has
// them where any tenant has.
func (e *evaluation) sqlSALs() map[string]bool {
	products := map[string]bool{}
	for _, p := range e.products {
		if p.Unit == statement.UnitUser && (p.Catalog == "sql-std-sal" || strings.Contains(strings.ToLower(p.ID), "sql")) {
			products[p.ID] = true
		}
	}
	out := map[string]bool{}
	if len(products) == 0 {
		return out
	}
	for i := range e.st.Persons.Len() {
		if p := e.st.Persons.Brief(i); products[p.Product] && p.Excluded == nil && p.Units > 0 {
			out[p.Tenant], out[""] = true, true
		}
	}
	return out
}

// unlicensedHosts says which host of a machine is not licensed for SQL Server
// Enterprise, which alone covers the virtual machines on it.
func unlicensedHosts(m *machine, names map[string]*machine) string {
	if len(m.parents) == 0 {
		return "the hosts table does not say on which host it runs"
	}
	for _, p := range m.parents {
		if names[p] == nil {
			return fmt.Sprintf("host %s, on which it was seen, has no row", p)
		}
	}
	hosts := hostsOf(m, names)
	if len(hosts) == 0 {
		return "no physical host of it is known"
	}
	for _, h := range hosts {
		if product.SQLEdition(h.sql) != "Enterprise" || h.sqlLicence == snapshot.SQLSAL || h.sqlLicence == snapshot.SQLHost {
			return fmt.Sprintf("host %s, on which it was seen, is not counted for SQL Server Enterprise", h.host)
		}
	}
	return ""
}

// unshown asks where a column takes away what nothing shows.
func (e *evaluation) unshown(m *machine, column licenceColumn, value, why string) {
	if why == "" {
		return
	}
	state := string(column) + " " + value
	if e.answer(statement.AskEntry, m.host, state) == register.Covered {
		m.sqlCovered = true
	}
	e.ask(statement.Question{Kind: statement.AskEntry, Subject: m.host, State: state, Tenant: m.tenant, About: []string{m.host},
		Units: e.packsOf(m, false), Assumed: "its cores are counted",
		Message: fmt.Sprintf("the hosts table says %s %s for %s, and %s", column, value, m.host, why),
		Action:  "count the SALs by a rule, license the host (sql_edition Enterprise in its row), or write core; or decide, with the document, that it is covered",
		Answers: []register.Answer{register.Accepted, register.Covered}})
}

// customers handles a licence that is said to be the customer's own: it is
// counted like any other, so that the entry with its document is what keeps it
// out. checkCustomers asks where no entry did.
func (e *evaluation) customers(m *machine, column licenceColumn) {
	if e.answer(statement.AskEntry, m.host, column.customer()) == register.Covered {
		if column == sqlColumn {
			m.sqlCovered = true
		}
		return
	}
	if column == sqlColumn {
		return
	}
	m.windowsLicence, m.saidCustomer = "", true
	if m.windowsDue() == "" {
		m.windowsLicence = snapshot.WindowsDatacenter
		if !e.ruleDue(m, true) {
			m.windowsLicence = snapshot.WindowsStandard
		}
	}
}

// checkCustomers asks for the document of licences that are said to be the
// customer's own and that no entry of the register kept out.
func checkCustomers(e *evaluation) {
	counted := map[string][]*statement.Machine{}
	for i := range e.st.Machines {
		x := &e.st.Machines[i]
		counted[x.Key] = append(counted[x.Key], x)
	}
	for _, m := range e.machines {
		for _, column := range []licenceColumn{sqlColumn, windowsColumn} {
			said := m.saidCustomer
			if column == sqlColumn {
				said = m.sqlLicence == snapshot.SQLCustomer && sqlRank(product.SQLEdition(m.sql)) > 1
			}
			if !said {
				continue
			}
			state := column.customer()
			decided := e.answer(statement.AskEntry, m.host, state) == register.Covered
			units, open, products := 0, decided, ""
			for _, x := range counted[m.key] {
				if p := e.product(x.Product); p != nil && (len(p.Hosts.SQLEdition) > 0) == (column == sqlColumn) && (x.Excluded == nil || x.Excluded.Document == "") {
					open, units, products = true, units+x.Packs, x.Product
				}
			}
			if !open {
				continue
			}
			e.ask(statement.Question{Kind: statement.AskEntry, Subject: m.host, State: state, Tenant: m.tenant, Product: products, About: []string{m.host},
				Units: units, Assumed: "its cores are counted",
				Message: fmt.Sprintf("the hosts table says %s for %s, and no entry of the exclusions shows the customer's right to it", state, m.host),
				Action:  "enter it in the exclusions as customer-owned, license-mobility or flexible-virtualization, with its document, matching host:" + m.host,
				Answers: []register.Answer{register.Accepted, register.Covered}})
		}
	}
}

// product is the product with that id, or nil.
func (e *evaluation) product(id string) *Product {
	for _, p := range e.products {
		if p.ID == id {
			return p
		}
	}
	return nil
}
