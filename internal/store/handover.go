package store

import (
	"context"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Handover is everything that one site's store holds up to the end of a
// month: what another store must hold to give the same facts of it. Earlier
// months are in it, since a fact's evidence is where it was seen first.
type Handover struct {
	Site     string
	Month    string // YYYY-MM
	Zone     string // in which its days were assigned
	Readings []HandedReading
	Facts    []HandedFact
	Uses     []snapshot.Use
	Logs     []snapshot.Log // of an older splameter one log may stand here in several stretches
}

// HandedReading is one reading, with what it named.
type HandedReading struct {
	snapshot.Reading
	Domain   string   `json:"domain,omitempty"` // of a directory
	DNS      string   `json:"dns,omitempty"`
	SID      string   `json:"sid,omitempty"`
	From     int64    `json:"from,omitempty"` // how far session logs reach, in units of 100 ns since the year 1
	Until    int64    `json:"until,omitempty"`
	Hosts    []string `json:"hosts,omitempty"` // keys of the hosts whose software was read
	Machines []string `json:"machines,omitempty"`
}

// HandedFact is one fact of a source over a stretch of its readings, from
// First up to but not including Until. Exactly one of the rest is set.
type HandedFact struct {
	Source   string                 `json:"source"`
	First    int64                  `json:"first"`
	Until    int64                  `json:"until"`
	Account  *snapshot.Account      `json:"account,omitempty"`
	Group    *snapshot.Group        `json:"group,omitempty"`
	Member   *snapshot.Member       `json:"member,omitempty"`
	Unit     *snapshot.Unit         `json:"unit,omitempty"`
	Change   *snapshot.Change       `json:"change,omitempty"`
	Deleted  *snapshot.Deleted      `json:"deleted,omitempty"`
	Event    *snapshot.Event        `json:"event,omitempty"`
	Software *snapshot.HostSoftware `json:"software,omitempty"`
	Machine  *snapshot.Machine      `json:"machine,omitempty"`
}

// Hander is a store that can hand over a site's facts. Every store is one.
type Hander interface {
	// Export is what the store holds of a site up to the end of a month. It
	// is an error where the store holds other sites too: rows of sessions
	// belong to nobody once they are merged.
	Export(ctx context.Context, site string, m month.Month) (*Handover, error)
	// Import takes over what is not here yet, and says how many readings
	// that were. Each reading is kept whole or not at all; the same again
	// changes nothing.
	Import(ctx context.Context, h *Handover) (int, error)
}

var _ Hander = (*database)(nil)
