package statement

import "splameter/internal/month"

// Cause is why something is counted otherwise than in the month before.
type Cause string

// The causes of less, in the order in which they are shown. Each rests on
// something seen; what has none is Unexplained.
const (
	CauseDisabled    Cause = "disabled"       // the account was disabled
	CauseExpired     Cause = "expired"        // the account expired
	CauseDeleted     Cause = "deleted"        // the account is in no reading of its directory any more
	CauseNoPerson    Cause = "no-person"      // the account is none of a person any more
	CauseGroup       Cause = "group"          // out of a group, or into one
	CauseAttribute   Cause = "attribute"      // an attribute of the account changed
	CauseMoved       Cause = "moved"          // to or from another tenant
	CauseSamePerson  Cause = "same-person"    // accounts that were two persons are one, or the other way round
	CauseOther       Cause = "other-product"  // counted for another product of the family
	CauseExcluded    Cause = "excluded"       // by an entry of the register
	CauseShared      Cause = "shared-account" // how many persons use a shared account
	CauseInactive    Cause = "inactive"       // of a product that counts who was active
	CauseRestricted  Cause = "restricted"     // by a control in a pool
	CauseProgram     Cause = "program"        // gone from a host, or new on one
	CauseRetired     Cause = "retired"        // the host or machine is no more
	CauseCores       Cause = "cores"          // of a machine
	CauseEdition     Cause = "edition"        // of a machine
	CauseLicence     Cause = "licence"        // the machine's own licence, by the hosts table
	CauseGuests      Cause = "guests"         // of a physical host
	CauseConfig      Cause = "config"         // a key of the config
	CauseRule        Cause = "rule"           // a key of the rule file
	CauseCorrection  Cause = "correction"     // by hand
	CauseJoined      Cause = "joined"         // newly entitled
	CauseNew         Cause = "new"            // a machine that is new
	CauseUnexplained Cause = "unexplained"    // nothing that was seen explains it
)

// Change is one cause for which a line differs from the month before, with how
// many units it added and removed. It names no person.
type Change struct {
	Cause   Cause  `json:"cause"`
	Detail  string `json:"detail,omitempty"` // the group, host, entry, key or tenant
	Day     string `json:"day,omitempty"`    // from when on, where that is known
	Added   int    `json:"added,omitempty"`
	Removed int    `json:"removed,omitempty"`
}

// Move is one person or machine that is counted otherwise than in the month
// before.
type Move struct {
	Tenant, Product string
	Key             string // Person.Key, or Machine.Key
	Name            string // of the person or host, where any month knows it
	Accounts        string // the person's accounts
	Was, Is         int    // units
	Cause           Cause
	Detail          string
	Day             month.Day // 0: not known
}
