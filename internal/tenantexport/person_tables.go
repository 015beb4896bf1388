package tenantexport

import (
	"slices"
	"strconv"
	"strings"

	"splameter/internal/register"
	"splameter/internal/store"
)

// calls knows what a person is called: what was asked for, and the accounts that
// were found by it.
type calls map[string]bool

func (c calls) add(names ...string) {
	for _, n := range names {
		if n = strings.ToLower(strings.TrimSpace(n)); n != "" {
			c[n] = true
		}
	}
}

func (c calls) is(s string) bool { return c[strings.ToLower(strings.TrimSpace(s))] }

// accounts takes what the accounts found are called. By a display name alone,
// which several may have, nothing else is looked for.
func (c calls) accounts(t *Table) {
	for _, name := range []string{"account_id", "sid", "name", "upn", "mail"} {
		at := slices.Index(t.Columns, name)
		for _, r := range t.Rows {
			c.add(r[at])
		}
	}
}

// entries are the rows of the tables kept by hand that name the person.
func (c calls) entries(r *register.Register, decisions []register.Decision) *Table {
	t := &Table{Name: "entries", Columns: strings.Fields("table row field value document reason by")}
	add := func(table string, line int, field, value, document, reason, by string) {
		if c.is(value) {
			t.add(table, strconv.Itoa(line), field, value, document, reason, by)
		}
	}
	for i := range r.Tenants {
		x := &r.Tenants[i]
		add("tenants", x.Line, "contact", x.Contact, "", "", "")
		add("tenants", x.Line, "email", x.Email, "", "", "")
	}
	for i := range r.Partners {
		x := &r.Partners[i]
		add("resellers", x.Line, "contact", x.Contact, "", "", "")
		add("resellers", x.Line, "email", x.Email, "", "", "")
	}
	for i := range r.Exclusions {
		if x := &r.Exclusions[i]; x.Match.Kind == register.MatchUser {
			add("exclusions", x.Line, "match", x.Match.Pattern, x.Document, "", "")
		}
	}
	for i := range r.Shared {
		x := &r.Shared[i]
		add("shared_accounts", x.Line, "account", x.Account, x.Document, "", "")
	}
	for i := range decisions {
		x := &decisions[i]
		add("decisions", x.Line, "subject", x.Subject, "", x.Reason, x.By)
		add("decisions", x.Line, "by", x.By, "", x.Reason, x.By)
		for _, part := range strings.Split(x.Key, "|") {
			add("decisions", x.Line, "key", part, "", x.Reason, x.By)
		}
	}
	return t
}

// mails are the entries about annexes that went to the person, or that the person
// sent or took down.
func (c calls) mails(log []store.Delivery) *Table {
	t := &Table{Name: "mails", Columns: strings.Fields("month revision action document to subject by reason at")}
	for i := range log {
		if x := &log[i]; c.is(x.To) || c.is(x.By) || c.is(x.Account) {
			t.add(x.Month, strconv.Itoa(x.Revision), string(x.Action), x.Document, x.To, x.Subject, x.By, x.Reason, instant(x.At))
		}
	}
	return t
}
