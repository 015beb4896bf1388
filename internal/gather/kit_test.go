package gather

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
