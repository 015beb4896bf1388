package tdsengine

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	qualified  = regexp.MustCompile(`\b(splameter\w*)\.`)
	ifMissing  = regexp.MustCompile(`^IF OBJECT_ID\(N'[^']*'\) IS NULL CREATE TABLE `)
	openJSON   = regexp.MustCompile(`OPENJSON\((@p\d+)\) WITH \(((?:\w+ (?:BIGINT|NVARCHAR\(MAX\)) '[^']*'(?:, )?)+)\) AS (\w+)`)
	jsonColumn = regexp.MustCompile(`(\w+) (BIGINT|NVARCHAR\(MAX\)) '(\$(?:\[\d+\])?)'`)
	convertHex = regexp.MustCompile(`CONVERT\(VARBINARY\((?:MAX|850)\), (\w+), 2\)`)
	updateFrom = regexp.MustCompile(`(?s)^UPDATE x SET (.*?) FROM (\w+) AS x, (.*)$`)
	deleteFrom = regexp.MustCompile(`(?s)^DELETE x FROM (\w+) AS x, (.*)$`)
	makeInFile = regexp.MustCompile(`^CREATE (TABLE IF NOT EXISTS|TABLE|UNIQUE INDEX) (meta|source|name|value)(_\w+)?\b`)
	noLock     = regexp.MustCompile(`^ALTER TABLE \w+ SET \(LOCK_ESCALATION = DISABLE\)$`)
	atP        = regexp.MustCompile(`@p\d+`)
)

// translate is a statement of SQL Server as SQLite has it; empty where there
// is nothing to do.
func translate(q string) string {
	q = ifMissing.ReplaceAllString(q, "CREATE TABLE IF NOT EXISTS ")
	q = strings.ReplaceAll(qualified.ReplaceAllString(q, ""), " COLLATE Latin1_General_100_BIN2", "")
	if noLock.MatchString(q) {
		return ""
	}
	// What is numbered stands in a file of its own.
	q = makeInFile.ReplaceAllString(q, "CREATE $1 numbers.$2$3")
	q = openJSON.ReplaceAllStringFunc(q, func(s string) string {
		m := openJSON.FindStringSubmatch(s)
		var columns []string
		for _, c := range strings.Split(m[2], ", ") {
			x := jsonColumn.FindStringSubmatch(c)
			if x == nil {
				return s // which SQLite refuses
			}
			switch {
			case x[3] == "$":
				columns = append(columns, "value AS "+x[1])
			case x[2] == "BIGINT":
				columns = append(columns, fmt.Sprintf("CAST(json_extract(value, '%s') AS INTEGER) AS %s", x[3], x[1]))
			default:
				columns = append(columns, fmt.Sprintf("json_extract(value, '%s') AS %s", x[3], x[1]))
			}
		}
		return "(SELECT " + strings.Join(columns, ", ") + " FROM json_each(" + m[1] + ")) AS " + m[3]
	})
	// SQLite would begin with the table, and go through the list for each row of it.
	q = strings.ReplaceAll(q, ") AS p JOIN ", ") AS p CROSS JOIN ")
	q = strings.ReplaceAll(convertHex.ReplaceAllString(q, "unhex($1)"), "VARBINARY(MAX)", "BLOB")
	if m := updateFrom.FindStringSubmatch(q); m != nil {
		return "UPDATE " + m[2] + " SET " + m[1] + " FROM " + m[3]
	}
	if m := deleteFrom.FindStringSubmatch(q); m != nil {
		return "DELETE FROM " + m[1] + " WHERE rowid IN (SELECT " + m[1] + ".rowid FROM " + m[1] + ", " + m[2] + ")"
	}
	return q
}

// places are how many parameters a statement names.
func places(q string) int {
	names := map[string]bool{}
	for _, p := range atP.FindAllString(q, -1) {
		names[p] = true
	}
	return len(names)
}
