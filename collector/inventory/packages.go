package inventory

import (
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"unicode"

	"splameter/internal/safetext"
)

// Package managers tell what they know the source of: winget export and choco
// list leave out every program that was installed otherwise. Such a list proves
// a program and never the absence of one.
const onlyPackages = "it lists only what %s knows the source of, and no program that was installed otherwise: what else is on the host is not known; export the uninstall keys also, or winget list"

// packageHost is the host of a list that names none.
func (b *builder) packageHost() (string, error) {
	if b.fallback == "" {
		return "", errors.New("it does not say of which host it is: name the file after the host, such as software-RDSH01-2026-10-30.json")
	}
	b.host(b.fallback)
	return b.fallback, nil
}

// readWingetExport reads what winget export writes.
func readWingetExport(in *input, b *builder) error {
	text, err := in.all(maxJSON)
	if err != nil {
		return err
	}
	host, err := b.packageHost()
	if err != nil {
		return err
	}
	var file struct {
		Sources []struct {
			Packages []struct {
				PackageIdentifier string
				ID                string `json:"Id"` // of schema 1.0
				Version           string
			}
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return errors.New("its JSON is broken; export it again")
	}
	line := 0
	for _, s := range file.Sources {
		for _, p := range s.Packages {
			line++
			if err := b.add(packageRow(host, cmp.Or(p.PackageIdentifier, p.ID), p.Version), line); err != nil {
				return err
			}
		}
	}
	b.notes.damage(0, onlyPackages, "winget")
	return in.done()
}

// packageRow is a program by its package's id: Microsoft.SQLServer.2022.Standard
// reads Microsoft SQL Server 2022 Standard. The id stays as the key.
func packageRow(host, id, version string) *row {
	id = safetext.Value(id)
	maker, _, _ := strings.Cut(id, ".")
	return &row{colHost: host, colName: spaced(id), colVersion: safetext.Value(version), colPublisher: spaced(maker), colKey: id}
}

// spaced parts an id into words.
func spaced(id string) string {
	var b strings.Builder
	list := []rune(id)
	for i, c := range list {
		switch {
		case (c == '.' || c == '-' || c == '_') && !(i > 0 && i+1 < len(list) && unicode.IsDigit(list[i-1]) && unicode.IsDigit(list[i+1])):
			b.WriteByte(' ')
			continue
		case i > 0 && unicode.IsUpper(c) && (unicode.IsLower(list[i-1]) || i+1 < len(list) && unicode.IsUpper(list[i-1]) && unicode.IsLower(list[i+1])):
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// readWingetList reads the table that winget list prints: columns by the place
// of their headings, in the language of the machine. Of what no source has, the
// id is the registry's: ARP\Machine\X64\ and the uninstall key.
func readWingetList(in *input, b *builder) error {
	host, err := b.packageHost()
	if err != nil {
		return err
	}
	var at []int
	for {
		line := in.next()
		if line == nil {
			break
		}
		text := string(line)
		text = text[strings.LastIndexByte(text, '\r')+1:] // what turned while it waited
		switch {
		case strings.TrimSpace(text) == "":
		case at == nil:
			at = columnStarts(text)
			if len(at) < 3 {
				return errors.New("its first line is no header as winget list prints it (Name, Id, Version)")
			}
		case strings.Trim(text, "- ") == "":
		default:
			cells, under := cutAt(text, at)
			if !under {
				in.notes.damage(in.line, "a line whose columns do not stand beneath the headings: it is left out; print the list into a file again")
				continue
			}
			r := packageRow(host, cells[1], cells[2])
			if i := strings.LastIndexByte(cells[1], '\\'); i >= 0 {
				r[colKey], r[colPublisher] = cells[1][i+1:], ""
			}
			r[colName] = safetext.Value(cells[0])
			if r[colName] == "" || cells[1] == "" {
				in.notes.damage(in.line, "a line that is no row of the table; it is left out")
				continue
			}
			if strings.HasSuffix(r[colName], "…") {
				in.notes.add(CodeClipped, host, in.line, "the name %s was cut by the window's width; print the list into a file from a wider window", safetext.Brief(r[colName]))
			}
			if err := b.add(r, in.line); err != nil {
				return err
			}
		}
	}
	return in.done()
}

// columnStarts are where the words of a header begin, in characters.
func columnStarts(header string) (at []int) {
	n, blank := 0, true
	for _, c := range header {
		if blank && c != ' ' {
			at = append(at, n)
		}
		blank = c == ' '
		n++
	}
	return at
}

// cutAt parts a line at places counted in characters. There are as many cells
// as places; under says that a blank stands before each, so that none is cut.
func cutAt(line string, at []int) (cells []string, under bool) {
	list := []rune(line)
	cells, under = make([]string, len(at)), true
	for i, from := range at {
		until := len(list)
		if i+1 < len(at) {
			until = min(until, at[i+1])
		}
		if from < until {
			cells[i] = strings.TrimSpace(string(list[from:until]))
			under = under && (from == 0 || list[from-1] == ' ')
		}
	}
	return cells, under
}

// ownIDs are how ids of packages begin whose programs are Microsoft's: only
// then is what is not known by its id asked.
var ownIDs = []string{"microsoft", "ms-", "office", "msoffice", "sql-server", "sqlserver", "mssql", "visio", "msproject", "visualstudio", "project-", "exchange", "sharepoint", "powerbi", "vcredist", "dotnet", "netfx", "azure", "onedrive", "teams", "windows-"}

// readChoco reads what choco list -r prints: a package and its version a line.
func readChoco(in *input, b *builder) error {
	host, err := b.packageHost()
	if err != nil {
		return err
	}
	for {
		line := in.next()
		if line == nil {
			break
		}
		if strings.TrimSpace(string(line)) == "" {
			continue
		}
		id, version, ok := strings.Cut(strings.TrimSpace(string(line)), "|")
		if !ok || id == "" || strings.Contains(version, "|") {
			in.notes.damage(in.line, "a line that is no package and its version; it is left out")
			continue
		}
		r := packageRow(host, id, version)
		r[colPublisher] = ""
		for _, begin := range ownIDs {
			if strings.HasPrefix(strings.ToLower(id), begin) {
				r[colPublisher] = "Microsoft"
			}
		}
		if err := b.add(r, in.line); err != nil {
			return err
		}
	}
	b.notes.damage(0, onlyPackages, "Chocolatey")
	return in.done()
}

// readInstanceProperties reads what Get-DbaInstanceProperty of dbatools tells:
// a row a property; of each instance the edition and the version count.
func readInstanceProperties(in *input, b *builder) error {
	c, err := newCSV(in)
	if err != nil {
		return err
	}
	place := map[string]int{}
	for i, name := range c.columns {
		place[name] = i
	}
	type engine struct {
		row  row
		line int
	}
	var order []string
	engines := map[string]*engine{}
	for c.next() {
		if !c.fits() {
			continue
		}
		get := func(name string) string {
			if i, ok := place[name]; ok {
				return b.intern(c.get(i))
			}
			return ""
		}
		key := get("sqlinstance")
		e := engines[key]
		if e == nil {
			if len(order) >= maxRows {
				return tooManyRows()
			}
			e = &engine{line: c.at}
			e.row[colHost], e.row[colName], e.row[colPublisher] = get("computername"), engineName+" ("+get("instancename")+")", "Microsoft Corporation"
			engines[key], order = e, append(order, key)
		}
		switch strings.ToLower(get("name")) {
		case "edition":
			e.row[colEdition] = get("value")
		case "versionstring", "version":
			if e.row[colVersion] == "" {
				e.row[colVersion] = get("value")
			}
		}
	}
	for _, key := range order {
		if err := b.add(&engines[key].row, engines[key].line); err != nil {
			return err
		}
	}
	return in.done()
}

// engineName is a database engine of which no year is told.
const engineName = "SQL Server Database Engine Services"
