package store

import (
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	mssql "github.com/microsoft/go-mssqldb"

	"splameter/internal/lazyregexp"
)

// serverLine sends what waits to SQL Server as sets. A statement's rows of
// parameters travel as one, of JSON, which OPENJSON makes a table of: one text
// for any number of rows, so that its plan is used again; in one round trip;
// and with no right but those on the store's own tables. Bytes are hex in it.
//
// What else could be had: bulk copy into a temporary table takes three round
// trips a set, and a table-valued parameter a type in the database, with a right
// of its own on it.
type serverLine struct{}

// A statement of a batch has up to mostSets sets, so up to twice as many parameters.
const mostSets = 500

// The numbers of the errors that statements here raise.
const (
	errorMoved = 51000 // not so many rows as there had to be
	errorInUse = 51001 // a lock was waited for in vain
)

func (serverLine) most() int { return rowsAtOnce }

func (serverLine) insert(t *tx, table string, columns []string, args []any) error {
	return t.queue(queued{q: valuesOf(table, columns, 1), args: args, rows: len(args) / len(columns)})
}

// args makes one parameter of every list.
func (serverLine) args(all []any) []any {
	for i, a := range all {
		switch a := a.(type) {
		case []int64:
			all[i] = jsonList(len(a), func(b []byte, i int) []byte { return strconv.AppendInt(b, a[i], 10) })
		case [][]byte:
			all[i] = jsonList(len(a), func(b []byte, i int) []byte { return appendHex(b, a[i]) })
		case columnsOf:
			all[i] = jsonList(len(a[0]), func(b []byte, i int) []byte {
				b = append(b, '[')
				for n, column := range a {
					if n > 0 {
						b = append(b, ',')
					}
					b = strconv.AppendInt(b, column[i], 10)
				}
				return append(b, ']')
			})
		case bodiesOf:
			all[i] = jsonList(len(a.keys), func(b []byte, i int) []byte {
				b = append(appendHex(append(b, '['), a.keys[i]), ',')
				b = append(appendHex(b, a.bodies[i]), ',')
				return append(strconv.AppendInt(b, int64(i), 10), ']')
			})
		}
	}
	return all
}

// jsonList is a list of n elements as a parameter of a size that does not
// depend on it.
func jsonList(n int, add func([]byte, int) []byte) mssql.NVarCharMax {
	b := []byte{'['}
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		b = add(b, i)
	}
	return mssql.NVarCharMax(append(b, ']'))
}

func appendHex(b, of []byte) []byte {
	if of == nil {
		return append(b, "null"...)
	}
	return append(hex.AppendEncode(append(b, '"'), of), '"')
}

// runsOf joins statements of one text that stand one behind the other, but for
// those of other tables between them: a statement here is about one table.
func runsOf(all []queued) (runs []queued) {
	last := map[string]int{} // by table
	for _, w := range all {
		table := tableOf().FindString(w.q)
		table = table[strings.LastIndexByte(table, ' ')+1:]
		if i, ok := last[table]; ok && runs[i].q == w.q && runs[i].one == w.one {
			runs[i].args = append(runs[i].args, w.args...)
			runs[i].rows += w.rows
			continue
		}
		last[table] = len(runs)
		w.args = append([]any(nil), w.args...)
		runs = append(runs, w)
	}
	return runs
}

var tableOf = lazyregexp.New(`^(?:INSERT INTO|UPDATE|DELETE FROM) \w+`)

func (l serverLine) send(t *tx, all []queued) error {
	runs := runsOf(all)
	for from := 0; from < len(runs); from += mostSets {
		var text []string
		var args []any
		for _, run := range runs[from:min(from+mostSets, len(runs))] {
			rows, kinds, err := jsonRows(&run)
			if err != nil {
				return err
			}
			set, err := setOf(run.q, kinds)
			if err != nil {
				return err
			}
			q, _ := t.db.dialect.bindAfter(len(args), set)
			text, args = append(text, q), append(args, rows)
			if run.one {
				args = append(args, int64(run.rows))
				text = append(text, fmt.Sprintf("IF @@ROWCOUNT <> @p%d BEGIN; THROW %d, N'a row was not where it was read', 1; END", len(args), errorMoved))
			}
		}
		if _, err := t.raw.ExecContext(t.ctx, strings.Join(text, ";\n"), args...); err != nil {
			return raised(err)
		}
	}
	return nil
}

// raised is an error that a statement here raised itself.
func raised(err error) error {
	var e mssql.Error
	if errors.As(err, &e) {
		switch e.Number {
		case errorMoved:
			return errMoved
		case errorInUse:
			return ErrInUse
		}
	}
	return err
}

// jsonRows are the parameters of a run, a row in brackets each, and what is in
// every column: n numbers, k bytes, t text.
func jsonRows(run *queued) (mssql.NVarCharMax, string, error) {
	columns := len(run.args) / run.rows
	kinds := make([]byte, columns)
	b := []byte{'['}
	for i, a := range run.args {
		at := i % columns
		switch {
		case at > 0:
			b = append(b, ',')
		case i > 0:
			b = append(b, "],["...)
		default:
			b = append(b, '[')
		}
		kind := byte('n')
		a, err := driver.DefaultParameterConverter.ConvertValue(a)
		if err != nil {
			return "", "", err
		}
		switch a := a.(type) {
		case int64:
			b = strconv.AppendInt(b, a, 10)
		case []byte:
			kind = 'k'
			b = appendHex(b, a)
		case string:
			kind = 't'
			text, err := json.Marshal(a)
			if err != nil {
				return "", "", err
			}
			b = append(b, text...)
		default:
			return "", "", fmt.Errorf("a parameter of %q is of a type that is not written in sets: %T", run.q, a)
		}
		if kinds[at] != 0 && kinds[at] != kind {
			return "", "", fmt.Errorf("a parameter of %q is of one type here and of another there", run.q)
		}
		kinds[at] = kind
	}
	return mssql.NVarCharMax(append(b, "]]"...)), string(kinds), nil
}

var (
	isInsert = lazyregexp.New(`(?s)^(INSERT INTO \w+ \([^)]*\))\s+VALUES \(([?, ]*)\)$`)
	isCopy   = lazyregexp.New(`(?s)^(INSERT INTO \w+ \([^)]*\)\s+SELECT .* FROM \w+)( WHERE .*)$`)
	isUpdate = lazyregexp.New(`(?s)^UPDATE (\w+)( SET .*?)( WHERE .*)$`)
	isDelete = lazyregexp.New(`(?s)^DELETE FROM (\w+)( WHERE .*)$`)
)

// setOf is the statement that does for all rows of a parameter what another
// does for one: d has a column a parameter of it.
func setOf(q, kinds string) (string, error) {
	var columns []string
	for i, kind := range []byte(kinds) {
		column := fmt.Sprintf("d%d BIGINT '$[%d]'", i, i)
		if kind != 'n' {
			column = fmt.Sprintf("d%d NVARCHAR(MAX) '$[%d]'", i, i)
		}
		columns = append(columns, column)
	}
	rows := "OPENJSON(?) WITH (" + strings.Join(columns, ", ") + ") AS d"
	at := 0
	value := func(part, size string) string { // with each parameter as its column
		var b strings.Builder
		for _, c := range []byte(part) {
			switch {
			case c != '?':
				b.WriteByte(c)
				continue
			case kinds[at] == 'k':
				fmt.Fprintf(&b, "CONVERT(VARBINARY(%s), d%d, 2)", size, at)
			default:
				fmt.Fprintf(&b, "d%d", at)
			}
			at++
		}
		return b.String()
	}
	const body, key = "MAX", "850" // a key as it is indexed, so that the index serves
	if m := isInsert().FindStringSubmatch(q); m != nil {
		return m[1] + " SELECT " + value(m[2], body) + " FROM " + rows, nil
	}
	if m := isCopy().FindStringSubmatch(q); m != nil {
		return value(m[1], body) + ", " + rows + value(m[2], key), nil
	}
	if m := isUpdate().FindStringSubmatch(q); m != nil {
		return "UPDATE x" + value(m[2], body) + " FROM " + m[1] + " AS x, " + rows + value(m[3], key), nil
	}
	if m := isDelete().FindStringSubmatch(q); m != nil {
		return "DELETE x FROM " + m[1] + " AS x, " + rows + value(m[2], key), nil
	}
	return "", fmt.Errorf("%q has no form for sets", q)
}

// numbered implements line. What is asked is asked after the transaction: what
// it numbered stays.
func (l serverLine) numbered(t *tx, all []queued, tell func(scanner) error) error {
	conn, err := t.db.db.Conn(t.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	text := []string{"SET NOCOUNT ON", "SET XACT_ABORT ON", "BEGIN TRANSACTION", "DECLARE @got INT",
		"EXEC @got = sp_getapplock @Resource = @p1, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = @p2",
		fmt.Sprintf("IF @got < 0 BEGIN; THROW %d, N'the lock of numbers is held', 1; END", errorInUse)}
	args := []any{"splameter numbers " + t.db.dialect.schema, t.db.lockMilliseconds()}
	for i, w := range all {
		if i == len(all)-1 {
			text = append(text, "COMMIT TRANSACTION")
		}
		q, _ := t.db.dialect.bindAfter(len(args), w.q)
		text, args = append(text, q), append(args, l.args(w.args)...)
	}
	rows, err := conn.QueryContext(t.ctx, strings.Join(text, ";\n"), args...)
	if err != nil {
		return raised(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := tell(rows); err != nil {
			return err
		}
	}
	return raised(rows.Err())
}

// lockMilliseconds is how long a lock is waited for.
func (s *database) lockMilliseconds() int64 { return max(1, s.opt.Wait.Milliseconds()) }

// begin starts a transaction of SQL Server. Where the database keeps row
// versions, who reads sees one state of the store and takes no lock, and who
// writes locks its scope, beside others. Where it does not, one writes at a
// time and nobody reads meanwhile. The modes are such that the two sorts, and
// the versions before this one, shut each other out.
func (s *database) begin(t *tx, readOnly bool, of scope) (err error) {
	if readOnly && s.versions {
		t.raw, err = t.conn.BeginTx(t.ctx, &sql.TxOptions{Isolation: sql.LevelSnapshot})
		return err
	}
	if t.raw, err = t.conn.BeginTx(t.ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}); err != nil {
		return err
	}
	store, mode := "splameter store "+s.dialect.schema, "Exclusive"
	q := "DECLARE @a INT; EXEC @a = sp_getapplock @Resource = @p1, @LockMode = @p2, @LockOwner = N'Transaction', @LockTimeout = @p3; SELECT @a"
	args := []any{store, mode, s.lockMilliseconds()}
	switch {
	case readOnly:
		args[1] = "Shared"
	case s.versions && of != everything:
		args[1] = "IntentExclusive"
		args = append(args, "splameter scope "+s.dialect.schema+" "+scopeKey(of))
		q = "DECLARE @a INT, @b INT = 0; EXEC @a = sp_getapplock @Resource = @p1, @LockMode = @p2, @LockOwner = N'Transaction', @LockTimeout = @p3; " +
			"IF @a >= 0 EXEC @b = sp_getapplock @Resource = @p4, @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = @p3; SELECT CASE WHEN @a < 0 THEN @a ELSE @b END"
	}
	status := -999
	err = t.raw.QueryRowContext(t.ctx, q, args...).Scan(&status)
	switch {
	case err == nil && status >= 0:
		return nil
	case err == nil && (status == -1 || status == -3): // waited too long, or chosen as the victim of a deadlock
		err = ErrInUse
	case err == nil:
		err = fmt.Errorf("the server refuses the lock %q (%d)", store, status)
	}
	_ = t.raw.Rollback()
	return err
}

// scopeKey is a scope in as few characters as the name of a lock may have.
func scopeKey(of scope) string {
	if len(of) <= 100 {
		return string(of)
	}
	sum := digestOf([]byte(of))
	return hex.EncodeToString(sum[:])
}
