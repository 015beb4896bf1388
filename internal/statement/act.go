package statement

import "time"

// ActKind is what was done to a month.
type ActKind string

// The acts of a month's life. Each is kept for ever beside who did it.
const (
	ActClose   ActKind = "close"   // computed and sealed: the month is a draft
	ActApprove ActKind = "approve" // found right by somebody
	ActSubmit  ActKind = "submit"  // handed to the reseller
	ActAmend   ActKind = "amend"   // a new revision was begun
	// A revision that was begun and not approved is given up: the one before it
	// stands again. One that was approved and not submitted is a draft again.
	ActWithdraw ActKind = "withdraw"
	ActReopen   ActKind = "reopen"
	ActInvoice  ActKind = "invoice"        // the reseller's invoice came
	ActBilled   ActKind = "billed"         // what customers were charged was compared with their annexes
	ActAccept   ActKind = "accept-gap"     // a gap was accepted by name
	ActFinding  ActKind = "accept-finding" // a finding was accepted by name, for this month
	ActCorrect  ActKind = "correct"        // a quantity was corrected by hand
	ActSeal     ActKind = "seal"           // the evidence was sealed in the state that the acts before made
	ActRetain   ActKind = "retain"         // facts about named persons were reduced to counts and digests
)

// State is where a month's revision stands.
type State string

// The states of a month's revision.
const (
	Open      State = "open"
	Draft     State = "draft"
	Approved  State = "approved"
	Submitted State = "submitted"
	Amended   State = "amended" // submitted, and a later revision than the first
)

// Act is one thing that was done to a month. Acts are only ever added.
type Act struct {
	Month    string    `json:"month"`
	Revision int       `json:"revision"`
	Seq      int       `json:"seq"` // 1, 2, 3 … within the month
	Action   ActKind   `json:"action"`
	By       string    `json:"by,omitempty"`      // as given; empty for what needs no name
	Account  string    `json:"account,omitempty"` // of the operating system
	At       time.Time `json:"at"`
	Reason   string    `json:"reason,omitempty"`
	// Request is by which a repeat is known: the same thing asked for again,
	// as after a crash, is done once.
	Request string `json:"request,omitempty"`

	Reference  string         `json:"reference,omitempty"` // the reseller's
	On         string         `json:"on,omitempty"`        // YYYY-MM-DD: the day of the submission or of the invoice
	Attachment *Attachment    `json:"attachment,omitempty"`
	Quantities []PartQuantity `json:"quantities,omitempty"` // typed into the portal, or invoiced
	// Differences is what an invoice says otherwise than what was submitted.
	Differences []InvoiceDifference `json:"differences,omitempty"`
	// Bills are what customers were charged, and Unlike what of it, with all
	// that was entered before it, differed from their annexes.
	Bills      []BilledLine       `json:"bills,omitempty"`
	Unlike     []BilledDifference `json:"unlike,omitempty"`
	Gap        string             `json:"gap,omitempty"`     // Gap.Key
	Finding    string             `json:"finding,omitempty"` // Finding.DecisionKey
	Correction *Correction        `json:"correction,omitempty"`

	// Today says that the revision is counted with today's config, rules,
	// tables and prices, in place of those sealed with the first.
	Today bool `json:"today,omitempty"`
	// Told is which document each recipient of the month had when it was amended;
	// nothing where none was sent from here, and nobody knows.
	Told []Told `json:"told,omitempty"`
	// Further says that an invoice, a credit note or bills stand beside those
	// entered before them, and do not take their place.
	Further bool `json:"further,omitempty"`
	// Reseal says that the month's files and evidence are to show it, though
	// nothing of the report changes.
	Reseal bool `json:"reseal,omitempty"`
	// Manifest and Inputs are the digests of a seal; Program made it.
	Manifest string `json:"manifest,omitempty"`
	Inputs   string `json:"inputs,omitempty"`
	Program  string `json:"program,omitempty"`
	// Facts is the digest, and Counts the numbers, that retention left.
	Facts  string         `json:"facts,omitempty"`
	Counts map[string]int `json:"counts,omitempty"`
	Note   string         `json:"note,omitempty"` // such as: the clock stood before the act before
}

// Told is the last annex, or workbook of a partner, that was sent to one of them.
type Told struct {
	Tenant   string `json:"tenant,omitempty"`
	Partner  string `json:"partner,omitempty"`
	Revision int    `json:"revision"`
}

// Attachment is a file that was handed in with an act.
type Attachment struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// PartQuantity is a quantity by part number, as somebody else has it.
type PartQuantity struct {
	PartNumber string `json:"part_number"`
	Quantity   int    `json:"quantity"`
	UnitPrice  string `json:"unit_price,omitempty"`
	Amount     string `json:"amount,omitempty"`
	Currency   string `json:"currency,omitempty"`
	// Allowance is what charges and discounts of its lines add to quantity
	// times price.
	Allowance string `json:"allowance,omitempty"`
}

// InvoiceField is what an invoice may say otherwise.
type InvoiceField string

// What an invoice may say otherwise.
const (
	InvoiceQuantity  InvoiceField = "quantity"
	InvoiceUnitPrice InvoiceField = "unit price"
	InvoiceAmount    InvoiceField = "amount"
	InvoiceProduct   InvoiceField = "quantity times unit price" // the invoice's own arithmetic
	InvoiceCurrency  InvoiceField = "currency"
)

// InvoiceDifference is one thing that an invoice says otherwise than what was
// submitted, and than the prices that the month was counted with.
type InvoiceDifference struct {
	PartNumber string       `json:"part_number,omitempty"` // empty: of all together
	Products   string       `json:"products,omitempty"`
	What       InvoiceField `json:"what"`
	Submitted  string       `json:"submitted"` // empty: not known
	Invoiced   string       `json:"invoiced"`
}

// Correction changes one tenant's quantity of one product by hand.
type Correction struct {
	Tenant   string `json:"tenant"`
	Product  string `json:"product"`
	Set      bool   `json:"set,omitempty"` // Quantity replaces what was counted; else it is added to it
	Quantity int    `json:"quantity"`
	Code     string `json:"code"`
	Reason   string `json:"reason"`
	By       string `json:"by"`
}

// CorrectionCodes are the reasons that a correction may have.
func CorrectionCodes() []string {
	return []string{"reseller-instruction", "contract-term", "data-missing", "counted-twice", "audit-outcome", "other"}
}
