package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"splameter/internal/safetext"
)

// evil are names that do something somewhere: on a terminal, in a sheet, in a
// path, on Windows, in a mail. The first part of each is found again.
func evil() []string {
	return []string{
		"\x1b[2J\x1b]0;pwned\x07", "\u009b31m", "gnp.\u202eexe", "=cmd|' /C calc'!A0", "@SUM(1)", "\t+1", "../../../etc/passwd", `..\..\x`,
		"CON", "NUL.txt", "ends. ", "two\r\nBcc: all@example", "]]><x>&amp;", "nul\x00byte", strings.Repeat("long", 2500), "Zoë 山田 😀",
	}
}

// hostileExample is the shipped example with one account more for each evil
// name on the last day: as its display name, account name and common name, in
// the group of the session hosts; with hosts, programs and users of logs of
// such names, beside what the example has.
func hostileExample(t *testing.T) string {
	t.Helper()
	dir := copyExample(t)
	day := filepath.Join(dir, "testdata", "directory", "2026-10-31.ldif")
	data, err := os.ReadFile(day)
	if err != nil {
		t.Fatal(err)
	}
	var entries, members bytes.Buffer
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	for i, name := range evil() {
		cn := fmt.Sprintf("evil%02d", i)
		dn := "CN=" + cn + ",OU=Users,OU=tuinderij,OU=Customers,DC=duinrand,DC=example"
		guid := make([]byte, 16)
		copy(guid, "evil")
		guid[15] = byte(i)
		sid := binary.LittleEndian.AppendUint32([]byte{1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 0x25, 0x28, 0x35, 1, 0x89, 0x28, 0x35, 1, 0xed, 0x28, 0x35, 1}, uint32(900000+i))
		fmt.Fprintf(&entries, "dn: %s\nobjectClass: top\nobjectClass: person\nobjectClass: organizationalPerson\nobjectClass: user\ncn: %s\nobjectGUID:: %s\nobjectSid:: %s\nsAMAccountName:: %s\nsAMAccountType: 805306368\nuserAccountControl: 512\nprimaryGroupID: 513\ndisplayName:: %s\nuserPrincipalName:: %s\ngivenName:: %s\n\n",
			dn, cn, base64.StdEncoding.EncodeToString(guid), base64.StdEncoding.EncodeToString(sid), b64(cn+name), b64(cn+name), b64(name+"@duinrand.example"), b64(name))
		fmt.Fprintf(&members, "member: %s\n", dn)
	}
	at := bytes.Index(data, []byte("dn: CN=RDS-Kantoor,"))
	if at < 0 {
		t.Fatal("the example's group is gone")
	}
	end := at + bytes.Index(data[at:], []byte("\nmember: ")) + 1
	writeFile(t, day, slices.Concat(data[:at], entries.Bytes(), data[at:end], members.Bytes(), data[end:]))

	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	software := filepath.Join(dir, "testdata", "inventory", "software-2026-10-15.csv")
	rows, err := os.ReadFile(software)
	if err != nil {
		t.Fatal(err)
	}
	var logs bytes.Buffer
	for i, name := range evil() {
		rows = fmt.Appendf(rows, "%s,%s,1,%s\n", quote(name), quote("Microsoft Office Standard 2019 "+name), quote(name))
		fmt.Fprintf(&logs, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-TerminalServices-LocalSessionManager'/><EventID>21</EventID><TimeCreated SystemTime='2026-10-30T08:00:00Z'/><EventRecordID>%d</EventRecordID><Channel>Microsoft-Windows-TerminalServices-LocalSessionManager/Operational</Channel><Computer>%s</Computer></System><UserData><EventXML xmlns='Event_NS'><User>DUINRAND\\%s</User><SessionID>%d</SessionID><Address>10.0.0.1</Address></EventXML></UserData></Event>\n",
			i+1, escaped(name), escaped("nobody"+name), i+1)
	}
	writeFile(t, software, rows)
	writeFile(t, filepath.Join(dir, "testdata", "sessions", "hostile.xml"), logs.Bytes())
	return dir
}

// escaped is a name as the text of an element, its control characters too.
func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r < 0x20 || strings.ContainsRune("<>&'\"", r) {
			fmt.Fprintf(&b, "&#%d;", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Names with anything in them end up harmless: in what is printed, in the names
// of files, and in every part of every workbook; and nobody is lost by it.
func TestHostileNames(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	dir := hostileExample(t)
	config := filepath.Join(dir, "config.yaml")
	var printed strings.Builder
	do := func(want []int, args ...string) string {
		t.Helper()
		code, stdout, stderr := splameter(t, append([]string{"--config", config, "--log-level", "debug"}, args...)...)
		if !slices.Contains(want, code) {
			t.Errorf("splameter %s: exit code %d\n%s", strings.Join(args, " "), code, stderr)
		}
		for what, s := range map[string]string{"prints": stdout, "says": stderr} {
			if i := strings.IndexFunc(s, func(r rune) bool { return safetext.Acts(r) && r != '\n' && r != '\t' }); i >= 0 || !utf8.ValidString(s) {
				t.Errorf("splameter %s %s what acts on a terminal: %q", strings.Join(args, " "), what, s[max(0, i-40):max(0, i)+20])
			}
			if strings.Contains(s, "\nBcc:") {
				t.Errorf("splameter %s: a name made a line of its own", strings.Join(args, " "))
			}
			printed.WriteString(s)
		}
		return stdout
	}
	either := []int{exitComplete, exitIncomplete}
	do(either, "collect")
	do(either, "close", "--month", "2026-10")
	do(either, "report", "--month", "2026-10")
	do(either, "status", "--month", "2026-10")
	do(either, "mapping", "--month", "2026-10")
	do(either, "diff", "--persons", "2026-09", "2026-10")
	explained := do(either, "explain", "--month", "2026-10", "--tenant", "tuinderij", "--product", "rds")
	do(either, "explain", "--month", "2026-10", "--tenant", "tuinderij", "--product", "rds", "--json")
	do(either, "inspect", filepath.Join(dir, "testdata", "sessions", "hostile.xml"))
	do(either, "inspect", filepath.Join(dir, "testdata", "inventory", "software-2026-10-15.csv"))
	do([]int{exitFailed, exitUsage}, "explain", "--month", "2026-10", "--tenant", "\x1b[2Jx", "--product", "rds")
	do([]int{exitUsage}, "collect", "\x1b[2J\u202e")
	for i := range evil() {
		if want := fmt.Sprintf("evil%02d", i); !strings.Contains(explained, want) {
			t.Errorf("%s is not explained: an account was lost by its name", want)
		}
	}
	if !strings.Contains(printed.String(), `\u001b[2J`) {
		t.Error("no code of a control character was printed: the names did not come through")
	}
	checkFiles(t, dir)
}

// checkFiles looks at every file that was made.
func checkFiles(t *testing.T, dir string) {
	t.Helper()
	seen := map[string]string{}
	books := 0
	err := filepath.WalkDir(filepath.Join(dir, "out"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if name != filepath.Base(name) || strings.ContainsAny(name, `<>:"\|?*`) || strings.IndexFunc(name, safetext.Acts) >= 0 || strings.TrimRight(name, ". ") != name {
			t.Errorf("%q cannot be a file's name on every system", path)
		}
		if before, ok := seen[strings.ToLower(path)]; ok {
			t.Errorf("%q and %q are one on Windows", before, path)
		}
		seen[strings.ToLower(path)] = path
		if filepath.Ext(name) != ".xlsx" {
			return nil
		}
		books++
		z, err := zip.OpenReader(path)
		if err != nil {
			return err
		}
		defer z.Close()
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				return err
			}
			b, err := io.ReadAll(r)
			r.Close()
			if err != nil {
				return err
			}
			if i := strings.IndexFunc(string(b), func(r rune) bool { return safetext.Acts(r) && !strings.ContainsRune("\n\t\r", r) }); i >= 0 || !utf8.Valid(b) {
				t.Errorf("%s, %s holds what acts: %q", path, f.Name, b[max(0, i-40):max(0, i)+10])
			}
			for _, formula := range []string{"<f>cmd", "<f>=cmd", "<f>SUM(1)"} {
				if bytes.Contains(b, []byte(formula)) {
					t.Errorf("%s, %s holds a name as a formula", path, f.Name)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if books < 5 {
		t.Errorf("only %d workbooks were made", books)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{"config.yaml", "testdata", "out", "var"}, e.Name()) {
			t.Errorf("%q was made beside the output", e.Name())
		}
	}
}

// The sources lie beside each other: what is broken in one is told, and takes
// nothing of the others along. Each file of a source stands for itself too.
func TestBrokenFileLeavesTheOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	totals := func(dir string) string {
		t.Helper()
		var b strings.Builder
		st := readStatement(t, dir, "2026-10")
		for _, l := range st.Lines {
			fmt.Fprintf(&b, "%s %d\n", l.Product, l.Quantity)
		}
		return b.String()
	}
	collect := func(dir string) (int, string) {
		t.Helper()
		config := filepath.Join(dir, "config.yaml")
		code, _, stderr := splameter(t, "--config", config, "collect")
		if c, _, s := splameter(t, "--config", config, "report", "--month", "2026-10"); c != exitComplete && c != exitIncomplete {
			t.Fatalf("report: exit code %d\n%s", c, s)
		}
		return code, stderr
	}
	whole := copyExample(t)
	if code, stderr := collect(whole); code != exitComplete {
		t.Fatalf("the example itself: exit code %d\n%s", code, stderr)
	}
	want := totals(whole)

	dir := copyExample(t)
	at := func(name string) string { return filepath.Join(dir, "testdata", filepath.FromSlash(name)) }
	bad := map[string]string{
		// A directory of a day outside the months that is cut off within an entry.
		"directory/2026-11-05.ldif":                     "version: 1\n\ndn: CN=x,DC=duinrand,DC=example\nobjectClass: us",
		"sessions/cut.evtx":                             "ElfFile\x00",
		"sessions/bomb.ndjson.gz":                       "\x1f\x8b\x08\x00garbage",
		"sessions/deep.xml":                             strings.Repeat("<Event><a>", 100_000),
		"sessions/deep.ndjson":                          `{"winlog":` + strings.Repeat("[", 200_000),
		"sessions/empty.csv":                            "",
		"inventory/software-2026-10-16.csv":             "host,name\n\"never closed\n",
		"inventory/uninstall-BAD-2026-10-16.reg":        "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\x\r\n\"a\"=hex(2):zz",
		"inventory/hosts-2026-10-03.csv":                "host,kind\n\x00\x01",
		"inventory/software-2026-10-17.csv":             "PK\x03\x04",
		"sessions/UPPER.EVTX":                           strings.Repeat("\xff", 70_000),
		"sessions/\xd0\xbd\xd0\xb0\xd0\xbc\xd0\xb5.csv": "x",
	}
	for name, text := range bad {
		writeFile(t, at(name), []byte(text))
	}
	code, stderr := collect(dir)
	if code != exitIncomplete {
		t.Errorf("exit code %d, want %d", code, exitIncomplete)
	}
	if got := totals(dir); got != want {
		t.Errorf("the quantities became\n%swant\n%s", got, want)
	}
	review := stderr
	for _, f := range readStatement(t, dir, "2026-10").Findings {
		review += f.Subject + " " + f.Message + "\n"
	}
	for name := range bad {
		if !strings.Contains(review, filepath.Base(name)) {
			t.Errorf("%s is nowhere told to be broken", name)
		}
	}
}
