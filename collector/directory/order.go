package directory

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// accounts are the accounts of a reading in the order in which they came. They
// stand in pieces: a slice that grows would copy them some dozen times, and
// hold them twice and a half. Those that the reading before had in the same words
// stand there.
type accounts struct {
	pieces [][]snapshot.Account
	made   int // how many stand in them
	n      int
	places []int32            // by number, once they are sorted: where each stands
	all    []snapshot.Account // where they stand then

	before []snapshot.Account // those of the reading before, sorted
	taken  []taken            // by number, where there is a reading before
}

// taken is an account that was taken over from the reading before.
type taken struct {
	at   int32 // its place there; below zero: it was not, and is the piece's ^at-th
	line int32
}

const accountPiece = 1 << 10

func (a *accounts) add(x *snapshot.Account) {
	if a.made%accountPiece == 0 {
		// The first piece of a small reading grows by itself.
		a.pieces = append(a.pieces, nil)
		if a.made > 0 {
			a.pieces[a.made/accountPiece] = make([]snapshot.Account, 0, accountPiece)
		}
	}
	p := &a.pieces[a.made/accountPiece]
	*p = append(*p, *x)
	if a.before != nil {
		a.taken = append(a.taken, taken{at: ^int32(a.made)})
	}
	a.made++
	a.n++
}

// take adds the account at a place of the reading before.
func (a *accounts) take(place, line int32) {
	a.taken = append(a.taken, taken{place, line})
	a.n++
}

// at is an account by its number. The line of one that was taken over is that of
// before until they are sorted.
func (a *accounts) at(i int32) *snapshot.Account {
	if a.places != nil {
		return &a.all[a.places[i]]
	}
	if a.before != nil {
		if i = a.taken[i].at; i >= 0 {
			return &a.before[i]
		}
		i = ^i
	}
	return &a.pieces[i/accountPiece][i%accountPiece]
}

// sorted returns all accounts by their ids, and lets go of the pieces.
func (a *accounts) sorted() []snapshot.Account {
	order := make([]ranked, 0, a.n)
	for i := range int32(a.n) {
		if a.before == nil || a.taken[i].at < 0 {
			order = append(order, ranked{head(a.at(i).ID), i})
		}
	}
	sortRanked(order, func(i int32) string { return a.at(i).ID })
	if a.before != nil {
		order = a.merged(order)
	}
	out := make([]snapshot.Account, a.n)
	places := make([]int32, a.n)
	for to, from := range order {
		out[to] = *a.at(from.number)
		if a.before != nil {
			if t := a.taken[from.number]; t.at >= 0 {
				out[to].Line = int(t.line)
			}
		}
		places[from.number] = int32(to)
	}
	a.pieces, a.places, a.all = nil, places, out
	return out
}

// merged puts those that were taken over, which stood in order before, between
// those that are new.
func (a *accounts) merged(fresh []ranked) []ranked {
	numbers := make([]int32, len(a.before)) // by place before, from 1
	for i, t := range a.taken {
		if t.at >= 0 {
			numbers[t.at] = int32(i) + 1
		}
	}
	out := make([]ranked, 0, a.n)
	upTo := 0
	put := func(end int) {
		for ; upTo < end; upTo++ {
			if n := numbers[upTo]; n > 0 {
				out = append(out, ranked{number: n - 1})
			}
		}
	}
	for _, f := range fresh {
		id := a.at(f.number).ID
		end, _ := slices.BinarySearchFunc(a.before, id, func(x snapshot.Account, id string) int { return strings.Compare(x.ID, id) })
		put(end)
		out = append(out, f)
	}
	put(len(a.before))
	return out
}

// ranked is a number to sort by its text, of which the first eight bytes stand
// beside it: they decide nearly always, and cost no look at the text.
type ranked struct {
	head   uint64
	number int32
}

func head(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return binary.BigEndian.Uint64(b[:])
}

func sortRanked(list []ranked, text func(int32) string) {
	slices.SortFunc(list, func(a, b ranked) int {
		if a.head != b.head {
			return cmp.Compare(a.head, b.head)
		}
		return strings.Compare(text(a.number), text(b.number))
	})
}

// sort puts accounts and groups in order and refuses two objects with one
// identity.
func (r *resolver) sort(d *snapshot.Directory) error {
	d.Accounts = r.accounts.sorted()
	order := make([]ranked, len(r.groups))
	for i := range order {
		order[i] = ranked{head(r.groups[i].ID), int32(i)}
	}
	sortRanked(order, func(i int32) string { return r.groups[i].ID })
	d.Groups = make([]snapshot.Group, len(r.groups))
	r.places = make([]int32, len(r.groups))
	for to, from := range order {
		d.Groups[to] = r.groups[from.number]
		r.places[from.number] = int32(to)
	}
	i, j := 0, 0
	last, lastLine := "", 0
	for i < len(d.Accounts) || j < len(d.Groups) {
		var id string
		var line int
		if j == len(d.Groups) || i < len(d.Accounts) && d.Accounts[i].ID <= d.Groups[j].ID {
			id, line = d.Accounts[i].ID, d.Accounts[i].Line
			i++
		} else {
			id, line = d.Groups[j].ID, d.Groups[j].Line
			j++
		}
		if id == last {
			return fmt.Errorf("%stwo objects have the objectGUID %s%s; make the %s again, in one piece", lineText(max(line, lastLine)), id, otherLine(min(line, lastLine)), r.what)
		}
		last, lastLine = id, line
	}
	return nil
}

// members turns the links into memberships by key, in order and each once.
func (r *resolver) members(d *snapshot.Directory, file string) {
	if len(r.groups) > 0 && len(r.links) == 0 && len(d.Accounts) > 0 {
		r.notice(snapshot.Notice{
			Code: CodeNoMembers, Subject: r.cfg.Name, At: snapshot.Evidence{File: file},
			Message: fmt.Sprintf("the %s holds %d groups and not one member; unless they are all empty, the attribute member was left out, and nobody is counted through a group", r.what, len(r.groups)),
		})
	}
	if r.was != nil {
		r.membersSince(d)
		r.lost(r.memberKeys, file)
		return
	}
	keys := r.keys(d)
	r.memberKeys = keys
	r.lost(keys, file)

	// By numbers in the order of the texts: there are more memberships than
	// members, and numbers compare in no time.
	order := make([]ranked, 0, len(keys))
	for n, key := range keys {
		if key != "" {
			order = append(order, ranked{head(key), int32(n)})
		}
	}
	sortRanked(order, func(n int32) string { return keys[n] })
	ranks := make([]uint32, len(keys))
	for i, o := range order {
		ranks[o.number] = uint32(i)
		if i > 0 && keys[order[i-1].number] == keys[o.number] {
			ranks[o.number] = ranks[order[i-1].number] // two names of one member
		}
	}
	type membership struct {
		at   uint64 // group and member by their ranks
		line int32
	}
	all := make([]membership, len(r.links))
	for i, l := range r.links {
		all[i] = membership{uint64(r.places[l.group])<<32 | uint64(ranks[l.member]), l.line}
	}
	if !r.learning {
		r.links = nil
	}
	slices.SortFunc(all, func(a, b membership) int {
		if a.at != b.at {
			return cmp.Compare(a.at, b.at)
		}
		return cmp.Compare(a.line, b.line)
	})
	all = slices.CompactFunc(all, func(a, b membership) bool { return a.at == b.at })
	d.Members = make([]snapshot.Member, len(all))
	for i, m := range all {
		d.Members[i] = snapshot.Member{Group: d.Groups[m.at>>32].ID, Key: keys[order[uint32(m.at)].number], Line: int(m.line)}
	}
}

// lost tells of members that no object of the reading answers to.
func (r *resolver) lost(keys []string, file string) {
	lost, groups := 0, map[string]int{}
	first := snapshot.Evidence{File: file}
	for _, l := range r.links {
		if strings.HasPrefix(keys[l.member], snapshot.KeyDN) {
			if lost == 0 {
				first.Line = int(l.line)
			}
			lost++
			groups[r.groups[l.group].Name]++
		}
	}
	if lost > 0 {
		r.notice(snapshot.Notice{
			Code: CodeMemberUnresolved, Subject: r.cfg.Name, At: first,
			Message: fmt.Sprintf("%d members of groups are no account or group of this reading (%s); if they are persons, they are not counted through these groups: read the whole domain, and the domain that they live in", lost, listed(groups)),
		})
	}
}

// keys are the keys of the names, by number: of those that are members or were.
func (r *resolver) keys(d *snapshot.Directory) []string {
	keys := make([]string, len(r.of))
	put := func(n int32) {
		if keys[n] == "" {
			keys[n] = r.memberKey(d, n)
		}
	}
	for _, l := range r.links {
		put(l.member)
	}
	for i := range r.changes.all {
		if n := r.changes.all[i].member; n >= 0 {
			put(n)
		}
	}
	return keys
}

// memberKey is the key of a member by the number of its name.
func (r *resolver) memberKey(d *snapshot.Directory, n int32) string {
	switch o := r.of[n]; o.class {
	case account:
		return d.Accounts[r.accounts.places[o.index]].ID
	case group:
		return r.groups[o.index].ID
	case other:
		if name, ok := strings.CutPrefix(memberName(r.key(n)), snapshot.KeyDN); ok {
			return snapshot.KeyObject + name // it was read, and is nobody
		}
	}
	return memberName(r.key(n))
}
