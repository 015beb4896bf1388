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
// its form, or why it is not read.
func (c *inspectCmd) what(ctx context.Context, a *app, list []string) error {
	out := bufio.NewWriter(a.stdout)
	defer out.Flush()
	width := 0
	for _, p := range list {
		width = max(width, len([]rune(p)))
	}
	width = min(width, 60)
	unread := 0
	for _, p := range list {
		if err := ctx.Err(); err != nil {
			return err
		}
		kind, text := describe(p)
		if kind == "" {
			kind, unread = "not read", unread+1
		}
		fmt.Fprintf(out, "%-*s  %-11s  %s\n", width, p, kind, clean(text))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if unread > 0 {
		return fmt.Errorf("%d of %d files are in no form that is read", unread, len(list))
	}
	return nil
}

// kindNames are what a form's kind is called where it is shown.
var kindNames = map[forms.Kind]string{forms.Sessions: "session log", forms.Software: "programs", forms.Machines: "machines", forms.Directory: "directory"}

// describe says of one file what it is; kind is empty for one that is not read.
func describe(path string) (kind, text string) {
	found, err := collector.Identify(path)
	switch {
	case err != nil:
		return "", err.Error()
	case found.Form == nil:
		return "", found.Refusal()
	}
	text = found.Form.Name
	if !found.Certain {
		text += ", by its columns " + found.Seen()
	}
	return kindNames[found.Form.Kind], text
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
