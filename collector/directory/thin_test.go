package directory

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"splameter/collector/directory/replmeta"
)

// stream is a connection of which only the answers matter.
type stream struct {
	net.Conn
	in io.Reader
}

func (s stream) Read(p []byte) (int, error) { return s.in.Read(p) }

func thinThrough(t testing.TB, in io.Reader, since time.Time) []byte {
	t.Helper()
	x := newThin(stream{in: in})
	if !since.IsZero() {
		x.leaveOut(since)
	}
	out, err := io.ReadAll(x)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// valuesOf are the values of an attribute of the entries of a stream.
func valuesOf(t testing.TB, stream []byte, name string) (out []string) {
	t.Helper()
	for r := bytes.NewReader(stream); r.Len() > 0; {
		m, err := ber.ReadPacket(r)
		if err != nil {
			t.Fatal(err)
		}
		if op := m.Children[1]; op.Tag == 4 {
			for _, a := range op.Children[1].Children {
				if n, _, _ := strings.Cut(string(a.Children[0].ByteValue), ";"); n == name {
					for _, v := range a.Children[1].Children {
						out = append(out, string(v.ByteValue))
					}
				}
			}
		}
	}
	return out
}

func entryMessage(id byte, entry []byte) []byte { return wrap(0x30, wrap(2, []byte{id}), entry) }

// By hand: of an account with 35 stamps the three that count stay, in their order; of
// four memberships that of this month, the one from before there was metadata, and
// the one whose name holds a time of its own; of a group whose memberships are all of
// long ago, one. Values in the other form, other attributes and the end of the
// answer stay byte for byte, as does everything before it is asked for.
func TestThin(t *testing.T) {
	since := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	server := "CN=NTDS Settings,CN=DC2,CN=Servers"
	stamp := func(name string) []byte {
		s := replmeta.Stamp{Attribute: name, Version: 2, Changed: since.AddDate(-3, 0, 0), Server: server}
		return []byte(s.Text())
	}
	link := func(name string, at time.Time) []byte {
		s := replmeta.Stamp{Attribute: "member", Object: name, Version: 1, Created: at, Changed: at, Server: server}
		return []byte(s.Text())
	}
	var own [][]byte
	for i := range 32 {
		own = append(own, stamp(fmt.Sprintf("extension%02d", i)))
		switch i {
		case 4:
			own = append(own, stamp("userAccountControl"))
		case 9:
			own = append(own, stamp("primaryGroupID"))
		case 31:
			own = append(own, stamp("accountExpires"))
		}
	}
	old, now := since.Add(-time.Second), since
	a, b := link("CN=a", old), link("CN=b", now)
	legacy, odd := link("CN=c", time.Time{}), link("CN=<ftimeLastOriginatingChange>2001-01-01T00:00:00Z</", now)
	s := replmeta.Stamp{Attribute: "member", Object: "CN=a", Version: 1, Created: old, Changed: old}
	binary := s.Binary()
	pairs := []string{"objectGUID", strings.Repeat("x", 16), "cn", strings.Repeat("long ", 400)}
	in := slices.Concat(
		entryMessage(1, entryOf("CN=u", pairs, attributeOf("msDS-ReplAttributeMetaData;range=0-*", own...))),
		entryMessage(1, entryOf("CN=g", pairs, attributeOf("msds-replvaluemetadata", a, b, legacy, odd))),
		entryMessage(1, entryOf("CN=h", pairs, attributeOf("msDS-ReplValueMetaData;range=0-1499", a, a, a))),
		entryMessage(1, entryOf("CN=i", pairs, attributeOf("msDS-ReplValueMetaData;binary", binary))),
		wrap(0x30, wrap(2, []byte{1}), wrap(0x65, wrap(10, []byte{0}), wrap(4), wrap(4)), wrap(0xA0, wrap(0x30, wrap(4, []byte("1.2"))))),
	)
	if !bytes.Equal(thinThrough(t, bytes.NewReader(in), time.Time{}), in) {
		t.Error("something was left out before it was asked for")
	}
	for name, r := range map[string]io.Reader{"at once": bytes.NewReader(in), "byte by byte": iotest.OneByteReader(bytes.NewReader(in))} {
		out := thinThrough(t, r, since)
		if got := valuesOf(t, out, "msDS-ReplAttributeMetaData"); !slices.Equal(got, []string{string(own[5]), string(own[11]), string(own[34])}) {
			t.Errorf("%s: %d stamps: %q", name, len(got), got)
		}
		if got := valuesOf(t, out, "msds-replvaluemetadata"); !slices.Equal(got, []string{string(b), string(legacy), string(odd)}) {
			t.Errorf("%s: %q", name, got)
		}
		if got := valuesOf(t, out, "msDS-ReplValueMetaData"); !slices.Equal(got, []string{string(a), string(binary)}) {
			t.Errorf("%s: %q", name, got)
		}
		if got := valuesOf(t, out, "cn"); len(got) != 4 || got[0] != pairs[3] {
			t.Errorf("%s: cn %d", name, len(got))
		}
		if tail := in[len(in)-40:]; !bytes.HasSuffix(out, tail) {
			t.Errorf("%s: the end is another", name)
		}
	}
}

// What is broken off or has another form comes as it came: it is the library that
// refuses it.
func TestThinPassesWhatItDoesNotKnow(t *testing.T) {
	whole := entryMessage(1, entryOf("CN=u", []string{"cn", strings.Repeat("x", 3000)}, attributeOf("msDS-ReplAttributeMetaData", []byte("no xml"), []byte("nor this"))))
	for name, in := range map[string][]byte{
		"broken off":        whole[:len(whole)/2],
		"one byte":          {0x30},
		"a length too long": {0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1, 2, 3},
		"no length":         {0x30, 0x80, 1, 2, 3, 0, 0},
		"nine bytes of it":  append([]byte{0x30, 0x89, 0, 0, 0, 0, 0, 0, 0, 0, 3}, 1, 2, 3),
		"another tag":       {0x16, 0x03, 0x01, 0, 5},
		"values unknown":    whole,
		"a list cut short":  append(slices.Clone(whole[:len(whole)-1]), 0x30),
	} {
		if got := thinThrough(t, bytes.NewReader(in), time.Now()); !bytes.Equal(got, in) {
			t.Errorf("%s: %d bytes of %d", name, len(got), len(in))
		}
	}
}

// FuzzThin: however the bytes come in pieces, the same goes out; never more than came
// but for longer lengths; and what is left is read as before but for values that were
// left out.
func FuzzThin(f *testing.F) {
	at := time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)
	s := replmeta.Stamp{Attribute: "member", Object: "CN=a", Version: 1, Created: at, Changed: at}
	o := replmeta.Stamp{Attribute: "cn", Version: 1, Changed: at}
	f.Add(entryMessage(1, entryOf("CN=u", []string{"cn", strings.Repeat("x", 1500)}, attributeOf("msDS-ReplAttributeMetaData", []byte(o.Text()), []byte(o.Text())))), uint64(1))
	f.Add(entryMessage(1, entryOf("CN=g", []string{"cn", strings.Repeat("x", 1500)}, attributeOf("msDS-ReplValueMetaData;range=0-*", []byte(s.Text()), []byte(s.Text())))), uint64(2))
	f.Add([]byte{0x30, 0x84, 0, 0, 8, 0, 0x64}, uint64(3))
	f.Fuzz(func(t *testing.T, in []byte, seed uint64) {
		since := at.AddDate(0, 1, 0)
		want := thinThrough(t, bytes.NewReader(in), since)
		pieces := rand.New(rand.NewPCG(seed, 0))
		var some []io.Reader
		for rest := in; len(rest) > 0; {
			n := min(len(rest), 1+pieces.IntN(700))
			some, rest = append(some, bytes.NewReader(rest[:n])), rest[n:]
		}
		if got := thinThrough(t, io.MultiReader(some...), since); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes at once, %d in pieces", len(want), len(got))
		}
		before, err := ber.ReadPacket(bytes.NewReader(in))
		if err != nil {
			return
		}
		after, err := ber.ReadPacket(bytes.NewReader(want))
		if err != nil || len(after.Children) != len(before.Children) {
			t.Fatalf("what could be read cannot be: %v", err)
		}
	})
}
