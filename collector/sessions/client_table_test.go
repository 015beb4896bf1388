package sessions

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"splameter/collector/sessions/record"
)

// Anna is reconnected from KASSA-1 on the 1st, and leaves LAPTOP-7 on the 2nd, of
// which 4779 alone tells: both are devices of hers, though 4779 proves no
// session. What is at the console, has no network address, or is no name, names
// none. A session that LSM alone tells has no device.
func TestClientsOfSessions(t *testing.T) {
	sec := func(id uint32, at, client, address string, more ...string) *record.Record {
		return rec("Security", "RDSH-A01.hosting.example", id, at, append([]string{"AccountName", "anna", "AccountDomain", "HOSTING", "LogonID", "0x10", "ClientName", client, "ClientAddress", address}, more...)...)
	}
	got := foldRecords(t, "UTC",
		sec(4778, "2026-10-01T08:00:00Z", "KASSA-1", "10.0.0.1"),
		sec(4778, "2026-10-01T09:00:00Z", "kassa-1", "10.0.0.1"),
		sec(4779, "2026-10-02T08:00:00Z", "LAPTOP-7", "10.0.0.9"),
		sec(4778, "2026-10-03T08:00:00Z", "CONSOLE-PC", "LOCAL"),
		sec(4778, "2026-10-04T08:00:00Z", "CONSOLE-PC", "10.0.0.1", "SessionName", "Console"),
		sec(4778, "2026-10-05T08:00:00Z", "-", "10.0.0.1"),
		sec(4778, "2026-10-06T08:00:00Z", "a\x01b", "10.0.0.1"),
		sec(4778, "2026-10-07T08:00:00Z", strings.Repeat("x", 5000), "10.0.0.1"),
		rec("LSM", "RDSH-A01.hosting.example", 21, "2026-10-08T08:00:00Z", "User", `HOSTING\bert`, "SessionID", "3", "Address", "10.0.0.1"),
	)
	a := got[`rdsh-a01 hosting\anna Oct`]
	if !slices.Equal(a.Clients, []string{"kassa-1", "laptop-7"}) || a.ClientDays != 0b11 {
		t.Errorf("%v on %b", a.Clients, a.ClientDays)
	}
	if a.Days != 0b1110001 { // 1st, 5th, 6th, 7th: 4778 from a network address
		t.Errorf("sessions on %b", a.Days)
	}
	if b := got[`rdsh-a01 hosting\bert Oct`]; len(b.Clients) != 0 || b.ClientDays != 0 {
		t.Errorf("%+v", b)
	}
}

// A log that names more devices than an account has is not held in memory: the
// days of those beyond have no name.
func TestClientsAreBounded(t *testing.T) {
	var recs []*record.Record
	for i := range mostClients + 10 {
		day := 1
		if i >= mostClients {
			day = 2
		}
		recs = append(recs, rec("Security", "h", 4778, fmt.Sprintf("2026-10-%02dT08:00:00Z", day), "AccountName", "anna", "AccountDomain", "D", "ClientName", fmt.Sprint("pc", i), "ClientAddress", "10.0.0.1"))
	}
	a := foldRecords(t, "UTC", recs...)[`h d\anna Oct`]
	if len(a.Clients) != mostClients || a.ClientDays != 1 || a.Days != 3 {
		t.Errorf("%d devices on %b, sessions on %b", len(a.Clients), a.ClientDays, a.Days)
	}
}
