package inventory

import (
	"bytes"
	"strings"

	"splameter/collector/forms"
	"splameter/internal/safetext"
)

// fieldSet finds our columns by the names in an object: of several names for
// one column, the best wins, whatever their order.
type fieldSet struct {
	columns []column
	slots   map[string]slot // by folded name
	raw     map[string]slot // by the name as written, met before
	into    map[string]bool // objects within a row, by their path, whose members the form names
}

type slot struct{ column, rank int }

// noSlot is a name that means nothing to us.
var noSlot = slot{column: -1}

func newFieldSet(columns []column, renamed map[string]string, form *forms.Form) *fieldSet {
	f := &fieldSet{columns: columns, slots: map[string]slot{}, raw: map[string]slot{}, into: map[string]bool{}}
	put := func(name string, s slot) {
		if old, ok := f.slots[name]; !ok || s.rank < old.rank {
			f.slots[name] = s
		}
	}
	for i, c := range columns {
		if as, ok := renamed[c.name]; ok {
			put(fold(as), slot{i, -100})
		}
		if form != nil && len(form.Map[c.name]) > 0 {
			for j, name := range form.Map[c.name] {
				put(fold(name), slot{i, j - 50})
				for at := strings.LastIndexByte(name, '.'); at > 0; at = strings.LastIndexByte(name, '.') {
					name = name[:at]
					f.into[fold(name)] = true
				}
			}
			continue
		}
		put(fold(c.name), slot{i, 0})
		for j, a := range c.aliases {
			put(a, slot{i, j + 1})
		}
	}
	if form != nil {
		for _, name := range form.Ignore {
			delete(f.slots, fold(name))
		}
	}
	return f
}

func (f *fieldSet) find(name []byte) slot {
	if s, ok := f.raw[string(name)]; ok {
		return s
	}
	s, ok := f.slots[fold(string(name))]
	if !ok {
		s = noSlot
	}
	if len(f.raw) < 1024 { // the names of a file are few, unless it is hostile
		f.raw[string(name)] = s
	}
	return s
}

// object is one object's values by column, while it is read.
type object struct {
	values  []string
	ranks   []int
	present []bool
	any     bool
	line    int

	removed bool // a program that was taken off
	partial bool // only what changed is told
}

func newObject(columns int) *object {
	return &object{values: make([]string, columns), ranks: make([]int, columns), present: make([]bool, columns)}
}

func (o *object) reset(line int) {
	clear(o.values)
	clear(o.present)
	o.any, o.line, o.removed, o.partial = false, line, false, false
}

func (o *object) put(s slot, value string) {
	if s.column < 0 || o.present[s.column] && o.ranks[s.column] <= s.rank && o.values[s.column] != "" {
		return
	}
	o.values[s.column], o.ranks[s.column], o.present[s.column], o.any = value, s.rank, true, true
}

// isList says that a text is NAME=VALUE lines, as WMI's own list format has
// them, or NAME : VALUE lines, as PowerShell's Format-List has.
func isList(head []byte) bool {
	for line := range bytes.Lines(head) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if hasPrefixFold(line, "sep=") { // a spreadsheet's CSV
			return false
		}
		name, _, ok := property(line)
		return ok && len(name) > 0
	}
	return false
}

// property parts a line into name and value.
func property(line []byte) (name, value []byte, ok bool) {
	i := 0
	for i < len(line) && (line[i] == '_' || line[i]|0x20 >= 'a' && line[i]|0x20 <= 'z' || i > 0 && isDigit(line[i])) {
		i++
	}
	name = line[:i]
	rest := line[i:]
	switch {
	case i == 0 || len(rest) == 0:
		return nil, nil, false
	case rest[0] == '=':
		return name, rest[1:], true
	}
	rest = bytes.TrimLeft(rest, " ")
	if len(rest) == 0 || rest[0] != ':' || len(rest) > 1 && rest[1] != ' ' {
		return nil, nil, false
	}
	return name, bytes.TrimPrefix(rest[1:], []byte(" ")), true
}

// readSoftwareList reads objects of Win32_Product or SoftwareLicensingProduct,
// or the uninstall keys, with an empty line between two of them.
func readSoftwareList(in *input, b *builder, opt Options) error {
	fields := newFieldSet(softwareColumns(), opt.Columns, nil)
	o := newObject(colCount)
	var last slot
	flush := func() error {
		var err error
		if o.any {
			err = b.object(o)
		}
		o.reset(0)
		return err
	}
	if b.fallback != "" {
		b.host(b.fallback)
	}
	for {
		line := in.next()
		if line == nil {
			break
		}
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) == 0 {
			if err := flush(); err != nil {
				return err
			}
			last = noSlot
			continue
		}
		name, value, ok := property(line)
		if !ok {
			if line[0] == ' ' || line[0] == '\t' { // Format-List goes on where the window ended
				if last.column >= 0 && o.any && len(o.values[last.column]) < maxValue {
					o.values[last.column] = safetext.Value(o.values[last.column] + " " + string(trimmed))
				}
				continue
			}
			in.notes.damage(in.line, "a line that is no NAME=VALUE; it is left out")
			continue
		}
		if o.line == 0 {
			o.line = in.line
		}
		last = fields.find(name)
		o.put(last, b.intern(value))
	}
	if err := flush(); err != nil {
		return err
	}
	return in.done()
}

// object takes one object as a row. One that tells a licence and not whether
// it is held cannot be judged.
func (b *builder) object(o *object) error {
	if o.present[colFamily] && o.values[colFamily] != "" && (!o.present[colPartialKey] || !o.present[colStatus]) {
		b.notes.damage(o.line, "a licence without PartialProductKey or LicenseStatus: whether it is installed cannot be told; export these two also")
		return nil
	}
	var r row
	copy(r[:], o.values)
	return b.add(&r, o.line)
}
