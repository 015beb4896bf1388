// Package tsql reads a query of SQL Server far enough to say that it only
// reads: one SELECT, nothing before it, nothing behind it, and no word in it
// that changes, locks or runs anything. What the query means is the server's.
package tsql

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuery is far above any query that a person writes.
const maxQuery = 64 << 10

// forbidden are the words that no query needs that only reads. They are
// looked for outside of texts, comments and quoted names.
func forbidden(word string) bool {
	switch word {
	case "INTO", "INSERT", "UPDATE", "DELETE", "MERGE", "TRUNCATE", "EXEC", "EXECUTE", "CREATE", "ALTER", "DROP",
		"GRANT", "REVOKE", "DENY", "DECLARE", "SET", "USE", "GO", "BEGIN", "COMMIT", "ROLLBACK", "SAVE", "BACKUP", "RESTORE",
		"BULK", "DBCC", "KILL", "SHUTDOWN", "RECONFIGURE", "CHECKPOINT", "WAITFOR", "PRINT", "RAISERROR", "THROW",
		"IF", "WHILE", "RETURN", "GOTO", "OPEN", "CLOSE", "DEALLOCATE", "READTEXT", "WRITETEXT", "UPDATETEXT", "REVERT", "SETUSER",
		"OPENROWSET", "OPENQUERY", "OPENDATASOURCE", "OPENXML", "DISABLE", "ENABLE", "SEND", "RECEIVE",
		"TABLOCK", "TABLOCKX", "XLOCK", "UPDLOCK", "HOLDLOCK", "PAGLOCK", "SERIALIZABLE", "REPEATABLEREAD":
		return true
	}
	return false
}

// OnlySelect says what keeps a query from being a single SELECT that only
// reads, or nil. The error says what to write instead after its last "; ".
func OnlySelect(query string) error {
	if len(query) > maxQuery {
		return errors.New("the query is longer than 64 KiB; shorten it, or make it a view and select from that")
	}
	if !utf8.ValidString(query) {
		return errors.New("the query is no valid text; save the file as UTF-8")
	}
	if strings.ContainsAny(strings.ReplaceAll(query, "\r\n", "\n"), "\r\v\f\u0085\u2028\u2029\x00") {
		// Whether these end a comment is not the same everywhere.
		return errors.New("the query holds a line break of an odd kind; break its lines as other text files do")
	}
	s := scanner{rest: query}
	depth, words, ended := 0, 0, false
	var first, before string
	selected := false
	for {
		tok, err := s.next()
		if err != nil {
			return err
		}
		if tok == "" {
			break
		}
		if ended {
			return errors.New("something stands behind the query's semicolon; write one SELECT and nothing else")
		}
		if words++; words == 1 {
			if first = tok; first != "SELECT" && first != "WITH" {
				return errors.New("the query begins with something else than SELECT; write one SELECT, or WITH … SELECT")
			}
		}
		switch {
		case tok == ";":
			ended = true
		case tok == "(":
			depth++
		case tok == ")":
			if depth--; depth < 0 {
				return errors.New("a bracket is closed that was not opened; write it as it runs in a query window")
			}
		case forbidden(tok):
			return fmt.Errorf("the query holds %s; only reading is allowed: write one SELECT, and put a column of that name in [brackets]", tok)
		case tok == "VALUE" && before == "NEXT":
			return errors.New("the query takes the next value of a sequence, which changes it; leave that out")
		case tok == "SELECT" && depth == 0:
			if selected && before != "UNION" && before != "ALL" && before != "EXCEPT" && before != "INTERSECT" {
				return errors.New("the query holds a second statement; write one SELECT only")
			}
			selected = true
		case tok == "WITH" && depth == 0 && selected && s.peekName():
			return errors.New("the query holds a second statement; write one SELECT only")
		}
		before = tok
	}
	switch {
	case words == 0:
		return errors.New("there is no query; write one SELECT")
	case depth != 0:
		return errors.New("a bracket is opened and not closed; write it as it runs in a query window")
	case !selected || words < 2:
		return errors.New("the query selects nothing; write one SELECT")
	}
	return nil
}

// scanner takes a query apart: words in upper case, single signs, and "·" for
// a text, a number, a variable or a quoted name.
type scanner struct{ rest string }

var errOpen = errors.New("a text, a quoted name or a comment is opened and not closed; close it")

func (s *scanner) next() (string, error) {
	for {
		s.rest = strings.TrimLeftFunc(s.rest, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
		switch {
		case s.rest == "":
			return "", nil
		case strings.HasPrefix(s.rest, "--"):
			if i := strings.IndexByte(s.rest, '\n'); i >= 0 {
				s.rest = s.rest[i:]
			} else {
				s.rest = ""
			}
		case strings.HasPrefix(s.rest, "/*"):
			if !s.comment() {
				return "", errOpen
			}
		default:
			return s.token()
		}
	}
}

// comment skips one; they nest in SQL Server.
func (s *scanner) comment() bool {
	depth := 0
	for i := 0; i+1 < len(s.rest); i++ {
		switch s.rest[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			depth--
			i++
			if depth == 0 {
				s.rest = s.rest[i+1:]
				return true
			}
		}
	}
	return false
}

func (s *scanner) token() (string, error) {
	r, size := utf8.DecodeRuneInString(s.rest)
	switch {
	case r == '\'' || r == '"' || r == '[':
		end := byte(r)
		if r == '[' {
			end = ']'
		}
		for i := 1; i < len(s.rest); i++ {
			if s.rest[i] != end {
				continue
			}
			if i+1 < len(s.rest) && s.rest[i+1] == end { // doubled: itself
				i++
				continue
			}
			s.rest = s.rest[i+1:]
			return "·", nil
		}
		return "", errOpen
	case wordRune(r):
		n := strings.IndexFunc(s.rest, func(r rune) bool { return !wordRune(r) })
		if n < 0 {
			n = len(s.rest)
		}
		word := s.rest[:n]
		s.rest = s.rest[n:]
		if !unicode.IsLetter(r) && r != '_' {
			return "·", nil
		}
		return strings.ToUpper(word), nil
	}
	s.rest = s.rest[size:]
	return string(r), nil
}

// peekName says that a name comes next, and no bracket: WITH name AS (…)
// rather than a table's WITH (…).
func (s *scanner) peekName() bool {
	look := *s
	tok, err := look.next()
	return err == nil && tok != "" && tok != "("
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '@' || r == '#' || r == '$'
}
