package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"splameter/internal/closing/monthend"
)

// readableByOthers are the files and folders of a setup that anybody on the
// machine may read: they name customers, persons and prices. On Windows a file
// has the access of its folder, which says nothing here.
func readableByOthers(configFile string, s *monthend.Setup) []string {
	if runtime.GOOS == "windows" {
		return nil
	}
	paths := []string{configFile, s.Config.Output}
	for _, t := range s.Config.Tables() {
		paths = append(paths, t.Path)
	}
	if path, ok := strings.CutPrefix(s.Config.Store, "sqlite:"); ok {
		paths = append(paths, path)
	}
	var out []string
	for _, path := range paths {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o004 == 0 || hidden(path) {
			continue
		}
		out = append(out, fmt.Sprintf("%s can be read by everybody on this machine: chmod o-rwx it, or the folder that it is in", path))
	}
	return out
}

// hidden says whether a folder above lets nobody else through.
func hidden(path string) bool {
	abs, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	for dir := filepath.Dir(abs); ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o001 == 0 {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}
