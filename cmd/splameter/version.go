package main

import (
	"runtime/debug"
	"strings"

	"splameter/internal/lazyregexp"
)

type versionCmd struct{}

func (versionCmd) Run(a *app) error {
	a.printf("splameter %s\n", programVersion())
	return nil
}

// programVersion is what the build wrote into the program.
func programVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	return versionOf(info)
}

// untagged is how Go names a commit without a tag.
var untagged = lazyregexp.New(`^v\d+\.\d+\.\d+-(?:.*[.-])?\d{14}-[0-9a-f]{12}(?:\+dirty)?$`)

// versionOf is the tag that was built, else the commit, else dev. What was
// changed after it says so.
func versionOf(info *debug.BuildInfo) string {
	if v := info.Main.Version; v != "" && v != "(devel)" && !untagged().MatchString(v) {
		return strings.TrimPrefix(v, "v")
	}
	out := "dev"
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			out += "-" + s.Value[:12]
		}
	}
	return out
}
