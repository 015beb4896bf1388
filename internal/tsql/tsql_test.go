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
		if OnlySelect(q) == nil && !strings.Contains(strings.ToUpper(q), "SELECT") {
			t.Error(q)
		}
	})
}
