package evtxtest

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"
)

func made(events int) Made {
	return Made{Events: events, Users: 40, Seed: 3, Host: "RDSH-A01.hosting.example", Start: 155442 * 864000000000, Step: 1e7}
}

// Write and Log are two ways to one file, and the same events always give the
// same bytes.
func TestWriteIsLog(t *testing.T) {
	var events []Event
	for e := range made(1500).LocalSessions() {
		events = append(events, *e)
	}
	for _, opt := range []Options{{}, {Dirty: true, SpareSlots: 2}} {
		log := Log(events, opt)
		path := filepath.Join(t.TempDir(), "x.evtx")
		w, err := Write(path, made(1500).LocalSessions(), opt)
		if err != nil {
			t.Fatal(err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(log, file) || w.Records != 1500 || w.Bytes != int64(len(log)) || w.Chunks != len(log)/ChunkSize-opt.SpareSlots {
			t.Errorf("%+v: %+v, %d and %d bytes", opt, w, len(log), len(file))
		}
	}
}

// The mixed order of an identifier's bytes, and a SID's, worked out by hand:
// three little-endian groups, then bytes as they are; a big-endian authority,
// then little-endian numbers of 32 bits (1004336348 is 0x3BDCF4DC).
func TestIdentifiers(t *testing.T) {
	g := guidBytes("F4205BAC-1B01-40FC-AEEF-3C971C730000")
	if got := hex.EncodeToString(g[:]); got != "ac5b20f4011bfc40aeef3c971c730000" {
		t.Errorf("GUID %s", got)
	}
	if got := hex.EncodeToString(sidBytes("S-1-5-21-1004336348")); got != "0102000000000005"+"15000000"+"dcf4dc3b" {
		t.Errorf("SID %s", got)
	}
}

func BenchmarkWrite(b *testing.B) {
	for b.Loop() {
		w, err := Write(filepath.Join(b.TempDir(), "x.evtx"), made(50_000).LocalSessions(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(w.Bytes)
	}
}
