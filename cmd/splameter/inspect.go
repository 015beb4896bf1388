package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/collector/sessions/record"
)

type inspectCmd struct {
	Files []string `arg:"" help:"Session logs and inventories, in any form that splameter reads." type:"existingfile"`
	Count bool     `help:"Print only the counts."`
	Zone  string   `help:"Time zone of times without an offset." default:"UTC" placeholder:"ZONE"`
}

func (inspectCmd) Help() string {
	return `Prints one JSON line for each event of a session log, with what it proves and
why, or for each program of an inventory, with the product recognised, or why
none. Damage goes to standard error, and makes the command exit with 3.

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
	for _, path := range c.Files {
		bad, err := c.file(ctx, a, out, path, zone)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		damaged = damaged || bad
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if damaged {
		return errIncomplete
	}
	return nil
}

// file shows one file; damaged says that something in it could not be read.
func (c *inspectCmd) file(ctx context.Context, a *app, out *bufio.Writer, path string, zone *time.Location) (damaged bool, err error) {
	var counts sessions.Counts
	var line []byte
	emit := func(ev *sessions.Event, v sessions.Verdict) error {
		if c.Count {
			counts.Add(ev, v)
			return nil
		}
		line = append(sessions.AppendJSON(line[:0], ev, v), '\n')
		_, err := out.Write(line)
		return err
	}
	seen, err := sessions.Inspect(ctx, path, sessions.Options{Zone: zone, Workers: a.workers()}, emit, func(d record.Damage) {
		fmt.Fprintf(a.stderr, "%s: %s\n", path, sessions.DamageText(d))
	})
	switch {
	case errors.Is(err, sessions.ErrUnknownForm):
		return c.inventory(ctx, a, out, path, zone)
	case err != nil:
		return false, err
	}
	if seen.Events == 0 && seen.Records == 0 && !seen.IsDamaged() && !isLog(path) {
		if bad, err := c.inventory(ctx, a, out, path, zone); err == nil {
			return bad, nil
		}
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

// isLog says by its name that a file without events is a log all the same.
func isLog(path string) bool {
	switch filepath.Ext(path) {
	case ".evtx", ".ndjson":
		return true
	}
	return false
}

// inventory shows a file of programs.
func (c *inspectCmd) inventory(ctx context.Context, a *app, out *bufio.Writer, path string, zone *time.Location) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	v, err := inventory.ReadSoftware(ctx, f, path, inventory.Options{Loc: zone, Host: inventory.HostOf(path)})
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
	for _, n := range v.Notes {
		fmt.Fprintf(a.stderr, "%s:%d: %s\n", path, n.At.Line, n.Message)
	}
	return v.Status != "complete", nil
}
