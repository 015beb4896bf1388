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

	"splameter/collector"
	"splameter/collector/forms"
	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/internal/product"
	"splameter/internal/snapshot"
)

type inspectCmd struct {
	Files    []string `arg:"" help:"Session logs and inventories, in any form that splameter reads, or folders of them." type:"path"`
	Form     bool     `help:"Print only what each file is, a line a file; so are folders shown."`
	Count    bool     `help:"Print only the counts."`
	Products string   `help:"Titles of your own (products: in the config), to recognize programs by." placeholder:"FILE" type:"path"`
	Zone     string   `help:"Time zone of times without an offset." default:"UTC" placeholder:"ZONE"`
	Dates    string   `help:"dmy or mdy: the order of day and month, where the file itself proves none." enum:",dmy,mdy,ymd" default:"" placeholder:"ORDER"`
}

func (inspectCmd) Help() string {
	return `Says by its content what a file is, and prints one JSON line for each event of
a session log, with what it proves and why, or for each program of an inventory,
with the product recognised, or why none, or each machine of a hosts table.
Damage goes to standard error, and makes the command exit with 3; a file that is
none of these, with 1, when the others have been shown. With --form, and of a
folder, only what each file is. splameter forms lists the forms.

Examples:
  splameter inspect RDSH-A01.evtx
  splameter inspect --count logs/*.evtx
  splameter inspect exports
  splameter inspect software-2026-10-02.csv`
}

func (c *inspectCmd) Run(ctx context.Context, a *app) error {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return usageError(fmt.Sprintf("%q is no time zone; write it like Europe/Amsterdam", c.Zone))
	}
	list, folder, err := c.files()
	if err != nil {
		return err
	}
	if c.Form || folder {
		return c.what(ctx, a, list)
	}
	out := bufio.NewWriterSize(a.stdout, 1<<16)
	defer out.Flush()
	damaged := false
	var unread []error
	for _, path := range list {
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
		if len(list) > 1 { // the others are shown all the same
			fmt.Fprintln(a.stderr, clean(err.Error()))
		}
		unread = append(unread, err)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	switch {
	case len(unread) > 0 && len(list) == 1:
		return unread[0]
	case len(unread) > 0:
		return fmt.Errorf("%d of %d files could not be read, as told above", len(unread), len(list))
	}
	if damaged {
		return errIncomplete
	}
	return nil
}

// file shows one file; damaged says that something in it could not be read.
//
// What a file is, its content says, before any reader runs. Only where the
// content fits no form does the name tell what it was meant as, so that the
// reader of that says what is missing.
func (c *inspectCmd) file(ctx context.Context, a *app, out *bufio.Writer, path string, zone *time.Location) (damaged bool, err error) {
	found, err := collector.Identify(path)
	if err != nil {
		return c.sessions(ctx, a, out, path, zone) // damage from the first byte on is the log's
	}
	kind := forms.Sessions
	switch f := found.Form; {
	case f != nil:
		kind = f.Kind
	case found.Shape == forms.CSV || found.Shape == forms.JSON || found.Shape == forms.List:
		switch {
		case found.LooksLikeLog():
		case named(path, "hosts"):
			kind = forms.Machines
		case named(path, "software", "uninstall", "inventory"):
			kind = forms.Software
		case found.Shape == forms.JSON:
		default:
			return false, errors.New(found.Refusal())
		}
	case found.Shape == forms.Empty && named(path, "software", "uninstall", "inventory"):
		kind = forms.Software
	case found.Shape != forms.XML && found.Shape != forms.Empty:
		return false, errors.New(found.Refusal())
	}
	switch kind {
	case forms.Directory:
		return false, errors.New("this is a directory export; inspect shows session logs and inventories, and splameter check reads the exports that the config names")
	case forms.Software:
		return c.software(ctx, a, out, path, zone)
	case forms.Machines:
		return c.machines(ctx, a, out, path, zone)
	}
	return c.sessions(ctx, a, out, path, zone)
}

// sessions shows a session log.
func (c *inspectCmd) sessions(ctx context.Context, a *app, out *bufio.Writer, path string, zone *time.Location) (damaged bool, err error) {
	var counts sessions.Counts
	var line []byte
	faults := damages{to: a.stderr, path: path}
	shown := 0
	emit := func(ev *sessions.Event, v sessions.Verdict) error {
		shown++
		if c.Count {
			counts.Add(ev, v)
			return nil
		}
		line = append(sessions.AppendJSON(line[:0], ev, v), '\n')
		_, err := out.Write(line)
		return err
	}
	opt := sessions.Options{Zone: zone, Workers: a.workers(), Dates: textblock.OrderOf(c.Dates), Host: forms.HostOf(path)}
	seen, err := sessions.Inspect(ctx, path, opt, emit, faults.add)
	faults.finish()
	if err != nil {
		return false, err
	}
	if s := told(zone, seen.LocalTimes, seen.Dates); s != "" {
		fmt.Fprintf(a.stderr, "%s: %s\n", path, s)
	}
	if shown == 0 && seen.Records > 0 {
		fmt.Fprintf(a.stderr, "%s: %s\n", path, sessions.NoSessions(seen.Records))
	}
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

// maxTold is how many damages of one file are told: more help nobody to repair
// it, and a file may hold a hundred million.
const maxTold = 1000

// damages tells what could not be read of a session log.
type damages struct {
	to   io.Writer
	path string
	seen int
}

func (d *damages) add(g record.Damage) {
	if d.seen++; d.seen <= maxTold {
		d.tell(sessions.DamageText(g))
	}
}

func (d *damages) tell(s string) { fmt.Fprintf(d.to, "%s: %s\n", d.path, s) }

// finish tells the last of it: how much was not told.
func (d *damages) finish() {
	if more := d.seen - maxTold; more > 0 {
		d.tell(fmt.Sprintf("%d more damages are not shown, since only the first %d of a file are: see whether these have one cause, and export the log again", more, maxTold))
	}
}

// named says that a file's name begins with one of the words.
func named(path string, words ...string) bool {
	base := strings.ToLower(filepath.Base(path))
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(base, w) })
}

// titles are what programs are recognized by.
func (c *inspectCmd) titles() (*product.Catalog, error) {
	if c.Products == "" {
		return product.Builtin(), nil
	}
	data, err := os.ReadFile(c.Products)
	if err != nil {
		return nil, fmt.Errorf("read the titles of your own: %w", err)
	}
	titles, faults := product.With([]product.Source{{Name: c.Products, Data: data}})
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return titles, nil
}

// software shows a list of programs, a line a program.
func (c *inspectCmd) software(ctx context.Context, a *app, out *bufio.Writer, path string, zone *time.Location) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	titles, err := c.titles()
	if err != nil {
		return false, err
	}
	v, err := inventory.ReadSoftware(ctx, f, path, inventory.Options{Loc: zone, Host: inventory.HostOf(path), Titles: titles})
	if err != nil {
		return false, err
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	type key struct {
		Product    string `json:"product"`
		Licensable bool   `json:"licensable"`
	}
	counts, order := map[key]int{}, []key(nil)
	for app := range inventory.Describe(v, titles) {
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
	kinds := map[snapshot.MachineKind]int{}
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
