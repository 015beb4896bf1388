package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"splameter/internal/safetext"
)

// Names of groups, of products and of a reseller with anything in them end up
// harmless as those of accounts do: on the screen, in workbooks and tables, in
// the names of files and in the heads of mails. Each product is given by a group
// of its name, which holds what the session hosts' group does: it is counted.
func TestHostileTables(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	dir := copyExample(t)
	at := func(name string) string { return filepath.Join(dir, "testdata", filepath.FromSlash(name)) }
	read := func(name string) []byte {
		t.Helper()
		b, err := os.ReadFile(at(name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b64 := base64.StdEncoding.EncodeToString

	// A group for each name, all with the members of the session hosts' group.
	day := read("directory/2026-10-31.ldif")
	from := bytes.Index(day, []byte("dn: CN=RDS-Kantoor,"))
	to := from + bytes.Index(day[from:], []byte("\n\n"))
	first := from + bytes.Index(day[from:], []byte("\nmember: ")) + 1
	members := day[first:to]
	rules := read("rules.yaml")
	var groups []byte
	for i, name := range evil() {
		cn := fmt.Sprintf("group%02d%s", i, name)
		guid := append([]byte("evilgroup\x00\x00\x00\x00\x00\x00"), byte(i))
		sid := binary.LittleEndian.AppendUint32([]byte{1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0x25, 0x28, 0x35, 1, 0x89, 0x28, 0x35, 1, 0xed, 0x28, 0x35, 1}, uint32(910000+i))
		groups = fmt.Appendf(groups, "dn: CN=group%02d,OU=Groups,DC=duinrand,DC=example\nobjectClass: top\nobjectClass: group\ncn:: %s\nobjectGUID:: %s\nobjectSid:: %s\nsAMAccountName:: %s\ngroupType: -2147483646\n%s\n\n",
			i, b64([]byte(cn)), b64(guid), b64(sid), b64([]byte(cn)), members)
		id := fmt.Sprintf("p%02d", i)
		if !strings.ContainsAny(name, "*?\\/\"'") && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) { // what an id is refused for
			id += name
		}
		rules = fmt.Appendf(rules, "\n  - id: %s\n    name: {en: %s, nl: %s}\n    part_number: %s\n    source: %s\n    unit: user\n    entitled: {groups: [\"group%02d*\"]}",
			strconv.QuoteToASCII(id), strconv.QuoteToASCII(name), strconv.QuoteToASCII(name), strconv.QuoteToASCII(name), strconv.QuoteToASCII(name), i)
	}
	writeFile(t, at("directory/2026-10-31.ldif"), slices.Concat(day[:from], groups, day[from:]))
	writeFile(t, at("rules.yaml"), append(rules, '\n'))
	all := strings.ReplaceAll(strings.Join(evil(), " "), "\x00", "") // tables refuse that one as no text
	quoted := `"` + strings.ReplaceAll(all, `"`, `""`) + `"`
	resellers := read("resellers.csv")
	for _, v := range []string{"Kompas ICT B.V.", "Windroos 16", "afdeling Licenties"} {
		resellers = bytes.Replace(resellers, []byte(v), []byte(quoted), 1)
	}
	writeFile(t, at("resellers.csv"), resellers)

	config := filepath.Join(dir, "config.yaml")
	do := func(args ...string) string {
		t.Helper()
		code, stdout, stderr := splameter(t, append([]string{"--config", config, "--log-level", "debug"}, args...)...)
		if code != exitComplete && code != exitIncomplete {
			t.Errorf("splameter %s: exit code %d\n%.2000s", strings.Join(args, " "), code, stderr)
		}
		for what, s := range map[string]string{"prints": stdout, "says": stderr} {
			if i := strings.IndexFunc(s, func(r rune) bool { return safetext.Acts(r) && r != '\n' && r != '\t' }); i >= 0 || !utf8.ValidString(s) {
				t.Errorf("splameter %s %s what acts on a terminal: %q", strings.Join(args, " "), what, s[max(0, i-40):max(0, i)+20])
			}
			if strings.Contains(s, "\nBcc:") {
				i := strings.Index(s, "\nBcc:")
				t.Errorf("splameter %s: a name made a line of its own: %q", strings.Join(args, " "), s[max(0, i-200):i+40])
			}
		}
		return stdout
	}
	do("collect")
	do("close", "--month", "2026-10")
	do("report", "--month", "2026-10")
	do("status", "--month", "2026-10")
	do("mapping", "--month", "2026-10")
	do("explain", "--month", "2026-10", "--tenant", "tuinderij", "--product", "p15"+evil()[15])
	do("deliver", "--month", "2026-10")

	counted := 0
	for _, l := range readStatement(t, dir, "2026-10").Lines {
		if strings.HasPrefix(l.Product, "p") && len(l.Product) > 2 && l.Product[1] >= '0' && l.Product[1] <= '9' && l.Quantity > 0 {
			counted++
		}
	}
	if counted < len(evil()) {
		t.Errorf("%d lines of products with such names, want one for each of %d at least", counted, len(evil()))
	}
	checkFiles(t, dir)

	mails := 0
	err := filepath.WalkDir(filepath.Join(dir, "out"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !slices.Contains([]string{".eml", ".csv"}, filepath.Ext(path)) {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		head := string(b)
		if filepath.Ext(path) == ".eml" {
			mails++
			if head, _, _ = strings.Cut(strings.ReplaceAll(head, "\r\n", "\n"), "\n\n"); strings.Contains(strings.ToLower(head), "\nbcc:") {
				t.Errorf("%s: a name became a header", path)
			}
		} else {
			for _, line := range strings.Split(strings.ReplaceAll(head, `"`, ""), "\n") {
				for _, cell := range strings.Split(line, ",") {
					if strings.HasPrefix(cell, "=cmd") || strings.HasPrefix(cell, "@SUM") {
						t.Errorf("%s: a cell begins as a formula: %.60q", path, cell)
					}
				}
			}
		}
		if i := strings.IndexFunc(head, func(r rune) bool { return safetext.Acts(r) && !strings.ContainsRune("\n\r\t", r) }); i >= 0 {
			t.Errorf("%s holds what acts: %q", path, head[max(0, i-40):i+10])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if mails < 2 {
		t.Errorf("only %d mails were drafted", mails)
	}
}
