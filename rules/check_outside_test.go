package rules

import (
	"strings"
	"testing"

	"splameter/internal/config"
)

// Ann is counted for RDS by the shared pool, which has nothing else. On a host
// of the design pool, whose group she is not in, Office is installed: that she
// could use, and nobody counts it. Bob is in that group, and carl's Office by a
// group of its own is the higher one.
func TestSessionOutsideThePool(t *testing.T) {
	s := newScene(t)
	s.cfg.Pools = append(s.cfg.Pools, config.Pool{Name: "design", Hosts: []string{"RDSD-*"}, Users: []string{"RDS-Design"}})
	d := s.dir()
	for i, name := range []string{"ann", "bob", "carl"} {
		d.user(i+1, name, "OU=alpha,DC=h", always)
	}
	d.group(100, "RDS-Users", id(1), id(3))
	d.group(101, "RDS-Design", id(2))
	d.group(102, "LIC-Pro", id(3))
	s.install("RDSH-1", "")
	s.install("RDSD-1", "Microsoft Office Standard 2021")
	for _, name := range []string{"ann", "bob", "carl"} {
		s.use("rdsd-1", name, 5)
	}
	var told []string
	for _, f := range s.run().Findings {
		if f.Code == "session-outside-pool" {
			told = append(told, f.Subject)
			if !strings.Contains(f.Message, "pool design") || !strings.HasSuffix(f.Message, ": office-std") {
				t.Errorf("said: %s", f.Message)
			}
		}
	}
	if len(told) != 1 || told[0] != "ann" {
		t.Errorf("told of %v, want ann", told)
	}
}
