package database

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// The Monitor service of Citrix Virtual Apps and Desktops keeps its data in a
// database of SQL Server: developer-docs.citrix.com/en-us/monitor-service-odata-api
// describes it by the entities of its service, which are its tables in the schema
// MonitorData. Its moments are in UTC.
func (r *reading) citrix(ctx context.Context) ([]part, error) {
	session := object{"MonitorData", "Session", []string{"StartDate", "EndDate", "UserId", "MachineId"}}
	user := object{"MonitorData", "User", []string{"Id", "UserName"}}
	machine := object{"MonitorData", "Machine", []string{"Id", "Name"}}
	// What tells more than a name is not there in every version.
	more := map[string]string{"domain": "NULL", "sid": "NULL", "dns": "NULL"}
	for _, x := range []struct {
		as, column string
		of         object
	}{{"domain", "u.Domain", object{"MonitorData", "User", []string{"Domain"}}}, {"sid", "u.Sid", object{"MonitorData", "User", []string{"Sid"}}},
		{"dns", "m.DnsName", object{"MonitorData", "Machine", []string{"DnsName"}}}} {
		there, err := r.has(ctx, x.of)
		if err != nil {
			return nil, err
		}
		if there {
			more[x.as] = x.column
		}
	}
	query := fmt.Sprintf(`SELECT s.StartDate AS started, s.EndDate AS ended, %s AS dns, m.Name AS name, %s AS domain, u.UserName AS usr, %s AS sid
FROM MonitorData.Session s JOIN MonitorData.[User] u ON u.Id = s.UserId JOIN MonitorData.Machine m ON m.Id = s.MachineId
WHERE s.StartDate IS NOT NULL ORDER BY s.StartDate, m.Name, u.UserName`, more["dns"], more["domain"], more["sid"])
	return []part{{name: "sessions", needs: []object{session, user, machine}, read: func(ctx context.Context) error { return r.citrixSessions(ctx, query) }}}, nil
}

func (r *reading) citrixSessions(ctx context.Context, query string) error {
	before := r.notes.mark()
	var u *uses
	err := r.c.each(ctx, query, nil, time.UTC, func() func(*row) error {
		r.notes.back(before)
		u = r.newUses(true)
		return func(x *row) error {
			host := x.text("dns")
			if host == "" { // DOMAIN\NAME
				host = x.text("name")
				host = host[strings.LastIndexByte(host, '\\')+1:]
			}
			start, ok := x.moment("started")
			if !ok || start.IsZero() {
				r.notes.add("session-damaged", r.file, x.number, fmt.Sprintf("row %d of the sessions has no time of beginning; it is left out", x.number))
				return nil
			}
			end, ok := x.moment("ended")
			if !ok {
				r.notes.add("session-damaged", r.file, x.number, fmt.Sprintf("row %d of the sessions ends at no time; the day of its beginning is counted", x.number))
				end = start
			}
			return u.add(x.number, host, account(x.text("domain"), x.text("usr")), x.sid("sid"), start, end)
		}
	})
	r.uses = u
	return err
}
