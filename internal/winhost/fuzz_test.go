package winhost

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"splameter/internal/gather"
)

// answering is a pipe whose other side answers each question with the next of
// some texts, whatever was asked.
type answering struct {
	answers [][]byte
	asked   uint32
	rest    []byte
}

func (a *answering) Write(p []byte) (int, error) { a.asked++; return len(p), nil }
func (a *answering) Close() error                { return nil }
func (a *answering) Read(p []byte) (int, error) {
	if len(a.rest) == 0 {
		if len(a.answers) == 0 {
			return 0, io.EOF
		}
		a.rest, a.answers = a.answers[0], a.answers[1:]
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// fragmentOf is an answer in one fragment.
func fragmentOf(kind, flags byte, id uint32, body []byte) []byte {
	b := append([]byte{5, 0, kind, flags, 0x10, 0, 0, 0}, 0, 0, 0, 0, 0, 0, 0, 0)
	binary.LittleEndian.PutUint16(b[8:], uint16(len(b)+len(body)))
	binary.LittleEndian.PutUint32(b[12:], id)
	return append(b, body...)
}

// answers are an acceptance, a key, and then stubs as the fuzzer has them.
func answers(stubs ...[]byte) [][]byte {
	ack := make([]byte, 8, 64)
	ack = append(ack, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0)
	ack = append(append(ack, ndr[:]...), 2, 0, 0, 0)
	out := [][]byte{fragmentOf(pduBindAck, 3, 1, ack), fragmentOf(pduResponse, 3, 2, make([]byte, 8+24))}
	for i, s := range stubs {
		out = append(out, fragmentOf(pduResponse, 3, uint32(3+i), append(make([]byte, 8), s...)))
	}
	return out
}

func rootOf(t testing.TB, all [][]byte) *registryKey {
	t.Helper()
	c, err := bind(&answering{answers: all}, winreg)
	if err != nil {
		t.Fatal(err)
	}
	k, err := localMachine(c)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// named is an answer with a name, a value and an end, by hand.
func named(name string, result uint32) []byte {
	var e encoder
	e.text(name)
	e.number(uint32(gather.Text))
	e.ref()
	e.uint32(4)
	e.uint32(0)
	e.uint32(4)
	e.b = append(e.b, 'o', 0, 'k', 0)
	e.number(4)
	e.number(4)
	e.uint32(result)
	return e.b
}

func TestValueOf(t *testing.T) {
	v, needed, err := valueOf(named("Größe", 0), "", true)
	if err != nil || v.Name != "Größe" || v.Text != "ok" || needed != 4 {
		t.Errorf("%+v %d %v", v, needed, err)
	}
	if _, needed, err := valueOf(named("x", uint32(moreData)), "", true); !errors.Is(err, moreData) || needed != 4 {
		t.Errorf("%d %v", needed, err)
	}
	whole := named("x", 0)
	for n := range len(whole) - 4 {
		cut := append(append([]byte(nil), whole[:n]...), 0, 0, 0, 0)
		if v, _, err := valueOf(cut, "", true); err == nil && v.Text == "ok" && n < len(whole)-16 {
			t.Errorf("cut at %d: %+v", n, v)
		}
	}
}

// What a host answers that is no answer is an error, and ends.
func TestHostileAnswers(t *testing.T) {
	part := fragmentOf(pduResponse, firstFrag, 3, make([]byte, 8))
	for name, all := range map[string][][]byte{
		"nothing":                      answers(),
		"a part of nothing, for ever":  append(answers(), part, part, part),
		"another question's answer":    append(answers(), fragmentOf(pduResponse, 3, 9, make([]byte, 20))),
		"a fault":                      append(answers(), fragmentOf(pduFault, 3, 3, make([]byte, 16))),
		"two in one":                   append(answers(), append(fragmentOf(pduResponse, 3, 3, make([]byte, 16)), 0)),
		"a text beyond all":            answers([]byte{2, 0, 2, 0, 4, 0, 2, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}),
		"a key without a name":         answers(make([]byte, 24)),
		"a protocol that is not this ": append(answers(), bytes.Repeat([]byte{0xff}, 64)),
	} {
		if names, err := rootOf(t, all).Subkeys(); err == nil {
			t.Errorf("%s: %q", name, names)
		}
	}
	// One that always wants more room gets no more than a value can have.
	var more [][]byte
	for range 64 {
		more = append(more, named("x", uint32(moreData)))
	}
	if v, err := rootOf(t, answers(more...)).Values([]string{"x"}); err == nil {
		t.Errorf("%+v", v)
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add(named("Office", 0), named("x", 259))
	f.Add([]byte{2, 0, 2, 0, 4, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 65, 0, 0, 0, 0, 0, 0, 0}, []byte{3, 1, 0, 0})
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if len(a) > 60_000 || len(b) > 60_000 {
			return
		}
		_, _ = rootOf(t, answers(a, b)).Subkeys()
		_, _ = rootOf(t, answers(a, b)).Values(nil)
		_, _ = rootOf(t, answers(a, b)).Values([]string{"x"})
		c := rootOf(t, answers(a)).c
		_, _ = timeOfDay(c)
		// And as what stands on the wire itself.
		if c, err := bind(&answering{answers: [][]byte{a, b}}, winreg); err == nil {
			_, _ = localMachine(c)
		}
	})
}
