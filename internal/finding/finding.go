// Package finding owns the table of what a person can be told of a month: for
// each code its severity, what it means and what to do. Collectors and rules
// say the codes; the text of a finding says the case.
package finding

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"sync"

	"splameter/internal/statement"
)

// Code is one entry of the table.
type Code struct {
	Area string // what it is about: one chapter of the documentation
	Code string
	// Severity is the least that a finding with the code has; empty where the
	// rule decides case by case.
	Severity statement.Severity
	Meaning  string // one sentence
	Action   string // what to do, unless the finding says it more closely
}

//go:embed codes.csv
var table []byte

var read = sync.OnceValues(func() ([]Code, map[string]Code) {
	list, _ := parse(table) // TestTable fails of each fault
	by := make(map[string]Code, len(list))
	for _, c := range list {
		by[c.Code] = c
	}
	return list, by
})

// byCase is what the table says where the rule decides the severity.
const byCase = "by case"

// parse reads the table. A fault takes its own line away and no other: a code
// that is missing at a user's is high, and a test here fails of each fault.
func parse(b []byte) (out []Code, faults []error) {
	lines := csv.NewReader(bytes.NewReader(b))
	lines.FieldsPerRecord = 5
	seen := map[string]bool{}
	for head := true; ; head = false {
		r, err := lines.Read()
		switch {
		case err == io.EOF:
			return out, faults
		case err != nil:
			faults = append(faults, err)
			continue
		case head:
			continue
		}
		line, _ := lines.FieldPos(0)
		c := Code{Area: r[0], Code: r[1], Severity: statement.Severity(r[2]), Meaning: r[3], Action: r[4]}
		switch c.Severity {
		case byCase:
			c.Severity = ""
		case statement.Error, statement.High, statement.Medium, statement.Low, statement.Info:
		default:
			faults = append(faults, fmt.Errorf("line %d: %q is no severity", line, r[2]))
			continue
		}
		if seen[c.Code] || c.Area == "" || c.Code == "" || c.Meaning == "" || c.Action == "" {
			faults = append(faults, fmt.Errorf("line %d: the code %q stands there twice, or lacks a field", line, c.Code))
			continue
		}
		seen[c.Code] = true
		out = append(out, c)
	}
}

// All is the table, in its order.
func All() []Code {
	list, _ := read()
	return list
}

// Find is the entry of a code.
func Find(code string) (Code, bool) {
	_, by := read()
	c, ok := by[code]
	return c, ok
}

// Severity is that of a code. One that the table does not have, as a reading
// of another version may hold, is high: nothing unknown is quiet.
func Severity(code string) statement.Severity {
	if c, ok := Find(code); ok && c.Severity != "" {
		return c.Severity
	}
	return statement.High
}

// Action is what to do about a code where the finding does not say it.
func Action(code string) string {
	if c, ok := Find(code); ok {
		return c.Action
	}
	return "this version does not know what it means: read the message, and look at the source"
}

// Document is the table as documentation.
func Document() []byte {
	var b bytes.Buffer
	b.WriteString(`# Findings

What splameter tells of a month, by code. The codes stand in the review, in
` + "`splameter status`" + ` and in ` + "`decisions.csv`" + `, where a finding is accepted by its key.
An error keeps a month from being approved until it is accepted; a severity is
the least that a code has, and *by case* only the finding says it. This page is made from ` + "`internal/finding/codes.csv`" + `
(` + "`go test ./internal/finding -update`" + `).
`)
	area := ""
	for _, c := range All() {
		if c.Area != area {
			area = c.Area
			fmt.Fprintf(&b, "\n## %s%s\n\n| code | severity | what it means | what to do |\n|---|---|---|---|\n", strings.ToUpper(area[:1]), area[1:])
		}
		severity := string(c.Severity)
		if severity == "" {
			severity = "*" + byCase + "*"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Code, severity, c.Meaning, c.Action)
	}
	return b.Bytes()
}
