package deliver

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/closing"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// Received says of each letter which document its recipient really has: the
// last that was sent in an earlier revision. A letter names that one as what it
// replaces, and none where nothing was sent.
func Received(letters []*Letter, log []store.Delivery) {
	sent := false
	for i := range log {
		sent = sent || log[i].Action == store.DeliverySent
	}
	if !sent {
		return // what goes out by hand nobody knows here: the revision before is taken for sent
	}
	for _, l := range letters {
		document := ""
		for i := range log {
			d := &log[i]
			if d.Tenant == l.Tenant && d.Partner == l.Partner && d.Revision < l.Revision && (d.Action == store.DeliverySent || d.Action == store.DeliveryConfirmed) {
				document = d.Document
			}
		}
		if l.Replaces != document {
			l.Replaces = document
			l.write(l.monthName, l.reporter)
		}
	}
}

// Only keeps the letters of some recipients, each as Recipient names it.
func Only(letters []*Letter, recipients []string) ([]*Letter, error) {
	if len(recipients) == 0 {
		return letters, nil
	}
	var out []*Letter
	for _, r := range recipients {
		at := slices.IndexFunc(letters, func(l *Letter) bool { return strings.EqualFold(l.Recipient(), r) })
		if at < 0 {
			return nil, fmt.Errorf("nobody called %q gets an annex of this month", r)
		}
		if !slices.Contains(out, letters[at]) {
			out = append(out, letters[at])
		}
	}
	return out, nil
}

// OfChanged keeps the letters whose quantities are not those that the recipient
// has: of an amended month those that the amendment changed, and whoever got
// nothing before.
func OfChanged(letters []*Letter, t *closing.Issued, log []store.Delivery) []*Letter {
	if t.Replaced == nil {
		return letters
	}
	changed, partner := map[string]bool{}, map[string]bool{}
	then := lines(t.Replaced)
	now := lines(t.Statement)
	for i := range t.Statement.Tenants {
		c := &t.Statement.Tenants[i]
		if !slices.Equal(then[c.ID], now[c.ID]) {
			changed[c.ID], partner[c.Partner] = true, true
		}
	}
	for i := range t.Replaced.Tenants {
		if c := &t.Replaced.Tenants[i]; !slices.Equal(then[c.ID], now[c.ID]) {
			changed[c.ID], partner[c.Partner] = true, true
		}
	}
	return slices.DeleteFunc(slices.Clone(letters), func(l *Letter) bool {
		has := slices.ContainsFunc(log, func(d store.Delivery) bool {
			return d.Tenant == l.Tenant && d.Partner == l.Partner && d.Revision == l.Revision-1 && (d.Action == store.DeliverySent || d.Action == store.DeliveryConfirmed)
		})
		return has && !changed[l.Tenant] && !(l.Partner != "" && partner[l.Partner])
	})
}

// lines are what each tenant was told of, as text that can be compared.
func lines(st *statement.Statement) map[string][]string {
	out := map[string][]string{}
	for i := range st.Tenants {
		t := &st.Tenants[i]
		for j := range t.Lines {
			if l := &t.Lines[j]; l.Quantity != 0 || l.Excluded != 0 {
				out[t.ID] = append(out[t.ID], fmt.Sprintf("%s %d %d", l.Product, l.Quantity, l.Excluded))
			}
		}
		slices.Sort(out[t.ID])
	}
	return out
}

// Standing is where a letter stands with its recipient.
type Standing struct {
	*Letter
	Sent, Confirmed time.Time // zero: not
	By              string    // who took the confirmation down
	Note            string
}

// Standings are where the letters of a revision stand: which were sent, and who
// confirmed.
func Standings(letters []*Letter, log []store.Delivery) []Standing {
	var out []Standing
	for _, l := range letters {
		s := Standing{Letter: l}
		for i := range log {
			d := &log[i]
			if d.Tenant != l.Tenant || d.Partner != l.Partner || d.Revision != l.Revision {
				continue
			}
			switch d.Action {
			case store.DeliverySent:
				s.Sent = d.At
			case store.DeliveryConfirmed:
				s.Confirmed, s.By, s.Note = d.At, d.By, d.Reason
			}
		}
		out = append(out, s)
	}
	return out
}
