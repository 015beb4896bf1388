package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"splameter/internal/month"
	"splameter/internal/repotest"
	"splameter/internal/strictyaml"
)

// same compares configs by what they say.
var same = cmp.Options{cmp.AllowUnexported(Secret{}), cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".doc" }, cmp.Ignore())}

func TestDefaultsAreAllShown(t *testing.T) {
	data, err := os.ReadFile("testdata/defaults.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var shown Config // nothing but what the file says
	if _, faults := strictyaml.Decode("defaults.yaml", data, &shown); len(faults) > 0 {
		t.Fatal(faults)
	}
	want := Default()
	want.Person, want.Sites, want.Watch = []string{}, []string{}, []string{}
	want.Mail.To = []string{}
	want.Agreements = []Agreement{{Columns: DefaultColumns()}}
	want.Agreements[0].Columns.Cells, want.Agreements[0].Columns.CSV.Columns = map[string]string{}, []CSVColumn{}
	want.Report.Columns.Cells, want.Report.Columns.CSV.Columns = map[string]string{}, []CSVColumn{{}}
	want.Report.Billing.Columns = []CSVColumn{{}}
	d := DefaultDirectory()
	d.Base, d.Events = []string{}, []string{}
	want.Directories = []Directory{d}
	want.Sessions = []Sessions{{Files: []string{}, Columns: map[string]string{}}}
	want.Drops = []Drops{{Files: []string{}}}
	h := DefaultHosts()
	h.Names, h.Units, h.Addresses = []string{}, []string{}, map[string]string{}
	want.Hosts = []Hosts{h}
	want.Inventories = []Inventory{{Columns: map[string]string{}}}
	db := DefaultDatabase()
	db.Read = []string{}
	db.Sessions, db.Software, db.Hosts = Query{Columns: map[string]string{}}, Query{Columns: map[string]string{}}, Query{Columns: map[string]string{}}
	want.Databases = []Database{db}
	want.Desk = Desk{Viewers: []string{}, AccountManagers: []string{}, Reviewers: []string{}, Approvers: []string{}, Customers: map[string][]string{}}
	want.API.Tokens = []Token{{Customers: []string{}}}
	want.Pools = []Pool{{Hosts: []string{}, Users: []string{}, Restrict: []Restrict{{Users: []string{}}}}}
	if diff := cmp.Diff(want, shown, same); diff != "" {
		t.Errorf("defaults.yaml differs from Default:\n%s", diff)
	}
	var raw map[string]any
	if err := yaml.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	everyKey(t, reflect.TypeFor[Config](), raw, "")
}

func everyKey(t *testing.T, typ reflect.Type, v any, at string) {
	t.Helper()
	if l, ok := v.([]any); ok && len(l) > 0 && typ.Kind() == reflect.Slice {
		everyKey(t, typ.Elem(), l[0], at)
		return
	}
	m, ok := v.(map[string]any)
	if !ok || typ.Kind() != reflect.Struct {
		return
	}
	for i := range typ.NumField() {
		name := typ.Field(i).Tag.Get("yaml")
		if name == "-" || !typ.Field(i).IsExported() {
			continue
		}
		if _, ok := m[name]; !ok {
			t.Errorf("defaults.yaml does not show %s%s", at, name)
		}
		everyKey(t, typ.Field(i).Type, m[name], at+name+".")
	}
}

const small = `provider: {name: P, time_zone: Europe/Amsterdam}
`

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	// A folder whose name is a pattern must not become one.
	dir = filepath.Join(dir, "a[1]")
	if err := os.MkdirAll(filepath.Join(dir, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "logs", "x.evtx"), "x")
	path := filepath.Join(dir, "config.yaml")
	write(t, path, small+`
store: sqlite:var/s.db
tenants: ../t.csv
sessions: [{name: s, files: [logs/*.evtx]}]
inventories: [{name: i, software: inv/*.csv, hosts: [/abs/*.csv]}]
directories: [{name: d, url: ldaps://dc, ca: ca.pem, bind: {user: u, password: "file:secret/pw"}}]
`)
	c, faults := Load(path)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, x := range []struct{ got, want string }{
		{c.Store, "sqlite:" + filepath.Join(dir, "var/s.db")},
		{c.Output, filepath.Join(dir, "out")},
		{c.Tenants, filepath.Join(filepath.Dir(dir), "t.csv")},
		{c.Directories[0].CA, filepath.Join(dir, "ca.pem")},
		{c.Directories[0].Bind.Password.source, "file:" + filepath.Join(dir, "secret/pw")},
		{c.Inventories[0].Hosts[0], filepath.FromSlash("/abs/*.csv")},
		{c.Exclusions, ""},
		{c.Dir, dir},
	} {
		if x.got != x.want && filepath.Separator == '/' {
			t.Errorf("got %s, want %s", x.got, x.want)
		}
	}
	if found, err := filepath.Glob(c.Sessions[0].Files[0]); err != nil || len(found) != 1 {
		t.Errorf("%s finds %v, %v", c.Sessions[0].Files[0], found, err)
	}
	if c.Provider.Location.String() != "Europe/Amsterdam" || c.Directories[0].PageSize != 1000 || c.Directories[0].Bind.Method != "simple" {
		t.Errorf("%v, %v", c.Provider.Location, c.Directories[0])
	}

	masked, err := c.Masked()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(masked), dir) {
		t.Errorf("the masked config names its folder:\n%s", masked)
	}
	again, faults := Parse(path, masked)
	if len(faults) > 0 {
		t.Fatalf("%v\n%s", faults, masked)
	}
	twice, err := again.Masked()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(masked), string(twice)); diff != "" {
		t.Errorf("the masked config says something else:\n%s", diff)
	}
	if again.Store != c.Store || again.Sessions[0].Files[0] != c.Sessions[0].Files[0] {
		t.Errorf("%s, %v", again.Store, again.Sessions)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDigest(t *testing.T) {
	digest := func(config, tenants string) string {
		dir := t.TempDir()
		path := filepath.Join(dir, "config.yaml")
		write(t, path, config)
		if tenants != "" {
			write(t, filepath.Join(dir, "t.csv"), tenants)
		}
		c, faults := Load(path)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		return c.Digest
	}
	const with = small + "tenants: t.csv\n"
	base := digest(with, "id\na\n")
	if len(base) != 64 || base != digest(with, "id\na\n") {
		t.Error("the same files in another folder have another digest:", base)
	}
	for name, other := range map[string]string{
		"the config": digest(with+"#\n", "id\na\n"), "a table": digest(with, "id\nb\n"), "no table": digest(with, ""),
		"the key of a table": digest(small+"prices: t.csv\n", "id\na\n"),
	} {
		if other == base {
			t.Errorf("%s changed and the digest did not", name)
		}
	}
}

func TestAcceptanceConfig(t *testing.T) {
	path := repotest.Shared(t, "acceptance", "october", "config.yaml")
	c, faults := Load(path)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	// By hand from the file.
	if c.Provider.Name != "Voorbeeld Hosting B.V." || c.Provider.Agreement != "S1234567" || c.Coverage.InventoryEvery != 31 ||
		len(c.Pools) != 2 || c.Pools[0].Restrict[0].Control != "applocker-enforced" || c.Person[0] != "employeeID" ||
		c.Sessions[0].Exported.Date != (month.OptionalDay{Day: month.Date(2026, 11, 1), Set: true}) || c.Directories[0].Domain != "HOSTING" {
		t.Errorf("%+v", c)
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/defaults.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for _, s := range []string{small, small + "store: sqlserver://u:p@h?database=d", "directories: [{name: d, url: 'ldap://[::1'}]", "provider: {time_zone: ../../etc/passwd}", "coverage: {directory_every: 400d}", "inventories: [{name: i, software: [*a, [x]]}]"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, faults := Parse("config.yaml", data)
		for _, ft := range faults {
			if ft.What == "" || strings.Contains(ft.Error(), "config.") && !strings.Contains(ft.Error(), "config.yaml") {
				t.Errorf("a poor fault: %v", ft)
			}
		}
		if len(faults) > 0 {
			return
		}
		masked, err := c.Masked()
		if err != nil {
			t.Fatal(err)
		}
		if _, again := Parse("config.yaml", masked); len(again) > 0 {
			t.Errorf("its own masked form is faulty: %v\n%s", again, masked)
		}
	})
}
