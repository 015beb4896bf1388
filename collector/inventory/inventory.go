// Package inventory reads what is installed on which host, and which machines
// there are, from exported files: CSV, registry exports, WMI listings and
// JSON. It tells only what a file says, row by row, with the line it stood
// on; what a program is belongs to package product, and what it costs to the
// rules.
package inventory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"splameter/collector/forms"
	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/snapshot"
)

// Options says how a file is to be read.
type Options struct {
	Taken   time.Time         // what moment the file stands for, see DateOf
	Loc     *time.Location    // the provider's zone, for the reading's day; nil: UTC
	Columns map[string]string // our column's name to the file's, where the file's is not known
	Titles  *product.Catalog  // what programs are recognized by; nil: what the program knows
	Host    string            // whose software it is, where the form names no host; see HostOf
}

func (o *Options) titles() *product.Catalog {
	if o.Titles == nil {
		return product.Builtin()
	}
	return o.Titles
}

// Codes of the notices of a reading. Only CodeDamaged makes it partial.
const (
	CodeDamaged    = "inventory-damaged"  // a row or a value could not be read; what was lost is said
	CodeEncoding   = "inventory-encoding" // text without a known encoding, taken as Windows-1252
	CodeColumns    = "inventory-columns"  // columns that mean nothing to us
	CodeSkipped    = "inventory-skipped"  // rows left out by design, counted: without a name, hidden, updates
	CodeClipped    = "inventory-clipped"  // names that a window's width cut
	CodeUnlicensed = "product-not-activated"
	CodeUnreadable = "machine-unreadable" // a machine's field could not be read; the machine is kept
	CodeDoubled    = "machine-doubled"    // one machine on two rows that differ; both are kept
)

// Bounds on one file, far above any real estate (5,000 hosts of 80 programs
// are 400,000 rows and some 40 MiB), so that a hostile one cannot take the
// machine down.
const (
	maxText    = 1 << 30   // bytes after decompression
	maxRows    = 3_000_000 // programs, or machines
	maxLine    = 1 << 20   // bytes of one line, or of one record over several
	maxNotices = 50        // of one code; the rest is counted
)

// ReadSoftware reads a list of installed programs in any of the forms: CSV
// with a header, a registry export, a WMI listing, or JSON; plain or in gzip
// or zstd. A row that cannot be read is a notice and makes the reading
// partial. An error means that nothing was read: the form is unknown, a
// needed column is missing, the source could not be read, or ctx ended.
func ReadSoftware(ctx context.Context, r io.Reader, file string, opt Options) (*snapshot.Inventory, error) {
	inv := newReading(file, opt)
	notes := &notices{file: file}
	in, err := open(ctx, r, notes)
	if err != nil {
		return nil, fmt.Errorf("read software inventory %s: %w", file, err)
	}
	defer in.Close()
	if host := HostOf(in.member); host != "" {
		opt.Host = host // an archive's name is not that of what it holds
	}
	b := newBuilder(opt, inv.Day, notes)
	found := forms.Detect(in.peek())
	if err := refuse(&found, forms.Software); err != nil {
		return nil, fmt.Errorf("read software inventory %s: %w", file, err)
	}
	id := ""
	if f := formOf(&found, forms.Software); f != nil {
		id = f.ID
	}
	switch {
	case id == "winget-export":
		err = readWingetExport(in, b)
	case id == "winget-list":
		err = readWingetList(in, b)
	case id == "chocolatey":
		err = readChoco(in, b)
	case id == "dbatools-instance-property" && found.Shape == forms.CSV:
		err = readInstanceProperties(in, b)
	default:
		err = readSoftware(in, b, opt, &found)
	}
	if err != nil {
		return nil, fmt.Errorf("read software inventory %s: %w", file, err)
	}
	inv.Software, inv.Scans = b.finish(), b.scans.old(b.hosts)
	notes.seal(&inv.Reading)
	return inv, nil
}

// readSoftware reads a form by its grammar.
func readSoftware(in *input, b *builder, opt Options, found *forms.Found) error {
	switch sniff(in.peek()) {
	case formEmpty:
		return in.nothing()
	case formJSON:
		return readSoftwareJSON(in, b, opt, formOf(found, forms.Software))
	case formXML:
		return readSoftwareXML(in, b)
	case formQuery:
		return readSoftwareQuery(in, b)
	case formOSPP:
		return readSoftwareOSPP(in, b)
	case formReg:
		return readSoftwareReg(in, b)
	case formList:
		return readSoftwareList(in, b, opt)
	default:
		return readSoftwareCSV(in, b, opt, formOf(found, forms.Software))
	}
}

// ReadHosts reads the table of machines: CSV with a header, columns by name
// in any order, or a JSON array of objects with the same names; plain or in
// gzip or zstd. Notices and errors are as ReadSoftware's. A machine with a
// field that cannot be read is kept, with a notice of CodeUnreadable: the
// field's zero is then unknown, not none.
func ReadHosts(ctx context.Context, r io.Reader, file string, opt Options) (*snapshot.Inventory, error) {
	inv := newReading(file, opt)
	notes := &notices{file: file}
	in, err := open(ctx, r, notes)
	if err != nil {
		return nil, fmt.Errorf("read hosts table %s: %w", file, err)
	}
	defer in.Close()
	var machines []snapshot.Machine
	found := forms.Detect(in.peek())
	if err := refuse(&found, forms.Machines); err != nil {
		return nil, fmt.Errorf("read hosts table %s: %w", file, err)
	}
	form := formOf(&found, forms.Machines)
	switch sniff(in.peek()) {
	case formEmpty:
		err = in.nothing()
	case formJSON:
		machines, err = readHostsJSON(in, notes, opt, form)
	default:
		machines, err = readHostsCSV(in, notes, opt, form)
	}
	if err != nil {
		return nil, fmt.Errorf("read hosts table %s: %w", file, err)
	}
	inv.Machines = sortMachines(machines, notes)
	notes.seal(&inv.Reading)
	return inv, nil
}

// refuse says that a file is something else than what it is read as.
func refuse(found *forms.Found, as forms.Kind) error {
	f := found.Form
	if found.Shape == forms.Binary || found.Foreign != nil {
		return errors.New(found.Refusal())
	}
	if f == nil && found.LooksLikeLog() {
		return fmt.Errorf("it has the columns of a session log (%s) and is no inventory; name it under sessions in the config", found.Seen())
	}
	if f == nil || f.Kind == as {
		return nil
	}
	switch {
	case f.Kind == forms.Sessions:
		return fmt.Errorf("it is a session log (%s) and no inventory; name it under sessions in the config", f.Name)
	case f.Kind == forms.Directory:
		return fmt.Errorf("it is a directory export and no inventory; name it under directories in the config")
	case f.Kind == forms.Machines && found.Certain:
		return fmt.Errorf("it is a table of machines (%s) and no list of programs; name it under hosts in the config", f.Name)
	case f.Kind == forms.Software && found.Certain:
		return fmt.Errorf("it is a list of programs (%s) and no table of machines; name it under software in the config", f.Name)
	}
	return nil
}

// formOf is the form that was found, where it is one of that kind.
func formOf(found *forms.Found, kind forms.Kind) *forms.Form {
	if f := found.Form; f != nil && f.Kind == kind {
		return f
	}
	return nil
}

func newReading(file string, opt Options) *snapshot.Inventory {
	loc := opt.Loc
	if loc == nil {
		loc = time.UTC
	}
	return &snapshot.Inventory{Reading: snapshot.Reading{
		Kind:   snapshot.KindInventory,
		Taken:  opt.Taken.UTC(),
		Day:    month.DayOf(opt.Taken, loc),
		Status: snapshot.Complete,
		File:   file,
	}}
}

var errEmpty = fmt.Errorf("the file is empty; export it again, at least with its header line")

// form is the shape of a file's content.
type form int

const (
	formCSV form = iota
	formEmpty
	formJSON
	formXML   // elements
	formQuery // reg query
	formOSPP  // ospp.vbs /dstatus
	formReg
	formList // NAME=VALUE or NAME : VALUE lines, one empty line between objects
)

// sniff tells the form by the first bytes of decoded text.
func sniff(head []byte) form {
	head = forms.AfterBanner(bytes.TrimLeft(head, " \t\r\n\x00"))
	if len(head) == 0 {
		return formEmpty
	}
	switch {
	case bytes.HasPrefix(head, []byte("HKEY_")):
		return formQuery
	case bytes.HasPrefix(head, []byte("---Processing")), bytes.HasPrefix(head, []byte("PRODUCT ID:")):
		return formOSPP
	case head[0] == '<':
		return formXML
	case head[0] == '{' || head[0] == '[' && !bytes.HasPrefix(head, []byte("[HKEY_")):
		return formJSON
	case bytes.HasPrefix(head, []byte("Windows Registry Editor")),
		bytes.HasPrefix(head, []byte("REGEDIT")),
		bytes.HasPrefix(head, []byte("[HKEY_")):
		return formReg
	case isList(head):
		return formList
	}
	return formCSV
}
