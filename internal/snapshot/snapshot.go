// Package snapshot is the noun between the sources and the rules: what one
// reading of a directory, of session logs or of an inventory saw, and, folded
// over a month, the facts that a licence is counted from. It does no input or
// output and reads no clock; it knows nothing of licences.
package snapshot

import (
	"time"

	"splameter/internal/month"
)

// Evidence says where a fact was read.
type Evidence struct {
	File   string `json:"file,omitempty"`   // the file's name as configured, or the server's address
	Line   int    `json:"line,omitempty"`   // 1-based line in a file of text
	Record uint64 `json:"record,omitempty"` // the event's record id in a log
}

// Status is what became of one reading of one source.
type Status string

// The three ends of a reading. Only a complete one is a snapshot.
const (
	Complete Status = "complete"
	Failed   Status = "failed"
	Partial  Status = "partial" // what is whole was taken, what was lost is said: logs and inventories only, never a directory
)

// Reading is the record of one reading of a source, kept beside the facts.
type Reading struct {
	Source string    `json:"source"`
	Kind   Kind      `json:"kind"`
	Site   string    `json:"site,omitempty"`
	Taken  time.Time `json:"taken"` // what moment the facts stand for, UTC
	Day    month.Day `json:"day"`   // the same in the provider's zone
	Status Status    `json:"status"`
	File   string    `json:"file,omitempty"`
	// Fingerprint tells whether the same export was read before: the SHA-256
	// of a file's content, empty for a live source.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Kept are the further attributes that a reading of a directory was asked
	// to keep, sorted, in lower case. An attribute that is not among them was
	// not looked for, so that having none of it means nothing.
	Kept []string `json:"kept,omitempty"`
	// Controller is the domain controller that answered, where the source tells.
	Controller Controller `json:"controller,omitzero"`
	// Metadata is what else a directory was asked for, and told, beyond its state:
	// MetadataLinks and so on, sorted.
	Metadata []string `json:"metadata,omitempty"`
	// MetadataSince is the reading for which all of that was asked, where this one
	// took over what was not changed since; zero: it was this one itself.
	MetadataSince time.Time `json:"metadata_since,omitzero"`
	// Scans are of the hosts of an inventory that their source looked at earlier
	// than it was asked, or nobody knows when, sorted by host.
	Scans []Scan   `json:"scans,omitempty"`
	Notes []Notice `json:"notes,omitempty"` // what was lost or odd
}

// What a directory tells of changes.
const (
	MetadataAccounts = "accounts" // of attributes of accounts
	MetadataDeleted  = "deleted"  // accounts that were deleted
	MetadataLinks    = "links"    // of memberships
)

// Controller is a domain controller and where it stood in its own count of
// changes: of one invocation the number only grows, so a smaller one is an
// older state.
type Controller struct {
	Host       string `json:"host,omitempty"`       // dnsHostName
	Invocation string `json:"invocation,omitempty"` // invocationId, as an objectGUID is written
	USN        int64  `json:"usn,omitempty"`        // highestCommittedUSN
}

// Kind is a kind of source.
type Kind string

// The kinds of sources.
const (
	KindDirectory Kind = "directory"
	KindSessions  Kind = "sessions"
	KindInventory Kind = "inventory"
)

// Notice is something a person should know of a reading: damage, a missing
// part, an oddity. It becomes a finding of the month.
type Notice struct {
	Code    string   `json:"code"` // such as log-damaged, log-cleared, member-unresolved
	Subject string   `json:"subject"`
	Message string   `json:"message"`
	At      Evidence `json:"at,omitzero"`
}
