// Package edits changes the files that are kept by hand (config, rules and
// tables) for pages and commands: what would come out is checked as the program
// checks its files, shown line by line, and written with who and why in
// table-changes.csv beside the config. It makes no change of its own.
package edits

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/monthend"
	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/safetext"
)

// Edit is one file as it is and as it would be. A file that is not there yet
// was nothing.
type Edit struct {
	Key     string // as the config names it: tenants, exclusions, rules …; config itself
	Path    string
	Was, Is []byte
}

// Document is the key of a document that is handed in: no table, and shown by
// its size and digest.
const Document = "document"

// Name is the file's name.
func (e *Edit) Name() string { return filepath.Base(e.Path) }

// Before is the digest of the file as it was when the edit was made.
func (e *Edit) Before() string { return digest.Of(e.Was) }

// Read is the file of a path; nothing where it is not there.
func Read(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Check says what the program would find wrong, were the files as the edits
// make them; empty: nothing.
func Check(c *config.Config, list []Edit) (string, error) {
	instead := map[string][]byte{}
	for i := range list {
		instead[list[i].Path] = list[i].Is
	}
	faults, err := monthend.Check(c, instead)
	if err != nil {
		return "", err
	}
	if err := faults.Err(); err != nil {
		return err.Error(), nil
	}
	return "", nil
}

// Who is who changes files, and why.
type Who struct {
	At                           time.Time
	Account, By, Reason, Request string
}

// Change is one line of table-changes.csv.
type Change struct {
	Who
	Table, File   string
	Line          int
	Was, Is       string
	Before, After string // digests of the file
}

var columns = []string{"at", "account", "by", "reason", "table", "file", "line", "was", "is", "sha256_before", "sha256_after", "request"}

func logFile(c *config.Config) string { return filepath.Join(c.Dir, "table-changes.csv") }

// Changes are all changes so far, the newest last.
func Changes(c *config.Config) ([]Change, error) {
	f, err := os.Open(logFile(c))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("table-changes.csv cannot be read: %w", err)
	}
	var out []Change
	for i, x := range rows {
		if i == 0 || len(x) < len(columns) {
			continue
		}
		at, _ := time.Parse(time.RFC3339, x[0])
		line, _ := strconv.Atoi(x[6])
		out = append(out, Change{Who{at, x[1], x[2], x[3], x[11]}, x[4], x[5], line, x[7], x[8], x[9], x[10]})
	}
	return out, nil
}

// Done says whether a request was done before: the change that it made, or nil.
// The log is written before the files, so that one whose files still are as they
// were was interrupted, and is not done; one of which some are written and some
// not is an error, since doing it again would do half of it twice. A document
// lies under its digest, and is written again without harm.
func Done(c *config.Config, list []Edit, request string) (*Change, error) {
	if request == "" {
		return nil, nil
	}
	log, err := Changes(c)
	if err != nil {
		return nil, err
	}
	now := map[string]*Edit{}
	for i := range list {
		now[list[i].Key+" "+list[i].Name()] = &list[i]
	}
	var done, not *Change
	for i := range log {
		x := &log[i]
		if x.Request != request || x.Table == Document {
			continue
		}
		if e := now[x.Table+" "+x.File]; e != nil && e.Before() == x.Before {
			not = x
		} else {
			done = x
		}
	}
	if done != nil && not != nil {
		return nil, fmt.Errorf("this was begun before and interrupted: %s is written, and %s is not; write into that what table-changes.csv says of the request %s, or take both back", done.File, not.File, request)
	}
	return done, nil
}

// ErrChanged says that somebody wrote a file after the edit was made.
var ErrChanged = errors.New("the file was changed by somebody else meanwhile")

// Write writes the files. The log comes first, so that no change is made that
// nobody knows of.
func Write(c *config.Config, list []Edit, who Who) error {
	path := logFile(c)
	have, err := Read(path)
	if err != nil {
		return err
	}
	if have == nil {
		have = []byte(strings.Join(columns, ",") + "\n")
	}
	var b strings.Builder
	b.Write(have)
	w := csv.NewWriter(&b)
	for i := range list {
		e := &list[i]
		now, err := Read(e.Path)
		if err != nil {
			return err
		}
		if digest.Of(now) != e.Before() {
			return fmt.Errorf("%s: %w", e.Name(), ErrChanged)
		}
		after := digest.Of(e.Is)
		for _, h := range e.Hunks() {
			if err := w.Write([]string{who.At.UTC().Format(time.RFC3339), safetext.Cell(who.Account), safetext.Cell(who.By), safetext.Cell(who.Reason), e.Key, safetext.Cell(e.Name()),
				strconv.Itoa(h.Line), safetext.Cell(strings.Join(h.Was, "\n")), safetext.Cell(strings.Join(h.Is, "\n")), e.Before(), after, who.Request}); err != nil {
				return err
			}
		}
	}
	w.Flush()
	if err := atomicfile.WriteBytes(path, atomicfile.Private, []byte(b.String())); err != nil {
		return err
	}
	for i := range list {
		if err := os.MkdirAll(filepath.Dir(list[i].Path), 0o750); err != nil {
			return err
		}
		mode := atomicfile.Keep
		if list[i].Was == nil {
			mode = atomicfile.Normal
		}
		if err := atomicfile.WriteBytes(list[i].Path, mode, list[i].Is); err != nil {
			return err
		}
	}
	return nil
}
