package main

import (
	"runtime/debug"
)

type versionCmd struct{}

func (versionCmd) Run(a *app) error {
	a.printf("splameter %s\n", programVersion())
	return nil
}

// programVersion is the version that the linker set, else the commit that the
// program was built from.
func programVersion() string {
	if version != "dev" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "dev-" + s.Value[:12]
			}
		}
	}
	return version
}
