package statement

// BilledLine is what a customer was charged of one article at one price, as far
// as it is known who and what that is.
type BilledLine struct {
	Tenant   string   `json:"tenant,omitempty"`   // id, or partner:ID; empty: nobody knows the customer
	Products []string `json:"products,omitempty"` // ids, several of a bundle; empty: nobody knows the article
	Customer string   `json:"customer,omitempty"` // as the bill names it
	Article  string   `json:"article,omitempty"`  // as the bill names it
	Bill     string   `json:"bill,omitempty"`     // its number
	Quantity string   `json:"quantity,omitempty"` // decimal: a part of a month may be charged; empty: not known
	// UnitPrice, Amount and Allowance are decimals; empty: not known, and of
	// the last: none.
	UnitPrice string `json:"unit_price,omitempty"`
	Amount    string `json:"amount,omitempty"`
	Allowance string `json:"allowance,omitempty"`
	Currency  string `json:"currency,omitempty"`
	Lines     int    `json:"lines,omitempty"` // that it adds up, where more than one
}

// BillFault is how what a customer was billed differs from its annex.
type BillFault string

// How it may differ.
const (
	NotBilled       BillFault = "not billed"
	BilledLess      BillFault = "billed too little"
	BilledMore      BillFault = "billed too much"
	BilledUncounted BillFault = "billed, nothing counted"
	BilledOwn       BillFault = "billed, own use"
	BilledNobody    BillFault = "customer not known"
	BilledNothing   BillFault = "article not known"
	BilledNumber    BillFault = "quantity not known"
	BilledPrice     BillFault = "price"
	BilledCurrency  BillFault = "currency"
	BilledProduct   BillFault = "quantity times unit price" // the bill's own arithmetic
)

// BilledDifference is one thing that a customer was billed otherwise than its
// annex and the sales list say.
type BilledDifference struct {
	Tenant     string    `json:"tenant,omitempty"` // as in BilledLine
	Customer   string    `json:"customer,omitempty"`
	Products   []string  `json:"products,omitempty"`
	PartNumber string    `json:"part_number,omitempty"`
	Article    string    `json:"article,omitempty"`
	What       BillFault `json:"what"`
	Counted    string    `json:"counted,omitempty"` // what was to be billed: units, a price, an amount or a currency
	Billed     string    `json:"billed,omitempty"`
	Units      string    `json:"units,omitempty"` // billed less counted
	// Amount is what the difference is worth: below zero is too little. Cost
	// says that it is at what is paid for it, for the sales list has no price.
	Amount   string `json:"amount,omitempty"`
	Currency string `json:"currency,omitempty"`
	Cost     bool   `json:"cost,omitempty"`
	Key      string `json:"key,omitempty"`    // by which it is agreed as it is
	Agreed   string `json:"agreed,omitempty"` // by whom and why it is
}
