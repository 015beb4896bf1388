package main

import (
	"strings"

	"splameter/internal/lazyregexp"
)

var (
	noFile    = lazyregexp.New(`^(?:(--[a-z0-9-]+)|<[^>]*>)(?: \.\.\.)?: (?:stat|open) (.*): (?:no such file or directory|The system cannot find the (?:file|path) specified\.)$`)
	noWord    = lazyregexp.New(`^unexpected argument ([^, ]*)`)
	wantsArgs = lazyregexp.New(`^expected "<([^>]*)>`)
)

// usageText is what the reader of the command line found wrong, in words that
// say what to do.
func usageText(err error, args []string) string {
	s := err.Error()
	switch {
	case len(args) == 0:
		return "no command is given"
	case noFile().MatchString(s):
		m := noFile().FindStringSubmatch(s)
		if m[1] != "" {
			m[1] += ": "
		}
		return m[1] + "there is no file or folder " + m[2] + "; correct the path"
	case noWord().MatchString(s) && noWord().FindStringSubmatch(s)[1] == args[0]:
		return "there is no command \"" + args[0] + "\"" + strings.TrimPrefix(s, noWord().FindString(s))
	case wantsArgs().MatchString(s):
		return "missing: <" + wantsArgs().FindStringSubmatch(s)[1] + ">"
	}
	return s
}
