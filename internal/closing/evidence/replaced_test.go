package evidence

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
)

func sealOf(t *testing.T, m Manifest, k ed25519.PrivateKey, members ...Member) (*Pack, error) {
	t.Helper()
	var b bytes.Buffer
	if _, err := Seal(t.Context(), &b, m, members, k); err != nil {
		t.Fatal(err)
	}
	return read(b.Bytes())
}

// What a pack carries of those that it replaces is what its digests say, of the
// same month, signed where it was, in the order in which each followed.
func TestCarried(t *testing.T) {
	must := func(p *Pack, err error) *Pack {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	carry := func(p *Pack) []Member {
		t.Helper()
		c, err := p.Carry()
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	draft := must(sealOf(t, Manifest{Month: "2026-09", State: "draft", Inputs: "i", Quantities: "q"}, key()))
	second := Manifest{Month: "2026-09", State: "approved", Inputs: "i", Quantities: "q", Replaces: []string{draft.Digest}}
	approved := must(sealOf(t, second, key(), carry(draft)...))
	third := second
	third.State, third.Replaces = "submitted", []string{draft.Digest, approved.Digest}
	submitted := must(sealOf(t, third, key(), carry(approved)...))
	for _, d := range []string{draft.Digest, approved.Digest} {
		if m := submitted.Replaced(d); m == nil || m.Month != "2026-09" {
			t.Errorf("it does not carry %s", d)
		}
		if direct, err := submitted.HeldBy(Link{"2026-09", 0, d}); direct || err != nil {
			t.Errorf("%v, %v", direct, err)
		}
	}
	if direct, err := submitted.HeldBy(Link{"2026-09", 0, submitted.Digest}); !direct || err != nil {
		t.Errorf("%v, %v", direct, err)
	}
	for what, l := range map[string]Link{"another month": {"2026-08", 0, submitted.Digest}, "another revision": {"2026-09", 1, submitted.Digest}, "nobody's": {"2026-09", 0, "x"}} {
		if _, err := submitted.HeldBy(l); err == nil || errors.Is(err, ErrUnproved) {
			t.Errorf("%s: %v", what, err)
		}
	}

	all := carry(approved)
	name := ReplacedFolder + draft.Digest
	for what, c := range map[string]struct {
		m       Manifest
		members func() []Member
		words   string
	}{
		"not said to be replaced": {second, func() []Member { return all }, "does not say to replace"},
		"out of order": {func() Manifest {
			m := third
			m.Replaces = []string{approved.Digest, draft.Digest}
			return m
		}(), func() []Member { return all }, "does not replace those that stand before it"},
		"another month's": {func() Manifest { m := third; m.Month = "2026-08"; return m }(), func() []Member { return all }, "of another month"},
		"changed": {third, func() []Member {
			return []Member{{Name: name + ".json", Data: append(bytes.Clone(carryOf(all, name+".json")), '\n')}}
		}, "another digest"},
		"without its signature": {third, func() []Member { return []Member{{Name: name + ".json", Data: carryOf(all, name+".json")}} }, "signature was taken away"},
		"with another's signature": {third, func() []Member {
			return []Member{{Name: name + ".json", Data: carryOf(all, name+".json")}, {Name: name + ".sig", Data: carryOf(all, ReplacedFolder+approved.Digest+".sig")}}
		}, "not one of the manifest"},
		"a signature without it":     {third, func() []Member { return []Member{{Name: name + ".sig", Data: carryOf(all, name+".sig")}} }, "belongs to no manifest"},
		"a stamp without it":         {third, func() []Member { return []Member{{Name: name + ".tst", Data: []byte("x")}} }, "belongs to no manifest"},
		"something else beside them": {third, func() []Member { return append([]Member{{Name: ReplacedFolder + "note.txt"}}, all...) }, "belongs to no manifest"},
	} {
		if _, err := sealOf(t, c.m, nil, c.members()...); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func carryOf(all []Member, name string) []byte {
	for _, m := range all {
		if m.Name == name {
			return m.Data
		}
	}
	return nil
}

// A reduced pack keeps the signature over what it was: without it, with
// another, or with the manifest of another pack it does not hold.
func TestReducedKeepsItsSignature(t *testing.T) {
	whole, err := sealOf(t, Manifest{Month: "2026-09", State: "submitted", Inputs: "i", Quantities: "q"}, key(), Member{Name: "facts.json", Data: []byte("names")}, Member{Name: "totals.json", Data: []byte("sums")})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := whole.Reduce(t.Context(), &b, func(n string) bool { return n == "totals.json" }, nil, "test", key()); err != nil {
		t.Fatal(err)
	}
	p, err := read(b.Bytes())
	if err != nil || p.Has("facts.json") || p.Whole() == nil {
		t.Fatalf("%v", err)
	}
	if direct, err := p.HeldBy(Link{"2026-09", 0, whole.Digest}); !direct || err != nil {
		t.Errorf("%v, %v", direct, err)
	}
	members := map[string][]byte{}
	for _, n := range p.Names("") {
		if members[n], err = p.Read(n); err != nil {
			t.Fatal(err)
		}
	}
	other, err := sealOf(t, Manifest{Month: "2026-09", State: "submitted", Inputs: "i"}, key())
	if err != nil {
		t.Fatal(err)
	}
	otherText, err := other.Manifest.encode()
	if err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(map[string][]byte){
		"without it":          func(m map[string][]byte) { delete(m, sealedSignature) },
		"another":             func(m map[string][]byte) { m[sealedSignature] = []byte("x") },
		"another's manifest":  func(m map[string][]byte) { m[sealedManifest] = otherText },
		"a member of its own": func(m map[string][]byte) { m["totals.json"] = []byte("less") },
		"no manifest at all":  func(m map[string][]byte) { delete(m, sealedManifest) },
	} {
		c := map[string][]byte{}
		for n, d := range members {
			c[n] = d
		}
		change(c)
		var list []Member
		for n, d := range c {
			list = append(list, Member{Name: n, Data: d})
		}
		if _, err := sealOf(t, p.Manifest, nil, list...); err == nil {
			t.Errorf("%s: the pack holds", what)
		} else if what == "another's manifest" && !strings.Contains(err.Error(), "is not that of the pack it was made of") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
