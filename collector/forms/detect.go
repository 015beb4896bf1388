package forms

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"splameter/internal/lazyregexp"
	"splameter/internal/safetext"
)

// HeadSize is how much of a file's text tells what it is.
const HeadSize = 64 << 10

// Found is what a file was found to be.
type Found struct {
	Form  *Form // nil: none that is known
	Shape Shape
	// Under is what stands before each of the form's names: an envelope, such
	// as "_source.".
	Under string
	// Tabular says that an object names the columns once and holds the rows as
	// lists of values.
	Tabular bool
	// Certain says that the names are those of one maker's form, and not only
	// of a table that can be read.
	Certain bool
	// Names are the columns or members that were seen, in their order.
	Names []string
	// Foreign is a table that is known to be of no use; Form is nil then.
	Foreign *Foreign

	shown bool // a table as PowerShell shows it
}

// envelopes are the objects that others put around a document.
var envelopes = []string{"", "source.", "hits.hits.source.", "result.", "value.", "data.", "events.", "records.", "results.", "entities.", "fields.", "hits.hits.fields."}

// Detect says what a text is by its head, which is UTF-8 (or the bytes of an
// event log).
func Detect(head []byte) Found {
	head = AfterBanner(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")))
	f := Found{Shape: shapeOf(head)}
	var names []string
	switch f.Shape {
	case EVTX, Empty, Binary, Unknown, XLSX:
	case CSV:
		names = columns(head)
	case JSON:
		if names = tabular(head); names != nil {
			f.Tabular = true
		} else {
			names = members(head)
		}
	case XML:
		names = elements(head)
	case List:
		names = properties(head)
	}
	f.Names, f.shown = names, underlined().Match(head[:min(len(head), 4<<10)])
	set := make(map[string]bool, len(names))
	for _, n := range names {
		n = Fold(n)
		set[n] = true
		if f.Shape == CSV {
			set[strings.ReplaceAll(n, ".", "")] = true
		}
	}
	if f.Shape == CSV && eventViewer(head) {
		set["#eventviewer"] = true
	}
	first := firstLine(head)
	best := -1
	for _, form := range All() {
		if !form.shaped(f.Shape) {
			continue
		}
		if len(form.Has) == 0 {
			if form.begins != nil && !form.begins.Match(first) || form.begins == nil && f.Shape != EVTX && f.Shape != Reg && f.Shape != LDIF {
				continue
			}
			if best < 0 {
				best, f.Form, f.Under, f.Certain = 0, form, "", true
			}
			continue
		}
		if form.begins != nil && !form.begins.Match(first) {
			continue
		}
		for _, under := range envelopes {
			if len(form.Has) > best && form.fits(set, under) {
				best, f.Form, f.Under = len(form.Has), form, under
				f.Certain = form.Maker != ""
			}
			if f.Shape != JSON {
				break
			}
		}
	}
	if !f.Certain {
		for _, no := range foreign() {
			if no.fits(set, "") || no.form.begins != nil && f.Form == nil && no.form.begins.Match(first) {
				f.Form, f.Foreign = nil, &no.Foreign
				break
			}
		}
	}
	return f
}

// LooksLikeLog says that an unknown table has a column that only logs have.
func (f *Found) LooksLikeLog() bool {
	for _, n := range f.Names {
		switch Fold(n) {
		case "eventid", "eventcode", "eventrecordid", "raw", "recordnumber", "logname", "sourcetype", "eventdata":
			return true
		}
	}
	return false
}

// HasEvents says that XML has an element that only events have, if not from its
// beginning.
func (f *Found) HasEvents() bool {
	for _, n := range f.Names {
		switch n[strings.LastIndexByte(n, '.')+1:] {
		case "Event", "EventID", "EventData", "UserData", "EventXML", "EventRecordID":
			return true
		}
	}
	return false
}

// Refusal is what was seen of a file that is in no known form, and what would
// do, as a sentence.
func (f *Found) Refusal() string {
	if f.Foreign != nil {
		return fmt.Sprintf("it is %s: %s", f.Foreign.What, f.Foreign.Instead)
	}
	switch f.Shape {
	case Empty:
		return "the file is empty; export it again"
	case Binary:
		return "it is binary and no event log (.evtx); export it as CSV, JSON or XML"
	case Unknown, Text, List:
		if f.shown {
			return "it is a table as PowerShell shows it on the screen (Format-Table), in which long values are cut and columns are missing: pipe to Export-Csv -NoTypeInformation -Encoding UTF8 in its place"
		}
	}
	switch f.Shape {
	case Unknown, Text:
		return "it is text in no known form; export it as CSV with its header, as JSON or XML, or as an event log (.evtx): splameter forms lists what is read"
	}
	if f.Shape == CSV {
		if s := f.directoryTable(); s != "" {
			return s
		}
		if f.headless() {
			return fmt.Sprintf("its first line is no header but a row (%s): write a line with the columns' names above it, such as those of Fields in nxlog.conf, or export it with a header", f.Seen())
		}
	}
	what := "columns"
	if f.Shape != CSV {
		what = "names"
	}
	return fmt.Sprintf("its %s are those of no known form: %s; splameter forms lists what is read, and columns in the config names what a table calls otherwise", what, f.Seen())
}

// needed are the attributes of accounts without which nobody can be counted.
var needed = []string{"objectGUID", "objectClass", "sAMAccountName", "userAccountControl"}

// directoryTable says of a table of a directory's objects, as csvde and
// Get-ADUser write it, what of it is missing, and what would do; empty for any
// other table.
func (f *Found) directoryTable() string {
	have := map[string]bool{}
	for _, n := range f.Names {
		have[Fold(n)] = true
	}
	if !have["dn"] && !have["distinguishedname"] || !have["samaccountname"] && !have["objectclass"] {
		return ""
	}
	maker, missing := "csvde", []string{}
	if !have["dn"] {
		maker = "Get-ADUser, Get-ADComputer or Get-ADGroup"
	}
	for _, n := range needed {
		if !have[Fold(n)] {
			missing = append(missing, n)
		}
	}
	what := "the members of each group and the units beside the accounts"
	if len(missing) > 0 {
		what = strings.Join(missing, ", ") + ", and " + what
	}
	return fmt.Sprintf("it is a table of directory objects (%s), in which it is not told whole who is in which group; missing are %s: export the whole domain as LDIF instead, by ldifde -f 2026-10-30.ldf, or let splameter read the directory itself", maker, what)
}

// headless says that the first row of a table holds values and no names: a
// time, and more than one number or time.
func (f *Found) headless() bool {
	times, numbers := 0, 0
	for _, n := range f.Names {
		switch n = strings.TrimSpace(n); {
		case timed().MatchString(n):
			times++
		case n != "" && strings.Trim(n, "0123456789") == "":
			numbers++
		}
	}
	return times > 0 && times+numbers > 1
}

// underlined is the line of hyphens under the headings of Format-Table.
var underlined = lazyregexp.New(`(?m)^-{2,}(?: +-{2,})+\s*$`)

var timed = lazyregexp.New(`^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[T ]\d{1,2}[:.]\d{2}`)

// Seen are the first names, quoted.
func (f *Found) Seen() string {
	const most = 16
	var b strings.Builder
	for i, n := range f.Names {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(f.Names)-most)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", safetext.Clip(strings.ToValidUTF8(n, "\uFFFD"), 40))
	}
	if b.Len() == 0 {
		return "none"
	}
	return b.String()
}

// shapeOf tells the grammar by the first characters.
func shapeOf(head []byte) Shape {
	if bytes.HasPrefix(head, []byte("ElfFile\x00")) || bytes.HasPrefix(head, []byte("ElfChnk\x00")) {
		return EVTX
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return XLSX
	}
	t := bytes.TrimLeft(head, " \t\r\n")
	if len(t) == 0 {
		return Empty
	}
	if isBinary(t) {
		return Binary
	}
	line := firstLine(t)
	switch {
	case isProse(t):
		return Text
	case t[0] == '<':
		return XML
	case t[0] == '{', t[0] == '[' && !bytes.HasPrefix(t, []byte("[HKEY_")):
		return JSON
	case bytes.HasPrefix(t, []byte("Windows Registry Editor")), bytes.HasPrefix(t, []byte("REGEDIT")), bytes.HasPrefix(t, []byte("[HKEY_")), bytes.HasPrefix(t, []byte("HKEY_")):
		return Reg
	case isLDIF(t):
		return LDIF
	case bytes.HasPrefix(line, []byte("#TYPE ")), bytes.HasPrefix(line, []byte(`"#TYPE `)), len(line) >= 4 && bytes.EqualFold(line[:4], []byte("sep=")):
		return CSV
	}
	if _, ok := property(line); ok {
		return List
	}
	if isTable(t) {
		return CSV
	}
	return Text
}

// isProse says that a text begins with a title and an empty line, whatever commas
// follow: a comment above a table stands on its header.
func isProse(t []byte) bool {
	title, rest, ok := bytes.Cut(t, []byte("\n"))
	next, _, _ := bytes.Cut(rest, []byte("\n"))
	return ok && bytes.HasPrefix(title, []byte("# ")) && len(bytes.TrimSpace(next)) == 0
}

// isBinary says that a text holds what no text has.
func isBinary(t []byte) bool {
	// Only the first characters: zeros further on are damage of a text.
	t = t[:min(len(t), 64)]
	odd := 0
	for _, c := range t {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != 0x1b {
			odd++
		}
	}
	return odd*20 > len(t) || !utf8.Valid(t[:min(len(t), 4)]) && odd > 0
}

// AfterBanner is what a script printed, without the lines in which cscript.exe
// tells its own version before it; of any other text, all of it.
func AfterBanner(text []byte) []byte {
	if t := bytes.TrimLeft(text, " \t\r\n"); bytes.HasPrefix(t, []byte("Microsoft (R) Windows Script Host")) {
		if i := bytes.Index(t, []byte("\n---Processing")); i >= 0 {
			return t[i+1:]
		}
	}
	return text
}

func isLDIF(t []byte) bool {
	for line := range bytes.Lines(t[:min(len(t), 4<<10)]) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case len(line) == 0, line[0] == '#':
			continue
		case bytes.HasPrefix(line, []byte("version:")):
			continue
		}
		return len(line) > 3 && bytes.EqualFold(line[:3], []byte("dn:"))
	}
	return false
}

func firstLine(t []byte) []byte {
	t = bytes.TrimLeft(t, "\r\n")
	line, _, _ := bytes.Cut(t, []byte{'\n'})
	return bytes.TrimRight(line, "\r")
}

// isTable says that the first line, or one of the first, has delimiters.
func isTable(t []byte) bool {
	n := 0
	for line := range bytes.Lines(t) {
		if len(bytes.TrimSpace(line)) == 0 || line[0] == '#' {
			continue
		}
		if n++; n > 1 {
			break
		}
		if bytes.ContainsAny(line, ",;\t|") || line[0] == '"' {
			return true
		}
	}
	return false
}
