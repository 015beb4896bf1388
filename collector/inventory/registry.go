package inventory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// Part is one of several registry files of one host.
type Part struct {
	File string
	Open func() (io.ReadCloser, error)
}

// ReadRegistry reads the registry of one host out of several files, such as one
// for each view of the uninstall keys and one for SQL Server, as one inventory
// under the first file's name. A part that cannot be read fails all of it: what
// stood there would be missing without a word.
func ReadRegistry(ctx context.Context, parts []Part, opt Options) (*snapshot.Inventory, error) {
	file := parts[0].File
	inv := newReading(file, opt)
	notes := &notices{file: file}
	b := newBuilder(opt, inv.Day, notes)
	s := newRegSoftware(b)
	for _, p := range parts {
		notes.file = p.File
		if err := readPart(ctx, p, s, notes); err != nil {
			return nil, fmt.Errorf("read software inventory %s: %w", p.File, err)
		}
	}
	notes.file = file
	if err := s.finish(b); err != nil {
		return nil, fmt.Errorf("read software inventory %s: %w", file, err)
	}
	inv.Software, inv.Scans = b.finish(), b.scans.old(b.hosts)
	notes.seal(&inv.Reading)
	return inv, nil
}

func readPart(ctx context.Context, p Part, s *regSoftware, notes *notices) error {
	r, err := p.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	in, err := open(ctx, r, notes)
	if err != nil {
		return err
	}
	defer in.Close()
	switch sniff(in.peek()) {
	case formEmpty:
		return in.nothing()
	case formQuery:
		err = s.readQuery(in)
	default:
		err = s.readExport(in)
	}
	if err != nil {
		return err
	}
	return in.done()
}

// Views are the views of the uninstall keys that a registry file holds.
type Views struct{ Wide, Narrow bool } // 64-bit; 32-bit (WOW6432Node)

// ViewsOf looks through a registry file for them.
func ViewsOf(ctx context.Context, r io.Reader) (v Views, err error) {
	in, err := open(ctx, r, &notices{})
	if err != nil {
		return v, err
	}
	defer in.Close()
	for line := in.next(); line != nil; line = in.next() {
		key := bytes.TrimLeft(bytes.TrimSpace(line), "[")
		if !bytes.HasPrefix(key, []byte("HKEY_")) {
			continue
		}
		if low := strings.ToLower(string(key)); strings.Contains(low, uninstallKeys) {
			v.see(low)
		}
	}
	return v, in.failure()
}

const uninstallKeys = `\currentversion\uninstall`

// see notes the view that a key of the machine's stands in; a user's own keys
// are in neither.
func (v *Views) see(key string) {
	switch {
	case strings.HasPrefix(key, "hkey_current_user"), strings.HasPrefix(key, "hkey_users"):
	case strings.Contains(key, `\wow6432node\`):
		v.Narrow = true
	default:
		v.Wide = true
	}
}

// always are uninstall keys that every Windows has, in either view: the first
// and the last of them as the registry sorts keys. Who has the one and not the
// other was cut between two keys.
var always = [2]string{"addressbook", "wic"}

// border holds what was read of the uninstall keys against what must be there:
// an export of the whole of one view says nothing of the other, in which half of
// the programs stand; and a text that ends between two keys looks whole.
type border struct {
	views Views
	roots Views    // the uninstall key itself was exported, and so all beneath it
	seen  [2]Views // of always
}

func (x *border) key(path string) {
	low := strings.ToLower(path)
	at := strings.Index(low, uninstallKeys)
	if at < 0 {
		return
	}
	x.views.see(low)
	name := strings.TrimPrefix(low[at+len(uninstallKeys):], `\`)
	if name == "" {
		x.roots.see(low)
	}
	if i := slices.Index(always[:], name); i >= 0 {
		x.seen[i].see(low)
	}
}

func (x *border) judge(notes *notices) {
	const both = "export %s also, under the host's name and day: reg export HKLM\\SOFTWARE\\%sMicrosoft\\Windows\\CurrentVersion\\Uninstall"
	switch {
	case x.roots.Wide && !x.views.Narrow:
		notes.damage(0, "it holds the 64-bit view of the uninstall keys and not the other, where 32-bit programs stand; "+both, "WOW6432Node", `WOW6432Node\`)
	case x.roots.Narrow && !x.views.Wide:
		notes.damage(0, "it holds the 32-bit view of the uninstall keys (WOW6432Node) and not the other, where most programs stand; "+both, "the 64-bit view", "")
	}
	for _, v := range []struct {
		first, last bool
		name        string
	}{{x.seen[0].Wide, x.seen[1].Wide, "64-bit"}, {x.seen[0].Narrow, x.seen[1].Narrow, "32-bit"}} {
		if v.first != v.last {
			notes.damage(0, "the %s view of the uninstall keys is not whole: of the keys AddressBook and WIC, which every Windows has, one is missing; export it again", v.name)
		}
	}
}
