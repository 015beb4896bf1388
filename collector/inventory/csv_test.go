package inventory

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"splameter/internal/snapshot"
)

// software reads a text and shows it as lines: host, name, version,
// publisher, key, release, edition and line, then the notices' codes and
// lines.
func software(t *testing.T, text string, opt Options) string {
	t.Helper()
	inv, err := ReadSoftware(t.Context(), strings.NewReader(text), "software.csv", opt)
	if err != nil {
		return "error: " + err.Error()
	}
	return show(inv)
}

func show(inv *snapshot.Inventory) string {
	var b strings.Builder
	for _, h := range inv.Software {
		fmt.Fprintf(&b, "%s:\n", h.Host)
		for _, in := range h.Installs {
			fmt.Fprintf(&b, "  %s|%s|%s|%s|%s|%s @%d\n", in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition, in.Line)
		}
	}
	for _, n := range inv.Notes {
		fmt.Fprintf(&b, "%s @%d\n", n.Code, n.At.Line)
	}
	if inv.Status != snapshot.Complete {
		fmt.Fprintf(&b, "%s\n", inv.Status)
	}
	return b.String()
}

func TestSoftwareCSV(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"columns in another order, blanks, a double, two spellings of a host",
			"publisher,Version,HOST,name\nMS,1,RDSH1,B \nMS,1,rdsh1,B\n,,RDSH1.hosting.example,A\n",
			"RDSH1:\n  A||||| @4\n  B|1|MS||| @2\n"},
		{"PowerShell's Export-Csv with type line and semicolons",
			"#TYPE Selected.System.Management.Automation.PSCustomObject\r\n\"PSComputerName\";\"DisplayName\";\"DisplayVersion\";\"Publisher\";\"InstallDate\"\r\n" +
				"\"H1\";\"He said \"\"hi\"\"; twice\";\"1\";;\"20120417\"\r\n",
			"H1:\n  He said \"hi\"; twice|1|||| @3\n"},
		{"tabs, and a spreadsheet's separator line",
			"sep=\t\nhost\tname\nH1\tA, B\n", "H1:\n  A, B||||| @3\n"},
		{"a quoted value over two lines",
			"host,name\nH1,\"A\nB\"\nH1,C\n", "H1:\n  A B||||| @2\n  C||||| @4\n"},
		{"a quote never closed costs its row",
			"host,name\nH1,\"A\nH1,B\nH1,\"C\"\n", "H1:\n  B||||| @3\n  C||||| @4\ninventory-damaged @2\npartial\n"},
		{"text behind a closing quote",
			"host,name\nH1,\"A\"x\nH1,B\n", "H1:\n  B||||| @3\ninventory-damaged @2\npartial\n"},
		{"a delimiter within a bare value, a short row, a row without host",
			"host,name,version\nH1,A,B,1\nH1,C\n,D,1\nH2,E,1,,\n",
			"H1:\n  C||||| @3\nH2:\n  E|1|||| @5\ninventory-damaged @2\ninventory-damaged @3\ninventory-damaged @4\npartial\n"},
		{"a host with no program was read all the same",
			"host,name\nH1,\nH2,A\n", "H1:\nH2:\n  A||||| @3\ninventory-skipped @0\n"},
		{"two exports behind each other",
			"host,name\nH1,A\nhost,name\nH2,B\n\"host\",\"name\"\nH3,C\n", "H1:\n  A||||| @2\nH2:\n  B||||| @4\nH3:\n  C||||| @6\n"},
		{"two tables behind each other, with the columns in another order",
			"host,name,version\nH1,A,1\nname,host,version\nB,H2,1\n", "H1:\n  A|1|||| @2\ninventory-damaged @3\npartial\n"},
		{"blank rows under a header with blank columns", "host,name,,\nH1,A,,\n,,,\nH2,B,,\n", "H1:\n  A||||| @2\nH2:\n  B||||| @4\ninventory-damaged @3\npartial\n"},
		{"a header and no rows", "host,name,version\n", ""},
		{"blanks around quotes", "host, name\n\"H1\" , \"A, B\" \nH1, C\n", "H1:\n  A, B||||| @2\n  C||||| @3\n"},
		{"a quote within a bare value", "host,name\nH1,3.5\" Floppy\n", "H1:\n  3.5\" Floppy||||| @2\n"},
		{"updates and hidden rows go, unless they show a product",
			"host,name,SystemComponent,ParentKeyName,ReleaseType,key\n" +
				"H1,Hidden,1,,,\nH1,Patch,,Office16.PROPLUS,,\nH1,Fix,0,,Security Update,\nH1,Shown,0,,,\n" +
				"H1,Microsoft Office Professional Plus 2016,1,,,{90160000-0011-0000-1000-0000000FF1CE}\n",
			"H1:\n  Microsoft Office Professional Plus 2016|||{90160000-0011-0000-1000-0000000FF1CE}|| @6\n  Shown||||| @5\ninventory-skipped @0\n"},
		{"the uninstall command tells release and code",
			"host,name,UninstallString\nH1,A,x productstoremove=VisioProRetail.16_en-us_x-none c\nH1,B,MsiExec.exe /X{90160000-0011-0000-1000-0000000FF1CE}\n",
			"H1:\n  A||||VisioProRetail| @2\n  B|||{90160000-0011-0000-1000-0000000FF1CE}|| @3\n"},
		{"wmic's CSV", "\r\r\nNode,IdentifyingNumber,Name,Vendor,Version\r\r\nH1,{A},B,C,1\r\r\n", "H1:\n  B|1|C|{A}|| @3\n"},
		{"no name column", "host,foo,bar\nH1,A,B\n", `error: read software inventory software.csv: it has no column with the program's name; its columns are: host, foo, bar; name the right one under columns in the config`},
		{"licences that cannot be judged", "host,LicenseFamily\nH1,Office16ProPlusVL_MAK\n", `error: read software inventory software.csv: it lists licences without PartialProductKey or LicenseStatus, so that nothing tells which are installed; export these two columns also`},
		{"empty", "", "error: read software inventory software.csv: the file is empty; export it again, at least with its header line"},
		{"blank", " \r\n\r\n", "error: read software inventory software.csv: the file is empty; export it again, at least with its header line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, software(t, tt.in, Options{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHostFromFileName(t *testing.T) {
	const text = "name,version\nA,1\n"
	if diff := cmp.Diff("RDSH1:\n  A|1|||| @2\n", software(t, text, Options{Host: "RDSH1"})); diff != "" {
		t.Error(diff)
	}
	if got := software(t, text, Options{}); !strings.Contains(got, "no column \"host\"") || !strings.Contains(got, "name, version") {
		t.Errorf("without a host: %s", got)
	}
	// With a host column, a row without its host is not the file's host's.
	if got := software(t, "host,name\n,A\n", Options{Host: "RDSH1"}); got != "inventory-damaged @2\npartial\n" {
		t.Errorf("row without host: %s", got)
	}
}

func TestRenamedColumns(t *testing.T) {
	opt := Options{Columns: map[string]string{"host": "Rechner", "name": "Programm Name"}}
	if diff := cmp.Diff("H1:\n  A||||| @2\n", software(t, "rechner;programm_name;name\nH1;A;x\n", opt)); diff != "" {
		t.Error(diff)
	}
	// A file that calls it as it is usually called is read; one that calls it
	// neither way says so.
	if diff := cmp.Diff("H1:\n  A||||| @2\n", software(t, "host,name\nH1,A\n", opt)); diff != "" {
		t.Error(diff)
	}
	if got := software(t, "rack,name\nH1,A\n", opt); !strings.Contains(got, `no column "Rechner", which the config names for host, and none that is usually called so; its columns are: rack, name`) {
		t.Error(got)
	}
}

func TestEncodings(t *testing.T) {
	const text = "host,name,version\r\nH1,Übersetzung – é,1\r\n"
	const want = "H1:\n  Übersetzung – é|1|||| @2\n"
	encode := func(f func(string) (string, error)) string {
		s, err := f(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var gz, zs bytes.Buffer
	gw := gzip.NewWriter(&gz)
	gw.Write([]byte(text))
	gw.Close()
	zw, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	zw.Write([]byte(text))
	zw.Close()
	le := encode(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String)
	for name, in := range map[string]string{
		"UTF-8": text, "UTF-8 with mark": "\ufeff" + text,
		"UTF-16 LE": le, "UTF-16 LE without mark": le[2:],
		"UTF-16 BE":              encode(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String),
		"UTF-16 BE without mark": encode(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder().String),
		"gzip":                   gz.String(), "zstd": zs.String(),
	} {
		if diff := cmp.Diff(want, software(t, in, Options{})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if diff := cmp.Diff(want+"inventory-encoding @2\n", software(t, encode(charmap.Windows1252.NewEncoder().String), Options{})); diff != "" {
		t.Errorf("Windows-1252: %s", diff)
	}
}

func TestTruncatedCompression(t *testing.T) {
	var whole strings.Builder
	whole.WriteString("host,name\n")
	for i := range 20000 {
		fmt.Fprintf(&whole, "H1,Program %d of many %x\n", i, i*7919)
	}
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write([]byte(whole.String()))
	w.Close()
	inv, err := ReadSoftware(t.Context(), bytes.NewReader(gz.Bytes()[:gz.Len()/2]), "a.gz", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if inv.Status != snapshot.Partial || len(inv.Software) != 1 || len(inv.Software[0].Installs) == 0 || len(inv.Software[0].Installs) >= 20000 {
		t.Errorf("status %s, %d hosts", inv.Status, len(inv.Software))
	}
	if len(inv.Notes) == 0 || !strings.Contains(inv.Notes[len(inv.Notes)-1].Message+inv.Notes[0].Message, "ends early") {
		t.Errorf("notes: %v", inv.Notes)
	}
}

func TestSourceFails(t *testing.T) {
	// A disk that fails is no damage of the file's: nothing may be taken.
	broken := errors.New("device not ready")
	_, err := ReadSoftware(t.Context(), &failing{strings.NewReader("host,name\nH1,A\n"), broken}, "a.csv", Options{})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadSoftware(ctx, strings.NewReader("host,name\nH1,A\n"), "a.csv", Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// failing gives what it has and then fails.
type failing struct {
	r   *strings.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	if f.r.Len() == 0 {
		return 0, f.err
	}
	return f.r.Read(p)
}

func TestNoticesAreBounded(t *testing.T) {
	// 1,000 broken rows: 50 one by one and one that says 950 more.
	inv, err := ReadSoftware(t.Context(), strings.NewReader("host,name\n"+strings.Repeat("H1,A,B\n", 1000)), "a.csv", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Notes) != 51 || !strings.HasPrefix(inv.Notes[50].Message, "950 more") {
		t.Errorf("%d notices, the last %+v", len(inv.Notes), inv.Notes[len(inv.Notes)-1])
	}
}

func TestLongLine(t *testing.T) {
	in := "host,name\nH1,A\nH1," + strings.Repeat("x", maxLine) + "\nH1,B\n"
	if diff := cmp.Diff("H1:\n  A||||| @2\n  B||||| @4\ninventory-damaged @3\npartial\n", software(t, in, Options{})); diff != "" {
		t.Error(diff)
	}
}

func TestHostsCSV(t *testing.T) {
	const in = "Host;kind;cores_per_processor;processors;virtual_cores;parent;windows_licence;sql_licence;power;id;rack\n" +
		"HV1;Physical;8.0;2;;;Datacenter;;poweredOn;u-1;7\n" +
		"VM1;virtual;;;acht;HV1;;SAL;off;u-2;\n" +
		"VM2;virtueel;;;-4;HV1;maybe;;;u-3;\n" +
		";virtual;;;4;HV1;;;;;\n" +
		"VM1;virtual;;;4;HV1;;;;u-2;\n" +
		"HV1;physical;8;2;;;datacenter;;on;u-1;8\n"
	inv, err := ReadHosts(t.Context(), strings.NewReader(in), "hosts.csv", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshot.Machine{
		{ID: "u-1", Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, WindowsLicence: snapshot.WindowsDatacenter, Power: snapshot.PowerOn, Line: 2},
		{ID: "u-2", Host: "VM1", Kind: snapshot.Virtual, Parent: "HV1", SQLLicence: snapshot.SQLSAL, Power: snapshot.PowerOff, Line: 3},
		{ID: "u-2", Host: "VM1", Kind: snapshot.Virtual, Parent: "HV1", VirtualCores: 4, Double: 2, Line: 6},
		{ID: "u-3", Host: "VM2", Kind: snapshot.Virtual, Parent: "HV1", Line: 4},
	}
	if diff := cmp.Diff(want, inv.Machines); diff != "" {
		t.Error(diff)
	}
	var notes []string
	for _, n := range inv.Notes {
		notes = append(notes, fmt.Sprintf("%s %s @%d %s", n.Code, n.Subject, n.At.Line, n.Message))
	}
	wantNotes := []string{
		"inventory-columns hosts.csv @0 columns that are not read: rack; known are host, kind, processors, cores_per_processor, virtual_cores, parent, operating_system, sql_edition, tenant, id, cluster, windows_licence, sql_licence, power, pinned, domain, until, threads_per_virtual_core, total_cores, cores_per_virtual_processor",
		`machine-unreadable VM1 @3 virtual_cores is "acht", which is not a whole number: it is taken as unknown; correct it in the hosts table`,
		`machine-unreadable VM2 @4 virtual_cores is "-4", which is not a whole number: it is taken as unknown; correct it in the hosts table`,
		`machine-unreadable VM2 @4 windows_licence is "maybe", which is not one of datacenter, standard, cis-datacenter, cis-standard, customer: it is taken as unknown; correct it in the hosts table`,
		"inventory-damaged hosts.csv @5 row without a host; the row is left out",
		"machine-doubled VM1 @6 the machine also stands on line 3, with other values; both are kept: correct the hosts table",
	}
	if diff := cmp.Diff(wantNotes, notes); diff != "" {
		t.Error(diff)
	}
	if inv.Status != snapshot.Partial {
		t.Errorf("status %s", inv.Status)
	}
	_, err = ReadHosts(t.Context(), strings.NewReader("rack,cores\nA,1\n"), "hosts.csv", Options{})
	if err == nil || !strings.Contains(err.Error(), `no column "host"; its columns are: rack, cores`) {
		t.Errorf("without host: %v", err)
	}
}

func TestHostsJSON(t *testing.T) {
	const in = `[{"host": "HV1", "kind": "physical", "processors": 2, "cores_per_processor": 8},
 {"host": "SQL1", "kind": "virtual", "virtual_cores": "vier", "sql_edition": "Standard", "parent": null}]`
	inv, err := ReadHosts(t.Context(), strings.NewReader(in), "hosts.json", Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshot.Machine{
		{Host: "HV1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, Line: 1},
		{Host: "SQL1", Kind: snapshot.Virtual, SQLEdition: "Standard", Line: 2},
	}
	if diff := cmp.Diff(want, inv.Machines); diff != "" {
		t.Error(diff)
	}
	if len(inv.Notes) != 1 || inv.Notes[0].Code != CodeUnreadable || inv.Notes[0].At.Line != 2 {
		t.Errorf("notes %+v", inv.Notes)
	}
}

func TestFileNames(t *testing.T) {
	loc := amsterdam(t)
	for in, want := range map[string]string{
		"inventory/software-2026-10-30.csv":                "2026-10-30T00:00:00+01:00 ",
		`C:\x 2020-01-01\uninstall-RDSH01-20261001.reg.gz`: "2026-10-01T00:00:00+02:00 RDSH01",
		"RDSH01_2024-02-29.json":                           "2024-02-29T00:00:00+01:00 RDSH01",
		"2026-10-30-SQL01.hosting.example.wmi":             "2026-10-30T00:00:00+01:00 SQL01.hosting.example",
		"RDSH01.json":                                      "- RDSH01",
		"software-2026-02-30.csv":                          "- 2026-02-30",
		"Software_RDSH-A01_2026-10-02.CSV":                 "2026-10-02T00:00:00+02:00 RDSH-A01",
		"software.csv":                                     "- ",
		"serial-1202610019-PC.csv":                         "- serial-1202610019-PC",
	} {
		got := "-"
		if d, err := DateOf(in, loc); err == nil {
			got = d.Format(time.RFC3339)
		} else if !strings.Contains(err.Error(), "software-2026-10-30.csv") {
			t.Errorf("%s: the error does not tell how to name it: %v", in, err)
		}
		if got += " " + HostOf(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
