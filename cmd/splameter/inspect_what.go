package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector"
	"splameter/collector/forms"
	"splameter/internal/lazyregexp"
	"splameter/internal/paths"
)

// files are the files that were named, those of folders in their order.
func (c *inspectCmd) files() (list []string, folder bool, err error) {
	for _, p := range c.Files {
		info, err := os.Stat(p)
		if err != nil {
			return nil, false, usageError(fmt.Sprintf("%s: no such file or folder", p))
		}
		if !info.IsDir() {
			list = append(list, p)
			continue
		}
		folder = true
		var inner []string
		err = filepath.WalkDir(p, func(path string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".") {
				inner = append(inner, path)
			}
			return err
		})
		if err != nil {
			return nil, false, fmt.Errorf("read the folder %s: %w", p, err)
		}
		slices.Sort(inner)
		list = append(list, inner...)
	}
	return list, folder, nil
}

// what says what each file is, a line a file: its name, what it is read as, and
// its form, or why it is not read. Files that follow each other, have one form
// and differ in the digits of their names alone, as the exports of a month do,
// are one line.
func (c *inspectCmd) what(ctx context.Context, a *app, list []string) error {
	base := ""
	if len(c.Files) == 1 {
		base = c.Files[0]
	}
	var all []described
	width, unread := 0, 0
	for _, p := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := describe(p)
		if base != "" {
			p = paths.Shown(base, p)
		}
		d.first, d.last, d.n = p, p, 1
		if d.kind == "" {
			d.kind, unread = "not read", unread+1
		}
		if n := len(all); n > 0 && all[n-1].like(&d) {
			all[n-1].last = p
			all[n-1].n++
			continue
		}
		all = append(all, d)
	}
	for i := range all {
		width = max(width, len([]rune(all[i].name())))
	}
	width = min(width, 60)
	out := bufio.NewWriter(a.stdout)
	defer out.Flush()
	for i := range all {
		fmt.Fprintf(out, "%-*s  %-11s  %s\n", width, clean(all[i].name()), all[i].kind, clean(all[i].text))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if unread > 0 {
		return fmt.Errorf("%d of %d files are in no form that is read; splameter forms lists what is", unread, len(list))
	}
	return nil
}

// kindNames are what a form's kind is called where it is shown.
var kindNames = map[forms.Kind]string{forms.Sessions: "session log", forms.Software: "programs", forms.Machines: "machines", forms.Directory: "directory"}

// described is what one file is, or several of one form and like names.
type described struct {
	kind, text  string // kind is empty for what is not read
	first, last string
	n           int
}

var digits = lazyregexp.New(`[0-9]+`)

// like says that a file is of the form of those before it and is called as they
// are, but for digits.
func (d *described) like(o *described) bool {
	return d.kind == o.kind && d.text == o.text && digits().ReplaceAllString(d.last, "0") == digits().ReplaceAllString(o.first, "0")
}

func (d *described) name() string {
	switch d.n {
	case 1:
		return d.first
	case 2:
		return d.first + ", " + filepath.Base(d.last)
	}
	return fmt.Sprintf("%s … %s (%d)", d.first, filepath.Base(d.last), d.n)
}

// kept are the tables and settings of one's own, which the config names, by names
// that each has: they are no export, and are read all the same.
var kept = []struct{ key, names string }{
	{"tenants", "id name ou"}, {"resellers", "id name annexto"}, {"exclusions", "id tenant ground match"}, {"decisions", "decision by reason"},
	{"shared_accounts", "account persons"}, {"sales_prices", "tenant product unitprice"}, {"prices", "partnumber unitprice currency"},
	{"rules", "version products"}, {"the config itself", "provider store rules"},
}

// describe says of one file what it is.
func describe(path string) described {
	found, err := collector.Identify(path)
	if err != nil {
		return described{text: err.Error()}
	}
	if found.Form != nil {
		text := found.Form.Name
		if !found.Certain {
			text += ", by its columns " + found.Seen()
		}
		return described{kind: kindNames[found.Form.Kind], text: text}
	}
	have := map[string]bool{}
	for _, n := range found.Names {
		have[forms.Fold(n)] = true
	}
	for _, k := range kept {
		if !slices.ContainsFunc(strings.Fields(k.names), func(n string) bool { return !have[n] }) {
			return described{kind: "your own", text: "a table or file of your own, as the config names it: " + k.key}
		}
	}
	text, _, _ := strings.Cut(found.Refusal(), "; splameter forms")
	return described{text: text}
}

// formsCmd lists what is read.
type formsCmd struct {
	Markdown bool `help:"As the table of docs/forms.md."`
}

func (formsCmd) Help() string {
	return `Lists every form of session log, inventory and machine table that splameter
reads: its id, what it is read as, its grammar, and what it proves. Which form a
file has, splameter inspect --form says.`
}

func (c *formsCmd) Run(_ context.Context, a *app) error {
	if c.Markdown {
		_, err := fmt.Fprint(a.stdout, forms.Markdown())
		return err
	}
	for _, f := range forms.All() {
		shapes := make([]string, len(f.Shapes))
		for i, s := range f.Shapes {
			shapes[i] = string(s)
		}
		if _, err := fmt.Fprintf(a.stdout, "%-22s  %-11s  %-9s  %s\n%48s%s\n", f.ID, kindNames[f.Kind], strings.Join(shapes, ","), f.Name, "", f.Proves); err != nil {
			return err
		}
	}
	return nil
}

// told says how a log's times were understood, where that was in question.
func told(zone *time.Location, local int, dates string) string {
	var parts []string
	if local > 0 {
		parts = append(parts, fmt.Sprintf("%d times have no offset and were read as those of %s", local, zone))
	}
	if dates != "" {
		parts = append(parts, "dates were read with the "+dates)
	}
	return strings.Join(parts, "; ")
}
