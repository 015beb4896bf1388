package gather_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/collector/inventory"
	"splameter/collector/sessions/evtx"
	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/collector/sessions/record"
	"splameter/internal/drop"
	"splameter/internal/gather"
	"splameter/internal/gather/gathertest"
	"splameter/internal/snapshot"
)

const lsm = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

// host is a session host on which more is installed than is asked for.
type host struct{ gathertest.Host }

func newHost() *host {
	text := gathertest.Text
	return &host{gathertest.Host{Name: "rdsh-07.hosting.example", SID: "S-1-5-21-1-2-3", Logs: map[string][]byte{}, Keys: gathertest.Registry{
		`SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName`: {text("ComputerName", "RDSH-07")},
		`SOFTWARE\Microsoft\Windows NT\CurrentVersion`:               {text("ProductName", "Windows Server 2022 Standard"), text("EditionID", "ServerStandard"), text("ProductId", "00000-SECRET-00000-AAAAA")},
		`SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{A}`:    {text("DisplayName", `Quote " and \ path`), text("Publisher", "Contoso"), {Name: "SystemComponent", Kind: gather.Number, Data: []byte{0, 0, 0, 0}}},
		`SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\Office`: {text("DisplayName", "Microsoft Office Standard 2021"), text("Publisher", "Microsoft Corporation"),
			{Name: "UninstallString", Kind: gather.Expand, Text: "%ProgramFiles%\\Öl.exe"}},
		`SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL`: {text("MSSQLSERVER", "MSSQL16.MSSQLSERVER")},
		`SOFTWARE\Microsoft\Microsoft SQL Server\MSSQL16.MSSQLSERVER\Setup`: {text("Edition", "Standard Edition"), text("Version", "16.0.1000.6"), text("SqlCluster", "x"),
			text("ProductCode", "SECRET")},
		`HARDWARE\DESCRIPTION\System\BIOS`:                                 {text("SystemManufacturer", "Microsoft Corporation"), text("SystemProductName", "Virtual Machine")},
		`SOFTWARE\Microsoft\Virtual Machine\Guest\Parameters`:              {text("PhysicalHostNameFullyQualified", "HV-3.hosting.example")},
		`SYSTEM\CurrentControlSet\Services\EventLog\Security`:              {{Name: "MaxSize", Kind: gather.Number, Data: []byte{0, 0, 0, 4}}, {Name: "Retention", Kind: gather.Number, Data: []byte{0, 0, 0, 0}}},
		`SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels\` + lsm: {{Name: "MaxSize", Kind: gather.Number, Data: []byte{0, 0, 16, 0}}},
	}}}
}

// log gives the host a log of sessions, a minute apart.
func (h *host) log(channel string, from, to int) {
	events := evtxtest.Sessions(h.Name, time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC), time.Minute, from, to)
	for i := range events {
		events[i].Channel = channel
	}
	h.Logs[channel] = evtxtest.Log(events, evtxtest.Options{SpareSlots: 2})
}

func options(t *testing.T) gather.Options {
	at := time.Date(2026, 10, 28, 5, 0, 0, 0, time.UTC)
	return gather.Options{To: t.TempDir(), State: filepath.Join(t.TempDir(), "state.json"), Now: func() time.Time { return at }, Version: "test"}
}

// ids are the record ids of a log that a drop holds.
func ids(t *testing.T, d *drop.Drop, name string) (out []uint64) {
	t.Helper()
	var b bytes.Buffer
	if err := d.Copy(&b, name); err != nil {
		t.Fatal(err)
	}
	h := &collect{}
	if _, err := evtx.Read(t.Context(), bytes.NewReader(b.Bytes()), int64(b.Len()), name, evtx.Options{}, h); err != nil || h.damaged > 0 {
		t.Fatal(err, h.damaged)
	}
	return h.ids
}

type collect struct {
	ids     []uint64
	damaged int
}

func (c *collect) Record(r *record.Record) { c.ids = append(c.ids, r.ID) }
func (c *collect) Damaged(record.Damage)   { c.damaged++ }

// A host hands in its logs, programs and processors; the next time only what is
// new, with an overlap; a log that was cleared, or a host that was installed
// anew, begins from its first record.
func TestGather(t *testing.T) {
	h, opt := newHost(), options(t)
	h.log(lsm, 1, 3000)
	h.log("Security", 700, 720)
	r, err := gather.Run(t.Context(), h, opt)
	if err != nil {
		t.Fatal(err)
	}
	if got := filepath.Base(r.Path); got != "RDSH-07_20261028T050000Z.zip" {
		t.Error(got)
	}
	d, err := drop.Open(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m := d.Manifest
	if m.Host != "rdsh-07.hosting.example" || m.Machine.Edition != "ServerStandard" || m.Machine.Parent != "HV-3.hosting.example" || m.Machine.Virtual == nil || !*m.Machine.Virtual || m.Clock == nil {
		t.Errorf("%+v", m)
	}
	if len(m.Channels) != 2 || m.Channels[0].OldestID != 1 || m.Channels[0].NewestID != 3000 || m.Channels[0].MaxSize != 1<<20 || m.Channels[1].Retention != snapshot.RetentionOverwrite {
		t.Fatalf("%+v", m.Channels)
	}
	if got := ids(t, d, m.Channels[0].File); len(got) != 3000 || got[0] != 1 || got[2999] != 3000 {
		t.Errorf("%d records", len(got))
	}

	h.log(lsm, 1, 3010)
	second := opt
	second.Now = func() time.Time { return opt.Now().Add(24 * time.Hour) }
	if r, err = gather.Run(t.Context(), h, second); err != nil {
		t.Fatal(err)
	}
	d2, err := drop.Open(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer d2.Close()
	got := ids(t, d2, d2.Manifest.Channels[0].File)
	if len(got) == 0 || got[0] > 2951 || got[len(got)-1] != 3010 || len(got) > 1500 {
		t.Errorf("%d records from %d", len(got), got[0])
	}

	h.log(lsm, 1, 20) // cleared
	third := opt
	third.Now = func() time.Time { return opt.Now().Add(48 * time.Hour) }
	if r, err = gather.Run(t.Context(), h, third); err != nil {
		t.Fatal(err)
	}
	d3, err := drop.Open(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer d3.Close()
	if c := d3.Manifest.Channels[0]; !c.LogCleared || c.OldestID != 1 || c.NewestID != 20 {
		t.Errorf("%+v", c)
	}

	h.SID = "S-1-5-21-9-9-9" // installed anew
	fourth := opt
	fourth.Now = func() time.Time { return opt.Now().Add(72 * time.Hour) }
	if r, err = gather.Run(t.Context(), h, fourth); err != nil {
		t.Fatal(err)
	}
	if c := r.Manifest.Channels[0]; c.OldestID != 1 || c.LogCleared {
		t.Errorf("%+v", c)
	}
}

// The registry export is read by the inventory's reader as the registry
// editor's is, and holds nothing that was not asked for.
func TestRegistryExport(t *testing.T) {
	r, err := gather.Run(t.Context(), newHost(), options(t))
	if err != nil {
		t.Fatal(err)
	}
	d, err := drop.Open(r.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var b bytes.Buffer
	if err := d.Copy(&b, drop.RegistryName); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b.Bytes(), []byte("S\x00E\x00C\x00R\x00E\x00T")) {
		t.Error("a value that nobody asked for was exported")
	}
	inv, err := inventory.ReadSoftware(t.Context(), bytes.NewReader(b.Bytes()), drop.RegistryName, inventory.Options{Taken: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Notes) > 0 || len(inv.Software) != 1 || inv.Software[0].Host != "RDSH-07" {
		t.Fatalf("%+v", inv)
	}
	var names []string
	for _, x := range inv.Software[0].Installs {
		names = append(names, x.Name+"/"+x.Edition)
	}
	want := []string{"Microsoft Office Standard 2021/", `Quote " and \ path/`, "SQL Server 2022 Database Engine Services (MSSQLSERVER)/Standard Edition"}
	if !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
}

// A folder that cannot be reached is tried again, and nothing is noted as
// handed in until the drop is in its place.
func TestFolderAway(t *testing.T) {
	h, opt := newHost(), options(t)
	h.log(lsm, 1, 5)
	opt.To = filepath.Join(opt.To, "file", "deeper")
	if err := os.WriteFile(filepath.Dir(opt.To), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	opt.Tries = 2
	if _, err := gather.Run(t.Context(), h, opt); err == nil || !strings.HasPrefix(err.Error(), "write the drop into ") {
		t.Fatal(err)
	}
	if _, err := os.Stat(opt.State); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a drop that did not arrive was noted as handed in")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gather.Run(ctx, h, opt); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A log that is no event log is told in the manifest, and the rest is handed in.
func TestDamagedLog(t *testing.T) {
	h, opt := newHost(), options(t)
	h.log(lsm, 1, 5)
	h.Logs["Security"] = []byte("no log")
	r, err := gather.Run(t.Context(), h, opt)
	if err != nil || len(r.Manifest.Channels) != 2 || r.Manifest.Channels[1].Error == "" || r.Manifest.Channels[0].NewestID != 5 {
		t.Fatal(err, r)
	}
}
