package evidence

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"splameter/internal/digest"
)

// manifestText is a manifest as a seal writes it.
func manifestText(t *testing.T, m Manifest) []byte {
	t.Helper()
	b, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// packed is an archive by a forger's own hand, with a manifest of his own.
func packed(t *testing.T, m Manifest, members ...Member) []byte {
	t.Helper()
	text := manifestText(t, m)
	return assemble(t, digest.Of(text), func(z *zip.Writer, _ *endless) {
		for _, x := range append([]Member{{Name: manifestName, Data: text}}, members...) {
			raw(t, z, zip.FileHeader{Name: x.Name}, x.Data, nil)
		}
	})
}

func refused(t *testing.T, what, words string, err error) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%s: %v", what, err)
	}
}

// A signature that was put beside an unsigned manifest is no signature, though
// it is a good one by a good key; nor is one of the archive.
func TestAddedSignature(t *testing.T) {
	m := Manifest{Format: Format, Month: "2026-09", State: "draft", Inputs: "i", Quantities: "q"}
	if _, err := read(packed(t, m)); err != nil {
		t.Fatalf("the pack as it was is refused for another reason: %v", err)
	}
	sig := []byte(base64.StdEncoding.EncodeToString(ed25519.Sign(key(), manifestText(t, m))) + "\n")
	_, err := read(packed(t, m, Member{Name: signatureName, Data: sig}))
	refused(t, "a signature", "it has a signature, and the manifest names no signer", err)

	text := manifestText(t, m)
	var b bytes.Buffer
	w := &endless{out: &b, sum: digest.New()}
	z := zip.NewWriter(w)
	raw(t, z, zip.FileHeader{Name: manifestName}, text, nil)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.finish(digest.Of(text), key()); err != nil {
		t.Fatal(err)
	}
	_, err = read(b.Bytes())
	refused(t, "a signature of the archive", "it has a signature of its archive, and the manifest knows of none", err)
}

// A manifest of a later format, one that names its members in another order,
// and one that names a member twice are refused.
func TestManifestsForm(t *testing.T) {
	entry := func(name string) Entry { return Entry{name, 1, digest.Of([]byte("x"))} }
	file := func(name string) Member { return Member{Name: name, Data: []byte("x")} }
	m := Manifest{Format: Format, Month: "2026-09", State: "draft", Members: []Entry{entry("a"), entry("b")}}
	if _, err := read(packed(t, m, file("a"), file("b"))); err != nil {
		t.Fatalf("the pack as it was is refused for another reason: %v", err)
	}
	slices.Reverse(m.Members)
	_, err := read(packed(t, m, file("b"), file("a")))
	refused(t, "another order", "members are not in order", err)
	m.Members = []Entry{entry("a"), entry("a")}
	_, err = read(packed(t, m, file("a")))
	refused(t, "twice", "members are not in order", err)
	m.Members, m.Format = nil, Format+1
	_, err = read(packed(t, m))
	refused(t, "a later format", "use a newer splameter", err)
	later := bytes.Replace(manifestText(t, m), []byte(`"format": 3`), []byte(`"format": 3, "later": 1`), 1)
	_, err = read(forge(t, []Member{{Name: manifestName, Data: later}}, digest.Of(later)))
	refused(t, "a later format with what it alone knows", "use a newer splameter", err)
	m.Format = 0
	_, err = read(packed(t, m))
	refused(t, "no format", "it has format 0", err)
	m.Format = Format
	other := append(manifestText(t, m), ' ')
	_, err = read(forge(t, []Member{{Name: manifestName, Data: other}}, digest.Of(other)))
	refused(t, "written otherwise", "the manifest: it is not written as a seal writes it", err)
	_, err = read(forge(t, []Member{{Name: manifestName, Data: []byte("{")}}, digest.Of("{")))
	refused(t, "half a manifest", "the manifest: it cannot be read", err)
	m.Members = []Entry{{"a", 2, digest.Of("x")}}
	_, err = read(packed(t, m, file("a")))
	refused(t, "another size", "the member a was changed", err)
}

// A signer that is no key, one that is half a key, and a signature that is larger
// than any: each is refused, and none is a fault of the program.
func TestSignersForm(t *testing.T) {
	for _, signer := range []string{"!", "AAAA", Signer(key()) + "!"} {
		m := Manifest{Format: Format, Month: "2026-09", SignedBy: signer}
		sig := base64.StdEncoding.EncodeToString(ed25519.Sign(key(), manifestText(t, m))) // good, were the signer a key
		_, err := read(packed(t, m, Member{Name: signatureName, Data: []byte(sig + "\n")}))
		refused(t, signer, "is not one of the manifest by the key that it names", err)
	}
	m := Manifest{Format: Format, Month: "2026-09", SignedBy: Signer(key())}
	_, err := read(packed(t, m, Member{Name: signatureName, Data: bytes.Repeat([]byte("A"), 1<<10+1)}))
	refused(t, "a large signature", "is larger than 1024 bytes", err)
}

// What a pack carries of those it replaces is written as a seal writes it, is
// signed only where it says so, and of the same revision.
func TestCarriedForm(t *testing.T) {
	old := Manifest{Format: Format, Month: "2026-09", State: "draft", Inputs: "i", Quantities: "q"}
	carried := func(text []byte, more ...Member) (*Pack, error) {
		sum := digest.Of(text)
		list := []Member{{Name: ReplacedFolder + sum + ".json", Data: text}}
		for _, x := range more {
			list = append(list, Member{Name: ReplacedFolder + sum + x.Name, Data: x.Data})
		}
		return sealOf(t, Manifest{Month: "2026-09", Revision: 1, State: "draft", Inputs: "i", Quantities: "q", Replaces: []string{sum}}, nil, list...)
	}
	p, err := carried(manifestText(t, old))
	if err != nil {
		t.Fatalf("the pack as it was is refused for another reason: %v", err)
	}
	_, err = p.HeldBy(Link{"2026-09", 1, digest.Of(manifestText(t, old))})
	refused(t, "of another revision", "is of another revision", err)
	later := old
	later.Revision = 2
	_, err = carried(manifestText(t, later))
	refused(t, "of a later revision", "is of another month", err)
	_, err = carried(manifestText(t, old), Member{Name: "", Data: []byte("x")})
	refused(t, "a member without an ending", "belongs to no manifest that it carries", err)
	_, err = carried(append(manifestText(t, old), '\n'))
	refused(t, "written otherwise", "not written as a seal writes it", err)
	_, err = carried(manifestText(t, old), Member{Name: ".sig", Data: []byte("x")})
	refused(t, "a signature that nobody made", "names no signer", err)
}

// A reduced pack holds the manifest of the very pack that it was made of, and
// follows it.
func TestReducedFollows(t *testing.T) {
	whole, err := sealOf(t, Manifest{Month: "2026-09", State: "submitted", Inputs: "i", Quantities: "q"}, nil, Member{Name: "facts.json", Data: []byte("names")})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := whole.Reduce(t.Context(), &b, func(string) bool { return false }, nil, "test", nil); err != nil {
		t.Fatal(err)
	}
	p, err := read(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Reduce(t.Context(), &bytes.Buffer{}, func(string) bool { return false }, nil, "test", nil)
	refused(t, "reduced twice", "was reduced before", err)
	var members []Member
	for _, n := range p.Names("") {
		x, err := p.Read(n)
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, Member{Name: n, Data: x})
	}
	for what, c := range map[string]struct {
		change func(m *Manifest)
		words  string
	}{
		"as it was":           {func(*Manifest) {}, ""},
		"another month":       {func(m *Manifest) { m.Month = "2026-08" }, "of another month"},
		"other inputs":        {func(m *Manifest) { m.Inputs = "j" }, "of another month"},
		"another revision":    {func(m *Manifest) { m.Revision = 1 }, "of another month"},
		"another whole":       {func(m *Manifest) { m.Replaces = []string{"x"} }, "does not replace the pack it was made of"},
		"another state":       {func(m *Manifest) { m.State = "draft" }, "of another month"},
		"other quantities":    {func(m *Manifest) { m.Quantities = "r" }, "says otherwise than the pack it was made of"},
		"another predecessor": {func(m *Manifest) { m.Previous = &Link{"2026-08", 0, "x"} }, "says otherwise than the pack it was made of"},
		"more predecessors":   {func(m *Manifest) { m.Others = []Link{{"2026-08", 1, "x"}} }, "says otherwise than the pack it was made of"},
		"another program":     {func(m *Manifest) { m.Program = "0.1" }, "says otherwise than the pack it was made of"},
		"follows nothing":     {func(m *Manifest) { m.Replaces = nil }, "does not replace the pack it was made of"},
		"follows another":     {func(m *Manifest) { m.Replaces = []string{"x", m.Replaces[0]} }, "does not replace the pack it was made of"},
	} {
		m := p.Manifest
		c.change(&m)
		_, err := sealOf(t, m, nil, members...)
		if c.words == "" && err == nil {
			continue
		}
		refused(t, what, c.words, err)
	}
}

// A whole pack's manifest that is none, though its digest fits, is refused.
func TestReducedFromNothing(t *testing.T) {
	m := Manifest{Month: "2026-09", Reduced: &Reduction{Manifest: digest.Of("{")}, Replaces: []string{digest.Of("{")}}
	_, err := sealOf(t, m, nil, Member{Name: sealedManifest, Data: []byte("{")})
	refused(t, "half a manifest", "the manifest in it is not that of the pack it was made of", err)
}

// A pack of the first format took no manifests along: a step from it is not
// proved. One that carries a manifest after all is held by it.
func TestStepsOfTheFirstFormat(t *testing.T) {
	old := Manifest{Format: Format, Month: "2026-09", State: "draft", Inputs: "i", Quantities: "q"}
	text := manifestText(t, old)
	link := Link{"2026-09", 0, digest.Of(text)}
	now := Manifest{Format: 1, Month: "2026-09", State: "approved", Inputs: "j", Quantities: "q", Replaces: []string{link.Manifest}}
	p, err := read(packed(t, now))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.HeldBy(link); !errors.Is(err, ErrUnproved) {
		t.Errorf("a step without a manifest: %v", err)
	}
	now.Members = []Entry{{ReplacedFolder + link.Manifest + ".json", int64(len(text)), link.Manifest}}
	if p, err = read(packed(t, now, Member{Name: now.Members[0].Name, Data: text})); err != nil {
		t.Fatal(err)
	}
	_, err = p.HeldBy(link)
	refused(t, "other facts", "counted from other facts", err)
	if errors.Is(err, ErrUnproved) {
		t.Errorf("it is refuted: %v", err)
	}
}

// Each step that another pack's word asks of a re-sealed month: what it replaces
// is carried, was counted from the same inputs, and comes to the same.
func TestHeldByEachStep(t *testing.T) {
	old := Manifest{Format: Format, Month: "2026-09", State: "draft", Inputs: "i", Quantities: "q"}
	sum := digest.Of(manifestText(t, old))
	held := func(change func(old, now *Manifest), carry bool) error {
		t.Helper()
		o, now := old, Manifest{Month: "2026-09", State: "approved", Inputs: "i", Quantities: "q"}
		change(&o, &now)
		text := manifestText(t, o)
		link := digest.Of(text)
		now.Replaces = []string{link}
		var list []Member
		if carry {
			list = []Member{{Name: ReplacedFolder + link + ".json", Data: text}}
		}
		p, err := sealOf(t, now, nil, list...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.HeldBy(Link{"2026-09", 0, link})
		return err
	}
	same := func(*Manifest, *Manifest) {}
	if err := held(same, true); err != nil {
		t.Errorf("a month sealed again by an act alone: %v", err)
	}
	refused(t, "not carried", "its own word proves nothing", held(same, false))
	refused(t, "other facts", "counted from other facts", held(func(_, now *Manifest) { now.Inputs = "j" }, true))
	refused(t, "other quantities", "other quantities or amounts", held(func(_, now *Manifest) { now.Quantities = "r" }, true))
	refused(t, "no digest of quantities", "kept no digest of its quantities", held(func(old, _ *Manifest) { old.Quantities = "" }, true))
	p, err := sealOf(t, Manifest{Month: "2026-09", State: "approved", Inputs: "i", Quantities: "q"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.HeldBy(Link{"2026-09", 0, sum})
	refused(t, "another seal", "neither the seal", err)
	_, err = p.HeldBy(Link{"2026-08", 0, p.Digest})
	refused(t, "another month", "is not revision", err)
	refused(t, "not signed", "is not signed, and a key to verify with is given", p.CheckSigner(Signer(key())))
}
