package main

import (
	"encoding/binary"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzFaults is the property of TestInjectedFaults over made-up providers: one
// that testdata/oracle makes from a seed, with one fault that the bytes choose.
// The months' numbers are those of the whole provider, or a month says that
// something is missing. By hand:
//
//	go test -run '^$' -fuzz FuzzFaults -fuzztime 30m ./cmd/splameter
func FuzzFaults(f *testing.F) {
	if testing.Short() {
		f.Skip("long; runs without -short")
	}
	o := newOracle(f)
	type provider struct {
		dir   string
		order []string
		want  counted
	}
	var providers []provider // counted once: what a fuzzing process does with one input must end within seconds
	for seed := range 3 {
		p := provider{dir: filepath.Join(f.TempDir(), "whole")}
		_, p.order = o.make(f, p.dir, seed+1, "--size", "4", "--months", "2", "--gap", "none")
		if p.want = months(f, p.dir, p.order); p.want.failed != "" {
			f.Fatalf("the whole provider of seed %d: %s", seed+1, p.want.failed)
		}
		providers = append(providers, p)
		f.Add(byte(seed), []byte{byte(seed)})
	}
	f.Fuzz(func(t *testing.T, which byte, fault []byte) {
		p := providers[int(which)%len(providers)]
		broken := t.TempDir()
		for _, name := range inputsOf(t, p.dir) {
			copyFile(t, filepath.Join(p.dir, name), filepath.Join(broken, name))
		}
		h := fnv.New64a()
		_ = binary.Write(h, binary.LittleEndian, fault)
		x := madeInjector(t, rand.New(rand.NewPCG(h.Sum64(), 7)), broken, p.order[len(p.order)-1])
		what := x.inject(t)
		t.Log(what)
		holds(t, what, p.order, p.want, months(t, broken, p.order))
	})
}

// inputsOf are the files of a provider's folder that nobody's run made.
func inputsOf(t *testing.T, dir string) (names []string) {
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, path)
		switch top, _, _ := strings.Cut(filepath.ToSlash(rel), "/"); {
		case err != nil:
			return err
		case d.IsDir() && (top == "var" || top == "out"):
			return filepath.SkipDir
		case !d.IsDir():
			names = append(names, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
