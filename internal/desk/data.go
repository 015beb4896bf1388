package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/shopspring/decimal"

	"splameter/internal/closing"
	"splameter/internal/digest"
	"splameter/internal/register"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// allTenants stands in an address for all customers together.
const allTenants = "all"

// result is a kept result, with what the screens look up in it.
type result struct {
	*statement.Statement
	digest  string
	tenants map[string]*statement.Tenant
	sums    map[string]*sums // by tenant; allTenants: of all
	gaps    int              // open
	open    int              // questions
	errors  int
	atMost  decimal.Decimal // of the open questions

	mu     sync.Mutex
	states map[string]string // what there is to see of a customer, as it was asked for
	held   held
}

// held is what holding a result against its sealed evidence came to, for as long as
// seal and file are the same.
type held struct {
	seal, wrong string
	gone        bool
	size        int64
	at          time.Time
}

// unlike says that a result is not the one that was sealed: then somebody wrote into
// the store or over the evidence, and nothing of it is shown as sealed. gone says that
// the evidence is not here to hold it against: it is shown, and that is told.
func (s *Server) unlike(r *request, l *closing.Life, rev int, x *result) (unlike, gone bool) {
	seal := l.Seal(rev)
	if seal == "" || x == nil {
		return false, false
	}
	now := held{seal: seal}
	if info, err := os.Stat(s.desk(r).Pack(l.Month, rev)); err == nil {
		now.size, now.at = info.Size(), info.ModTime()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if was := x.held; was.seal != now.seal || was.size != now.size || !was.at.Equal(now.at) || was.wrong != "" {
		now.wrong, now.gone = s.desk(r).Unlike(r.Context(), l, rev, x.Statement)
		if now.wrong != "" && !now.gone && r.Context().Err() == nil {
			s.opt.Log.Error("a result is not shown", "month", l.Month, "revision", rev, "error", now.wrong)
		}
		x.held = now
	}
	return x.held.wrong != "" && !x.held.gone, x.held.gone
}

// sums are a customer's figures over all its products.
type sums struct {
	users, packs, usersBefore, packsBefore int
	compared                               bool
	amount                                 decimal.Decimal
	unpriced                               bool
	unreadUsers, unreadPacks               bool // a line of them is not known
	currency                               string
	added, removed, unexplained            int
	worst                                  statement.Severity
	found, fresh                           int // open findings, and the new among them
	pressing                               int // of the new those that are more than a tidying up
}

// results holds the results looked at last. A result is kept by its digest:
// what the store has now is what is shown.
type results struct {
	mu   sync.Mutex
	by   map[string]*result // month/revision
	last []string
}

// mostResults is how many results are held: two years of tiles.
const mostResults = 24

// result is what the store has of a revision; nil where it was never counted.
func (s *Server) result(ctx context.Context, m string, revision int) (*result, error) {
	b, err := s.opt.Store.Result(ctx, m, revision)
	if errors.Is(err, store.ErrNone) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, sum := m+"/"+strconv.Itoa(revision), digest.Of(b)
	x := &s.results
	x.mu.Lock()
	if have := x.by[key]; have != nil && have.digest == sum {
		x.mu.Unlock()
		return have, nil
	}
	x.mu.Unlock()
	r := &result{Statement: &statement.Statement{}, digest: sum}
	if err := json.Unmarshal(b, r.Statement); err != nil {
		return nil, fmt.Errorf("the kept result of %s cannot be read: %w", m, err)
	}
	r.sum()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.by == nil {
		x.by = map[string]*result{}
	}
	if x.by[key] == nil {
		x.last = append(x.last, key)
	}
	x.by[key] = r
	if len(x.last) > mostResults {
		delete(x.by, x.last[0])
		x.last = x.last[1:]
	}
	return r, nil
}

// sum adds up what the lists show.
func (r *result) sum() {
	r.tenants, r.sums = map[string]*statement.Tenant{}, map[string]*sums{allTenants: sumOf(r.Lines)}
	for i := range r.Tenants {
		t := &r.Tenants[i]
		r.tenants[t.ID], r.sums[t.ID] = t, sumOf(t.Lines)
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Accepted != "" {
			continue
		}
		if f.Severity == statement.Error {
			r.errors++
		}
		x := r.sums[f.Tenant]
		if x == nil {
			continue
		}
		x.found++
		if f.New {
			x.fresh++
			if f.Severity.ThisMonth() {
				x.pressing++
			}
		}
		if x.worst == "" || severity(f.Severity) < severity(x.worst) {
			x.worst = f.Severity
		}
	}
	for i := range r.Coverage.Gaps {
		if r.Coverage.Gaps[i].Accepted == "" {
			r.gaps++
		}
	}
	for _, q := range r.OpenQuestions() {
		r.open++
		if d, err := decimal.NewFromString(q.Amount); err == nil {
			r.atMost = r.atMost.Add(d)
		}
	}
}

func sumOf(lines []statement.Line) *sums {
	x := &sums{}
	for i := range lines {
		l := &lines[i]
		was := 0
		if l.Compared {
			x.compared, was = true, l.Previous
		}
		if l.Unit == statement.UnitCore {
			x.packs, x.packsBefore = x.packs+l.Quantity, x.packsBefore+was
			x.unreadPacks = x.unreadPacks || l.Unread
		} else {
			x.unreadUsers = x.unreadUsers || l.Unread
			x.users, x.usersBefore = x.users+l.Quantity, x.usersBefore+was
		}
		x.added, x.removed = x.added+l.Added, x.removed+l.Removed
		for _, c := range l.Changes {
			if c.Cause == statement.CauseUnexplained {
				x.unexplained += c.Removed
			}
		}
		d, err := decimal.NewFromString(l.Amount)
		switch {
		case err == nil:
			x.amount, x.currency = x.amount.Add(d), cmp.Or(l.Currency, x.currency)
		case l.Quantity > 0 || l.Unread:
			x.unpriced = true
		}
	}
	return x
}

// severity is how grave one is: the less the graver.
func severity(s statement.Severity) int {
	for i, x := range []statement.Severity{statement.Error, statement.High, statement.Medium, statement.Low, statement.Info} {
		if s == x {
			return i
		}
	}
	return 9
}

// nameOf is how a customer is called.
func (r *request) nameOf(h *head, id string) string {
	name := ""
	if h.res != nil && h.res.tenants[id] != nil {
		name = h.res.tenants[id].Name
	}
	if t := r.set.Register.Tenant(id); t != nil {
		name = cmp.Or(name, t.Name)
	}
	return r.lang.tenant(id, name)
}

// product is how a product is called.
func (r *request) product(h *head, id string) string {
	for i := range h.res.Products {
		if h.res.Products[i].ID == id {
			return h.res.Products[i].Label(r.lang.id)
		}
	}
	return id
}

// hidden is the id that stands in addresses for what may be the name of a
// person: the same everywhere and for ever, and read by nobody.
func (s *Server) hidden(parts ...string) string {
	h := digest.Keyed(s.key)
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return h.Hex()[:24]
}

func belongsToNone(id string) bool { return id == register.Unassigned || id == register.Shared }
