package tenantexport

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// Of two persons in one directory, one group and one host, and of what three
// people did, only what is of the one who asks is handed over: by name and by
// the account of the system. Whoever is held in no month is told no date.
func TestAPersonIsGathered(t *testing.T) {
	ctx := t.Context()
	st, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	day := month.Date(2026, 10, 7)
	reading := func(kind snapshot.Kind, source string) snapshot.Reading {
		return snapshot.Reading{Source: source, Kind: kind, Status: snapshot.Complete, File: source, Fingerprint: source, Taken: day.Start(time.UTC), Day: day}
	}
	account := func(id, name string) snapshot.Account {
		return snapshot.Account{ID: id, SID: "S-" + id, Name: name, UPN: name + "@x.example", DN: "CN=" + name}
	}
	if err := st.PutDirectory(ctx, &snapshot.Directory{Reading: reading(snapshot.KindDirectory, "ad"), Domain: "X", DNS: "x.example",
		Accounts: []snapshot.Account{account("a", "anna"), account("b", "bert")}, Groups: []snapshot.Group{{ID: "g", Name: "RDS"}},
		Members: []snapshot.Member{{Group: "g", Key: "a"}, {Group: "g", Key: "b"}}}); err != nil {
		t.Fatal(err)
	}
	sessions := &snapshot.Sessions{Reading: reading(snapshot.KindSessions, "logs")}
	for _, user := range []string{"anna", "bert"} {
		at := snapshot.Sighting{Time: day.Start(time.UTC).Add(8 * time.Hour), EventID: 21, Channel: "LSM"}
		sessions.Uses = append(sessions.Uses, snapshot.Use{Host: "h", User: user, Name: user, Month: month.New(2026, 10, time.UTC).Number(), Days: snapshot.DayBit(day), First: at, Last: at})
	}
	if err := st.PutSessions(ctx, sessions, nil); err != nil {
		t.Fatal(err)
	}
	var acts []statement.Act
	for i, who := range [][2]string{{"Anna", "root"}, {"Bert", "root"}, {"Carl", "anna"}} {
		acts = append(acts, statement.Act{Month: "2026-10", Seq: i + 1, Action: statement.ActCorrect, By: who[0], Account: who[1], At: day.Start(time.UTC), Reason: "r" + fmt.Sprint(i),
			Correction: &statement.Correction{Tenant: "t", Product: "p", Quantity: 1}})
	}
	if err := st.Record(ctx, acts, nil, false); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Provider.Location = time.UTC
	d := &closing.Desk{Store: st, Setup: &monthend.Setup{Config: &cfg, Register: &register.Register{}}, Now: func() time.Time { return day.Start(time.UTC) }}
	gathered := func(who string) string {
		t.Helper()
		e, err := GatherPerson(ctx, d, who)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, x := range e.Tables {
			for _, r := range x.Rows {
				row := x.Name
				for i, c := range x.Columns {
					switch c {
					case "name", "account", "user", "group", "days", "by", "reason":
						row += " " + r[i]
					}
				}
				out = append(out, row)
			}
		}
		for _, n := range e.Notes {
			if strings.Contains(n, "takes the names out") {
				out = append(out, n[:strings.Index(n, ":")])
			}
		}
		return strings.Join(out, "\n")
	}
	const anna = "accounts anna\nmemberships anna RDS\nsessions anna anna 2026-10-07\nacts Anna root r0\nacts Carl anna r2\nThe last month that holds the person is 2026-10"
	if got := gathered("ANNA"); got != anna {
		t.Errorf("%s\nwant\n%s", got, anna)
	}
	if got := gathered("Carl"); got != "acts Carl anna r2" {
		t.Error(got)
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := GatherPerson(stopped, d, "anna"); err == nil {
		t.Error("it went on though it was stopped")
	}
}
