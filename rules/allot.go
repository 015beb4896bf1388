package rules

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// allotment shares out what the entries of the register allow among the items
// that they mean: the claims of persons, or the machines of a product. An item
// is kept out only where entries together cover every one of its days
// (docs/counting.md, rule 9). Who is kept out does not depend on the order of the
// entries: those that mean the fewest choose first.
type allotment struct {
	days  []uint32 // of each item: those that must be covered
	owner []int32  // of each item: whose units it takes, once an entry; items of one owner stand together
	bids  []bid
	reach []uint32 // of each item, once run: those that any entry would cover

	// order puts owners; units are what an owner takes of an entry, and ids the
	// identities by which an owner may be the same as another; nil: none.
	order func(a, b int32) int
	units func(owner int32) int
	ids   func(owner int32) []string
	// above are the items that must be kept out too for an item to be counted
	// for nothing: the higher ones of its family. nil: none.
	above func(item int32, yield func(int32) bool)
}

// bid is what one entry would cover.
type bid struct {
	id       string
	limited  bool
	quantity int
	awards   []award // those of an owner together

	taken []award // what it covers in the end
	used  int     // units
	seen  map[string]bool
}

// award is those of an item's days that an entry covers.
type award struct {
	item int32
	days uint32
}

// mostRounds bounds how often who falls short is put aside and the rest shared
// out anew. Each round puts at least one aside, and nearly always two are
// enough.
const mostRounds = 16

// run says of each item whether it is kept out.
func (a *allotment) run() []bool {
	a.reach = make([]uint32, len(a.days))
	for i := range a.bids {
		for _, w := range a.bids[i].awards {
			a.reach[w.item] |= w.days
		}
	}
	can := make([]bool, len(a.days))
	for i := range can {
		can[i] = a.days[i] != 0 && a.reach[i] == a.days[i]
	}
	order := make([]int, len(a.bids))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		x, y := &a.bids[i], &a.bids[j]
		return cmp.Or(cmp.Compare(len(x.awards), len(y.awards)), strings.Compare(x.id, y.id))
	})
	covered := make([]uint32, len(a.days))
	for round := 0; ; round++ {
		a.settle(can)
		clear(covered)
		for _, i := range order {
			a.take(&a.bids[i], can, covered)
		}
		short := false
		for i := range can {
			if can[i] && covered[i] != a.days[i] {
				can[i], short = false, true
			}
		}
		if !short || round == mostRounds {
			break
		}
	}
	a.settle(can)
	for i := range a.bids { // what was spent on who is counted all the same covers nobody
		b := &a.bids[i]
		b.taken = slices.DeleteFunc(b.taken, func(w award) bool { return !can[w.item] })
	}
	return can
}

// settle takes back the items that are counted for nothing only if one above
// them is, which is not.
func (a *allotment) settle(can []bool) {
	if a.above == nil {
		return
	}
	stands := make([]bool, len(can))
	for i := range can {
		stands[i] = can[i]
		if can[i] {
			a.above(int32(i), func(o int32) bool {
				stands[i] = stands[i] && can[o]
				return stands[i]
			})
		}
	}
	copy(can, stands)
}

// take lets one entry cover what it can, the earliest owner first.
func (a *allotment) take(b *bid, can []bool, covered []uint32) {
	b.taken, b.used, b.seen = b.taken[:0], 0, nil
	type candidate struct {
		owner, from, until int32
		first              int
	}
	var list []candidate
	for i := 0; i < len(b.awards); {
		c := candidate{owner: a.owner[b.awards[i].item], from: int32(i), first: 32}
		for ; i < len(b.awards) && a.owner[b.awards[i].item] == c.owner; i++ {
			w := b.awards[i]
			if can[w.item] && w.days&^covered[w.item] != 0 {
				c.first = min(c.first, bits.TrailingZeros32(a.days[w.item]))
			}
		}
		if c.until = int32(i); c.first < 32 {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(x, y candidate) int { return cmp.Or(cmp.Compare(x.first, y.first), a.order(x.owner, y.owner)) })
	for _, c := range list {
		units := a.weigh(b, c.owner)
		if b.limited && b.used+units > b.quantity {
			continue
		}
		b.used += units
		if a.ids != nil {
			for _, id := range a.ids(c.owner) {
				if b.seen == nil {
					b.seen = map[string]bool{}
				}
				b.seen[id] = true
			}
		}
		for _, w := range b.awards[c.from:c.until] {
			if can[w.item] && w.days&^covered[w.item] != 0 {
				covered[w.item] |= w.days
				b.taken = append(b.taken, w)
			}
		}
	}
}

// weigh is how many units an owner takes: a person behind a shared account who
// is under the entry by another account takes none a second time.
func (a *allotment) weigh(b *bid, owner int32) int {
	units := a.units(owner)
	if a.ids == nil || b.seen == nil {
		return units
	}
	for _, id := range a.ids(owner) {
		if b.seen[id] && units > 0 {
			units--
		}
	}
	return units
}
