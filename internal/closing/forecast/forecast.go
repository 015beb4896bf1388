package forecast

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"splameter/internal/month"
	"splameter/internal/statement"
)

// Forecast is what a month that runs comes to so far, and will come to.
type Forecast struct {
	Month     string     `json:"month"`
	Until     string     `json:"until"` // the last day that was read, YYYY-MM-DD; empty: none
	Left      int        `json:"days_left"`
	Lines     []Line     `json:"lines"`
	Customers []Customer `json:"customers"` // off their own line, the most money first
}

// Line is one product of the report.
type Line struct {
	Product    string         `json:"product"`
	PartNumber string         `json:"part_number,omitempty"`
	Unit       statement.Unit `json:"unit"`
	Compared   bool           `json:"compared"` // whether there is a month before
	Previous   int            `json:"previous"`
	SoFar      *int           `json:"so_far,omitempty"` // nil: nothing was read yet that could tell
	Ahead      int            `json:"ahead"`            // if nothing changes
	Amount     string         `json:"amount,omitempty"`
	Currency   string         `json:"currency,omitempty"`
}

// Customer is a customer's product that leaves the line that its own months
// before drew.
type Customer struct {
	Tenant   string `json:"tenant"`
	Product  string `json:"product"`
	Previous int    `json:"previous"`
	Own      int    `json:"own"`    // where its line leads
	Months   int    `json:"months"` // that the line was drawn from
	Ahead    int    `json:"ahead"`
	Off      int    `json:"off"`              // ahead less its line
	Amount   string `json:"amount,omitempty"` // of those, at what is paid for one
	Currency string `json:"currency,omitempty"`
}

// Input is what a forecast is made from: the month as it stands, and as it is
// counted when carried on.
type Input struct {
	Month        month.Month
	SoFar, Ahead *statement.Statement
	Jump         int // percent of its line by which a customer's product is off it
}

// least is by how many licences a customer's product is off its line at least.
const least = 2

// drawn is how many months before a customer's line is drawn from at most.
const drawn = 6

// Make makes a forecast.
func Make(in Input) *Forecast {
	f := &Forecast{Month: in.Month.String(), Lines: []Line{}, Customers: []Customer{}}
	until := in.Month.FirstDay() - 1
	for i := range in.SoFar.Coverage.Sources {
		if c := &in.SoFar.Coverage.Sources[i]; c.Kind == statement.CoverageDirectory && len(c.Days) > 0 {
			until = max(until, slices.Max(c.Days))
		}
	}
	if until >= in.Month.FirstDay() {
		f.Until = until.String()
	}
	f.Left = max(int(in.Month.LastDay()-until), 0)
	price := map[string]*statement.Line{}
	for i := range in.Ahead.Lines {
		l := &in.Ahead.Lines[i]
		price[l.Product] = l
		f.Lines = append(f.Lines, Line{Product: l.Product, PartNumber: l.PartNumber, Unit: l.Unit, Compared: l.Compared, Previous: l.Previous,
			SoFar: soFar(in.SoFar, l.Product), Ahead: l.Quantity, Amount: l.Amount, Currency: l.Currency})
	}
	for i := range in.Ahead.Tenants {
		f.Customers = append(f.Customers, offLine(&in.Ahead.Tenants[i], in, price)...)
	}
	slices.SortStableFunc(f.Customers, func(a, b Customer) int {
		return cmp.Or(size(b.Amount).Cmp(size(a.Amount)), cmp.Compare(abs(b.Off), abs(a.Off)))
	})
	return f
}

// offLine are a customer's products that leave their line.
func offLine(t *statement.Tenant, in Input, price map[string]*statement.Line) (out []Customer) {
	products := map[string]bool{}
	for i := range t.Lines {
		products[t.Lines[i].Product] = true
	}
	for i := range t.History {
		for p := range t.History[i].Quantities {
			products[p] = true
		}
	}
	var names []string
	for p := range products {
		names = append(names, p)
	}
	slices.Sort(names)
	for _, p := range names {
		list := history(t, p)
		if len(list) == 0 {
			continue // it has no line yet
		}
		own, ahead := Continue(list), quantity(t.Lines, p)
		off := ahead - own
		if abs(off) < least || abs(off)*100 <= own*in.Jump {
			continue
		}
		c := Customer{Tenant: t.ID, Product: p, Previous: list[len(list)-1], Own: own, Months: len(list), Ahead: ahead, Off: off}
		if l := price[p]; l != nil {
			if unit, err := decimal.NewFromString(l.UnitPrice); err == nil {
				c.Amount, c.Currency = unit.Mul(decimal.NewFromInt(int64(off))).StringFixed(2), l.Currency
			}
		}
		out = append(out, c)
	}
	return out
}

// history are a product's quantities of the months before that are known, the
// oldest first, at most as many as a line is drawn from.
func history(t *statement.Tenant, product string) (out []int) {
	for i := range t.History {
		if h := &t.History[i]; !slices.Contains(h.Unread, product) {
			out = append(out, h.Quantities[product])
		}
	}
	return out[max(len(out)-drawn, 0):]
}

// Continue is where a line leads: the last quantity and the middle one of the
// changes from month to month, so that one odd month does not bend it. Fewer
// than three months draw no line: then it is the last quantity.
func Continue(list []int) int {
	last := list[len(list)-1]
	if len(list) < 3 {
		return last
	}
	var changes []int
	for i := 1; i < len(list); i++ {
		changes = append(changes, list[i]-list[i-1])
	}
	slices.Sort(changes)
	n := len(changes)
	middle := changes[n/2]
	if n%2 == 0 { // of two, the smaller change
		if a := changes[n/2-1]; abs(a) < abs(middle) {
			middle = a
		}
	}
	return max(last+middle, 0)
}

func quantity(lines []statement.Line, product string) int {
	for i := range lines {
		if lines[i].Product == product {
			return lines[i].Quantity
		}
	}
	return 0
}

// soFar is what a product comes to so far; nil where nothing was read yet that
// could have given it a quantity.
func soFar(st *statement.Statement, product string) *int {
	for i := range st.Lines {
		if l := &st.Lines[i]; l.Product == product && !st.Unread(l) {
			return &l.Quantity
		}
	}
	return nil
}

func abs(n int) int { return max(n, -n) }

func size(s string) decimal.Decimal {
	d, _ := decimal.NewFromString(s) // nothing where it is not known
	return d.Abs()
}
