package snapshot

import (
	"slices"
	"strconv"
	"strings"

	"splameter/internal/month"
)

// Inventory is one reading of the software, or of the machines, of an estate.
// A host that it does not name was not read.
type Inventory struct {
	Reading
	Software []HostSoftware // sorted by Host; one entry a host that was read
	Machines []Machine      // sorted by Key
}

// HostSoftware is everything that one reading saw installed on one host.
type HostSoftware struct {
	Host     string    // as written
	Installs []Install // sorted by name, version, publisher; no doubles
}

// Scan tells that a source itself looked at a host before the day of the reading
// that names it, or that it does not tell when: a tool goes on listing what it saw
// last, of a host that is long dead too.
type Scan struct {
	Host string    `json:"host"`
	Day  month.Day `json:"day,omitzero"` // 0: not told, or in a form that is not known
}

// OldScans are those of a reading's day, sorted by host. latest is the last scan of
// each host that the source tells of, 0 where it tells none. One of the day before
// is as good as one of the day: a day may lie between by the clock alone.
func OldScans(latest map[string]month.Day, reading month.Day) (out []Scan) {
	for host, day := range latest {
		if day < reading-1 {
			out = append(out, Scan{host, day})
		}
	}
	slices.SortFunc(out, func(a, b Scan) int { return strings.Compare(a.Host, b.Host) })
	return out
}

// Install is one entry of a host's list of programs.
type Install struct {
	Name      string `json:"name"`
	Version   string `json:"version,omitempty"`
	Publisher string `json:"publisher,omitempty"`
	// Key is the registry key or product code, Release the Click-to-Run
	// release id (ProPlus2019Volume), where the source tells.
	Key     string `json:"key,omitempty"`
	Release string `json:"release,omitempty"`
	// Edition is a database engine's edition where the source tells.
	Edition string `json:"edition,omitempty"`
	Line    int    `json:"line,omitempty"`
}

// Machine is one row of the hosts table: a physical host or a virtual machine.
type Machine struct {
	ID                string         `json:"id,omitempty"` // an identifier that outlives a rename, where known
	Host              string         `json:"host"`
	Kind              MachineKind    `json:"kind"` // empty: unknown
	Processors        int            `json:"processors,omitempty"`
	CoresPerProcessor int            `json:"cores_per_processor,omitempty"`
	VirtualCores      int            `json:"virtual_cores,omitempty"`
	Parent            string         `json:"parent,omitempty"` // the physical host a virtual machine ran on
	OperatingSystem   string         `json:"operating_system,omitempty"`
	SQLEdition        string         `json:"sql_edition,omitempty"`
	SQLLicence        SQLLicence     `json:"sql_licence,omitempty"`
	WindowsLicence    WindowsLicence `json:"windows_licence,omitempty"`
	Cluster           string         `json:"cluster,omitempty"`
	Pinned            string         `json:"pinned,omitempty"` // the document that binds the guest to its parent
	Power             Power          `json:"power,omitempty"`
	Tenant            string         `json:"tenant,omitempty"`
	// Threads is how many hardware threads a virtual core stands on, where it
	// is more than one; Until the last day of the machine, 0 while it is there.
	Threads int       `json:"threads_per_virtual_core,omitempty"`
	Until   month.Day `json:"until,omitzero"`
	// Double is which row of several this is by which one table names the
	// machine and that differ: 2 for the second; 0 for the first or only one.
	Double int `json:"double,omitempty"`
	Line   int `json:"line,omitempty"`
}

// Key identifies the machine within its source: over renames where it has an
// ID, else by its name as fully as the source writes it.
func (m *Machine) Key() string {
	key := "host:" + FullHost(m.Host)
	if m.ID != "" {
		key = "id:" + m.ID
	}
	if m.Double > 0 {
		key += "#" + strconv.Itoa(m.Double)
	}
	return key
}
