package main

import (
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
	commit := []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "940bef7152016ea22b57001070f73e4afecd4abb"}}
	for _, c := range []struct {
		version  string
		settings []debug.BuildSetting
		want     string
	}{
		{"v1.2.3", commit, "1.2.3"},
		{"v1.2.3+dirty", commit, "1.2.3+dirty"},
		{"v1.3.0-rc.1", commit, "1.3.0-rc.1"},
		{"v0.0.0-20261129024945-940bef715201", commit, "dev-940bef715201"},
		{"v1.2.4-0.20261129024945-940bef715201+dirty", commit, "dev-940bef715201"},
		{"(devel)", commit, "dev-940bef715201"},
		{"(devel)", nil, "dev"},
		{"", nil, "dev"},
	} {
		if got := versionOf(&debug.BuildInfo{Main: debug.Module{Version: c.version}, Settings: c.settings}); got != c.want {
			t.Errorf("%q is %q, want %q", c.version, got, c.want)
		}
	}
}
