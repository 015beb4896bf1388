package repotest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"splameter/internal/repotest"
)

// ways are the things that are done in one way. What it would be done with by
// hand is refused outside the package that owns the way, and outside the places
// that have a reason of their own, which stands beside each. A place is a file,
// or a folder with all beneath it.
var ways = []struct {
	thing, use string
	by         *regexp.Regexp
	places     []string
}{
	{"a file to write", "atomicfile.Write", regexp.MustCompile(`\bos\.(Rename|WriteFile|Create|CreateTemp|OpenFile)\(`), []string{
		"internal/atomicfile",
		"internal/filelock/filelock.go",       // the file that is locked holds nothing
		"internal/store/sqlite.go",            // SQLite writes the file itself; it is made with its mode
		"internal/gather",                     // working files of one run, removed after it; what is handed in is renamed by atomicfile
		"collector/handed.go",                 // unpacked into a folder that goes with the reading
		"internal/closing/monthend/sealed.go", // laid out into a folder that goes with the counting
		"cmd/splameter/verify.go",             // a pack out of a pack, in a folder that goes with the command
		"internal/bench", "testdata",          // make what is measured, and the example
	}},
	{"a foreign text to open", "textfile.Open", regexp.MustCompile(`\b(gzip|zstd|bzip2|zlib|flate)\.NewReader`), []string{
		"internal/textfile",
		"internal/store",            // its own values, and what sites hand over
		"internal/closing/evidence", // members of its own packs, by their digest
		"internal/workbook",         // archives of workbooks
	}},
	{"files by a pattern", "paths.Glob", regexp.MustCompile(`\bfilepath\.Glob\(`), []string{"internal/paths"}},
	{"a path as it is shown", "paths.Shown", regexp.MustCompile(`\bfilepath\.ToSlash\(`), []string{
		"internal/paths",
		"internal/store/sqlite.go", // the address of the database, not shown
	}},
	{"SHA-256", "digest", regexp.MustCompile(`"crypto/(sha256|sha1|md5|hmac)"`), []string{"internal/digest"}},
	{"a lock between processes", "filelock.Take", regexp.MustCompile(`\b(Flock|FcntlFlock|LockFileEx|LOCK_EX|LOCKFILE_EXCLUSIVE_LOCK)\b`), []string{"internal/filelock"}},
	{"text cut short", "safetext.Clip or Brief", regexp.MustCompile(`\+ *"(…|\.\.\.)"`), []string{"internal/safetext"}},
	{"the clock", "a clock that was handed down", regexp.MustCompile(`\btime\.(Now|Since|Until)\(`), []string{
		"internal/bench",
		"internal/kerberos/kerberos.go", // tickets end by the system's clock, which the library reads too
	}},
	{"the end of the program", "an error that main turns into an exit code", regexp.MustCompile(`\bos\.Exit\(|\blog\.Fatal`), []string{
		"cmd/splameter/main.go",
		"cmd/splameter/service_windows.go", // the service manager wants it
		"internal/bench", "testdata",       // programs of their own
	}},
	{"a logger", "the one that was handed down", regexp.MustCompile(`\bslog\.(Default|SetDefault|Debug|Info|Warn|Error)\(|\blog\.Print`), nil},
	{"a regular expression of the program's own", "lazyregexp.New", regexp.MustCompile(`^(var \w+ += |\t\w+ += )regexp\.MustCompile\(`), nil},
	{"a schedule", "gocron, in internal/agent", regexp.MustCompile(`go-co-op/gocron|\btime\.(NewTicker|Tick)\(`), []string{"internal/agent"}},
	{"a command to begin", "begin, of cmd/splameter/app.go", regexp.MustCompile(`\bstore\.Open\(`), []string{"cmd/splameter/app.go", "internal/bench"}},
	{"a config to read", "strictyaml.Decode", regexp.MustCompile(`\byaml\.(Unmarshal|NewDecoder)\(`), []string{
		"internal/strictyaml",
		"collector/forms",                // the program's own tables, which tests read
		"internal/closing/audit_mask.go", // any rule file that was ever sealed, as a tree
	}},
}

// guarded are the files that write a CSV without safetext.Cell, and why.
var guarded = map[string]string{
	"collector/sheet/sheet.go":               "a workbook's sheet as the program reads it, which nobody opens",
	"internal/register/tables/pricemerge.go": "a provider's own price list, every cell as it was",
	"internal/register/tables/sheet.go":      "one cell of a provider's own table, read back as it is",
	"testdata/generate/sessions.go":          "the example's logs",
	"testdata/provider/main.go":              "a made-up provider's exports",
}

// A second way fails by the thing it is a way of. The code of tests, and of
// what only tests run, is free.
func TestOneWayOfEachThing(t *testing.T) {
	root := repotest.Root(t)
	cmd := exec.Command("git", "ls-files", "*.go")
	cmd.Dir = root
	list, err := cmd.Output()
	if err != nil {
		t.Skipf("not a checkout: %v", err)
	}
	used := map[string]bool{}
	csvs := 0
	for file := range strings.FieldsSeq(string(list)) {
		if strings.HasSuffix(file, "_test.go") || ofTests(file) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if os.IsNotExist(err) {
			continue // removed, and not committed
		}
		if err != nil {
			t.Fatal(err)
		}
		for n, line := range strings.Split(string(b), "\n") {
			code, _, _ := strings.Cut(line, "// ")
			for _, w := range ways {
				if !w.by.MatchString(code) {
					continue
				}
				i := slices.IndexFunc(w.places, func(p string) bool { return file == p || strings.HasPrefix(file, p+"/") })
				if i < 0 {
					t.Errorf("%s:%d: %s in a second way: use %s (or name the place, with its reason, in %s)", file, n+1, w.thing, w.use, "internal/repotest/ways_test.go")
					continue
				}
				used[w.thing+" "+w.places[i]] = true
			}
		}
		if text := string(b); strings.Contains(text, "csv.NewWriter(") {
			csvs++
			switch _, ok := guarded[file]; {
			case strings.Contains(text, "safetext.Cell(") == ok && ok:
				t.Errorf("%s guards its cells now: take it out of the table", file)
			case !strings.Contains(text, "safetext.Cell(") && !ok:
				t.Errorf("%s writes a CSV whose cells a spreadsheet may take for formulas: use safetext.Cell", file)
			}
		}
	}
	for _, w := range ways {
		for _, p := range w.places {
			if !used[w.thing+" "+p] {
				t.Errorf("%s need not be named for %s: nothing there does it", p, w.thing)
			}
		}
	}
	if csvs < 5 {
		t.Errorf("only %d files that write a CSV were found", csvs)
	}
}

// ofTests says that only tests run the file: a package whose name ends so, or
// one that starts a server for tests.
func ofTests(file string) bool {
	switch dir := filepath.ToSlash(filepath.Dir(file)); dir {
	case "internal/pgtest", "internal/repotest", "internal/store/tdsengine":
		return true
	default:
		return strings.HasSuffix(dir, "test") || strings.HasPrefix(dir, "internal/wine")
	}
}
