package collector_test

import (
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"splameter/collector"
	"splameter/collector/database/tdstest"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

func col(name string, t tdstest.Type) tdstest.Column { return tdstest.Column{Name: name, Type: t} }

// A database is in the store whole, or there is a failed reading and nothing
// else; trying it writes nothing, and shows the pools as the config has them.
func TestDatabase(t *testing.T) {
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 10, 20, 10, 0, 0, 0, time.UTC)
	columns := &tdstest.Reply{Columns: []tdstest.Column{col("schema_name", tdstest.NVarChar), col("object_name", tdstest.NVarChar), col("column_name", tdstest.NVarChar)}}
	for table, list := range map[string]string{"Session": "TargetId UserId UserName UserDomain SessionId CreateTime DisconnectTime State ProtocolType",
		"Target": "Id PoolId Name Fqdn", "User": "Id Sid"} {
		for _, c := range strings.Fields(list) {
			columns.Rows = append(columns.Rows, []any{"rds", table, c})
		}
	}
	sessions := &tdstest.Reply{
		Columns: []tdstest.Column{col("host", tdstest.NVarChar), col("domain", tdstest.NVarChar), col("usr", tdstest.NVarChar), col("sid", tdstest.VarBinary), col("session", tdstest.Int),
			col("state", tdstest.TinyInt), col("protocol", tdstest.TinyInt), col("created", tdstest.BigInt), col("disconnected", tdstest.BigInt)},
		Rows: [][]any{{"TS1", "ACME", "anna", nil, 2, 0, 2, nil, nil}},
	}
	targets := &tdstest.Reply{Columns: []tdstest.Column{col("pool", tdstest.Int), col("host", tdstest.NVarChar)}, Rows: [][]any{{4, "TS1.acme.example"}, {4, "TS2"}}}
	script := (&tdstest.Script{}).On("sys.columns", 0, columns).On("FROM rds.Session", 1, sessions).
		On("FROM rds.Session", 1, &tdstest.Reply{Error: &tdstest.Error{Number: 229, Message: "The SELECT permission was denied on the object 'Session'"}}).
		On("FROM rds.Session", 0, sessions).On("FROM rds.Target", 0, targets)
	s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
	d := config.DefaultDatabase()
	d.Name, d.Preset, d.Server, d.Database, d.CA, d.User = "broker", "rdcb", s.Addr, "RDCB", s.CA, "reader"
	if d.Password, err = config.NewSecret("plain:x"); err != nil {
		t.Fatal(err)
	}
	cfg := config.Default()
	cfg.Site, cfg.Provider.Location, cfg.Databases = "delft", loc, []config.Database{d}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: loc})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	env := &collector.Env{Store: st, Config: &cfg, Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	run := func() collector.Outcome {
		t.Helper()
		out, err := collector.Run(t.Context(), env, "broker")
		if err != nil || len(out) != 1 {
			t.Fatal(out, err)
		}
		return out[0]
	}
	if o := run(); o.Err != nil || o.Read != 1 || o.Facts != 1 || o.Kind != snapshot.KindSessions {
		t.Fatalf("%+v", o)
	}
	now = now.Add(24 * time.Hour)
	if o := run(); o.Err == nil || !strings.Contains(o.Err.Error(), "grant it db_datareader, or SELECT on it") {
		t.Fatalf("%+v", o)
	}
	facts, err := st.Facts(t.Context(), month.New(2026, 10, loc))
	if err != nil {
		t.Fatal(err)
	}
	if uses := facts.Uses.Values(); len(uses) != 1 || uses[0].Days != 1<<19 || uses[0].User != `acme\anna` {
		t.Errorf("%+v", uses)
	}
	if r := facts.Readings; len(r) != 2 || r[0].Status != snapshot.Complete || r[1].Status != snapshot.Failed || r[0].Site != "delft" || r[1].Site != "delft" {
		t.Errorf("%+v", r)
	}
	env.Store = nil
	lines, err := collector.Sources(&cfg)[0].Probe(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(lines, "pools:")
	if at < 0 || !slices.Equal(lines[at:], []string{"pools:", "- name: pool-4", `  hosts: ["ts1", "ts2"]`, "  users: []"}) {
		t.Errorf("%q", lines)
	}
}
