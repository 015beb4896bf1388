package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/collector/sessions/record"
	"splameter/internal/snapshot"
)

type inspectCmd struct {
	Files []string `arg:"" help:"Session logs and inventories, in any form that splameter reads." type:"existingfile"`
	Count bool     `help:"Print only the counts."`
	Zone  string   `help:"Time zone of times without an offset." default:"UTC" placeholder:"ZONE"`
}

func (inspectCmd) Help() string {
	return `Prints one JSON line for each event of a session log, with what it proves and
why, or for each program of an inventory, with the product recognised, or why
none, or each machine of a hosts table. Damage goes to standard error, and
makes the command exit with 3; a file that is none of these, with 1, when the
others have been shown.

Examples:
  splameter inspect RDSH-A01.evtx
  splameter inspect --count logs/*.evtx
  splameter inspect software-2026-10-02.csv`
}

func (c *inspectCmd) Run(ctx context.Context, a *app) error {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return usageError(fmt.Sprintf("%q is no time zone; write it like Europe/Amsterdam", c.Zone))
	}
	out := bufio.NewWriterSize(a.stdout, 1<<16)
	defer out.Flush()
	damaged := false
	var unread []error
	for _, path := range c.Files {
		bad, err := c.file(ctx, a, out, path, zone)
		damaged = damaged || bad
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil || out.Flush() != nil:
			return err
		case !strings.Contains(err.Error(), path):
			err = fmt.Errorf("%s: %w", path, err)
		}
		if len(c.Files) > 1 { // the others are shown all the same
			fmt.Fprintln(a.stderr, clean(err.Error()))
		}
		unread = append(unread, err)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	switch {
	case len(unread) > 0 && len(c.Files) == 1:
		return unread[0]
	case len(unread) > 0:
		return fmt.Errorf("%d of %d files could not be read, as told above", len(unread), len(c.Files))
	}
	if damaged {
		return errIncomplete
	}
	return nil
}

// file shows one file; damaged says that something in it could not be read.
//
// What a file is, its content says: whatever yields no event is tried as an
// inventory, and what was said against it as a log is told only where it is
// none either, unless its name says that it was meant as an inventory.
func (c *inspectCmd) file(ctx context.Context, a *app, out *bufio.Writer, path string, zone *time.Location) (damaged bool, err error) {
	if isExport(path) {
		return false, errors.New("this is a directory export; inspect shows session logs and inventories, and splameter check reads the exports that the config names")
	}
	var counts sessions.Counts
	var line []byte
	faults := damages{to: a.stderr, path: path}
	if isLog(path) {
		faults.release()
	}
	emit := func(ev *sessions.Event, v sessions.Verdict) error {
		faults.release()
		if c.Count {
			counts.Add(ev, v)
			return nil
		}
		line = append(sessions.AppendJSON(line[:0], ev, v), '\n')
		_, err := out.Write(line)
		return err
	}
	seen, err := sessions.Inspect(ctx, path, sessions.Options{Zone: zone, Workers: a.workers()}, emit, faults.add)
	if errors.Is(err, sessions.ErrUnknownForm) {
		return c.inventory(ctx, a, out, path, zone)
	}
	if err != nil {
		faults.finish()
		return false, err
	}
	if faults.held() && seen.Records == 0 {
		bad, err := c.inventory(ctx, a, out, path, zone)
		if err == nil || ctx.Err() != nil {
			return bad, err
		}
		meant := isInventory(path)
		if !meant {
			faults.finish()
		}
		if meant || seen.IsDamaged() {
			fmt.Fprintln(a.stderr, clean(err.Error()))
			return true, nil
		}
	}
	faults.finish()
	if c.Count {
		enc := json.NewEncoder(out)
		for _, n := range counts.List() {
			if err := enc.Encode(n); err != nil {
				return false, err
			}
		}
	}
	return seen.IsDamaged(), nil
}

// maxTold is how many damages of one file are told: more help nobody to mend
// it, and a file may hold a hundred million.
const maxTold = 1000

// damages tells what could not be read of a session log, but not before it is
// known to be one.
type damages struct {
	to       io.Writer
	path     string
	first    []string // held
	seen     int
	released bool
}

// held says that nothing has told yet whether the file is a log.
func (d *damages) held() bool { return !d.released }

func (d *damages) add(g record.Damage) {
	switch d.seen++; {
	case d.seen > maxTold:
		// A header that is no log's is one damage: these are rows of a log.
		if !d.released && !isInventory(d.path) {
			d.release()
		}
	case d.released:
		d.tell(sessions.DamageText(g))
	default:
		d.first = append(d.first, sessions.DamageText(g))
	}
}

func (d *damages) tell(s string) { fmt.Fprintf(d.to, "%s: %s\n", d.path, s) }

// release tells what was held, and from now on everything at once.
func (d *damages) release() {
	for _, s := range d.first {
		d.tell(s)
	}
	d.first, d.released = nil, true
}

// finish tells the last of it: how much was not told.
func (d *damages) finish() {
	d.release()
	if more := d.seen - maxTold; more > 0 {
		d.tell(fmt.Sprintf("%d more damages are not shown, since only the first %d of a file are: see whether these have one cause, and export the log again", more, maxTold))
	}
}

// isLog says by its name that a file without events is a log all the same.
func isLog(path string) bool {
	switch innerExt(path) {
	case ".evtx", ".ndjson":
		return true
	}
	return false
}

// isInventory says by its name that a file was meant as a list of programs or
// a hosts table.
func isInventory(path string) bool { return named(path, "software", "uninstall", "inventory", "hosts") }

// named says that a file's name begins with one of the words.
func named(path string, words ...string) bool {
	base := strings.ToLower(filepath.Base(path))
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(base, w) })
}

// isExport says by its name that a file is an export of a directory.
func isExport(path string) bool { return innerExt(path) == ".ldif" }

// innerExt is a file's ending beneath that of its compression.
func innerExt(path string) string {
	path = strings.ToLower(path)
	for _, packed := range []string{".gz", ".zst"} {
		path = strings.TrimSuffix(path, packed)
	}
	return filepath.Ext(path)
}

// inventory shows a file of programs, or of machines; its name tells which,
// where it does.
func (c *inspectCmd) inventory(ctx context.Context, a *app, out *bufio.Writer, path string, zone *time.Location) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if named(path, "hosts") {
		return c.machines(ctx, a, out, path, zone)
	}
	v, err := inventory.ReadSoftware(ctx, f, path, inventory.Options{Loc: zone, Host: inventory.HostOf(path)})
	if err != nil {
		if isInventory(path) {
			return false, err
		}
		if bad, as := c.machines(ctx, a, out, path, zone); as == nil {
			return bad, nil
		}
		return false, err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	type key struct {
		Product    string `json:"product"`
		Licensable bool   `json:"licensable"`
	}
	counts, order := map[key]int{}, []key(nil)
	for app := range inventory.Describe(v) {
		if !c.Count {
			if err := enc.Encode(app); err != nil {
				return false, err
			}
			continue
		}
		k := key{app.Product, app.Licensable}
		if counts[k] == 0 {
			order = append(order, k)
		}
		counts[k]++
	}
	for _, k := range order {
		if err := enc.Encode(struct {
			key
			Programs int `json:"programs"`
		}{k, counts[k]}); err != nil {
			return false, err
		}
	}
	a.notes(path, v)
	return v.Status != snapshot.Complete, nil
}

// machines shows a hosts table, a line a machine.
func (c *inspectCmd) machines(ctx context.Context, a *app, out *bufio.Writer, path string, zone *time.Location) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	v, err := inventory.ReadHosts(ctx, f, path, inventory.Options{Loc: zone})
	if err != nil {
		return false, err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	kinds := map[string]int{}
	for i := range v.Machines {
		kinds[v.Machines[i].Kind]++
		if c.Count {
			continue
		}
		if err := enc.Encode(&v.Machines[i]); err != nil {
			return false, err
		}
	}
	if c.Count {
		for _, kind := range slices.Sorted(maps.Keys(kinds)) {
			if err := enc.Encode(map[string]any{"kind": kind, "machines": kinds[kind]}); err != nil {
				return false, err
			}
		}
	}
	a.notes(path, v)
	return v.Status != snapshot.Complete, nil
}

// notes tells what a reading noticed, with the line where it has one.
func (a *app) notes(path string, v *snapshot.Inventory) {
	for _, n := range v.Notes {
		at := path
		if n.At.Line > 0 {
			at = fmt.Sprintf("%s:%d", path, n.At.Line)
		}
		fmt.Fprintf(a.stderr, "%s: %s\n", at, clean(n.Message))
	}
}
