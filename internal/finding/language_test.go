package finding

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"splameter/internal/repotest"
)

// Every code says in Dutch what it means and what to do.
// What the parts of a sentence hold is translated too: days, and lists that leave
// some out; server is and are have no other form in the sentence about tables.
func TestPartsInDutch(t *testing.T) {
	for in, want := range map[string]string{
		"7 servers are known, such as DB01, DC1, and 2 more, and no hosts table is configured: what is owed by cores (Windows Server, SQL Server) is not known, and nothing was counted for it": "7 servers zijn bekend, zoals DB01, DC1 en nog 2, en er is geen hosttabel ingesteld: wat per core verschuldigd is (Windows Server, SQL Server) is niet bekend, en er is niets voor geteld",
		"2026-09-01 to 2026-09-30":         "2026-09-01 t/m 2026-09-30",
		"read from 2026-09-01 to tomorrow": "read from 2026-09-01 to tomorrow",
	} {
		if got := In("nl", in); got != want {
			t.Errorf("%q\nis %q\nwant %q", in, got, want)
		}
	}
}

func TestCodesAreToldInDutch(t *testing.T) {
	_, faults := pairs(dutch)
	for _, err := range faults {
		t.Errorf("dutch.txt: %v", err)
	}
	exact, _ := sentences()
	for _, c := range All() {
		for _, s := range []string{c.Meaning, c.Action} {
			if exact[s] == "" {
				t.Errorf("%s: %q has no Dutch: add a pair of lines to dutch.txt", c.Code, s)
			}
		}
	}
}

// A sentence is known by what is fixed of it; what was put in stands in its
// place, also in another order, and is translated where it is a sentence too.
func TestSentenceInDutch(t *testing.T) {
	for _, c := range []struct{ english, dutch, said, want string }{
		{"the unit %s of tenant %s is gone", "van klant %[2]s is OU %[1]s weg", "the unit OU=x of tenant a b is gone", "van klant a b is OU OU=x weg"},
		{"%s went to %d, by %d %%", "%s ging naar %d, met %d %%", "rds went to 5, by 30 %", "rds ging naar 5, met 30 %"},
		{"host %s: %s", "host %s: %s", "host h: its cause was not kept", "host h: its cause was not kept"},
	} {
		list, faults := pairs(c.english + "\n" + c.dutch + "\n")
		if len(list) != 1 || len(faults) > 0 {
			t.Fatal(faults)
		}
		found, ok := list[0].match(c.said)
		if !ok {
			t.Errorf("%q is not known in %q", c.english, c.said)
			continue
		}
		if got := list[0].fill(found); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if got := In("nl", "what nobody wrote down"); got != "what nobody wrote down" {
		t.Error(got)
	}
	if got := In("en", "One machine stands on two rows that differ."); !strings.HasPrefix(got, "One machine") {
		t.Error(got)
	}
}

// A fault of the table takes its own pair away and no other; of a sentence that
// stands twice the first pair counts. The test above fails of each fault.
func TestFaultsOfTheTable(t *testing.T) {
	for _, c := range []struct{ table, fault, want string }{
		{"a\nb\none\n", `line 3: the last sentence, "one", has no other language`, "a=b"},
		{"a %s\nb %s %s\nc\nd\n", `line 2: "b %s %s" has a part that "a %s" has not`, "c=d"},
		{"a\nb\na\nc\nd\ne\n", `line 3: "a" stands there twice, on line 1 too`, "a=b d=e"},
		{"%s\n%s\na\nb\n", `line 1: "%s" lacks a language, or has nothing that is fixed`, "a=b"},
		{"a\n\nc\nd\n", `line 1: "a" lacks a language, or has nothing that is fixed`, "c=d"},
	} {
		list, faults := pairs(c.table)
		var got []string
		for i := range list {
			got = append(got, list[i].english+"="+list[i].dutch)
		}
		if len(faults) != 1 || faults[0].Error() != c.fault {
			t.Errorf("%q: faults %v, want %s", c.table, faults, c.fault)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q: pairs %s, want %s", c.table, s, c.want)
		}
	}
}

func FuzzIn(f *testing.F) {
	f.Add("the session log of host h begins on 2026-10-02: what came before in the month is overwritten")
	f.Fuzz(func(t *testing.T, s string) {
		if got := In("nl", s); got == "" && s != "" {
			t.Errorf("nothing is left of %q", s)
		}
	})
}

// Every sentence of the rules that reaches the reader has its Dutch: each
// string of six words or more in their code, but for errors, the parts that
// sentences are put together from, and the files that read rules or answer
// commands.
func TestSentencesOfTheRulesAreToldInDutch(t *testing.T) {
	table := map[string]bool{}
	list, _ := pairs(dutch)
	for i := range list {
		table[list[i].english] = true
	}
	other := map[string]bool{"parse.go": true, "set.go": true, "meaning.go": true, "catalog_doc.go": true, "check.go": true, "explain.go": true, "decide.go": true, "world.go": true}
	dir := filepath.Join(repotest.Root(t), "rules")
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		if name := filepath.Base(f); strings.HasSuffix(name, "_test.go") || other[name] || strings.HasPrefix(name, "parse") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if s, ok := c.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Errorf" || s.Sel.Name == "New") {
					return false
				}
			}
			b, ok := n.(*ast.BasicLit)
			if !ok || b.Kind != token.STRING {
				return true
			}
			s, err := strconv.Unquote(b.Value)
			part := strings.ContainsAny(s[:min(len(s), 1)], " ,;:") || strings.ContainsAny(s[max(len(s)-1, 0):], " :")
			if err != nil || strings.Count(s, " ") < 5 || part {
				return true
			}
			if found++; !table[s] {
				t.Errorf("%s: %q has no Dutch: add it to dutch.txt, and its Dutch on the next line", filepath.Base(f), s)
			}
			return true
		})
	}
	if found < 200 {
		t.Errorf("only %d sentences were found", found)
	}
}
