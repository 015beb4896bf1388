package closing

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
	"splameter/internal/statement"
)

// comparedWith holds what a pack was compared with, which its store told when it
// was sealed, against the sealed month of which it speaks: who can write to a
// store can make a quantity of the month before smaller, or a person of it nobody,
// so that what was left out of the next month is no decrease. Packs of the first
// format and reduced ones do not tell.
func (c *Chained) comparedWith(p, before *Presented) {
	if !p.Has(earlierMember) || !before.Has(totalsMember) {
		return
	}
	var list []statement.Earlier
	var totals statement.Statement
	for _, err := range []error{readJSON(p.Pack, earlierMember, &list), readJSON(before.Pack, totalsMember, &totals)} {
		if err != nil {
			c.Wrong = append(c.Wrong, err)
			return
		}
	}
	at := slices.IndexFunc(list, func(e statement.Earlier) bool {
		return e.Computed && e.Month == before.Manifest.Month && e.Revision == before.Manifest.Revision
	})
	if at < 0 {
		return
	}
	if of := otherQuantity(list[at].Quantities, totals.Quantities()); of != nil {
		c.Wrong = append(c.Wrong, fmt.Errorf("%s was not compared with what %s sealed: it took %d of %s (%s) of customer %s for the month before, and %d were sealed",
			p.name(), before.name(), of.told, of.Product, of.PartNumber, of.Tenant, of.sealed))
		return
	}
	if list[at].Counted.Len() == 0 || !before.Has(countedMember) {
		return
	}
	sealed, err := unitsOf(before.Pack, &totals)
	if err != nil {
		c.Wrong = append(c.Wrong, err)
		return
	}
	told := make([]unitSum, 0, list[at].Counted.Len())
	for i := range list[at].Counted.Len() {
		if x := list[at].Counted.At(i); x.Key != statement.CorrectionKey {
			told = append(told, sumOf(x.Tenant, x.Product, x.Key, x.Units))
		}
	}
	sortSums(told)
	switch {
	case slices.Equal(told, sealed):
	case p.Manifest.Program == before.Manifest.Program:
		c.Wrong = append(c.Wrong, fmt.Errorf("%s was not compared with what %s sealed: other persons and machines are told to have been counted then than the sealed list has", p.name(), before.name()))
	default:
		c.doubt(DoubtVersion, "%s was compared with other persons and machines than %s has in its sealed list; different versions of splameter sealed them (%s, %s)", p.name(), before.name(), p.Manifest.Program, before.Manifest.Program)
	}
}

type otherThan struct {
	statement.Quantity
	told, sealed int
}

// otherQuantity is the first quantity, by customer, product and part number, that
// two lists tell otherwise; nil where there is none.
func otherQuantity(told, sealed []statement.Quantity) *otherThan {
	all := map[statement.Quantity]*otherThan{}
	var order []*otherThan
	add := func(list []statement.Quantity, to func(*otherThan) *int) {
		for _, q := range list {
			if q.Unread {
				continue
			}
			k := statement.Quantity{Tenant: q.Tenant, Product: q.Product, PartNumber: q.PartNumber}
			if all[k] == nil {
				all[k] = &otherThan{Quantity: k}
				order = append(order, all[k])
			}
			*to(all[k]) += q.Quantity
		}
	}
	add(told, func(x *otherThan) *int { return &x.told })
	add(sealed, func(x *otherThan) *int { return &x.sealed })
	for _, x := range order {
		if x.told != x.sealed {
			return x
		}
	}
	return nil
}

// unitSum stands for one person or machine with its units: of a large month they
// are hundreds of thousands, and only whether they are the same is asked.
type unitSum [32]byte

func sumOf(tenant, product, key string, units int) unitSum {
	return digest.Raw(tenant + "\x00" + product + "\x00" + key + "\x00" + strconv.Itoa(units))
}

func sortSums(all []unitSum) {
	slices.SortFunc(all, func(a, b unitSum) int { return bytes.Compare(a[:], b[:]) })
}

// unitsOf are those of a pack's sealed list that were counted, sorted.
func unitsOf(p *evidence.Pack, totals *statement.Statement) (out []unitSum, err error) {
	active := totals.CountedActive()
	err = eachCounted(p, func(string) bool { return true },
		func(x *statement.Person) {
			if x.Owed(active[x.Product]) {
				out = append(out, sumOf(x.Tenant, x.Product, x.Key, x.Units))
			}
		}, func(x *statement.Machine) {
			if x.Owed() {
				out = append(out, sumOf(x.Tenant, x.Product, x.Key, x.Packs))
			}
		})
	sortSums(out)
	return out, err
}
