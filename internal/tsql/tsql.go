// Package tsql reads a query far enough to say that it only reads: one SELECT,
// nothing before it, nothing behind it, and no word in it that changes, locks
// or runs anything. What the query means is the server's.
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

// Dialect is whose SQL a query is written in.
type Dialect int

// The dialects.
const (
	SQLServer Dialect = iota
	PostgreSQL
	MySQL // and MariaDB
)

// forbidden are the words that no query needs that only reads, in a dialect.
// Beyond them the servers are asked for a transaction that may only read.
func (d Dialect) forbidden(word string) bool {
	if d == SQLServer {
		return forbidden(word)
	}
	switch word {
	case "INTO", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "ALTER", "DROP", "GRANT", "REVOKE", "EXECUTE", "PREPARE", "DEALLOCATE",
		"CALL", "LOCK", "UNLOCK", "LOAD", "HANDLER", "COPY", "VACUUM", "REINDEX", "CLUSTER", "LISTEN", "NOTIFY", "COMMIT", "ROLLBACK", "SAVEPOINT",
		"SHUTDOWN", "KILL", "OUTFILE", "DUMPFILE", "DELIMITER":
		return true
	}
	return false
}

// OnlySelect is OnlySelectOf SQL Server's SQL.
func OnlySelect(query string) error { return OnlySelectOf(SQLServer, query) }

// OnlySelectOf says what keeps a query from being a single SELECT that only
// reads, or nil. The error says what to write instead after its last "; ".
func OnlySelectOf(d Dialect, query string) error {
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
	s := scanner{rest: query, dialect: d}
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
		case d.forbidden(tok):
			return fmt.Errorf("the query holds %s; only reading is allowed: write one SELECT, and put a column of that name in %s", tok, d.quotes())
		case tok == "SHARE" && before == "FOR" && d != SQLServer:
			return errors.New("the query locks what it reads; leave FOR SHARE out")
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
type scanner struct {
	rest    string
	dialect Dialect
}

var errOpen = errors.New("a text, a quoted name or a comment is opened and not closed; close it")

func (s *scanner) next() (string, error) {
	for {
		s.rest = strings.TrimLeftFunc(s.rest, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
		switch {
		case s.rest == "":
			return "", nil
		case s.dialect == MySQL && (strings.HasPrefix(s.rest, "/*!") || strings.HasPrefix(s.rest, "/*M!")):
			return "", errors.New("the query holds a comment that the server runs (/*! … */); leave it out")
		case strings.HasPrefix(s.rest, "--") && (s.dialect != MySQL || len(s.rest) == 2 || s.rest[2] <= ' '), s.dialect == MySQL && s.rest[0] == '#':
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

// comment skips one; they nest in SQL Server and PostgreSQL.
func (s *scanner) comment() bool {
	depth := 0
	for i := 0; i+1 < len(s.rest); i++ {
		switch s.rest[i : i+2] {
		case "/*":
			if depth == 0 || s.dialect != MySQL {
				depth++
			}
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
	case s.dialect == PostgreSQL && r == '$' && s.dollars():
		return "·", nil
	case r == '\'' || r == '"' || s.dialect == SQLServer && r == '[' || s.dialect == MySQL && r == '`':
		end := byte(r)
		if r == '[' {
			end = ']'
		}
		// A backslash is an ordinary sign in standard SQL, and not in MySQL: what
		// the two would read otherwise is refused, whichever a server is set to.
		for i := 1; i < len(s.rest); i++ {
			if s.rest[i] == '\\' && s.dialect != SQLServer && end != '`' && i+1 < len(s.rest) && (s.rest[i+1] == end || s.rest[i+1] == '\\') {
				return "", errors.New("a text in the query has a backslash before a quote or another backslash, which servers read differently; write it without, such as by CHAR(92) or CHR(92)")
			}
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

// dollars skips a text in dollars, $$…$$ or $name$…$name$.
func (s *scanner) dollars() bool {
	n := strings.IndexByte(s.rest[1:], '$')
	if n < 0 || strings.IndexFunc(s.rest[1:n+1], func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' }) >= 0 ||
		n > 0 && unicode.IsDigit(rune(s.rest[1])) {
		return false
	}
	mark := s.rest[:n+2]
	end := strings.Index(s.rest[len(mark):], mark)
	if end < 0 {
		return false
	}
	s.rest = s.rest[len(mark)+end+len(mark):]
	return true
}

// quotes is how a name is quoted.
func (d Dialect) quotes() string {
	switch d {
	case PostgreSQL:
		return `"quotes"`
	case MySQL:
		return "`backquotes`"
	}
	return "[brackets]"
}
