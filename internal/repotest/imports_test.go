package repotest_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"splameter/internal/repotest"
)

// architecture says who may import whom: for every package of the module, the
// packages of the module that its code, tests apart, may use. It reads from
// the nouns up to the commands; an arrow that is not here is refused by name.
// What stands in anywhere is not repeated.
var architecture = map[string]string{
	"cmd/splameter":                        "collector collector/forms collector/inventory collector/sessions collector/sessions/record collector/sessions/textblock internal/access internal/agent internal/atomicfile internal/closing internal/closing/books internal/closing/evidence internal/closing/forecast internal/closing/monthend internal/closing/stamp internal/config internal/deliver internal/desk internal/diag internal/edits internal/gather internal/invoice/ubl internal/month internal/notify internal/otherwise internal/paths internal/product internal/register internal/register/prices internal/register/tables internal/setup internal/snapshot internal/statement internal/store internal/store/handover internal/strictyaml internal/tenantexport report rules",
	"collector":                            "collector/database collector/directory collector/directory/dcevents collector/forms collector/inventory collector/sessions collector/sessions/record collector/sessions/textblock internal/config internal/diag internal/drop internal/gather internal/kerberos internal/month internal/paths internal/product internal/snapshot internal/store internal/textfile internal/winhost",
	"collector/directory":                  "collector/directory/ldif collector/directory/replmeta internal/config internal/dn internal/kerberos internal/month internal/packed internal/paths internal/snapshot",
	"collector/directory/dcevents":         "collector/sessions/record internal/dn internal/snapshot",
	"collector/directory/directorytest":    "collector/directory/replmeta internal/dn",
	"collector/directory/ldif":             "internal/textfile",
	"collector/directory/replmeta":         "",
	"collector/inventory":                  "collector/forms internal/month internal/paths internal/product internal/snapshot internal/textfile internal/workbook",
	"collector/sessions":                   "collector/forms collector/sessions/eventcsv collector/sessions/eventjson collector/sessions/eventtext collector/sessions/eventxml collector/sessions/evtx collector/sessions/record collector/sessions/textblock internal/config internal/month internal/packed internal/paths internal/snapshot internal/textfile",
	"collector/sessions/eventtext":         "collector/sessions/record collector/sessions/textblock collector/sessions/textblock/message",
	"collector/forms":                      "",
	"collector/sessions/embedded":          "collector/sessions/eventxml collector/sessions/record collector/sessions/textblock collector/sessions/textblock/message",
	"collector/sessions/eventcsv":          "collector/forms collector/sessions/embedded collector/sessions/record collector/sessions/textblock collector/sessions/textblock/message",
	"collector/sessions/eventjson":         "collector/forms collector/sessions/embedded collector/sessions/record collector/sessions/textblock collector/sessions/textblock/message",
	"collector/sessions/eventxml":          "collector/sessions/record collector/sessions/textblock",
	"collector/sessions/evtx":              "collector/sessions/record",
	"collector/sessions/evtx/evtxtest":     "collector/sessions/record",
	"collector/sessions/record":            "",
	"collector/sessions/textblock":         "collector/sessions/record internal/textfile",
	"collector/sessions/textblock/message": "collector/sessions/record",
	"collector/sessions/textblock/synth":   "",
	"collector/database":                   "collector/sessions collector/sessions/record internal/config internal/month internal/product internal/snapshot internal/tsql",
	"collector/database/tdstest":           "",
	"internal/access":                      "",
	"internal/agent":                       "collector collector/directory internal/api internal/atomicfile internal/closing internal/closing/monthend internal/closing/preclose internal/config internal/desk internal/month internal/notify internal/snapshot internal/statement internal/store report",
	"internal/api":                         "internal/closing internal/closing/books internal/closing/monthend internal/config internal/month internal/statement internal/store",
	"internal/atomicfile":                  "",
	"internal/bench":                       "collector/directory/directorytest collector/sessions collector/sessions/evtx/evtxtest collector/sessions/record internal/config internal/month internal/register internal/snapshot internal/statement internal/store report",
	"internal/closing":                     "internal/atomicfile internal/closing/books internal/closing/evidence internal/closing/monthend internal/closing/stamp internal/config internal/diag internal/filelock internal/invoice internal/invoice/ubl internal/month internal/paths internal/product internal/register internal/register/prices internal/register/tables internal/snapshot internal/statement internal/store internal/workbook report rules",
	"internal/closing/books":               "internal/month internal/register internal/register/prices internal/statement",
	"internal/closing/evidence":            "internal/month internal/snapshot",
	"internal/closing/forecast":            "internal/month internal/snapshot internal/statement",
	"internal/closing/monthend":            "internal/atomicfile internal/closing/forecast internal/config internal/diag internal/month internal/product internal/register internal/register/prices internal/register/tables internal/snapshot internal/statement internal/store internal/strictyaml report rules",
	"internal/closing/preclose":            "internal/month internal/register/prices internal/snapshot internal/statement",
	"internal/closing/stamp":               "",
	"internal/closing/stamp/stamptest":     "",
	"internal/config":                      "internal/diag internal/month internal/strictyaml internal/tsql",
	"internal/deliver":                     "internal/atomicfile internal/closing internal/config internal/notify internal/paths internal/register internal/statement internal/store report",
	"internal/desk":                        "collector collector/directory internal/api internal/atomicfile internal/closing internal/closing/books internal/closing/forecast internal/closing/monthend internal/config internal/deliver internal/edits internal/finding internal/month internal/paths internal/register internal/register/tables internal/setup internal/snapshot internal/statement internal/store internal/strictyaml report",
	"internal/diag":                        "",
	"internal/digest":                      "",
	"internal/dn":                          "",
	"internal/drop":                        "internal/snapshot",
	"internal/edits":                       "internal/atomicfile internal/closing/monthend internal/config",
	"internal/filelock":                    "",
	"internal/finding":                     "internal/statement",
	"internal/gather":                      "collector/sessions/evtx collector/sessions/record internal/atomicfile internal/drop internal/snapshot",
	"internal/gather":                      "collector/sessions/evtx collector/sessions/record internal/atomicfile internal/drop",
	"internal/gather/gathertest":           "internal/drop internal/gather",
	"internal/kerberos":                    "",
	"internal/invoice":                     "",
	"internal/invoice/ubl":                 "internal/invoice",
	"internal/mariatest":                   "internal/pgtest",
	"internal/month":                       "",
	"internal/notify":                      "internal/config",
	"internal/notify/mailtest":             "",
	"internal/otherwise":                   "internal/month internal/register internal/register/prices internal/statement",
	"internal/packed":                      "",
	"internal/paths":                       "internal/month",
	"internal/pgtest":                      "",
	"internal/product":                     "internal/diag internal/snapshot internal/strictyaml",
	"internal/register":                    "internal/month",
	"internal/register/prices":             "internal/month",
	"internal/register/tables":             "internal/atomicfile internal/config internal/diag internal/dn internal/invoice internal/month internal/register internal/register/prices internal/statement internal/textfile internal/workbook",
	"internal/repotest":                    "",
	"internal/safetext":                    "",
	"internal/setup":                       "collector collector/directory collector/inventory collector/sessions internal/atomicfile internal/config internal/dn internal/edits internal/month internal/paths internal/product internal/register internal/register/tables internal/snapshot internal/statement internal/strictyaml rules",
	"internal/snapshot":                    "internal/month",
	"internal/statement":                   "internal/month internal/packed internal/register internal/snapshot",
	"internal/store":                       "internal/access internal/filelock internal/month internal/packed internal/snapshot internal/statement",
	"internal/store/handover":              "internal/config internal/month internal/snapshot internal/store",
	"internal/store/storetest":             "internal/month internal/snapshot internal/statement internal/store",
	"internal/store/tdsengine":             "collector/database/tdstest",
	"internal/strictyaml":                  "internal/diag",
	"internal/tenantexport":                "internal/atomicfile internal/closing internal/config internal/month internal/register internal/snapshot internal/statement internal/store rules",
	"internal/textfile":                    "",
	"internal/tsql":                        "",
	"internal/winhost":                     "internal/drop internal/gather internal/kerberos",
	"internal/winhost/winhosttest":         "",
	"internal/wine/newcomer":               "collector/directory/directorytest collector/sessions/evtx/evtxtest",
	"internal/workbook":                    "",
	"report":                               "internal/atomicfile internal/closing/books internal/closing/preclose internal/config internal/finding internal/invoice internal/month internal/otherwise internal/register internal/register/prices internal/snapshot internal/statement internal/workbook",
	"rules":                                "internal/config internal/diag internal/dn internal/finding internal/month internal/product internal/register internal/register/prices internal/snapshot internal/statement internal/strictyaml",
}

// anywhere are the packages that everybody may import: one way of each small
// thing, without I/O and without a clock.
const anywhere = "internal/digest internal/safetext"

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
