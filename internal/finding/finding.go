// Package finding owns the table of what a person can be told of a month: for
// each code its severity, what it means and what to do. Collectors and rules
// say the codes; the text of a finding says the case.
package finding

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
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
	list, err := parse(table)
	if err != nil {
		panic(err) // a test reads the table that is built in
	}
	by := make(map[string]Code, len(list))
	for _, c := range list {
		by[c.Code] = c
	}
	return list, by
})

// byCase is what the table says where the rule decides the severity.
const byCase = "by case"

func parse(b []byte) ([]Code, error) {
	rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []Code
	seen := map[string]bool{}
	for i, r := range rows[1:] {
		c := Code{Area: r[0], Code: r[1], Severity: statement.Severity(r[2]), Meaning: r[3], Action: r[4]}
		switch c.Severity {
		case byCase:
			c.Severity = ""
		case statement.Error, statement.High, statement.Medium, statement.Low, statement.Info:
		default:
			return nil, fmt.Errorf("line %d: %q is no severity", i+2, r[2])
		}
		if seen[c.Code] || c.Area == "" || c.Code == "" || c.Meaning == "" || c.Action == "" {
			return nil, fmt.Errorf("line %d: the code %q stands there twice, or lacks a field", i+2, c.Code)
		}
		seen[c.Code] = true
		out = append(out, c)
	}
	return out, nil
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
