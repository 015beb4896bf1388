package statement

import (
	"slices"

	"splameter/internal/snapshot"
)

// Earlier is what a month is compared with: an earlier month's result, as it
// was computed or as it was imported from before splameter.
type Earlier struct {
	Month      string     `json:"month"`
	Revision   int        `json:"revision"`
	Computed   bool       `json:"computed"`   // false: imported
	Quantities []Quantity `json:"quantities"` // sorted by tenant, product, part number
	// Counted says who and what was counted; only of the month directly
	// before, and only where it was computed. Sorted by tenant, product, key.
	Counted snapshot.List[Counted] `json:"counted,omitzero"`
	// Findings are the keys of that month's findings, sorted.
	Findings []string `json:"findings,omitempty"`
}

// Unread says of a product that nothing was read in the month that could have
// given anybody a quantity of it, and that nobody answered for that.
func (e *Earlier) Unread(product string) bool {
	return slices.ContainsFunc(e.Quantities, func(q Quantity) bool { return q.Unread && q.Product == product })
}

// Quantity is one tenant's quantity of one product in one month.
type Quantity struct {
	Tenant     string `json:"tenant"` // empty for imported totals
	Product    string `json:"product,omitempty"`
	PartNumber string `json:"part_number,omitempty"`
	Quantity   int    `json:"quantity"`
	Amount     string `json:"amount,omitempty"`
	// Unread says, without a tenant, that the product's quantity is not known:
	// Earlier.Unread.
	Unread bool `json:"unread,omitempty"`
}

// Counted is one person or machine that made up a quantity.
type Counted struct {
	Tenant  string `json:"tenant"`
	Product string `json:"product"`
	Key     string `json:"key"`
	Units   int    `json:"units"`          // persons or packs
	Idle    int    `json:"idle,omitempty"` // Person.Idle
	// Name is the account or host, with the first of its entries of a tenant;
	// in results of earlier versions, and reduced ones, it is not known.
	Name string `json:"name,omitempty"`
	// Last is the day of the month on which a person was last seen entitled,
	// where that is not the last one of all.
	Last int `json:"last,omitempty"`
	// Way numbers how it came to be counted, from 1; 0: not known. Via says it,
	// with the first entry of each number: nearly all of a tenant share one.
	Way int  `json:"way,omitempty"`
	Via *Via `json:"via,omitempty"`
}

// Via is how a person or machine came to be counted, as far as the next month
// must know it to say why it is not any more.
type Via struct {
	Kind        WayKind  `json:"kind"`
	Path        []string `json:"path,omitempty"`
	Pool        string   `json:"pool,omitempty"`
	Host        string   `json:"host,omitempty"`
	Application string   `json:"application,omitempty"`
	Attribute   string   `json:"attribute,omitempty"`
	Product     string   `json:"product,omitempty"`
	Directory   string   `json:"directory,omitempty"`
	Edition     string   `json:"edition,omitempty"`
	Cores       int      `json:"cores,omitempty"`
	Times       int      `json:"times,omitempty"`
	Guests      []string `json:"guests,omitempty"`
}
