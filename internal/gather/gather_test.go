package gather

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
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
	"splameter/internal/snapshot"
)

// fake is a host made of maps.
type fake struct {
	dir  string // of logs, by their channel's file name
	sid  string
	keys map[string][]Value // by path
}

func (f *fake) Identity() (Identity, error) {
	return Identity{Host: "rdsh-07.hosting.example", Domain: "hosting.example", SID: f.sid}, nil
}
func (f *fake) Machine() (drop.Machine, error) { return MachineOf(fakeKey{f, ""}), nil }
func (f *fake) Registry() (Key, error)         { return fakeKey{f, ""}, nil }
func (f *fake) Log(channel string) (LogFile, error) {
	return os.Open(filepath.Join(f.dir, strings.ReplaceAll(channel, "/", "%4")+".evtx"))
}

type fakeKey struct {
	f    *fake
	path string
}

func (k fakeKey) Open(path string) (Key, error) {
	p := strings.Trim(k.path+`\`+path, `\`)
	for have := range k.f.keys {
		if strings.EqualFold(have, p) || strings.HasPrefix(strings.ToLower(have), strings.ToLower(p)+`\`) {
			return fakeKey{k.f, p}, nil
		}
	}
	return nil, fs.ErrNotExist
}
func (k fakeKey) Subkeys() ([]string, error) {
	var out []string
	for have := range k.f.keys {
		if rest, ok := strings.CutPrefix(strings.ToLower(have), strings.ToLower(k.path)+`\`); ok {
			name, _, _ := strings.Cut(have[len(have)-len(rest):], `\`)
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out, nil
}
func (k fakeKey) Values(names []string) (out []Value, err error) {
	for have, v := range k.f.keys {
		for i := range v {
			if strings.EqualFold(have, k.path) && (names == nil || slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, v[i].Name) })) {
				out = append(out, v[i])
			}
		}
	}
	return out, nil
}
func (k fakeKey) Close() error { return nil }

func text(name, s string) Value { return Value{Name: name, Kind: Text, Text: s} }

func newFake(t *testing.T) *fake {
	return &fake{dir: t.TempDir(), sid: "S-1-5-21-1-2-3", keys: map[string][]Value{
		`SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName`: {text("ComputerName", "RDSH-07")},
		`SOFTWARE\Microsoft\Windows NT\CurrentVersion`:               {text("ProductName", "Windows Server 2022 Standard"), text("EditionID", "ServerStandard"), text("ProductId", "00000-SECRET-00000-AAAAA")},
		`SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{A}`:    {text("DisplayName", `Quote " and \ path`), text("Publisher", "Contoso"), {Name: "SystemComponent", Kind: Number, Data: []byte{0, 0, 0, 0}}},
		`SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\Office`: {text("DisplayName", "Microsoft Office Standard 2021"), text("Publisher", "Microsoft Corporation"),
			{Name: "UninstallString", Kind: Expand, Text: "%ProgramFiles%\\Öl.exe"}},
		`SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL`: {text("MSSQLSERVER", "MSSQL16.MSSQLSERVER")},
		`SOFTWARE\Microsoft\Microsoft SQL Server\MSSQL16.MSSQLSERVER\Setup`: {text("Edition", "Standard Edition"), text("Version", "16.0.1000.6"), text("SqlCluster", "x"),
			text("ProductCode", "SECRET")},
		`HARDWARE\DESCRIPTION\System\BIOS`:                                 {text("SystemManufacturer", "Microsoft Corporation"), text("SystemProductName", "Virtual Machine")},
		`SOFTWARE\Microsoft\Virtual Machine\Guest\Parameters`:              {text("PhysicalHostNameFullyQualified", "HV-3.hosting.example")},
		`SYSTEM\CurrentControlSet\Services\EventLog\Security`:              {{Name: "MaxSize", Kind: Number, Data: []byte{0, 0, 0, 4}}, {Name: "Retention", Kind: Number, Data: []byte{0, 0, 0, 0}}},
		`SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels\` + lsm: {{Name: "MaxSize", Kind: Number, Data: []byte{0, 0, 16, 0}}},
	}}
}

const lsm = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

func (f *fake) log(t *testing.T, channel string, from, to int) {
	t.Helper()
	base := time.Date(2026, 10, 1, 6, 0, 0, 0, time.UTC)
	var events []evtxtest.Event
	for i := from; i <= to; i++ {
		e := evtxtest.LocalSession(21, `HOSTING\a.bloem`, uint32(i), "10.0.0.1")
		e.ID, e.Computer, e.Channel = uint64(i), "rdsh-07.hosting.example", channel
		e.Ticks = (base.Add(time.Duration(i)*time.Minute).Unix() + 11644473600) * 1e7
		events = append(events, e)
	}
	if err := os.WriteFile(filepath.Join(f.dir, strings.ReplaceAll(channel, "/", "%4")+".evtx"), evtxtest.Log(events, evtxtest.Options{SpareSlots: 2}), 0o600); err != nil {
		t.Fatal(err)
	}
}

func options(t *testing.T) Options {
	at := time.Date(2026, 10, 28, 5, 0, 0, 0, time.UTC)
	return Options{To: t.TempDir(), State: filepath.Join(t.TempDir(), "state.json"), Now: func() time.Time { return at }, Version: "test"}
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
	f, opt := newFake(t), options(t)
	f.log(t, lsm, 1, 3000)
	f.log(t, "Security", 700, 720)
	r, err := Run(t.Context(), f, opt)
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

	f.log(t, lsm, 1, 3010)
	second := opt
	second.Now = func() time.Time { return opt.Now().Add(24 * time.Hour) }
	if r, err = Run(t.Context(), f, second); err != nil {
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

	f.log(t, lsm, 1, 20) // cleared
	third := opt
	third.Now = func() time.Time { return opt.Now().Add(48 * time.Hour) }
	if r, err = Run(t.Context(), f, third); err != nil {
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

	f.sid = "S-1-5-21-9-9-9" // installed anew
	fourth := opt
	fourth.Now = func() time.Time { return opt.Now().Add(72 * time.Hour) }
	if r, err = Run(t.Context(), f, fourth); err != nil {
		t.Fatal(err)
	}
	if c := r.Manifest.Channels[0]; c.OldestID != 1 || c.LogCleared {
		t.Errorf("%+v", c)
	}
}

// The registry export is read by the inventory's reader as the registry
// editor's is, and holds nothing that was not asked for.
func TestRegistryExport(t *testing.T) {
	var b bytes.Buffer
	if err := export(&b, fakeKey{newFake(t), ""}, registryKeys); err != nil {
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
	f, opt := newFake(t), options(t)
	f.log(t, lsm, 1, 5)
	opt.To = filepath.Join(opt.To, "file", "deeper")
	if err := os.WriteFile(filepath.Dir(opt.To), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	opt.Tries = 2
	if _, err := Run(t.Context(), f, opt); err == nil || !strings.HasPrefix(err.Error(), "write the drop into ") {
		t.Fatal(err)
	}
	if _, err := os.Stat(opt.State); !errors.Is(err, fs.ErrNotExist) {
		t.Error("a drop that did not arrive was noted as handed in")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, f, opt); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A log that is no event log is told in the manifest, and the rest is handed in.
func TestDamagedLog(t *testing.T) {
	f, opt := newFake(t), options(t)
	f.log(t, lsm, 1, 5)
	if err := os.WriteFile(filepath.Join(f.dir, "Security.evtx"), []byte("no log"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), f, opt)
	if err != nil || len(r.Manifest.Channels) != 2 || r.Manifest.Channels[1].Error == "" || r.Manifest.Channels[0].NewestID != 5 {
		t.Fatal(err, r)
	}
}

func TestCountProcessors(t *testing.T) {
	entry := func(relation uint32, groups ...uint64) []byte {
		b := make([]byte, 32+16*max(1, len(groups)))
		binary.LittleEndian.PutUint32(b, relation)
		binary.LittleEndian.PutUint32(b[4:], uint32(len(b)))
		binary.LittleEndian.PutUint16(b[30:], uint16(len(groups)))
		for i, g := range groups {
			binary.LittleEndian.PutUint64(b[32+16*i:], g)
		}
		return b
	}
	// Two processors of two cores with two threads each.
	all := slices.Concat(entry(3, 0x0f), entry(3, 0xf0), entry(0, 0x03), entry(0, 0x0c), entry(2, 1), entry(0, 0x30), entry(0, 0xc0))
	p, c, n, err := countProcessors(all)
	if err != nil || p != 2 || c != 4 || n != 8 {
		t.Error(p, c, n, err)
	}
	for cut := range len(all) {
		_, _, _, _ = countProcessors(all[:cut]) // no panic
	}
	if _, _, _, err := countProcessors(nil); err == nil {
		t.Error("no processors are some")
	}
}

// The kit is whole, and refuses what would mean something else in a script.
func TestKit(t *testing.T) {
	dir := t.TempDir()
	k := Kit{Share: `\\FILES01\splameter$`, Folder: `D:\drops & more`, Computers: `HOSTING\Domain Computers`, Reader: `HOSTING\svc-splameter`, Program: `C:\Program Files\splameter\splameter.exe`}
	if _, err := k.Write(dir); err == nil {
		t.Error("an ampersand went into a script")
	}
	k.Folder = `D:\drops`
	names, err := k.Write(dir)
	if err != nil || len(names) != 8 {
		t.Fatal(names, err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "rights.cmd"))
	if err != nil || !strings.Contains(string(b), `net share "splameter$=D:\drops"`) || strings.Contains(string(b), "{{") {
		t.Errorf("%v\n%s", err, b)
	}
	for _, n := range names {
		b, err := os.ReadFile(filepath.Join(dir, n))
		if err != nil {
			t.Fatal(err)
		}
		if n == "splameter-gather.xml" {
			b = bytes.ReplaceAll(b[2:], []byte{0}, nil)
		}
		if !bytes.Contains(b, []byte("splameter")) && n != "log-size.cmd" || bytes.Contains(b, []byte("<no value>")) {
			t.Errorf("%s: %s", n, b)
		}
	}
	subscription(t, filepath.Join(dir, "forwarding.xml"))
	for _, bad := range []Kit{{Share: `\\a\b" & del *`}, {Share: `C:\x`}, {Share: k.Share, Folder: "/srv"}, {Share: k.Share, Folder: k.Folder, Program: k.Program, Computers: `a" b`, Reader: "r"}} {
		if err := bad.check(); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// The subscription is XML, in which stands XML that asks for what is read of
// forwarded events.
func subscription(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Query         string
		ContentFormat string
		LogFile       string
	}
	if err := xml.Unmarshal(b, &s); err != nil || s.ContentFormat != "Events" || s.LogFile != "ForwardedEvents" {
		t.Fatalf("%+v %v", s, err)
	}
	var q struct {
		Query []struct {
			Select []struct {
				Path string `xml:",attr"`
				Text string `xml:",chardata"`
			}
		}
	}
	if err := xml.Unmarshal([]byte(s.Query), &q); err != nil || len(q.Query) != 4 {
		t.Fatalf("%+v %v", q, err)
	}
	for _, x := range q.Query {
		for _, sel := range x.Select {
			if !slices.Contains(Channels(), sel.Path) || !strings.HasPrefix(sel.Text, "*[System[") {
				t.Errorf("%+v", sel)
			}
		}
	}
}
