package handover_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"

	"splameter/internal/snapshot"
	"splameter/internal/store"
	"splameter/internal/store/handover"
)

func sample() *store.Handover {
	at := time.Date(2026, 10, 3, 10, 0, 0, 123400, time.UTC)
	reading := snapshot.Reading{Source: "ad", Kind: snapshot.KindDirectory, Site: "delft", Taken: at, Day: 20000, Status: snapshot.Complete, File: "a<b>.ldif"}
	return &store.Handover{Site: "delft", Month: "2026-10", Zone: "Europe/Amsterdam",
		Readings: []store.HandedReading{{Reading: reading, Domain: "HOSTING"}},
		Facts:    []store.HandedFact{{Source: "ad", First: 1, Until: 1<<63 - 1, Account: &snapshot.Account{ID: "x", Name: "日本 Łukasz \u2028", Line: 7}}},
		Uses:     []snapshot.Use{{Host: "h", User: "u", Month: 2026*12 + 9, Days: 5, First: snapshot.Sighting{Time: at, Channel: "LSM"}}},
		Logs:     []snapshot.Log{{Host: "h", Channel: "LSM", FirstRecord: 1, LastRecord: 1<<64 - 1, Until: at}},
	}
}

func written(t testing.TB, h *store.Handover) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := handover.Write(context.Background(), &b, h); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(b []byte) (*store.Handover, error) {
	return handover.Read(context.Background(), bytes.NewReader(b))
}

func pack(t testing.TB, text string) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll([]byte(text), nil)
}

func unpack(t testing.TB, b []byte) string {
	t.Helper()
	z, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	text, err := z.DecodeAll(b, nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sealed closes lines with a digest that fits.
func sealed(lines ...string) string {
	text := strings.Join(lines, "\n") + "\n"
	sum := sha256.Sum256([]byte(text))
	return text + fmt.Sprintf(`{"end":{"lines":%d,"sha256":"%s"}}`, len(lines), hex.EncodeToString(sum[:])) + "\n"
}

// What is written is read again as it was, and twice the same bytes come out.
func TestRoundTrip(t *testing.T) {
	h := sample()
	b := written(t, h)
	if !bytes.Equal(b, written(t, h)) {
		t.Error("the same facts gave other bytes")
	}
	got, err := read(b)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(h, got); d != "" {
		t.Error(d)
	}
}

const first = `{"splameter":{"handover":1,"site":"delft","month":"2026-10","time_zone":"UTC"}}`

// A file that was cut, changed or made up is refused, by what is wrong.
func TestRefused(t *testing.T) {
	whole := unpack(t, written(t, sample()))
	lines := strings.SplitAfter(whole, "\n")
	without := func(i int) string { return strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "") }
	for name, c := range map[string]struct{ text, want string }{
		"empty":           {"", "ends too early"},
		"no end":          {without(len(lines) - 2), "ends too early"},
		"half a line":     {whole[:len(whole)-5], "ends in the middle of a line"},
		"a line less":     {without(2), "the digest does not fit"},
		"changed":         {strings.Replace(whole, `"Line":7`, `"Line":8`, 1), "the digest does not fit"},
		"more behind":     {whole + "{}\n", "behind the end"},
		"no head":         {without(0), "none that splameter writes there"},
		"two heads":       {sealed(first, first), "none that splameter writes there"},
		"newer form":      {sealed(strings.Replace(first, `"handover":1`, `"handover":2`, 1)), "the file has form 2"},
		"unknown key":     {sealed(first, `{"reading":{"sourcerer":"x"}}`), "cannot be read"},
		"two in one":      {sealed(first, `{"use":{},"log":{}}`), "none that splameter writes there"},
		"nothing in one":  {sealed(first, `{}`), "none that splameter writes there"},
		"two on a line":   {sealed(first, `{"use":{}} {"use":{}}`), "none that splameter writes there"},
		"no JSON":         {sealed(first, `{"use":`), "cannot be read"},
		"site":            {sealed(strings.Replace(first, "delft", "../x", 1)), "the site's name is none"},
		"month":           {sealed(strings.Replace(first, "2026-10", "2026-13", 1)), "its month is none"},
		"a line too long": {first + "\n" + strings.Repeat(" ", 65<<20) + "\n", "longer than any"},
	} {
		h, err := read(pack(t, c.text))
		if h != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string][]byte{"no frame": []byte("hello\n"), "plain": []byte(whole), "cut frame": written(t, sample())[:60]} {
		if h, err := read(b); h != nil || err == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Every single byte counts.
	b := written(t, sample())
	for i := range b {
		bad := bytes.Clone(b)
		bad[i] ^= 0x10
		if h, err := read(bad); err == nil && cmp.Diff(sample(), h) != "" {
			t.Errorf("byte %d was changed and something else was read", i)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := written(t, sample())
	cancel()
	if _, err := handover.Read(ctx, bytes.NewReader(b)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Whatever is read writes and reads again as the same.
func FuzzRead(f *testing.F) {
	f.Add(unpack(f, written(f, sample())))
	f.Add(sealed(first))
	f.Add(sealed(first, `{"use":{"Host":"h"}}`))
	f.Add(first)
	f.Fuzz(func(t *testing.T, text string) {
		h, err := read(pack(t, text))
		if err != nil {
			return
		}
		again, err := read(written(t, h))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(h, again); d != "" {
			t.Error(d)
		}
	})
}
