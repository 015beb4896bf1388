package database

import (
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// oldScans are of the hosts with programs, where the database tells when any of
// them was scanned. One that it scanned in times to come tells nothing: a clock is
// wrong, and the host may be dead.
func (r *reading) oldScans(v *snapshot.Inventory) []snapshot.Scan {
	if r.scanned == nil {
		return nil
	}
	latest := map[string]month.Day{}
	for i := range v.Software {
		host := v.Software[i].Host
		day := r.scanned[snapshot.HostKey(host)]
		if day > v.Day+1 {
			day = 0
		}
		latest[host] = day
	}
	return snapshot.OldScans(latest, v.Day)
}
