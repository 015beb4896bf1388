package tsql

import (
	"strings"
	"testing"
)

func TestOnlySelect(t *testing.T) {
	for _, q := range []string{
		"SELECT 1 AS x",
		"select host, [user], start_at, end_at from dbo.logons where end_at is null or end_at > '2026-01-01';",
		"WITH a AS (SELECT 1 AS x), b AS (SELECT 2 AS x) SELECT x FROM a UNION ALL SELECT x FROM b",
		"SELECT x FROM t WITH (NOLOCK) WHERE n = 'drop table; --' -- exec\n AND m = \"update\"",
		"/* delete /* nested */ from */ SELECT [into], [a]]exec] FROM t",
		"SELECT a FROM t ORDER BY a OFFSET 5 ROWS FETCH NEXT 10 ROWS ONLY",
		"SELECT CASE WHEN a = 1 THEN 2 ELSE 3 END FROM (SELECT 1 AS a) x EXCEPT SELECT 4",
		"SELECT lastupdate, set_by, inserted FROM t",
		"  \n\tSELECT é FROM tabel",
	} {
		if err := OnlySelect(q); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	for q, want := range map[string]string{
		"":                       "no query",
		"-- nothing":             "no query",
		"SELECT":                 "selects nothing",
		"sp_who":                 "something else than SELECT",
		"UPDATE t SET a = 1":     "something else than SELECT",
		"SELECT 1; DROP TABLE t": "behind the query's semicolon",
		"SELECT 1;;":             "behind the query's semicolon",
		"SELECT 1 DROP TABLE t":  "DROP",
		"SELECT 1 SELECT 2":      "second statement",
		"SELECT 1 WITH a AS (SELECT 2 AS x) SELECT x FROM a": "second statement",
		"SELECT * INTO x FROM t":                             "INTO",
		"SELECT 1 exec sp_who":                               "EXEC",
		"SELECT 1 eXeCuTe('x')":                              "EXECUTE",
		"WITH a AS (SELECT 1 x) DELETE FROM a":               "DELETE",
		"WITH a AS (SELECT 1 x) MERGE a":                     "MERGE",
		"SELECT * FROM OPENROWSET('a','b','c')":              "OPENROWSET",
		"SELECT NEXT VALUE FOR s":                            "next value",
		"SELECT a FROM t WITH (TABLOCKX)":                    "TABLOCKX",
		"SELECT 'a":                                          "opened and not closed",
		"SELECT [a":                                          "opened and not closed",
		"SELECT /* a":                                        "opened and not closed",
		"SELECT (1":                                          "opened and not closed",
		"SELECT 1)":                                          "not opened",
		"SELECT 1 WAITFOR DELAY '1'":                         "WAITFOR",
		"SELECT 'it''s' + \"a\"\"b\" exec x":                 "EXEC",
		"SELECT 1 --\nexec x":                                "EXEC",
		"SELECT 1 --\rexec x":                                "odd kind",
		"SELECT 1 --\r'\nexec x --'":                         "odd kind",
		"SELECT 1 --\u2028 x":                                "odd kind",
		"SELECT \xff":                                        "no valid text",
		"SELECT " + strings.Repeat("a", 70000):               "longer",
	} {
		if err := OnlySelect(q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %s", q, err, want)
		}
	}
}

// Whatever passes begins with SELECT or WITH, comments aside.
func FuzzOnlySelect(f *testing.F) {
	for _, q := range []string{"SELECT 1", "WITH a AS (SELECT 1 x) SELECT x FROM a", "SELECT 'a", "/* */ SELECT [x]"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		for _, d := range []Dialect{SQLServer, PostgreSQL, MySQL} {
			if OnlySelectOf(d, q) == nil && !strings.Contains(strings.ToUpper(q), "SELECT") {
				t.Error(d, q)
			}
		}
	})
}

// What only the one or the other server reads otherwise than SQL Server.
func TestOtherDialects(t *testing.T) {
	for _, x := range []struct {
		dialect Dialect
		query   string
		refused string // empty: taken
	}{
		{PostgreSQL, `SELECT a[1], "set", 'it''s' FROM t -- DROP`, ""},
		{PostgreSQL, "SELECT $$ DROP TABLE t; $$, $q$ it's $q$ FROM t", ""},
		{PostgreSQL, "SELECT /* a /* nested */ DROP */ 1", ""},
		{PostgreSQL, "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", "the query holds DELETE"},
		{PostgreSQL, "SELECT 1; DROP TABLE t", "something stands behind"},
		{PostgreSQL, "SELECT $$a$$; SELECT 2", "something stands behind"},
		{PostgreSQL, "SELECT * INTO x FROM t", "the query holds INTO"},
		{PostgreSQL, "SELECT * FROM t FOR SHARE", "the query locks what it reads"},
		{PostgreSQL, `SELECT E'a\' ; DROP TABLE t --'`, "a backslash before a quote"},
		{PostgreSQL, "COPY t TO PROGRAM 'x'", "begins with something else than SELECT"},
		{MySQL, "SELECT IF(a, 1, 2), REPLACE(b, 'x', 'y'), `update` FROM t # DROP", ""},
		{MySQL, `SELECT "a; DROP", 'b' FROM t -- DROP`, ""},
		{MySQL, "SELECT 1 /* a /* b */ , 2", ""},
		{MySQL, "SELECT 1 /*!50000 INTO OUTFILE 'x' */", "a comment that the server runs"},
		{MySQL, "SELECT 1--1 INTO OUTFILE 'x'", "the query holds INTO"}, // no comment: a double minus
		{MySQL, "SELECT 1 #\nINTO OUTFILE 'x'", "the query holds INTO"},
		{MySQL, `SELECT '\' ; DROP TABLE t; -- '`, "a backslash before a quote"},
		{MySQL, `SELECT 'a\\' ; DROP TABLE t; -- '`, "a backslash before a quote"},
		{MySQL, "SELECT * FROM t LOCK IN SHARE MODE", "the query holds LOCK"},
		{MySQL, "SELECT 1; SELECT 2", "something stands behind"},
		{MySQL, "SELECT `a", "opened and not closed"},
	} {
		err := OnlySelectOf(x.dialect, x.query)
		if (err == nil) != (x.refused == "") || err != nil && !strings.Contains(err.Error(), x.refused) {
			t.Errorf("%s: %v, want %q", x.query, err, x.refused)
		}
	}
}
