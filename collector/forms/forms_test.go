package forms

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write docs/forms.md")

// docs/forms.md ends in the table that the descriptors make.
func TestDocs(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "forms.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const mark = "<!-- made by splameter forms --markdown -->\n"
	head, tail, ok := strings.Cut(strings.ReplaceAll(string(text), "\r", ""), mark)
	if !ok {
		t.Fatalf("%s has no line %q", path, mark)
	}
	if *update {
		if err := os.WriteFile(path, []byte(head+mark+Markdown()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(Markdown(), tail); diff != "" {
		t.Errorf("run go test ./collector/forms -update:\n%s", diff)
	}
}

// What a file is does not hang on its name, and a table that looks like a log
// is no inventory.
func TestDetect(t *testing.T) {
	for _, tt := range []struct{ text, form string }{
		{"_raw,_time,host,source,sourcetype\nx,y,z,a,b\n", "splunk"},
		{"host,name,version\nA,B,1\n", "program-table"},
		{"Apparaatnaam;Programmanaam;Versie\nA;B;1\n", "program-table"},
		{"host,kind,processors\nA,physical,2\n", "machine-table"},
		{"Date,Server,Event,User\nx,y,21,z\n", "event-table"},
		{"VM,Powerstate,CPUs,Host\na,on,2,b\n", "rvtools-vinfo"},
		{"VM,Host,vCPU\na,b,2\n", "vm-table"},
		{"Keywords,Date and Time,Source,Event ID,Task Category\nAudit Success,1/2/2026 1:00:00 AM,X,4624,Logon,\"An account\"\n", "event-viewer"},
		{"Keywords,Date and Time,Source,Event ID,Task Category\nAudit Success,1/2/2026 1:00:00 AM,X,4624,Logon\n", ""},
		{"{\"took\":3,\"hits\":{\"hits\":[{\"_source\":{\"@timestamp\":\"x\",\"winlog\":{\"channel\":\"Security\",\"event_id\":\"1\"}}}]}}", "winlogbeat"},
		{"{\"a\":1}", ""},
		{"dn: cn=a\nobjectClass: top\n", "ldif"},
		{"version: 1\ndn: cn=a\n", "ldif"},
		{"Dear reader, this is a note.", ""},
		{"# A title\n\nHost, name, version and more.\n", ""},
		{"# made by hand\nhost,name,version\nA,B,1\n", "program-table"},
		{"Microsoft (R) Windows Script Host, Version 5.812\r\nCopyright (C) Microsoft Corporation.\r\n\r\n---Processing-----\r\nLICENSE NAME: x\r\n", "ospp"},
		{"Microsoft (R) Windows Script Host, Version 5.812\r\n\r\nName: Windows(R), ServerStandard edition\r\n", ""},
		{"", ""},
		{"\x00\x01\x02\x03\x04\x05\x06", ""},
		{"%PDF-1.7\n\x00\x01\x02\x03\x04\x05", ""},
	} {
		f := Detect([]byte(tt.text))
		got := ""
		if f.Form != nil {
			got = f.Form.ID
		} else if r := f.Refusal(); r == "" || strings.ContainsAny(r, "\x00\x01") {
			t.Errorf("%q is refused with %q", tt.text, r)
		}
		if got != tt.form {
			t.Errorf("%q is taken for %q, not %q", tt.text, got, tt.form)
		}
	}
}

// What cannot be read is refused by what it is and what it lacks.
func TestRefusalsSayWhatIsMissing(t *testing.T) {
	for text, want := range map[string]string{
		"DN,objectClass,sAMAccountName,userAccountControl\nx,user,a,512\n":                                                 "csvde), in which it is not told whole who is in which group; missing are objectGUID, and the members",
		"DistinguishedName,Enabled,Name,ObjectClass,ObjectGUID,SamAccountName\nx,True,a,user,1,a\n":                        "Get-ADUser, Get-ADComputer or Get-ADGroup), in which it is not told whole who is in which group; missing are userAccountControl, and",
		"2026-10-05 08:11:08;RDSH-A01.molen.example;21;1234;Microsoft-Windows-TerminalServices-LocalSessionManager;text\n": "its first line is no header but a row",
		"DN,comment\nx,y\n": "columns are those of no known form",
		"Name,DisplayName,MachineName,Status,StartType\nMSSQLSERVER,SQL Server,.,Running,Automatic\n":                   "it is a list of services (Get-Service): a service tells no edition",
		"Name,Company,ProductVersion,Product,Id,Handles,MachineName,ProcessName\nx,Microsoft,16,Office,1,2,.,WINWORD\n": "it is a list of processes",
		"Caption,Version,CSName,BuildNumber,OSArchitecture\nMicrosoft Windows Server 2022,10.0,RDSH-A01,20348,64-bit\n": "it says nothing of programs",
		"Name,State,CPUUsage,MemoryAssigned,Uptime,Status,Version\nAPP-A01,Running,0,4096,1.00:00:00,x,10.0\n":          "Select-Object VMName, VMId, State, ProcessorCount, ComputerName",
		"Name,VirtualMachineState,CPUCount,HostName\nAPP-A01,Running,4,HV-A01\n":                                        "Get-SCVirtualMachine | Select-Object",
		"Chocolatey v2.2.2\n7zip 24.8.0\n":                                                                                        "print it with --limit-output",
		"<Objs Version=\"1.1.0.1\"><Obj RefId=\"0\"><I32 N=\"Id\">21</I32></Obj></Objs>":                                          "as Export-Clixml keeps them",
		"ApplicationKey,ApplicationName,ApplicationPublisher,ApplicationVersion,DeviceCount,Platform\nk,Visio,M,16,12,W\n":        "export AppInvRawData",
		"DisplayName                DisplayVersion\n-----------                --------------\nMicrosoft Office Professi… 16.0\n": "Export-Csv",
	} {
		f := Detect([]byte(text))
		if got := f.Refusal(); f.Form != nil || !strings.Contains(got, want) {
			t.Errorf("%q is refused with %q", text, got)
		}
	}
}

func TestHostOf(t *testing.T) {
	for in, want := range map[string]string{
		"logs/RDSH-A01-security-2026-10-30.csv": "RDSH-A01",
		`C:\x\RDSH-A01.csv`:                     "RDSH-A01",
		"Security-RDSH-A01.csv.gz":              "RDSH-A01",
		"security.csv":                          "",
		"2026-10-30.csv":                        "",
		"Sicherheit 20261030.csv":               "",
		"rdsh-a01.molen.example-lsm.csv":        "rdsh-a01.molen.example",
	} {
		if got := HostOf(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func FuzzDetect(f *testing.F) {
	samples, err := filepath.Glob(filepath.Join("..", "..", "testdata", "forms", "*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range samples {
		text, err := os.ReadFile(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		found := Detect(text)
		if found.Form == nil && found.Refusal() == "" {
			t.Error("refused without a word")
		}
		if len(found.Names) > maxNames+1 {
			t.Errorf("%d names", len(found.Names))
		}
	})
}
