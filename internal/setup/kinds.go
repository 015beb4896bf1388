package setup

// Kind is what a proposal is about.
type Kind string

// The kinds of proposals, in the order in which a person decides on them.
const (
	NewInventory Kind = "inventory"   // files beside the config that no source names
	NewTenant    Kind = "tenant"      // a unit with accounts that is nobody's
	Internal     Kind = "internal"    // a customer that looks like the provider itself
	Suspended    Kind = "suspended"   // a customer that looks suspended
	NewPool      Kind = "pool"        // hosts of no pool
	NewProduct   Kind = "product"     // programs that the catalog counts and no rule does
	PricedPart   Kind = "priced"      // a product whose part number the price list names plainly
	PartNumber   Kind = "part"        // a product without a part number
	GroupGives   Kind = "group"       // a group whose name speaks of a licence, and that nothing names
	Restriction  Kind = "restriction" // a group whose name speaks of a product of a pool that nothing restricts
	NewGround    Kind = "exclusion"   // administrators and service accounts that no entry keeps out
	OnePerson    Kind = "person"      // accounts that are one person by an attribute
)

// Kinds are all of them.
func Kinds() []Kind {
	return []Kind{NewInventory, NewTenant, Internal, Suspended, NewPool, NewProduct, PricedPart, PartNumber, GroupGives, Restriction, NewGround, OnePerson}
}

// Says is the kind in a few words.
func (k Kind) Says() string {
	switch k {
	case NewInventory:
		return "inventories and hosts tables beside the config that no source names"
	case NewTenant:
		return "units with accounts that are no customer's"
	case Internal:
		return "customers that look like your own people"
	case Suspended:
		return "customers that look suspended"
	case NewPool:
		return "hosts of no pool"
	case NewProduct:
		return "programs and machines that the catalog counts and no rule does"
	case PricedPart:
		return "products whose part number the price list names"
	case PartNumber:
		return "products without a part number"
	case GroupGives:
		return "groups whose names speak of a licence, and that nothing names"
	case Restriction:
		return "groups that may be all that is let at a product of a pool"
	case NewGround:
		return "administrators and service accounts that no entry keeps out"
	}
	return "accounts that are one person"
}

// What a proposal asks for beside itself: only a person knows it.
const (
	AskFrom     = "from"
	AskUntil    = "until"
	AskDocument = "document"
	AskControl  = "control"
	AskUsers    = "users"
	AskProduct  = "product"
	AskPart     = "part_number"
	AskPool     = "pool"
)

// Asks are what a kind asks for.
func (k Kind) Asks() []string {
	switch k {
	case Suspended:
		return []string{AskFrom}
	case NewPool:
		return []string{AskUsers}
	case PartNumber:
		return []string{AskPart}
	case GroupGives:
		return []string{AskProduct}
	case Restriction:
		return []string{AskControl, AskDocument}
	case NewGround:
		return []string{AskDocument, AskUntil}
	}
	return nil
}

// Of is what a proposal's Count counts.
func (k Kind) Of() string {
	switch k {
	case NewPool, NewInventory:
		return "host"
	case NewProduct:
		return "program"
	case OnePerson:
		return "person"
	}
	return "account"
}

// Alone says that proposals of the kind are taken one by one, since each wants
// an answer of its own.
func (k Kind) Alone() bool { return k == NewPool || k == PartNumber || k == GroupGives }
