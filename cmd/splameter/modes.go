package main

import (
	"fmt"
	"strings"

	"splameter/internal/access"
	"splameter/internal/closing/monthend"
)

// readableByOthers are the files and folders of a setup that anybody on the
// machine may read: they name customers, persons and prices.
func readableByOthers(configFile string, s *monthend.Setup) []string {
	paths := []string{configFile, s.Config.Output}
	for _, t := range s.Config.Tables() {
		paths = append(paths, t.Path)
	}
	if address, err := s.Config.StoreAddress(); err == nil { // else opening it says so
		if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
			paths = append(paths, path)
		}
	}
	var out []string
	for _, path := range paths {
		if path == "" {
			continue
		}
		who, err := access.Others(path)
		switch {
		case err != nil:
			out = append(out, fmt.Sprintf("who may read %s cannot be told: %v", path, err))
		case len(who) > 0:
			out = append(out, fmt.Sprintf("%s can be read by %s: %s", path, strings.Join(who, ", "), access.Remedy))
		}
	}
	return out
}
