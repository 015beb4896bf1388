package forms

import (
	"bytes"
	"encoding/json"
	"strings"

	"splameter/internal/lazyregexp"
)

// columnLists are the names under which an answer of a query keeps
// the names of its columns once, and its rows as lists of values: Log Analytics
// and Kusto (tables, columns, rows) and Splunk's json_rows (fields, rows).
var columnLists = []string{"columns", "fields"}

var rowsMember = lazyregexp.New(`(?i)"rows"\s*:\s*\[`)

// IsColumns says that a member, folded, holds the columns of a table.
func IsColumns(name string) bool { return name == columnLists[0] || name == columnLists[1] }

// ColumnNames are the names in the value of such a member: texts, or objects
// with a name; nil for what is neither.
func ColumnNames(raw []byte) []string {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		return nil
	}
	names := make([]string, 0, min(len(list), maxNames))
	for _, item := range list[:min(len(list), maxNames)] {
		var name string
		var object struct {
			Name       string `json:"name"`
			ColumnName string `json:"ColumnName"`
		}
		switch {
		case json.Unmarshal(item, &name) == nil:
		case json.Unmarshal(item, &object) != nil:
			return nil
		case object.ColumnName != "":
			name = object.ColumnName
		default:
			name = object.Name
		}
		if name == "" {
			return nil
		}
		names = append(names, name)
	}
	return names
}

// tabular are the columns of a JSON text that keeps its rows apart from their
// names; nil for any other.
func tabular(head []byte) []string {
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) || !rowsMember().Match(head) {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(head))
	for depth := 0; ; {
		t, err := d.Token()
		if err != nil {
			return nil
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
			if depth > 4 {
				return nil
			}
		case string:
			if !IsColumns(strings.ToLower(t)) {
				continue
			}
			var raw json.RawMessage
			if d.Decode(&raw) != nil {
				return nil
			}
			if names := ColumnNames(raw); len(names) > 1 {
				return names
			}
		}
	}
}
