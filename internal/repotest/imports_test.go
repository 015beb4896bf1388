package repotest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"splameter/internal/repotest"
)

// architecture says who may import whom: for every package of the module, the
// packages of the module that its code, tests apart, may use, both in the order
// of their names. An arrow that is not here is refused by name. What stands in
// anywhere is not repeated.
var architecture = map[string]string{
	"cmd/splameter":                        "collector collector/forms collector/inventory collector/sessions collector/sessions/record collector/sessions/textblock internal/access internal/agent internal/atomicfile internal/closing internal/closing/books internal/closing/evidence internal/closing/forecast internal/closing/monthend internal/closing/stamp internal/config internal/deliver internal/desk internal/diag internal/edits internal/gather internal/invoice/ubl internal/month internal/notify internal/otherwise internal/paths internal/product internal/register internal/register/prices internal/register/tables internal/setup internal/snapshot internal/statement internal/store internal/store/handover internal/strictyaml internal/tenantexport report rules",
	"collector":                            "collector/database collector/directory collector/directory/dcevents collector/forms collector/inventory collector/sessions collector/sessions/record collector/sessions/textblock collector/sheet internal/config internal/diag internal/drop internal/gather internal/kerberos internal/month internal/paths internal/product internal/snapshot internal/store internal/textfile internal/winhost",
	"collector/database":                   "collector/sessions collector/sessions/record internal/config internal/diag internal/month internal/product internal/snapshot internal/tsql",
	"collector/database/tdstest":           "",
	"collector/directory":                  "collector/directory/ldif collector/directory/replmeta internal/config internal/dn internal/kerberos internal/month internal/packed internal/paths internal/snapshot",
	"collector/directory/dcevents":         "collector/sessions/record internal/dn internal/snapshot",
	"collector/directory/directorytest":    "collector/directory/replmeta internal/dn",
	"collector/directory/ldif":             "internal/textfile",
	"collector/directory/replmeta":         "",
	"collector/forms":                      "",
	"collector/inventory":                  "collector/forms collector/sheet internal/diag internal/month internal/paths internal/product internal/snapshot internal/textfile",
	"collector/sessions":                   "collector/forms collector/sessions/eventcsv collector/sessions/eventjson collector/sessions/eventtext collector/sessions/eventxml collector/sessions/evtx collector/sessions/record collector/sessions/textblock collector/sheet internal/config internal/month internal/packed internal/paths internal/snapshot internal/textfile",
	"collector/sessions/embedded":          "collector/sessions/eventxml collector/sessions/record collector/sessions/textblock collector/sessions/textblock/message",
	"collector/sessions/eventcsv":          "collector/forms collector/sessions/embedded collector/sessions/record collector/sessions/textblock collector/sessions/textblock/message",
	"collector/sessions/eventjson":         "collector/forms collector/sessions/embedded collector/sessions/record collector/sessions/textblock collector/sessions/textblock/message",
	"collector/sessions/eventtext":         "collector/sessions/record collector/sessions/textblock collector/sessions/textblock/message",
	"collector/sessions/eventxml":          "collector/sessions/record collector/sessions/textblock",
	"collector/sessions/evtx":              "collector/sessions/record",
	"collector/sessions/evtx/evtxtest":     "collector/sessions/record",
	"collector/sessions/record":            "",
	"collector/sessions/textblock":         "collector/sessions/record internal/textfile",
	"collector/sessions/textblock/message": "collector/sessions/record",
	"collector/sessions/textblock/synth":   "",
	"collector/sheet":                      "collector/forms internal/workbook",
	"internal/access":                      "",
	"internal/agent":                       "collector collector/directory internal/api internal/atomicfile internal/closing internal/closing/monthend internal/closing/preclose internal/config internal/desk internal/month internal/notify internal/snapshot internal/statement internal/store report",
	"internal/api":                         "internal/closing internal/closing/books internal/closing/monthend internal/config internal/month internal/statement internal/store",
	"internal/atomicfile":                  "",
	"internal/bench":                       "collector/directory/directorytest collector/sessions collector/sessions/evtx/evtxtest collector/sessions/record internal/config internal/month internal/register internal/snapshot internal/statement internal/store report",
	"internal/closing":                     "internal/atomicfile internal/closing/books internal/closing/evidence internal/closing/monthend internal/closing/stamp internal/config internal/diag internal/filelock internal/invoice internal/invoice/ubl internal/month internal/paths internal/product internal/register internal/register/prices internal/register/tables internal/snapshot internal/statement internal/store internal/workbook report rules",
	"internal/closing/books":               "internal/month internal/register internal/register/prices internal/statement",
	"internal/closing/evidence":            "internal/atomicfile internal/month internal/packed/facts internal/rowjson internal/snapshot",
	"internal/closing/forecast":            "internal/month internal/snapshot internal/statement",
	"internal/closing/monthend":            "internal/atomicfile internal/closing/forecast internal/config internal/diag internal/month internal/product internal/register internal/register/prices internal/register/tables internal/snapshot internal/statement internal/store internal/strictyaml report rules",
	"internal/closing/preclose":            "internal/month internal/register/prices internal/snapshot internal/statement",
	"internal/closing/stamp":               "",
	"internal/closing/stamp/stamptest":     "",
	"internal/config":                      "internal/diag internal/month internal/strictyaml internal/tsql",
	"internal/deliver":                     "internal/atomicfile internal/closing internal/config internal/notify internal/paths internal/register internal/statement internal/store report",
	"internal/desk":                        "collector collector/directory internal/api internal/atomicfile internal/closing internal/closing/books internal/closing/forecast internal/closing/monthend internal/config internal/deliver internal/edits internal/finding internal/month internal/register internal/register/tables internal/setup internal/snapshot internal/statement internal/store internal/strictyaml report",
	"internal/diag":                        "",
	"internal/digest":                      "",
	"internal/dn":                          "",
	"internal/drop":                        "internal/snapshot",
	"internal/edits":                       "internal/atomicfile internal/closing/monthend internal/config",
	"internal/filelock":                    "",
	"internal/finding":                     "internal/statement",
	"internal/gather":                      "collector/sessions/evtx collector/sessions/record internal/atomicfile internal/drop internal/snapshot",
	"internal/gather/gathertest":           "internal/drop internal/gather",
	"internal/invoice":                     "",
	"internal/invoice/ubl":                 "internal/invoice",
	"internal/kerberos":                    "",
	"internal/lazyregexp":                  "",
	"internal/mariatest":                   "internal/pgtest",
	"internal/month":                       "",
	"internal/notify":                      "internal/config",
	"internal/notify/mailtest":             "",
	"internal/otherwise":                   "internal/month internal/register internal/register/prices internal/statement",
	"internal/packed":                      "",
	"internal/packed/facts":                "internal/month internal/packed internal/snapshot",
	"internal/paths":                       "internal/month",
	"internal/pgtest":                      "",
	"internal/product":                     "internal/diag internal/snapshot internal/strictyaml",
	"internal/register":                    "internal/month",
	"internal/register/prices":             "internal/month",
	"internal/register/tables":             "internal/atomicfile internal/config internal/diag internal/dn internal/invoice internal/month internal/register internal/register/prices internal/statement internal/textfile internal/workbook",
	"internal/repotest":                    "",
	"internal/rowjson":                     "",
	"internal/safetext":                    "",
	"internal/setup":                       "collector collector/directory collector/inventory collector/sessions internal/atomicfile internal/config internal/diag internal/dn internal/edits internal/month internal/paths internal/product internal/register internal/register/prices internal/register/tables internal/snapshot internal/statement internal/strictyaml rules",
	"internal/snapshot":                    "internal/month",
	"internal/statement":                   "internal/month internal/packed internal/register internal/snapshot",
	"internal/store":                       "internal/access internal/filelock internal/month internal/packed internal/packed/facts internal/snapshot internal/statement",
	"internal/store/handover":              "internal/config internal/month internal/snapshot internal/store",
	"internal/store/storetest":             "internal/month internal/snapshot internal/statement internal/store",
	"internal/store/tdsengine":             "collector/database/tdstest",
	"internal/strictyaml":                  "internal/diag",
	"internal/tenantexport":                "internal/atomicfile internal/closing internal/config internal/month internal/register internal/snapshot internal/statement internal/store rules",
	"internal/textfile":                    "",
	"internal/tsql":                        "",
	"internal/wine/newcomer":               "collector/directory/directorytest collector/sessions/evtx/evtxtest",
	"internal/winhost":                     "internal/drop internal/gather internal/kerberos",
	"internal/winhost/winhosttest":         "",
	"internal/workbook":                    "",
	"report":                               "internal/atomicfile internal/closing/books internal/closing/preclose internal/config internal/finding internal/invoice internal/month internal/otherwise internal/register internal/register/prices internal/rowjson internal/snapshot internal/statement internal/workbook",
	"rules":                                "internal/config internal/diag internal/dn internal/finding internal/month internal/product internal/register internal/register/prices internal/snapshot internal/statement internal/strictyaml",
}

// anywhere are the packages that everybody may import: one way of each small
// thing, without I/O and without a clock.
const anywhere = "internal/digest internal/lazyregexp internal/safetext"

// The table is in order, so that what two people add to it comes together, and
// each thing stands there once.
func TestImportsInOrder(t *testing.T) {
	for _, fault := range disorder(rows(t)) {
		t.Error(fault)
	}
	for _, c := range []struct {
		rows [][2]string
		want string
	}{
		{[][2]string{{"b", "x"}, {"a", ""}}, "the row of a belongs above that of b"},
		{[][2]string{{"a", "x"}, {"a", "y"}}, "a has two rows: make one of them"},
		{[][2]string{{"a", "y x"}}, "in the row of a, x belongs before y"},
		{[][2]string{{"a", "x x"}}, "in the row of a, x stands twice"},
		{[][2]string{{"a", "x"}, {"a/b", "x y"}}, ""},
	} {
		if got := strings.Join(disorder(c.rows), "; "); got != c.want {
			t.Errorf("%v: %q, want %q", c.rows, got, c.want)
		}
	}
}

// disorder says what is not in order in rows of the table.
func disorder(rows [][2]string) (faults []string) {
	for i := 1; i < len(rows); i++ {
		switch before, name := rows[i-1][0], rows[i][0]; {
		case before == name:
			faults = append(faults, name+" has two rows: make one of them")
		case before > name:
			faults = append(faults, "the row of "+name+" belongs above that of "+before)
		}
	}
	for _, r := range rows {
		list := strings.Fields(r[1])
		for i := 1; i < len(list); i++ {
			switch {
			case list[i-1] == list[i]:
				faults = append(faults, "in the row of "+r[0]+", "+list[i]+" stands twice")
			case list[i-1] > list[i]:
				faults = append(faults, "in the row of "+r[0]+", "+list[i]+" belongs before "+list[i-1])
			}
		}
	}
	return faults
}

// rows are the table's as they stand in this file.
func rows(t *testing.T) (out [][2]string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "imports_test.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f.Scope.Lookup("architecture").Decl.(ast.Node), func(n ast.Node) bool {
		if kv, ok := n.(*ast.KeyValueExpr); ok {
			key, _ := strconv.Unquote(kv.Key.(*ast.BasicLit).Value)
			value, _ := strconv.Unquote(kv.Value.(*ast.BasicLit).Value)
			out = append(out, [2]string{key, value})
		}
		return true
	})
	if len(out) != len(architecture) {
		t.Fatalf("%d rows of %d were found", len(out), len(architecture))
	}
	return out
}

// Every package imports what the table lets it, every package stands in the
// table, and no entry of the table is idle.
func TestImports(t *testing.T) {
	cmd := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", "./...")
	cmd.Dir = repotest.Root(t)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "splameter/"
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		name := strings.TrimPrefix(words[0], module)
		seen[name] = true
		list, ok := architecture[name]
		if !ok {
			t.Errorf("package %s is not in the table of who may import whom", name)
			continue
		}
		allowed := strings.Fields(list)
		everywhere := strings.Fields(anywhere)
		for _, p := range words[1:] {
			if p, ok := strings.CutPrefix(p, module); ok && !slices.Contains(everywhere, p) {
				if i := slices.Index(allowed, p); i >= 0 {
					allowed = slices.Delete(allowed, i, i+1)
				} else {
					t.Errorf("%s imports %s, which the table does not let it", name, p)
				}
			}
		}
		for _, p := range allowed {
			t.Errorf("%s may import %s and does not: take it out of the table", name, p)
		}
	}
	for name := range architecture {
		if !seen[name] {
			t.Errorf("the table has %s, which is no package", name)
		}
	}
}
