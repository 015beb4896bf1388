package inventory

import (
	"errors"
	"slices"
	"strings"

	"splameter/internal/product"
	"splameter/internal/safetext"
)

// regSoftware makes programs of a registry export's keys: the uninstall keys,
// Office's Click-to-Run configuration and registrations, and the instances of
// SQL Server with their editions.
type regSoftware struct {
	b    *builder
	host string

	kind regKind
	part string // the last part of the key, or the instance's id
	line int
	row  row
	set  bool // a value of the key was taken

	rows      []heldRow // until the host is known
	instances map[string]*instance
	border    border
}

func newRegSoftware(b *builder) *regSoftware {
	return &regSoftware{b: b, instances: map[string]*instance{}}
}

type regKind int

const (
	keyOther regKind = iota
	keyUninstall
	keyClickToRun
	keyRegistration
	keyInstanceNames
	keyInstanceSetup
	keyComputerName
)

// instance is a SQL Server instance, told in two keys, in either order.
type instance struct {
	name, edition, version string
	line                   int
}

type heldRow struct {
	row  row
	line int
}

func readSoftwareReg(in *input, b *builder) error {
	s := newRegSoftware(b)
	if err := s.readExport(in); err != nil {
		return err
	}
	if err := in.done(); err != nil {
		return err
	}
	return s.finish(b)
}

// readExport reads what regedit and reg export write.
func (s *regSoftware) readExport(in *input) error {
	g := &regReader{in: in}
	for g.next() {
		if g.newKey {
			s.flush()
			s.begin(g)
			continue
		}
		if !g.gone {
			s.take(g.name, g.text, in.line)
		}
		if len(s.rows) > maxRows {
			return tooManyRows()
		}
	}
	s.flush()
	return nil
}

// finish gives the rows to their host.
func (s *regSoftware) finish(b *builder) error {
	s.engines()
	host := s.host
	if host == "" {
		host = b.fallback
	}
	if host == "" {
		return errors.New("a registry export does not say of which host it is: name the file after the host, such as uninstall-RDSH01-2026-10-30.reg")
	}
	s.border.judge(b.notes)
	b.host(host)
	for i := range s.rows {
		s.rows[i].row[colHost] = host
		if err := b.add(&s.rows[i].row, s.rows[i].line); err != nil {
			return err
		}
	}
	return nil
}

// begin tells what the key is, by its path and without regard to the hive:
// HKLM with or without WOW6432Node, a user's, or a hive loaded elsewhere.
func (s *regSoftware) begin(g *regReader) {
	s.row, s.kind, s.line, s.set = row{}, keyOther, g.keyLine, false
	if g.gone {
		return
	}
	s.border.key(g.key)
	low := strings.ToLower(g.key)
	parts := strings.Split(low, `\`)
	n := len(parts)
	tail := func(k int) string { // the k-th part from the end
		if k > n {
			return ""
		}
		return parts[n-k]
	}
	s.part = lastPart(g.key)
	switch {
	case tail(2) == "uninstall" && tail(3) == "currentversion":
		s.kind = keyUninstall
	case tail(1) == "configuration" && tail(2) == "clicktorun":
		s.kind = keyClickToRun
	case tail(2) == "registration" && tail(4) == "office":
		s.kind = keyRegistration
	case tail(1) == "sql" && tail(2) == "instance names":
		s.kind = keyInstanceNames
	case tail(1) == "setup" && tail(3) == "microsoft sql server":
		s.kind = keyInstanceSetup
		s.part = strings.Split(g.key, `\`)[n-2]
	case tail(1) == "computername" || tail(1) == "activecomputername":
		s.kind = keyComputerName
	}
}

// take takes one value of the present key.
func (s *regSoftware) take(name, text string, line int) {
	if s.kind == keyOther {
		return
	}
	text = safetext.Value(text)
	set := func(column int) {
		s.row[column] = text
		s.set = true
	}
	switch name = strings.ToLower(name); s.kind {
	case keyUninstall:
		switch name {
		case "displayname":
			set(colName)
		case "displayversion":
			set(colVersion)
		case "publisher":
			set(colPublisher)
		case "uninstallstring":
			set(colUninstall)
		case "systemcomponent":
			set(colHidden)
		case "parentkeyname":
			set(colParent)
		case "releasetype":
			set(colReleaseType)
		default:
			s.set = true
		}
	case keyClickToRun:
		switch name {
		case "productreleaseids":
			set(colRelease)
		case "versiontoreport":
			set(colVersion)
		}
	case keyRegistration:
		switch name {
		case "productname":
			set(colName)
		case "productcode":
			set(colKey)
		default:
			s.set = true
		}
	case keyInstanceNames:
		if text != "" && len(s.instances) < maxRows {
			i := s.instance(text, line)
			i.name = safetext.Value(name)
		}
	case keyInstanceSetup:
		if name != "edition" && name != "version" && name != "patchlevel" {
			return
		}
		i := s.instance(s.part, s.line)
		switch {
		case name == "edition" && text != "":
			i.edition = text
		case name == "patchlevel" && text != "", name == "version" && i.version == "":
			i.version = text // the patch level is the later of the two
		}
	case keyComputerName:
		if name == "computername" {
			s.host = text
		}
	}
}

func (s *regSoftware) instance(id string, line int) *instance {
	key := strings.ToLower(id)
	i := s.instances[key]
	if i == nil {
		i = &instance{line: line}
		s.instances[key] = i
	}
	return i
}

// flush ends a key.
func (s *regSoftware) flush() {
	if !s.set {
		return
	}
	s.set = false
	switch s.kind {
	case keyUninstall:
		s.row[colKey] = s.part
		s.rows = append(s.rows, heldRow{s.row, s.line})
	case keyClickToRun:
		for id := range strings.SplitSeq(s.row[colRelease], ",") {
			if id = strings.TrimSpace(id); id == "" {
				continue
			}
			r := row{colVersion: s.row[colVersion], colPublisher: "Microsoft Corporation", colRelease: id}
			r[colName] = s.b.titles.Recognize("", r[colVersion], r[colPublisher], "", id, "").Name
			if r[colName] == "" {
				r[colName] = id // what it is, nobody says: its own id is its name
			}
			s.rows = append(s.rows, heldRow{r, s.line})
		}
	case keyRegistration:
		// Every edition that could be activated stands here, hundreds of
		// them; only those installed have a product code.
		if s.row[colKey] == "" {
			s.b.hidden++
			return
		}
		s.row[colPublisher] = "Microsoft Corporation"
		s.rows = append(s.rows, heldRow{s.row, s.line})
	}
}

// engines makes a program of each instance. One that Instance Names does not
// list is an engine if its id says so: MSAS and MSRS are other services.
func (s *regSoftware) engines() {
	ids := make([]string, 0, len(s.instances))
	for id := range s.instances {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		i := s.instances[id]
		if i.name == "" && (!strings.HasPrefix(id, "mssql") || i.edition == "") {
			continue
		}
		r := row{colVersion: i.version, colPublisher: "Microsoft Corporation", colKey: strings.ToUpper(id), colEdition: i.edition}
		year := product.SQLYear(i.version)
		if year == "" { // MSSQL13.NAME: the major version is in the id
			major, _, _ := strings.Cut(strings.TrimPrefix(id, "mssql"), ".")
			year = product.SQLYear(strings.TrimSuffix(major, "_50") + ".")
		}
		r[colName] = strings.Join(strings.Fields("SQL Server "+year+" Database Engine Services"), " ")
		if i.name != "" {
			r[colName] += " (" + strings.ToUpper(i.name) + ")"
		}
		s.rows = append(s.rows, heldRow{r, i.line})
	}
}
