package evidence

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sealed(t *testing.T, members ...Member) ([]byte, error) {
	t.Helper()
	var b bytes.Buffer
	_, err := Seal(t.Context(), &b, Manifest{Month: "2026-10"}, members, nil)
	return b.Bytes(), err
}

// Where a member's bytes are kept is nothing that a pack shows: of plain ones,
// of pressed ones, of files and of another pack's members comes the same
// archive, and the same digest of inputs.
func TestMembersAreWhatTheyHold(t *testing.T) {
	texts := map[string]string{
		"facts.json":     strings.Repeat(`{"Host":"RDSH-A01","User":"d\\ann"},`, 20_000),
		"short":          "x",
		"empty":          "",
		"files/a-1.xlsx": strings.Repeat("pressed already ", 500),
	}
	dir := t.TempDir()
	var plain, spooled, files, packed []Member
	for name, text := range texts {
		plain = append(plain, Member{Name: name, Data: []byte(text)})
		m, err := Spool(dir, name, func(w io.Writer) error {
			for len(text) > 0 { // piece by piece
				n := min(len(text), 1000)
				if _, err := io.WriteString(w, text[:n]); err != nil {
					return err
				}
				text = text[n:]
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		defer m.Close()
		spooled = append(spooled, m)
		path := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(path, []byte(texts[name]), 0o600); err != nil {
			t.Fatal(err)
		}
		if m, err = FileMember(name, path); err != nil {
			t.Fatal(err)
		}
		files = append(files, m)
	}
	want, err := sealed(t, plain...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := read(want)
	if err != nil {
		t.Fatal(err)
	}
	for name := range texts {
		m, err := p.Member(name)
		if err != nil {
			t.Fatal(err)
		}
		packed = append(packed, m)
	}
	for what, members := range map[string][]Member{"pressed": spooled, "files": files, "another pack's": packed} {
		if got, err := sealed(t, members...); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %v, or another archive", what, err)
		}
		if InputDigest(members) != InputDigest(plain) {
			t.Errorf("%s: another digest of inputs", what)
		}
	}
	if _, err := p.Member("nothing"); err == nil {
		t.Error("a pack hands out a member that it does not have")
	}
}

// A file that is no longer what it was when its digest was taken is not sealed,
// however it was changed.
func TestAFileThatChangesIsNotSealed(t *testing.T) {
	for what, now := range map[string]string{"longer": "as it wasn't", "shorter": "as it", "other": "as it wa5", "empty": ""} {
		path := filepath.Join(t.TempDir(), "a.xlsx")
		if err := os.WriteFile(path, []byte("as it was"), 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := FileMember("a.xlsx", path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := sealed(t, m); err == nil || !strings.Contains(err.Error(), "a.xlsx was changed") {
			t.Errorf("%s: %v", what, err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := sealed(t, m); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("taken away: %v", err)
		}
	}
}

// What cannot be written whole is no member, and leaves nothing.
func TestSpoolKeepsTheError(t *testing.T) {
	dir := t.TempDir()
	broken := errors.New("the store cannot be read")
	if _, err := Spool(dir, "facts.json", func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
	if _, err := Spool(filepath.Join(dir, "none"), "facts.json", func(io.Writer) error { return nil }); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// What was read back since it was pressed is not unfolded again in what was just
// sealed, and other bytes in its place are found, as in a member that nobody read.
func TestWhatWasReadBackIsKnown(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat(`{"Host":"RDSH-A01","User":"d\\ann"},`, 20_000)
	spooled := func() Member {
		t.Helper()
		m, err := Spool(dir, "facts.json", func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(m.Close)
		return m
	}
	readBack := func(m *Member) {
		t.Helper()
		r, err := m.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if b, err := io.ReadAll(r); err != nil || string(b) != text || !m.pressed.proved {
			t.Fatalf("read back: %v, known: %v", err, m.pressed.proved)
		}
	}
	open := func(of Member, known ...Member) error {
		t.Helper()
		b, err := sealed(t, of)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "evidence.zip")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := OpenSealed(t.Context(), path, known)
		if err == nil {
			p.Close()
		}
		return err
	}
	m := spooled()
	if m.pressed.proved {
		t.Error("it is known before anybody read it")
	}
	if err := open(m, m); err != nil {
		t.Errorf("nobody read it: %v", err)
	}
	readBack(&m)
	if err := open(m, m); err != nil {
		t.Errorf("read back: %v", err)
	}
	// Behind the seal lie other bytes than were read, in the name of these.
	other, err := Spool(dir, "facts.json", func(w io.Writer) error {
		_, err := io.WriteString(w, strings.Replace(text, "ann", "bob", 1))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.Close)
	forged := m
	forged.pressed = &spool{Scratch: other.pressed.Scratch, size: other.pressed.size, sum: m.pressed.sum, proved: true}
	if err := open(forged, forged); err == nil || !strings.Contains(err.Error(), "the member facts.json") {
		t.Errorf("other bytes: %v", err)
	}
	// What is known is another member than the manifest's.
	if err := open(other, m); err != nil {
		t.Errorf("another member: %v", err)
	}
	// The bytes lie as they were pressed, and unfold to something else than is said.
	wrong := other
	wrong.digest = m.digest
	if err := open(wrong, m); err == nil || !strings.Contains(err.Error(), "the member facts.json was changed") {
		t.Errorf("another digest: %v", err)
	}
}
