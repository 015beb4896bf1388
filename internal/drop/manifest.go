// Package drop is the noun for what one session host or server hands in by
// itself: a zip file with copies of its event logs, an export of the registry
// keys that say what is installed, and a manifest that says which host it is,
// when it was taken, and how far each log reaches. It writes and reads that
// file; whoever reads it trusts nothing that is in it.
package drop

import (
	"fmt"
	"strings"
	"time"

	"splameter/internal/lazyregexp"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
)

// Version is that of the manifest's form.
const Version = 1

// The names of the members.
const (
	ManifestName = "manifest.json"
	RegistryName = "registry.reg"
	LogFolder    = "logs/"
)

// Manifest says what a drop holds. Times are UTC.
type Manifest struct {
	Drop     int       `json:"splameter_drop"` // the version of this form
	Program  string    `json:"program"`        // the version of the program that wrote it
	Host     string    `json:"host"`           // fully qualified name
	Domain   string    `json:"domain,omitempty"`
	SID      string    `json:"sid,omitempty"` // of the computer itself: another one is another installation
	Taken    time.Time `json:"taken"`         // up to this moment the logs were copied
	Clock    *float64  `json:"clock_difference_seconds,omitempty"`
	Machine  Machine   `json:"machine"`
	Channels []Channel `json:"channels"`
	Files    []File    `json:"files"` // every other member, sorted by name
	Notes    []string  `json:"notes,omitempty"`
	// RegistryError is why there is no export of the registry.
	RegistryError string `json:"registry_error,omitempty"`
}

// Machine is what the host knows of its own hardware and system. Zero and
// empty mean: not known.
type Machine struct {
	System            string `json:"operating_system,omitempty"`
	Edition           string `json:"edition_id,omitempty"`
	Build             string `json:"build,omitempty"`
	Maker             string `json:"manufacturer,omitempty"`
	Model             string `json:"model,omitempty"`
	Virtual           *bool  `json:"virtual,omitempty"`
	Parent            string `json:"parent,omitempty"` // the physical host, where the hypervisor tells
	Processors        int    `json:"processors,omitempty"`
	Cores             int    `json:"cores,omitempty"`              // of all processors
	LogicalProcessors int    `json:"logical_processors,omitempty"` // threads
}

// Channel is one event log of the host, and what of it the drop holds.
type Channel struct {
	Name     string    `json:"name"`           // such as Microsoft-Windows-TerminalServices-LocalSessionManager/Operational
	File     string    `json:"file,omitempty"` // the member; empty: nothing is new, or it could not be read
	Error    string    `json:"error,omitempty"`
	OldestID uint64    `json:"oldest_record,omitempty"`
	Oldest   time.Time `json:"oldest,omitzero"`
	NewestID uint64    `json:"newest_record,omitempty"`
	Newest   time.Time `json:"newest,omitzero"`
	// LogOldest is where the log on the host begins, which may be long before
	// what the drop holds of it.
	LogOldestID uint64             `json:"log_oldest_record,omitempty"`
	LogOldest   time.Time          `json:"log_oldest,omitzero"`
	Size        int64              `json:"size,omitempty"`         // of the log on the host, in bytes
	MaxSize     int64              `json:"maximum_size,omitempty"` // at which it begins to overwrite itself
	Retention   snapshot.Retention `json:"retention,omitempty"`
	LogCleared  bool               `json:"cleared,omitempty"` // the records begin anew since the last drop
}

// File is one member with its digest.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// NameOf is a drop's file name: the host and the moment, in UTC.
func NameOf(host string, taken time.Time) string {
	short, _, _ := strings.Cut(host, ".")
	return strings.ToUpper(clean(short)) + "_" + taken.UTC().Format("20060102T150405Z") + ".zip"
}

var unclean = lazyregexp.New(`[^A-Za-z0-9-]+`)

func clean(s string) string { return strings.Trim(unclean().ReplaceAllString(s, "-"), "-") }

// check refuses a manifest that says nothing that can be used.
func (m *Manifest) check() error {
	switch {
	case m.Drop == 0:
		return fmt.Errorf("its %s does not say that it is a drop of splameter", ManifestName)
	case m.Drop > Version:
		return fmt.Errorf("it was written by a newer splameter (form %d, this one reads %d): update splameter", m.Drop, Version)
	case !safetext.IsHostName(m.Host):
		return fmt.Errorf("its %s names no host that could be one: %.80q", ManifestName, m.Host)
	case m.Taken.IsZero() || m.Taken.Year() < 2000:
		return fmt.Errorf("its %s does not say when it was taken", ManifestName)
	}
	return nil
}
