package drop

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func made(t testing.TB, change func(*zip.Writer), m Manifest, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, time.Date(2026, 10, 28, 5, 0, 0, 0, time.UTC))
	for n, s := range files {
		if err := w.Add(n, strings.NewReader(s)); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(w.zip)
	}
	if err := w.Close(m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "d.zip")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// What a drop holds is what its manifest names, and nothing else is believed.
func TestOpen(t *testing.T) {
	good := map[string]string{RegistryName: "x", LogFolder + "Security.evtx": "log"}
	add := func(name, content string) func(*zip.Writer) {
		return func(z *zip.Writer) {
			f, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = f.Write([]byte(content))
		}
	}
	host := Manifest{Host: "a.example"}
	for _, c := range []struct {
		name, path, want string
	}{
		{"whole", made(t, nil, host, good), ""},
		{"no host", made(t, nil, Manifest{}, good), "names no host"},
		{"a host that is a path", made(t, nil, Manifest{Host: `..\x`}, good), "names no host"},
		{"a member beside the manifest", made(t, add("logs/Other.evtx", "y"), host, good), "is not in its manifest"},
		{"a member twice", made(t, add(RegistryName, "y"), host, good), "is there twice"},
		{"a path out", made(t, add("logs/../../x", "y"), host, good), "has a name that no drop has"},
		{"a path of Windows", made(t, add(`logs/..\x`, "y"), host, good), "has a name that no drop has"},
		{"a log that is not there", made(t, nil, Manifest{Host: "a", Channels: []Channel{{Name: "System", File: "logs/System.evtx"}}}, good), "names \"logs/System.evtx\" for a log"},
		{"zeros without end", made(t, nil, host, map[string]string{RegistryName: strings.Repeat("\x00", 8<<20)}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Open(c.path)
			if err == nil {
				defer d.Close()
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// Each byte changed, and each cut, is refused when the drop is opened or when
// the member is copied, or changes nothing that is read.
func TestDamage(t *testing.T) {
	path := made(t, nil, Manifest{Host: "a.example"}, map[string]string{RegistryName: "registry", LogFolder + "Security.evtx": "log"})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := func(data []byte) string {
		p := filepath.Join(t.TempDir(), "d.zip")
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(p)
		if err != nil {
			return "refused"
		}
		defer d.Close()
		out := d.Manifest.Host
		for _, n := range d.Members() {
			var b bytes.Buffer
			if err := d.Copy(&b, n); err != nil {
				return "refused"
			}
			out += "|" + n + "=" + b.String()
		}
		return out
	}
	const want = "a.example|logs/Security.evtx=log|registry.reg=registry"
	if got := read(whole); got != want {
		t.Fatal(got)
	}
	for i := range whole {
		data := bytes.Clone(whole)
		data[i] ^= 0x55
		if got := read(data); got != want && got != "refused" {
			t.Errorf("byte %d: %s", i, got)
		}
		if i%7 == 0 {
			if got := read(whole[:i]); got != "refused" {
				t.Errorf("cut at %d: %s", i, got)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	b, err := os.ReadFile(made(f, nil, Manifest{Host: "a.example"}, map[string]string{RegistryName: "registry"}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, data []byte) {
		p := filepath.Join(t.TempDir(), "d.zip")
		if err := os.WriteFile(p, data, 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := Open(p)
		if err != nil {
			return
		}
		defer d.Close()
		for _, n := range d.Members() {
			_ = d.Copy(&bytes.Buffer{}, n)
		}
	})
}
