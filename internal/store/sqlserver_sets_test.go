package store

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	mssql "github.com/microsoft/go-mssqldb"

	"splameter/internal/store/tdsengine"
)

// A statement for one row becomes one for a table of rows, in the dialect.
func TestSetOf(t *testing.T) {
	d := sqlServerDialect("splameter")
	for _, c := range []struct{ q, kinds, want string }{
		{
			"INSERT INTO name (id, name, long) VALUES (?, ?, ?)", "nkk",
			"INSERT INTO splameter.name (id, name, long) SELECT d0, CONVERT(VARBINARY(MAX), d1, 2), CONVERT(VARBINARY(MAX), d2, 2) FROM OPENJSON(@p4) WITH (d0 BIGINT '$[0]', d1 NVARCHAR(MAX) '$[1]', d2 NVARCHAR(MAX) '$[2]') AS d",
		},
		{
			"UPDATE used SET days = ?, body = ? WHERE month = ?", "nkn",
			"UPDATE x SET days = d0, body = CONVERT(VARBINARY(MAX), d1, 2) FROM splameter.used AS x, OPENJSON(@p4) WITH (d0 BIGINT '$[0]', d1 NVARCHAR(MAX) '$[1]', d2 BIGINT '$[2]') AS d WHERE month = d2",
		},
		{
			"DELETE FROM host_state WHERE source = ? AND host = ?", "nk",
			"DELETE x FROM splameter.host_state AS x, OPENJSON(@p4) WITH (d0 BIGINT '$[0]', d1 NVARCHAR(MAX) '$[1]') AS d WHERE source = d0 AND host = CONVERT(VARBINARY(850), d1, 2)",
		},
		{
			"INSERT INTO span (source, until_at)\n\tSELECT source, ? FROM span WHERE source = ?", "nn",
			"INSERT INTO splameter.span (source, until_at)\n\tSELECT source, d0 FROM splameter.span, OPENJSON(@p4) WITH (d0 BIGINT '$[0]', d1 BIGINT '$[1]') AS d WHERE source = d1",
		},
		{"INSERT INTO meta (name) VALUES (?)", "t", "INSERT INTO splameter.meta (name) SELECT d0 FROM OPENJSON(@p4) WITH (d0 NVARCHAR(MAX) '$[0]') AS d"},
	} {
		set, err := setOf(c.q, c.kinds)
		if err != nil {
			t.Fatal(err)
		}
		if got, n := d.bindAfter(3, set); got != c.want || n != 4 {
			t.Errorf("%s:\n got %s (%d)\nwant %s", c.q, got, n, c.want)
		}
	}
	if _, err := setOf("TRUNCATE TABLE span", ""); err == nil || !strings.Contains(err.Error(), "no form for sets") {
		t.Error(err)
	}
}

// What is done to one table keeps its order; what is done to another does not
// part it.
func TestRunsOf(t *testing.T) {
	a, b, other := "UPDATE span SET a = ? WHERE b = ?", "DELETE FROM span WHERE b = ?", "DELETE FROM left_open WHERE host = ?"
	var got []string
	for _, run := range runsOf([]queued{
		{q: a, args: []any{1, 2}, rows: 1}, {q: other, args: []any{1}, rows: 1}, {q: a, args: []any{3, 4}, rows: 1},
		{q: b, args: []any{5}, rows: 1}, {q: a, args: []any{6, 7}, rows: 1}, {q: other, args: []any{8}, rows: 1},
		{q: a, args: []any{9, 10}, rows: 1, one: true},
	}) {
		rows, kinds, err := jsonRows(&run)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, run.q[:11]+" "+string(rows)+kinds)
	}
	want := "UPDATE span [[1,2],[3,4]]nn|DELETE FROM [[1],[8]]n|DELETE FROM [[5]]n|UPDATE span [[6,7]]nn|UPDATE span [[9,10]]nn"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// Numbers keep all their digits, bytes are hex, nothing is null, and text is
// what JSON makes of it. A column is of one type.
func TestJSONRows(t *testing.T) {
	rows, kinds, err := jsonRows(&queued{q: "q", rows: 2, args: []any{int64(9223372036854775807), []byte(nil), "a\"\x00é", -1, []byte{}, "\xff"}})
	if want := `[[9223372036854775807,null,"a\"\u0000é"],[-1,"","\ufffd"]]`; err != nil || string(rows) != want || kinds != "nkt" {
		t.Errorf("%s %s %v", rows, kinds, err)
	}
	if _, _, err := jsonRows(&queued{q: "q", rows: 2, args: []any{1, "x"}}); err == nil {
		t.Error("a column of numbers and text")
	}
	if got := (serverLine{}).args([]any{[]int64{1, -2}, [][]byte{{1, 0xab}, {}}, columnsOf{{1, 2}, {3, 4}}, bodiesOf{[][]byte{{1}}, [][]byte{nil}}}); string(got[0].(mssql.NVarCharMax)) != "[1,-2]" ||
		string(got[1].(mssql.NVarCharMax)) != `["01ab",""]` || string(got[2].(mssql.NVarCharMax)) != "[[1,3],[2,4]]" || string(got[3].(mssql.NVarCharMax)) != `[["01",null,0]]` {
		t.Errorf("%q", got)
	}
}

// A row that is not where it was read is told, whichever of a set it is, and
// nothing of the whole is kept.
func TestServerMoved(t *testing.T) {
	_, s := tdsengine.Start(t)
	opened, err := Open(t.Context(), "sqlserver://splameter@"+s.Addr+"?database=meters&certificate="+url.QueryEscape(s.CA), Options{Location: time.UTC, Password: "geheim", Wait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	db := opened.(*database)
	count := func() (n int64) {
		err := db.read(t.Context(), func(t *tx) (err error) { n, err = t.number("SELECT COUNT(*) FROM span"); return err })
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	put := func(t *tx, a int64) error {
		return t.exec(addSpan, 1, kindGroup, forever, a, 0, 1, 0, 1, 0, []byte(nil))
	}
	if err := db.write(t.Context(), ofSource("x"), func(t *tx) error { return errors.Join(put(t, 1), put(t, 2)) }); err != nil {
		t.Fatal(err)
	}
	err = db.write(t.Context(), ofSource("x"), func(t *tx) error {
		err := put(t, 3)
		for a := int64(1); a <= 4; a++ { // the fourth is not there
			err = errors.Join(err, t.one("UPDATE span SET until_at = ?"+whereSpan, 5, 1, kindGroup, forever, a, 0))
		}
		return err
	})
	if !errors.Is(err, errMoved) || count() != 2 {
		t.Errorf("%v, %d spans", err, count())
	}
}
