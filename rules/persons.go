package rules

import (
	"cmp"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/register"
)

// person is whom a licence is for: one account, or several of one tenant that
// share a configured attribute.
type person struct {
	tenant   string // "" where none
	accounts []int32
	key      string // stable over months
	units    int    // how many persons it stands for
	shared   *register.SharedAccount
}

// placeholder says that a value stands for none: no one's identity.
func placeholder(v string) bool {
	v = strings.ToLower(strings.TrimSpace(v))
	switch v {
	case "", "n/a", "na", "n.a.", "nvt", "n.v.t.", "none", "null", "nil", "geen", "onbekend", "unknown", "tbd", "test", "dummy", "default", "xx", "xxx":
		return true
	}
	return strings.Trim(v, "0") == "" || strings.Trim(v, "-") == "" || strings.Trim(v, ".") == "" ||
		strings.Trim(v, "?") == "" || strings.Trim(v, "x") == "" || len(v) >= 3 && strings.Trim(v, "9") == ""
}

// sharedValue is an attribute value on more accounts than one person has.
type sharedValue struct {
	tenant, attribute, value string
	accounts                 []int32
}

// subject names it in a question.
func (c *sharedValue) subject() string { return c.tenant + " " + c.attribute + "=" + c.value }

// merge makes persons of accounts: those of one tenant with the same value of
// a configured attribute are one (docs/counting.md, "person").
//
// A value that looks like free text ("extern", "1", info@…) on accounts whose
// names have nothing in common is no identity: answer says what was decided on
// it, and without a decision they stay apart and are among the doubts.
func (w *world) merge(cfg *config.Config, reg *register.Register, answer func(c *sharedValue) register.Answer) (persons []person, shared, doubts []sharedValue) {
	parent := make([]int32, len(w.accounts))
	for i := range parent {
		parent[i] = int32(i)
	}
	find := func(i int32) int32 {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	joined := map[int32]int32{} // whose newcomer each is, by its number and 1
	for _, attribute := range cfg.Person {
		name := strings.ToLower(attribute)
		// Those of one tenant and value stand together, and in their order.
		type valued struct {
			tenant, value string
			account       int32
		}
		all := make([]valued, 0, len(w.accounts))
		for i := range w.accounts {
			a := &w.accounts[i]
			if !w.isUser(int32(i)) || a.tenant == "" {
				continue
			}
			if v := w.attribute(int32(i), name); !placeholder(v) {
				all = append(all, valued{a.tenant, strings.ToLower(strings.TrimSpace(v)), int32(i)})
			}
		}
		slices.SortFunc(all, func(x, y valued) int {
			return cmp.Or(strings.Compare(x.tenant, y.tenant), strings.Compare(x.value, y.value), cmp.Compare(x.account, y.account))
		})
		forms := valueForms{}
		for i := range all {
			if i == 0 || all[i-1].value != all[i].value {
				forms.add(all[i].value)
			}
		}
		for from := 0; from < len(all); {
			k := all[from]
			var list []int32
			until := from
			for until < len(all) && all[until].tenant == k.tenant && all[until].value == k.value {
				until++
			}
			if until-from > 1 {
				for _, x := range all[from:until] {
					list = append(list, x.account)
				}
			}
			from = until
			list = w.withoutNewcomers(list, func(n, other int32, size int) {
				if size <= cfg.PersonMax && joined[n] == 0 && (!forms.freeText(k.value) || w.namesAgree([]int32{other, n}, k.value)) {
					joined[n] = other + 1
				}
			})
			if len(list) > cfg.PersonMax {
				shared = append(shared, sharedValue{k.tenant, attribute, k.value, list})
				continue
			}
			if len(list) == 0 {
				continue
			}
			if c := (sharedValue{k.tenant, attribute, k.value, list}); forms.freeText(k.value) && !w.namesAgree(list, k.value) {
				switch answer(&c) {
				case register.Same:
				case register.Separate:
					continue
				default:
					doubts = append(doubts, c)
					continue
				}
			}
			for _, a := range list[1:] {
				x, y := find(list[0]), find(a)
				parent[max(x, y)] = min(x, y)
			}
		}
	}
	for n, other := range joined {
		x, y := find(other-1), find(n)
		parent[max(x, y)] = min(x, y)
	}
	users := 0
	for i := range w.accounts {
		if w.isUser(int32(i)) {
			users++
		}
	}
	index := make([]int32, len(w.accounts)) // of the person, counted from 1
	persons = make([]person, 0, users)
	alone := make([]int32, 0, users)
	for i := range w.accounts {
		if !w.isUser(int32(i)) {
			w.accounts[i].person = -1
			continue
		}
		r := find(int32(i))
		n := index[r] - 1
		if n < 0 {
			n = int32(len(persons))
			index[r] = n + 1
			alone = append(alone, int32(i))
			persons = append(persons, person{tenant: w.accounts[i].tenant, units: 1, accounts: alone[len(alone)-1 : len(alone) : len(alone)]})
		} else {
			persons[n].accounts = append(persons[n].accounts, int32(i))
		}
		w.accounts[i].person = n
	}
	called := make([]Glob, len(reg.Shared))
	for i := range called {
		called[i] = NewGlob(reg.Shared[i].Account)
	}
	for i := range persons {
		p := &persons[i]
		for _, a := range p.accounts {
			if id := w.accounts[a].id; p.key == "" || id < p.key {
				p.key = id
			}
		}
		w.share(p, reg, called)
	}
	return persons, shared, doubts
}

// withoutNewcomers leaves out of accounts that share a value those that no reading of
// the month saw: what the next reading shows makes no one person of two that this
// month's readings show apart, nor two of one. join is told of each with whom else has
// its value, and how many have it.
func (w *world) withoutNewcomers(list []int32, join func(n, other int32, size int)) []int32 {
	if len(w.came) == 0 || !slices.ContainsFunc(list, func(a int32) bool { return w.came[a] }) {
		return list
	}
	var rest []int32
	for _, a := range list {
		if !w.came[a] {
			rest = append(rest, a)
		}
	}
	for _, a := range list {
		switch {
		case !w.came[a]:
		case len(rest) > 0:
			join(a, rest[0], len(list))
		case a != list[0]:
			join(a, list[0], len(list))
		}
	}
	if len(rest) < 2 {
		return nil
	}
	return rest
}

// share makes an account that several persons use count as all of them. A row
// that ended lowers nothing: the account stands for as many as it says until a
// newer row says otherwise.
func (w *world) share(p *person, reg *register.Register, called []Glob) {
	var lapsed *register.SharedAccount
	for i := range reg.Shared {
		s := &reg.Shared[i]
		if s.Tenant != "*" && s.Tenant != p.tenant || s.Persons < 1 || s.From.Set && s.From.Day > w.m.LastDay() || !w.bears(p, called[i]) {
			continue
		}
		switch ended := s.Until.Set && s.Until.Day < w.m.FirstDay(); {
		case !ended && (p.shared == nil || s.Persons > p.units):
			p.units, p.shared = s.Persons, s
		case ended && (lapsed == nil || s.Until.Day > lapsed.Until.Day):
			lapsed = s
		}
	}
	if p.shared == nil && lapsed != nil {
		p.units, p.shared = lapsed.Persons, lapsed
	}
}

// bears says whether any of a person's accounts answers to a name.
func (w *world) bears(p *person, name Glob) bool {
	for _, a := range p.accounts {
		if w.isCalled(a, name) {
			return true
		}
	}
	return false
}

// attribute is the account's value as last seen.
func (w *world) attribute(a int32, name string) string {
	s := w.lastState(a)
	switch name {
	case "mail":
		return s.Mail
	case "userprincipalname":
		return s.UPN
	case "displayname":
		return s.DisplayName
	case "samaccountname":
		return s.Name
	}
	return s.Attribute(name)
}
