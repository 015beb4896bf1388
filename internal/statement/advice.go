package statement

// Advice is a way to owe less. It changes no quantity: it stands in the
// provider's own review, and nowhere else.
type Advice struct {
	Code    AdviceCode `json:"code"`
	Tenant  string     `json:"tenant"` // id, register.Unassigned or register.Shared
	Product string     `json:"product,omitempty"`
	Subject string     `json:"subject"`           // the host, the cluster, the pool; empty for a tenant's product
	Count   int        `json:"count"`             // persons, or packs, concerned
	Now     string     `json:"now,omitempty"`     // what they cost a month, by the price file; empty: not known
	Then    string     `json:"then,omitempty"`    // what they would cost
	Saves   string     `json:"saves,omitempty"`   // the difference
	AtMost  bool       `json:"at_most,omitempty"` // whether it may be less: somebody has to say who needs what
	Money   string     `json:"currency,omitempty"`
	Message string     `json:"message"`
	Action  string     `json:"action"`
	Names   []string   `json:"names,omitempty"` // the accounts or hosts, sorted
}

// AdviceCode is a kind of advice.
type AdviceCode string

// The codes of advice.
const (
	AdviceIdle    AdviceCode = "idle"            // entitled, and not active for months
	AdviceWindows AdviceCode = "windows-edition" // the other edition of Windows Server is cheaper for a host or cluster
	AdviceSAL     AdviceCode = "sql-licence"     // SQL Server by users in place of cores, or the other way round
	AdviceSQLHost AdviceCode = "sql-host"        // SQL Server Enterprise for a whole host in place of its machines, or the other way round
	AdviceDearer  AdviceCode = "dearer-edition"  // counted for a dearer edition only because it is installed
)

// Mapping is one thing about who belongs to whom that does not fit, or that
// is to be known.
type Mapping struct {
	Kind    MappingKind `json:"kind"`
	Subject string      `json:"subject"` // the unit, group, pool, host, title or product
	Tenant  string      `json:"tenant,omitempty"`
	Count   int         `json:"count,omitempty"`   // accounts, hosts or licences concerned
	Counted int         `json:"counted,omitempty"` // of the accounts: those entitled to anything
	Message string      `json:"message"`
	Action  string      `json:"action"`
}

// MappingKind is what does not fit, or is to be known.
type MappingKind string

// The kinds of mapping, in the order in which they are shown.
const (
	MapUnitWithoutTenant MappingKind = "unit-without-tenant"
	MapTenantWithoutUnit MappingKind = "tenant-without-unit"
	MapOverlap           MappingKind = "overlap"
	MapGroupMissing      MappingKind = "group-missing"
	MapPoolWithoutHost   MappingKind = "pool-without-host"
	MapHostWithoutPool   MappingKind = "host-without-pool"
	MapTitleWithoutRule  MappingKind = "title-without-rule"
	MapPartNumberMissing MappingKind = "part-number-missing"
)

// MappingKinds are all kinds, in that order.
func MappingKinds() []MappingKind {
	return []MappingKind{MapUnitWithoutTenant, MapTenantWithoutUnit, MapOverlap, MapGroupMissing,
		MapPoolWithoutHost, MapHostWithoutPool, MapTitleWithoutRule, MapPartNumberMissing}
}
