// Command generate writes the inputs of the shipped example: a made-up
// provider's directory exports, session logs and inventories of September and
// October 2026. The same program writes the same bytes. The tables, the rules
// and the config are written by hand; README.md works the truth out by hand.
//
//	go run ./testdata/generate            # from the repository's root
//	go run ./testdata/generate /tmp/there # into another folder
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// zone is the provider's own: all moments below are written in it.
var zone = mustZone("Europe/Amsterdam")

func mustZone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func main() {
	root := "testdata"
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	if err := generate(root); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// generate writes all inputs beneath root, in place of those that are there.
func generate(root string) error {
	out := map[string][]byte{}
	steps := []func(map[string][]byte) error{directory, sessions, inventory}
	for _, step := range steps {
		if err := step(out); err != nil {
			return err
		}
	}
	for _, folder := range []string{"directory", "sessions", "inventory"} {
		dir := filepath.Join(root, folder)
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for name, data := range out {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(name)), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
