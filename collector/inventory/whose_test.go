package inventory

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whose programs a file lists, its content says, or the file's own name: never
// that of the archive around it, a number, or "this machine".
func TestWhoseProgramsTheyAre(t *testing.T) {
	packed := func(name, text string) string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	const table = "Name,Version,Vendor,IdentifyingNumber\nA,1,V,{A}\n"
	for _, tt := range []struct{ name, host, in, want string }{
		{"in an archive, the file's name tells", "october", packed("x/software-RDSH-A01-2026-10-30.csv", table), "RDSH-A01:\n  A|1|V|{A}|| @2\n"},
		{"where it tells none, the archive's does", "RDSH-A02", packed("2026-10-30.csv", table), "RDSH-A02:\n  A|1|V|{A}|| @2\n"},
		{"the machine on which it ran", "RDSH-A01", "PSComputerName,DisplayName,DisplayVersion,Publisher\nlocalhost,A,1,V\n", "RDSH-A01:\n  A|1|V||| @2\n"},
		{"an answer of one agent by its number", "RDSH-A01", `{"data":{"affected_items":[{"name":"A","version":"1","agent_id":"003"},{"name":"B","version":"2","agent_id":"003"}]}}`, "RDSH-A01:\n  A|1|||| @1\n  B|2|||| @1\n"},
		{"a number is an id", "", "Device,Name,Version\n41,A,1\nRDSH-A01,B,1\n", "RDSH-A01:\n  B|1|||| @3\ninventory-damaged @2\npartial\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, software(t, tt.in, Options{Host: tt.host})); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, in := range []string{
		`{"results":[{"deviceId":1,"name":"A","version":"1"},{"deviceId":2,"name":"B","version":"2"}]}`,
		"Device ID,Name,Version\n1,A,1\n2,B,2\n",
	} {
		if got := software(t, in, Options{Host: "export"}); !strings.Contains(got, "whose by number alone (") {
			t.Errorf("two devices: got %s", got)
		}
	}
	for name, want := range map[string]string{"inventory-RDSH-A01-2026-10-30.xlsx": "RDSH-A01", "software-RDSH-A01.zip": "RDSH-A01"} {
		if got := HostOf(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := software(t, `{"data":{"affected_items":[{"name":"A","version":"1","agent_id":"003"},{"name":"B","version":"2","agent_id":"004"}]}}`, Options{Host: "RDSH-A01"}); !strings.Contains(got, "whose by number alone (agent_id 003, 004, …)") {
		t.Errorf("two agents: got %s", got)
	}
	if got := software(t, "Name,DisplayName,StartType,MachineName\nMSSQLSERVER,SQL Server,Automatic,.\n", Options{Host: "RDSH-A01"}); !strings.Contains(got, "it is a list of services") {
		t.Errorf("services: got %s", got)
	}
}
