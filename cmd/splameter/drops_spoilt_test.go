package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"testing"

	"splameter/internal/drop"
)

// remade is a drop with another manifest, and members that match it.
func remade(t *testing.T, path string, change func(*drop.Manifest)) {
	t.Helper()
	d, err := drop.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	m := d.Manifest
	change(&m)
	var out bytes.Buffer
	w := drop.NewWriter(&out, m.Taken)
	for _, name := range d.Members() {
		var b bytes.Buffer
		if err := d.Copy(&b, name); err != nil {
			t.Fatal(err)
		}
		if err := w.Add(name, &b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(m); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, out.Bytes())
}

// bomb makes of a drop one whose member claims 4 GiB, of which all are zeros.
func bomb(t *testing.T, path string) {
	t.Helper()
	d, err := drop.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	var packed, out bytes.Buffer
	deflate, err := flate.NewWriter(&packed, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := deflate.Write(make([]byte, 1<<24)); err != nil {
		t.Fatal(err)
	}
	if err := deflate.Close(); err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(&out)
	w, err := z.CreateRaw(&zip.FileHeader{Name: "logs/System.evtx", Method: zip.Deflate, UncompressedSize64: 4 << 30, CompressedSize64: uint64(packed.Len())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if w, err = z.Create(drop.ManifestName); err != nil {
		t.Fatal(err)
	}
	m := d.Manifest
	m.Files = []drop.File{{Name: "logs/System.evtx", Size: 4 << 30}}
	if err := json.NewEncoder(w).Encode(m); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, out.Bytes())
}
