package evidence

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/digest"
)

func key() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)) }

func sample(t testing.TB, k ed25519.PrivateKey) ([]byte, string) {
	t.Helper()
	var b bytes.Buffer
	d, err := Seal(context.Background(), &b, Manifest{Month: "2026-10", State: "draft", Program: "test", Inputs: "aa"}, []Member{
		{Name: "statement.json", Data: []byte(`{"month":"2026-10"}`)}, {Name: "inputs/rules.yaml", Data: []byte(strings.Repeat("products:\n", 30))}, {Name: "empty"},
	}, k)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), d
}

func read(b []byte) (*Pack, error) {
	return Read(context.Background(), bytes.NewReader(b), int64(len(b)))
}

// A pack reads back what was sealed, and the same input gives the same bytes
// in whatever order it comes.
func TestSealAndRead(t *testing.T) {
	for _, k := range []ed25519.PrivateKey{nil, key()} {
		b, d := sample(t, k)
		p, err := read(b)
		if err != nil {
			t.Fatal(err)
		}
		if p.Digest != d || p.Signed != (k != nil) || len(p.Names("")) != 3 || len(p.Names("inputs/")) != 1 {
			t.Errorf("got %+v", p)
		}
		if s, err := p.Read("statement.json"); err != nil || string(s) != `{"month":"2026-10"}` {
			t.Errorf("%s, %v", s, err)
		}
		again, _ := sample(t, k)
		if !bytes.Equal(b, again) {
			t.Error("equal input gave other bytes")
		}
	}
}

// Whatever single byte of a pack is changed, wherever it is cut off, and
// whatever is put behind or before it: it does not hold.
func TestEveryByte(t *testing.T) {
	for _, k := range []ed25519.PrivateKey{nil, key()} {
		b, _ := sample(t, k)
		for i := range b {
			for _, x := range []byte{1, 0x80} {
				c := bytes.Clone(b)
				c[i] ^= x
				if _, err := read(c); err == nil {
					t.Fatalf("byte %d of %d was changed, and the pack holds", i, len(b))
				}
			}
			if _, err := read(b[:i]); err == nil {
				t.Fatalf("cut off at %d, and the pack holds", i)
			}
		}
		for _, c := range [][]byte{append(bytes.Clone(b), 0), append([]byte{0}, b...), append(bytes.Clone(b), b...), nil} {
			if _, err := read(c); err == nil {
				t.Error("bytes were added, and the pack holds")
			}
		}
	}
}

// forge packs members anew, with an archive digest that fits: what somebody
// can do who knows the format, but does not make a new manifest.
func forge(t testing.TB, members []Member, manifest string, keys ...ed25519.PrivateKey) []byte {
	t.Helper()
	var key ed25519.PrivateKey
	if len(keys) > 0 {
		key = keys[0]
	}
	var b bytes.Buffer
	w := &endless{out: &b, sum: digest.New()}
	z := zip.NewWriter(w)
	for _, m := range members {
		f, err := z.Create(m.Name)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(m.Data)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.finish(manifest, key); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func unpack(t testing.TB, b []byte) (out []Member) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		d, err := readMember(f, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, Member{Name: f.Name, Data: d})
	}
	return out
}

// Each member in turn is changed, emptied, taken away, renamed and doubled;
// one is added. The archive itself is made to fit each time, so that only the
// manifest can tell.
func TestMembers(t *testing.T) {
	for _, k := range []ed25519.PrivateKey{nil, key()} {
		b, sealed := sample(t, k)
		whole := unpack(t, b)
		if _, err := read(forge(t, whole, sealed, k)); err != nil {
			t.Fatalf("the forger's own archive of the unchanged members is refused for another reason: %v", err)
		}
		for i := range whole {
			for name, change := range map[string]func(m []Member) []Member{
				"changed": func(m []Member) []Member { m[i].Data = append(bytes.Clone(m[i].Data), ' '); return m },
				"other": func(m []Member) []Member {
					m[i].Data = []byte("x" + string(m[i].Data[min(1, len(m[i].Data)):]))
					return m
				},
				"taken away": func(m []Member) []Member { return append(m[:i:i], m[i+1:]...) },
				"renamed":    func(m []Member) []Member { m[i].Name += "x"; return m },
				"doubled":    func(m []Member) []Member { return append(m, m[i]) },
				"shadowed": func(m []Member) []Member {
					return append(m, Member{Name: strings.ToUpper(m[i].Name), Data: []byte("x")})
				},
			} {
				m := change(append([]Member(nil), whole...))
				_, err := read(forge(t, m, sealed, k))
				if err == nil {
					t.Errorf("%s was %s, and the pack holds", whole[i].Name, name)
				}
				if m[min(i, len(m)-1)].Name == manifestName && name == "changed" { // the digest in the comment follows it, too
					if _, err := read(forge(t, m, digest.Of(m[i].Data), k)); err == nil {
						t.Error("the manifest was written otherwise, and the pack holds")
					}
				}
			}
		}
		if _, err := read(forge(t, append(whole, Member{Name: "more.txt", Data: []byte("x")}), sealed, k)); err == nil || !strings.Contains(err.Error(), "more.txt was added") {
			t.Errorf("a member was added: %v", err)
		}
	}
}

// A forger who takes the signature off, or signs anew, is told by the
// manifest, or by the key that the reader expects.
func TestSignature(t *testing.T) {
	b, _ := sample(t, key())
	p, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	own := p.Manifest.SignedBy
	if err := p.CheckSigner(own); err != nil {
		t.Error(err)
	}
	other := ed25519.NewKeyFromSeed(make([]byte, 32))
	for _, k := range []ed25519.PrivateKey{nil, other} {
		c, _ := sample(t, k)
		p, err := read(c)
		if err != nil {
			t.Fatal(err)
		}
		if p.CheckSigner(own) == nil {
			t.Error("a pack of another signer passed")
		}
	}
}

// Names that would leave the folder, or be one file on some systems, are
// neither sealed nor read.
func TestHostileNames(t *testing.T) {
	for _, name := range []string{"../x", "/etc/passwd", "a/../../x", `a\b`, "C:x", "a//b", "", ".", "a\x00b", "a\nb", "con.", "x ", "a/./b", strings.Repeat("a", 500)} {
		if _, err := Seal(t.Context(), &bytes.Buffer{}, Manifest{}, []Member{{Name: name}}, nil); err == nil {
			t.Errorf("%q was sealed", name)
		}
		b, d := sample(t, nil)
		if _, err := read(forge(t, append(unpack(t, b), Member{Name: name}), d)); err == nil || !strings.Contains(err.Error(), "it has a member with the name") {
			t.Errorf("%q was read: %v", name, err)
		}
	}
	for _, twice := range []string{"Empty", "manifest.json", "MANIFEST.SIG"} {
		if _, err := Seal(t.Context(), &bytes.Buffer{}, Manifest{}, []Member{{Name: "empty"}, {Name: twice}}, nil); err == nil {
			t.Errorf("%q was sealed beside its like", twice)
		}
	}
}

// An archive that unfolds to a thousand times its size is refused before it is
// unfolded.
func TestBomb(t *testing.T) {
	b, d := sample(t, nil)
	_, err := read(forge(t, append(unpack(t, b), Member{Name: "bomb", Data: make([]byte, 200<<20)}), d))
	if err == nil || !strings.Contains(err.Error(), "unfold") {
		t.Error(err)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	b, _ := sample(t, nil)
	good := filepath.Join(dir, "good.zip")
	if err := os.WriteFile(good, b, 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := Open(t.Context(), good)
	if err != nil {
		t.Fatal(err)
	}
	// The file changes under the open pack: what is read then is refused.
	i := bytes.Index(b, []byte(`{"month"`))
	copy(b[i:], "X")
	if err := os.WriteFile(good, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Read("statement.json"); err == nil {
		t.Error("a member that changed meanwhile was read")
	}
	p.Close()
	for _, path := range []string{dir, filepath.Join(dir, "none.zip"), good} {
		if _, err := Open(t.Context(), path); err == nil {
			t.Errorf("%s was opened", path)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, good); err == nil {
		t.Error("a cancelled reading went on")
	}
}

func TestKeys(t *testing.T) {
	const pemKey = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n-----END PRIVATE KEY-----\n"
	for _, text := range []string{pemKey, "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"} { // 32 bytes of 7
		if k, err := PrivateKey(text); err != nil || !k.Equal(key()) {
			t.Errorf("%v", err)
		}
	}
	if k, err := PrivateKey(" "); k != nil || err != nil {
		t.Error("no key is a key")
	}
	for _, bad := range []string{"hunter2", "BwcH", strings.Replace(pemKey, "MC4", "MC5", 1)} {
		if _, err := PrivateKey(bad); err == nil || strings.Contains(err.Error(), bad) {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := PublicKey(bad); err == nil {
			t.Errorf("%q is a public key", bad)
		}
	}
	const bytes32 = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
	if _, err := PrivateKey(bytes32 + "!"); err == nil {
		t.Error("a key with something behind it is a key")
	}
	if _, err := PublicKey(bytes32 + "!"); err == nil {
		t.Error("a public key with something behind it is one")
	}
	if _, err := PublicKey(pemKey); err == nil || !strings.Contains(err.Error(), "no Ed25519 public key in PEM") {
		t.Errorf("a private key in PEM: %v", err)
	}
}

// FuzzRead: whatever an archive holds, reading it ends with an error or with
// members that are the manifest's.
func FuzzRead(f *testing.F) {
	for _, k := range []ed25519.PrivateKey{nil, key()} {
		b, _ := sample(f, k)
		f.Add(b)
		f.Add(b[:len(b)-1])
	}
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := read(b)
		if err != nil {
			return
		}
		for _, n := range p.Names("") {
			if _, err := p.Read(n); err != nil {
				t.Errorf("a pack that holds has the member %s: %v", n, err)
			}
		}
	})
}

// FuzzDecodeFacts: facts of a forged pack give an error, or facts that the
// rules can walk.
func FuzzDecodeFacts(f *testing.F) {
	f.Add([]byte(`{"Month":"2026-10","TimeZone":"Europe/Amsterdam","Directories":[{"Source":"d","Taken":[{}],"Accounts":[{"First":0,"Last":0}]}]}`))
	f.Add([]byte(`{"Month":"2026-10","TimeZone":"Local"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		facts, err := DecodeFacts(bytes.NewReader(b))
		if err != nil {
			return
		}
		for _, d := range facts.Directories {
			for _, a := range d.Accounts.All() {
				_ = d.Taken[a.First : a.Last+1]
			}
		}
	})
}
