package database_test

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"splameter/collector/database"
	"splameter/collector/database/tdstest"
	"splameter/internal/config"
	"splameter/internal/snapshot"
	"splameter/internal/tsql"
)

func amsterdam(t testing.TB) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// now is when every reading of these tests is made: noon in Amsterdam.
var now = time.Date(2026, 11, 3, 11, 0, 0, 0, time.UTC)

func secret(t testing.TB, s string) config.Secret {
	t.Helper()
	x, err := config.NewSecret(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func configured(t testing.TB, s *tdstest.Server, preset string) config.Database {
	d := config.DefaultDatabase()
	d.Name, d.Preset, d.Server, d.Database = "db", preset, s.Addr, "Data"
	d.User, d.Password, d.CA = "reader", secret(t, "plain:geheim é"), s.CA
	return d
}

func read(t testing.TB, d config.Database) (*database.Result, error) {
	return database.Read(t.Context(), d, database.Options{Now: func() time.Time { return now }, Zone: amsterdam(t), Stale: 31,
		Pools: []config.Pool{{Name: "p", Hosts: []string{"RDSH-A*"}}}})
}

// The columns of a reply, as name:type.
func cols(list ...string) (out []tdstest.Column) {
	types := map[string]tdstest.Type{"int": tdstest.Int, "bigint": tdstest.BigInt, "tinyint": tdstest.TinyInt, "bit": tdstest.Bit,
		"text": tdstest.NVarChar, "long": tdstest.NVarCharMax, "binary": tdstest.VarBinary, "guid": tdstest.GUID, "time": tdstest.DateTime, "float": tdstest.Float}
	for _, c := range list {
		name, kind, _ := strings.Cut(c, ":")
		out = append(out, tdstest.Column{Name: name, Type: types[kind]})
	}
	return out
}

// schema answers which columns there are: table.column, ….
func schema(list string) *tdstest.Reply {
	r := &tdstest.Reply{Columns: cols("schema_name:text", "object_name:text", "column_name:text")}
	for _, line := range strings.Split(strings.TrimSpace(list), "\n") {
		table, columns, _ := strings.Cut(strings.TrimSpace(line), ": ")
		s, o, _ := strings.Cut(table, ".")
		for _, c := range strings.Split(columns, " ") {
			r.Rows = append(r.Rows, []any{s, o, c})
		}
	}
	return r
}

// onlyRead proves that every statement that arrived is a single SELECT, and
// that no transaction was begun.
func onlyRead(t *testing.T, s *tdstest.Server) {
	t.Helper()
	for _, st := range s.Statements() {
		if err := tsql.OnlySelect(st.Text); err != nil || st.Kind == "transaction" || st.Kind == "procedure" {
			t.Errorf("sent as %s: %s (%v)", st.Kind, st.Text, err)
		}
	}
}

func sight(at string, row uint64, file string) snapshot.Sighting {
	when, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		panic(err)
	}
	return snapshot.Sighting{Time: when, Channel: "DB", Evidence: snapshot.Evidence{File: file, Record: row}}
}

func days(from, until int) (bits uint32) {
	for d := from; d <= until; d++ {
		bits |= 1 << (d - 1)
	}
	return bits
}
