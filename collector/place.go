package collector

import (
	"slices"
	"strings"

	"splameter/internal/paths"
)

// shownPatterns are file patterns as they are shown: those beneath the config's
// folder without it.
func shownPatterns(dir string, globs ...string) string {
	var out []string
	for _, p := range globs {
		out = append(out, paths.Shown(dir, p))
	}
	return strings.Join(out, ", ")
}

func (s *directorySource) Place(dir string) (at, account string) {
	if len(s.cfg.URL) == 0 {
		return shownPatterns(dir, s.cfg.LDIF), ""
	}
	return strings.Join(s.cfg.URL, ", "), s.cfg.Bind.User
}

func (s *sessionSource) Place(dir string) (at, account string) {
	return shownPatterns(dir, s.cfg.Files...), ""
}

func (s *dropSource) Place(dir string) (at, account string) {
	return shownPatterns(dir, s.cfg.Files...), ""
}

func (s *hostSource) Place(string) (at, account string) {
	list := s.cfg.Names
	if s.cfg.Directory != "" {
		list = append(slices.Clone(list), s.cfg.Directory)
	}
	return strings.Join(list, ", "), s.cfg.User
}

func (s *inventorySource) Place(dir string) (at, account string) {
	return shownPatterns(dir, slices.Concat(s.cfg.Software, s.cfg.Hosts)...), ""
}

func (s *databaseSource) Place(string) (at, account string) {
	return s.cfg.Server + " · " + s.cfg.Database, s.cfg.User
}
