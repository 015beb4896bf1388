package inventory

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
)

const uninstall = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`

func TestReg(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"both hives, a user's, escapes, binary strings over lines, an integer",
			"Windows Registry Editor Version 5.00\r\n\r\n[" + uninstall + "]\r\n@=\"\"\r\n\r\n" +
				"[" + uninstall + "\\{A}]\r\n\"DisplayName\"=\"A \\\"quoted\\\" C:\\\\X\"\r\n\"DisplayVersion\"=hex(2):31,00,2e,\\\r\n  00,32,00,00,00\r\n\"Publisher\"=hex(7):4d,00,00,00,53,00,00,00,00,00\r\n" +
				"[HKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\B]\r\n\"DisplayName\"=\"B\"\r\n\"SystemComponent\"=dword:00000000\r\n" +
				"[HKEY_USERS\\S-1-5-21-1\\Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\C]\r\n\"DisplayName\"=\"C\"\r\n" +
				"[" + uninstall + "\\D]\r\n\"Publisher\"=\"nameless\"\r\n" +
				"[" + uninstall + "\\E]\r\n\"DisplayName\"=\"E\"\r\n\"SystemComponent\"=hex(4):01,00,00,00\r\n" +
				"[-" + uninstall + "\\F]\r\n\"DisplayName\"=\"F\"\r\n",
			"H:\n  A \"quoted\" C:\\X|1.2|M,S|{A}|| @6\n  B|||B|| @11\n  C|||C|| @14\ninventory-skipped @0\n"},
		{"REGEDIT4 in the code page",
			"REGEDIT4\n\n[" + uninstall + "\\A]\n\"DisplayName\"=\"Caf\xe9\"\n\"DisplayVersion\"=hex(2):31,2e,32,00\n",
			"H:\n  Café|1.2||A|| @3\ninventory-encoding @4\n"},
		{"Click-to-Run: one product an id",
			"Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration]\n" +
				"\"ProductReleaseIds\"=\"ProPlus2021Volume,VisioStd2021Volume\"\n\"VersionToReport\"=\"16.0.14332.1\"\n",
			"H:\n  Microsoft Office Professional Plus 2021|16.0.14332.1|Microsoft Corporation||ProPlus2021Volume| @3\n" +
				"  Microsoft Visio Standard 2021|16.0.14332.1|Microsoft Corporation||VisioStd2021Volume| @3\n"},
		{"instances with their editions; analysis services are none; the computer's own name",
			"Windows Registry Editor Version 5.00\n\n" +
				"[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\ComputerName\\ComputerName]\n\"ComputerName\"=\"SQL01\"\n" +
				"[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Microsoft SQL Server\\Instance Names\\SQL]\n\"MSSQLSERVER\"=\"MSSQL15.MSSQLSERVER\"\n\"LOST\"=\"MSSQL13.LOST\"\n" +
				"[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Microsoft SQL Server\\MSSQL15.MSSQLSERVER\\Setup]\n\"Edition\"=\"Standard Edition\"\n\"PatchLevel\"=\"15.0.4430.1\"\n\"Version\"=\"15.0.2000.5\"\n" +
				"[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Microsoft SQL Server\\MSAS15.MSSQLSERVER\\Setup]\n\"Edition\"=\"Standard Edition\"\n",
			"SQL01:\n  SQL Server 2016 Database Engine Services (LOST)||Microsoft Corporation|MSSQL13.LOST|| @7\n" +
				"  SQL Server 2019 Database Engine Services (MSSQLSERVER)|15.0.4430.1|Microsoft Corporation|MSSQL15.MSSQLSERVER||Standard Edition @6\n"},
		{"damage stays where it is",
			"Windows Registry Editor Version 5.00\n\n[" + uninstall + "\\A]\n\"DisplayName\"=\"A\n\"DisplayVersion\"=\"1\"\nnonsense\n\"Publisher\"=hex(2):4d,0g\n" +
				"[" + uninstall + "\\B]\n\"DisplayName\"=\"B\"\n\"DisplayVersion\"=hex(2):31,\\\n",
			"H:\n  B|||B|| @8\ninventory-skipped @0\ninventory-damaged @4\ninventory-damaged @6\ninventory-damaged @7\ninventory-damaged @10\npartial\n"},
		{"a text over two lines",
			"Windows Registry Editor Version 5.00\n\n[" + uninstall + "\\A]\n\"Comments\"=\"one\ntwo\"\n\"DisplayName\"=\"A\"\n",
			"H:\n  A|||A|| @3\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, software(t, tt.in, Options{Host: "H"})); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := software(t, "Windows Registry Editor Version 5.00\n\n["+uninstall+"\\A]\n\"DisplayName\"=\"A\"\n", Options{}); !strings.Contains(got, "name the file after the host") {
		t.Errorf("without a host: %s", got)
	}
}

func TestList(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"wmic's list of Win32_Product, which ends lines twice",
			"\r\r\n\r\r\nCaption=A x\r\r\nIdentifyingNumber={A}\r\r\nName=A\r\r\nVendor=V\r\r\nVersion=1\r\r\n\r\r\n\r\r\nName=B\r\r\n",
			"H:\n  A|1|V|{A}|| @3\n  B||||| @10\n"},
		{"Format-List, folded, with a host",
			"\n\nPSComputerName    : H1\nDisplayName       : A long\n                    name\nDisplayVersion    : 2\n\nPSComputerName : H2\nDisplayName : C\n",
			"H:\nH1:\n  A long name|2|||| @3\nH2:\n  C||||| @8\n"},
		{"licences: only one with a key is installed",
			"LicenseFamily=Office16VisioProVL_KMS_Client\nLicenseStatus=0\nName=x\nPartialProductKey=\n\n" +
				"LicenseFamily=Office19Standard2019VL_MAK_AE\nLicenseStatus=5\nName=y\nPartialProductKey=ABCDE\n\n" +
				"LicenseFamily=Office16ProPlusVL_MAK\nName=z\n",
			"H:\n  Microsoft Office Standard 2019||Microsoft Corporation||Office19Standard2019VL_MAK_AE| @6\n" +
				"inventory-skipped @0\nproduct-not-activated @6\ninventory-damaged @11\npartial\n"},
		{"a line that is none", "Name=A\n%%%\nVersion=1\n", "H:\n  A|1|||| @1\ninventory-damaged @2\npartial\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, software(t, tt.in, Options{Host: "H"})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	for _, tt := range []struct{ name, host, in, want string }{
		{"the uninstall keys by ConvertTo-Json, with nested objects that mean nothing", "H",
			"[\n {\"DisplayName\": \"A \\u00e9\\ud83d\\ude00\\n\", \"DisplayVersion\": 1.50, \"PSDrive\": {\"Name\": \"HKLM\", \"Provider\": [{\"Name\": \"x\"}]},\n  \"SystemComponent\": null, \"PSChildName\": \"A_is1\"},\n {\"DisplayName\": \"Hidden\", \"SystemComponent\": 1},\n {\"Publisher\": \"nameless\"}\n]",
			"H:\n  A é😀|1.50||A_is1|| @2\ninventory-skipped @0\n"},
		{"one object, as PowerShell writes one row", "H", `{"DisplayName": "A"}`, "H:\n  A||||| @1\n"},
		{"an object a host, its name before, after, and as name; an empty list was read", "",
			"[{\"host\": \"H1\", \"software\": [{\"name\": \"A\"}]},\n{\"software\": [{\"name\": \"B\"},{\"name\": \"C\"}], \"host\": \"H2\"},\n{\"name\": \"H3\", \"software\": []}]",
			"H1:\n  A||||| @1\nH2:\n  B||||| @2\n  C||||| @2\nH3:\n"},
		{"an envelope, rows that name their host, and lines of JSON", "",
			"{\"Count\": 1, \"value\": [{\"host\": \"H1\", \"name\": \"A\"}]}\n{\"host\": \"H2\", \"name\": \"B\"}\n",
			"H1:\n  A||||| @1\nH2:\n  B||||| @2\n"},
		{"an envelope around hosts", "", `{"results": [{"software": [{"name": "A"}], "hostname": "H1"}]}`, "H1:\n  A||||| @1\n"},
		{"no programs at all", "H", "[]", "H:\n"},
		{"damage within a list costs one object", "H",
			"[\n {\"name\": \"A\"},\n {\"name\": \"B, \"version\": 1},\n {\"name\": \"C\"}\n]",
			"H:\n  A||||| @2\n  C||||| @4\ninventory-damaged @3\npartial\n"},
		{"damage within a host's list leaves the rest to that host", "",
			"[{\"host\": \"H1\", \"software\": [\n {\"name\": \"A\"},\n {\"name\": },\n {\"name\": \"C\"}\n]},\n{\"host\": \"H2\", \"software\": [{\"name\": \"D\"}]}]",
			"H1:\n  A||||| @2\n  C||||| @4\nH2:\n  D||||| @6\ninventory-damaged @3\npartial\n"},
		{"cut off", "H", "[{\"name\": \"A\"},\n{\"name\": \"B", "H:\n  A||||| @1\ninventory-damaged @2\npartial\n"},
		{"some rows name a host, some none", "H", `[{"host": "H1", "name": "A"}, {"name": "B"}]`, "H1:\n  A||||| @1\ninventory-damaged @1\npartial\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, software(t, tt.in, Options{Host: tt.host})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDescribeOneRowAProduct(t *testing.T) {
	// One suite on two rows, and an engine whose edition the registry tells:
	// Express needs no licence, so its uninstall entry needs none either.
	in := "host,name,key,edition,publisher\n" +
		"H1,Microsoft Office Standard 2016,Office16.STANDARD,,Microsoft\n" +
		"H1,Microsoft Office Standard 2016,{90160000-0012-0000-1000-0000000FF1CE},,Microsoft\n" +
		"H1,SQL Server 2019 Database Engine Services,,,Microsoft\n" +
		"H1,SQL Server 2019 Database Engine Services (X),MSSQL15.X,Express Edition,Microsoft\n"
	inv, err := ReadSoftware(t.Context(), strings.NewReader(in), "a.csv", Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for a := range Describe(inv, nil) {
		got = append(got, fmt.Sprintf("%d %v %s: %s", a.Line, a.Licensable, a.Product, a.Reason))
	}
	want := []string{
		"2 true Microsoft Office Standard 2016: Microsoft Office Standard 2016; volume",
		"3 false Microsoft Office Standard 2016: another row of Microsoft Office Standard 2016, which line 2 shows",
		"4 false SQL Server 2019 Express: another row of SQL Server 2019 Express, which line 5 shows",
		"5 false SQL Server 2019 Express: Express edition: free",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// check holds for whatever bytes come: sorted, no doubles, nothing nameless,
// and partial if and only if something was damaged.
func check(t *testing.T, data []byte) {
	inv, err := ReadSoftware(context.Background(), bytes.NewReader(data), "f", Options{Host: "H"})
	if err != nil {
		if inv != nil {
			t.Error("an inventory beside an error")
		}
		return
	}
	damaged := false
	for _, n := range inv.Notes {
		damaged = damaged || n.Code == CodeDamaged
		if n.Message == "" || n.Subject == "" {
			t.Errorf("empty notice %+v", n)
		}
	}
	if damaged != (inv.Status == snapshot.Partial) {
		t.Errorf("status %s, damaged %v", inv.Status, damaged)
	}
	for i, h := range inv.Software {
		if h.Host == "" || i > 0 && inv.Software[i-1].Host >= h.Host {
			t.Errorf("hosts out of order at %q", h.Host)
		}
		for k, in := range h.Installs {
			if in.Name == "" || in.Name != strings.TrimSpace(in.Name) || in.Line < 1 {
				t.Errorf("install %+v", in)
			}
			if k > 0 && compareInstalls(h.Installs[k-1], in) >= 0 {
				t.Errorf("installs out of order: %+v, %+v", h.Installs[k-1], in)
			}
		}
	}
	for range Describe(inv, nil) {
	}
	ReadHosts(context.Background(), bytes.NewReader(data), "f", Options{})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("host,name,version\nH1,\"A\nB\",1\nH2,\"C,2\n"))
	f.Add([]byte("#TYPE x\nsep=;\nhost;kind;processors\nA;physical;x\n"))
	f.Add([]byte("\xff\xfeh\x00,\x00n\x00a\x00m\x00e\x00\n\x00"))
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff})
	f.Fuzz(check)
}

func FuzzReg(f *testing.F) {
	f.Add([]byte("Windows Registry Editor Version 5.00\n\n[" + uninstall + "\\A]\n\"DisplayName\"=hex(2):41,00,\\\n  42,00\n@=\"x\n\"\n[-a]\n\"b\"=dword:1\n"))
	f.Add([]byte("REGEDIT4\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Microsoft SQL Server\\Instance Names\\SQL]\n\"A\"=\"MSSQL15.A\"\n[\\Microsoft SQL Server\\a\\setup]\n\"Edition\"=\"x\"\n"))
	f.Fuzz(check)
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`[{"host":"a","software":[{"name":"b\u00e9","size":[1,{"x":null}]},{"name":"c}]},{"name":"d"}]`))
	f.Add([]byte("{\"value\":[{\"DisplayName\":\"A\"}\n,{\"software\":[{\"name\":\"x\"},\n{]}"))
	f.Fuzz(check)
}

func FuzzList(f *testing.F) {
	f.Add([]byte("\n\nName=A\nVersion=1\n\nLicenseFamily=Office16ProPlusVL\nLicenseStatus=1\nPartialProductKey=A\n"))
	f.Add([]byte("Name    : A\n          b\n\nx"))
	f.Add([]byte("NAme: \n 0")) // a name that begins on its second line
	f.Fuzz(check)
}

// estate is 400,000 rows: 5,000 hosts of 80 programs.
func estate() []byte {
	var b bytes.Buffer
	b.WriteString("host,name,version,publisher\n")
	for h := range 5000 {
		for p := range 80 {
			fmt.Fprintf(&b, "RDSH-%04d,\"Program %d of some vendor (x64)\",%d.%d.0.%d,Vendor %d Incorporated\n", h, p*7%300, p, h%10, h%7, p%40)
		}
	}
	return b.Bytes()
}

func BenchmarkSoftwareCSV(b *testing.B) {
	text := estate()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		inv, err := ReadSoftware(b.Context(), bytes.NewReader(text), "a.csv", Options{})
		if err != nil || len(inv.Software) != 5000 {
			b.Fatal(err, len(inv.Software))
		}
		runtime.KeepAlive(inv)
	}
	b.ReportMetric(400_000/b.Elapsed().Seconds()*float64(b.N), "rows/s")
}

func BenchmarkSoftwareJSON(b *testing.B) {
	var text bytes.Buffer
	text.WriteByte('[')
	for h := range 1000 {
		for p := range 80 {
			if text.Len() > 1 {
				text.WriteString(",\n")
			}
			fmt.Fprintf(&text, `{"host":"RDSH-%04d","name":"Program %d","version":"%d.%d","publisher":"Vendor %d","uninstall":"\"C:\\Program Files\\x.exe\""}`, h, p, p, h%10, p%40)
		}
	}
	text.WriteByte(']')
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if inv, err := ReadSoftware(b.Context(), bytes.NewReader(text.Bytes()), "a.json", Options{}); err != nil || len(inv.Software) != 1000 {
			b.Fatal(err)
		}
	}
}

func BenchmarkDescribe(b *testing.B) {
	inv, err := ReadSoftware(b.Context(), bytes.NewReader(estate()), "a.csv", Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for range Describe(inv, nil) {
		}
	}
}
