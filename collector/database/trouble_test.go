package database_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector/database"
	"splameter/collector/database/tdstest"
	"splameter/internal/config"
)

// A preset says which tables and columns are not there: those that it can do
// without in a notice, the others in an error.
func TestMissing(t *testing.T) {
	for _, c := range []struct{ name, preset, schema, want string }{
		{"table", "rdcb", "rds.Session: TargetId\nrds.Target: Id", "has no column UserId of rds.Session, column UserName of rds.Session"},
		{"view", "configmgr", strings.Replace(configmgrSchema, "ADD_REMOVE_PROGRAMS_64", "NONE", 1), "has no dbo.v_GS_ADD_REMOVE_PROGRAMS_64, or the login may not see it; grant"},
		{"column", "lansweeper", strings.Replace(lansweeperSchema, "softwareVersion", "v", 1), "has no column softwareVersion of dbo.tblSoftware"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tdstest.Start(t, tdstest.Options{Answer: (&tdstest.Script{}).On("sys.columns", 0, schema(c.schema)).Answer})
			got, err := read(t, configured(t, s, c.preset))
			if got != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Error(err)
			}
			onlyRead(t, s)
		})
	}
	t.Run("what can be missing", func(t *testing.T) {
		script := (&tdstest.Script{}).On("sys.columns", 0, schema(strings.Join(strings.Split(configmgrSchema, "\n")[:3], "\n"))).
			On("v_GS_ADD_REMOVE_PROGRAMS_64", 0, &tdstest.Reply{Columns: cols("host:text", "name:text"), Rows: [][]any{{"a", "b"}}})
		s := tdstest.Start(t, tdstest.Options{Answer: script.Answer})
		got, err := read(t, configured(t, s, "configmgr"))
		if err != nil {
			t.Fatal(err)
		}
		if n := len(got.Inventory.Notes); n != 4 || got.Inventory.Notes[0].Code != "database-part-missing" || got.Sessions != nil {
			t.Errorf("%d: %+v", n, got.Inventory.Notes)
		}
	})
}

// Every fault ends in a sentence that says what to do, and in no reading.
func TestFaults(t *testing.T) {
	rows := func(n int) *tdstest.Reply {
		return &tdstest.Reply{Columns: freeColumns, Count: n, Row: func(i int) []any {
			return []any{int64(i), "TS1", fmt.Sprintf("u%d", i), time.Date(2026, 10, 5, 12, 0, 0, 0, time.UTC), nil, "10.0.0.1"}
		}}
	}
	with := func(r *tdstest.Reply, change func(*tdstest.Reply)) *tdstest.Reply {
		change(r)
		return r
	}
	fails := func(n int32, text string) *tdstest.Reply {
		return &tdstest.Reply{Error: &tdstest.Error{Number: n, Message: text}}
	}
	for _, c := range []struct {
		name  string
		first *tdstest.Reply // answers the first time
		then  *tdstest.Reply // and this from then on; nil: 10 good rows
		want  string         // of the error; empty: 10 rows after all
		sent  int            // statements
	}{
		{"dropped after 5000 rows", with(rows(6000), func(r *tdstest.Reply) { r.DropAfter = 5000 }), with(rows(6000), func(r *tdstest.Reply) { r.DropAfter = 5000 }),
			"the connection broke, twice; see whether the server was started again", 2},
		{"dropped once", with(rows(6000), func(r *tdstest.Reply) { r.DropAfter = 5000 }), nil, "", 2},
		{"error after 5000 rows", with(rows(5000), func(r *tdstest.Reply) {
			r.Error = &tdstest.Error{Number: 8115, Message: "arithmetic overflow for Jansen"}
		}), nil, "the server reports error 8115", 1},
		{"deadlock once", fails(1205, "deadlock"), nil, "", 2},
		{"deadlock in mid-stream", with(rows(5000), func(r *tdstest.Reply) { r.Error = &tdstest.Error{Number: 1205, Class: 13, Message: "deadlock"} }), nil, "", 2},
		{"deadlock twice", fails(1205, "deadlock"), fails(1205, "deadlock"), "the victim of a deadlock, twice; collect again", 2},
		{"no rights", fails(229, "The SELECT permission was denied on the object 'logons'"), nil, "no right to read something that is needed (The SELECT permission was denied on the object 'logons'); grant", 1},
		{"no object", fails(208, "Invalid object name 'dbo.logons'."), nil, "a table, view or column is not there (Invalid object name 'dbo.logons'.); check", 1},
		{"no column", fails(207, "Invalid column name 'x'."), nil, "a table, view or column is not there (Invalid column name 'x'.)", 1},
		{"unknown", fails(245, "Conversion failed when converting 'Jansen'"), nil, "the server reports error 245, severity 16; look it up", 1},
		{"fatal", with(fails(824, "page"), func(r *tdstest.Reply) { r.Error.Class = 24 }), nil, "the server reports error 824, severity 24", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			then := c.then
			if then == nil {
				then = rows(10)
			}
			s := tdstest.Start(t, tdstest.Options{Answer: (&tdstest.Script{}).On("FROM dbo.logons", 1, c.first).On("FROM dbo.logons", 0, then).Answer})
			got, err := read(t, free(t, s))
			switch {
			case c.want == "" && (err != nil || len(got.Sessions.Uses) != 10*2): // open since October: two months each
				t.Errorf("%v, %d uses", err, len(got.Sessions.Uses))
			case c.want != "" && (err == nil || got != nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v", err)
			case err != nil && strings.Contains(err.Error(), "Jansen"):
				t.Errorf("a name in an error: %v", err)
			}
			if n := len(s.Statements()); n != c.sent {
				t.Errorf("%d statements", n)
			}
			onlyRead(t, s)
		})
	}
}

// A silent server ends after the timeout; the client's attention is heard.
func TestFirstRowSlow(t *testing.T) {
	wait := make(chan struct{})
	s := tdstest.Start(t, tdstest.Options{Answer: (&tdstest.Script{}).On("", 0, &tdstest.Reply{Columns: freeColumns, Wait: wait}).Answer})
	d := free(t, s)
	d.Timeout = config.Duration(20 * time.Millisecond)
	got, err := read(t, d)
	if got != nil || err == nil || !strings.Contains(err.Error(), "sent nothing for 20ms; ask its administrator") {
		t.Error(err)
	}
}

// A slow first row within the timeout is waited for.
func TestFirstRowLate(t *testing.T) {
	wait := make(chan struct{})
	s := tdstest.Start(t, tdstest.Options{Answer: func(tdstest.Statement) *tdstest.Reply {
		close(wait)
		return &tdstest.Reply{Columns: freeColumns, Wait: wait, Rows: [][]any{{int64(1), "h", "u", now, nil, nil}}}
	}})
	if got, err := read(t, free(t, s)); err != nil || len(got.Sessions.Uses) != 1 {
		t.Error(err)
	}
}

func TestCancelInMidStream(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	reply := &tdstest.Reply{Columns: freeColumns, Count: 1 << 30,
		Row: func(i int) []any { return []any{int64(i), "h", "u", now, nil, nil} },
		Sent: func(n int) {
			if n == 5000 {
				cancel()
			}
		}}
	s := tdstest.Start(t, tdstest.Options{Answer: func(tdstest.Statement) *tdstest.Reply { return reply }})
	got, err := database.Read(ctx, free(t, s), database.Options{Now: func() time.Time { return now }, Zone: time.UTC})
	if got != nil || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// The server is started again between two queries of one reading.
func TestRestart(t *testing.T) {
	var s *tdstest.Server
	script := (&tdstest.Script{}).On("sys.columns", 0, schema(brokerSchema)).
		On("rds.Session", 0, &tdstest.Reply{Columns: brokerColumns}).
		On("rds.PoolProperty", 0, &tdstest.Reply{Columns: cols("pool:int", "name:text", "value:text")}).
		On("rds.Target", 0, &tdstest.Reply{Columns: cols("pool:int", "host:text"), Rows: [][]any{{1, "RDSH-A01"}}})
	broken := false
	s = tdstest.Start(t, tdstest.Options{Answer: func(st tdstest.Statement) *tdstest.Reply {
		if strings.Contains(st.Text, "rds.Target t\nWHERE") && !broken {
			broken = true
			return &tdstest.Reply{Drop: true}
		}
		return script.Answer(st)
	}})
	got, err := read(t, configured(t, s, "rdcb"))
	if err != nil || len(got.Pools) != 1 {
		t.Fatal(err)
	}
	if len(s.Logins()) != 2 {
		t.Errorf("%d logins", len(s.Logins()))
	}
}

func TestLogOn(t *testing.T) {
	other, otherCA := tdstest.Certificate(t, "127.0.0.1")
	wrongHost, wrongHostCA := tdstest.Certificate(t, "sql.example")
	answer := func(tdstest.Statement) *tdstest.Reply { return &tdstest.Reply{Columns: freeColumns} }
	dir := t.TempDir()
	notCA := filepath.Join(dir, "x.pem")
	if err := os.WriteFile(notCA, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	refuse := func(n int32) func(tdstest.Login) *tdstest.Error {
		return func(tdstest.Login) *tdstest.Error {
			return &tdstest.Error{Number: n, Class: 14, Message: "Login failed for user 'reader'."}
		}
	}
	for _, c := range []struct {
		name   string
		opt    tdstest.Options
		change func(*config.Database)
		want   string
	}{
		{"refused", tdstest.Options{Login: refuse(18456)}, nil, "the log-on was refused; check user and password"},
		{"no database", tdstest.Options{Login: refuse(4060)}, nil, "the login may not open the database, or there is none of that name"},
		{"other authority", tdstest.Options{TLS: &other}, func(d *config.Database) { _, d.CA = tdstest.Certificate(t, "127.0.0.1") }, "of an authority that is not trusted; name the authority's file under ca"},
		{"no authority", tdstest.Options{}, func(d *config.Database) { d.CA = "" }, "of an authority that is not trusted"},
		{"other host", tdstest.Options{TLS: &wrongHost}, func(d *config.Database) { d.CA = wrongHostCA }, "its certificate is for another name; write that name under server_name"},
		{"named host", tdstest.Options{TLS: &wrongHost}, func(d *config.Database) { d.CA, d.ServerName = wrongHostCA, "sql.example" }, ""},
		{"right authority", tdstest.Options{TLS: &other}, func(d *config.Database) { d.CA = otherCA }, ""},
		{"trusted blindly", tdstest.Options{TLS: &other}, func(d *config.Database) { d.CA, d.TrustServerCertificate = "", true }, ""},
		{"authority's form", tdstest.Options{}, func(d *config.Database) { d.CA = filepath.Join(dir, "ca.crt") }, "the certificate authority's file cannot be used: "},
		{"empty authority", tdstest.Options{}, func(d *config.Database) { d.CA = notCA }, "of an authority that is not trusted"},
		{"nobody", tdstest.Options{}, func(d *config.Database) { d.User, d.Password = "", config.Secret{} }, "splameter can log on as its own account on Windows only; write user: and password:"},
		{"port", tdstest.Options{}, func(d *config.Database) { d.Server = "h:70000" }, `the server's port "70000" is none`},
		{"nothing there", tdstest.Options{}, func(d *config.Database) { d.Server = "127.0.0.1:1" }, "takes no connections there; check the port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.opt.Answer = answer
			s := tdstest.Start(t, c.opt)
			d := free(t, s)
			if c.change != nil {
				c.change(&d)
			}
			got, err := read(t, d)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || got != nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v", err)
			case err != nil && (strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "reader")):
				t.Errorf("a secret in an error: %v", err)
			case c.want != "" && len(s.Statements()) > 0:
				t.Error("a statement was sent")
			}
			if strings.Contains(c.name, "authority") && c.want != "" && len(s.Logins()) > 0 {
				t.Error("the password was sent to a server that is not trusted")
			}
		})
	}
}
