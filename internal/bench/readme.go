package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// The marks in the README between which the tables stand.
const (
	markBegin = "<!-- bench: begin -->"
	markEnd   = "<!-- bench: end -->"
)

// intoReadme puts the tables between the marks of a file.
func intoReadme(path, tables string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(old, []byte(markBegin))
	_, after, ended := bytes.Cut(rest, []byte(markEnd))
	if !ok || !ended {
		return fmt.Errorf("%s has no place for the tables; write the lines %q and %q where they must stand", path, markBegin, markEnd)
	}
	text := fmt.Sprintf("%s%s\n%s\n%s%s", before, markBegin, strings.TrimSpace(tables), markEnd, after)
	return os.WriteFile(path, []byte(text), 0o644)
}

// heading says what was measured, when and where.
func heading(ctx context.Context, opt *options) {
	fmt.Fprintf(opt.out, "%s, commit %s, `%s`: %s, %d cores, %s/%s, %s. Runs in turn: %d.\n\n",
		time.Now().UTC().Format(time.DateOnly), commit(ctx), "./internal/bench/run.sh"+arguments(), processor(), runtime.NumCPU(),
		runtime.GOOS, runtime.GOARCH, runtime.Version(), opt.runs)
}

// arguments are the options that were given, but for that of the README.
func arguments() string {
	var out strings.Builder
	args := os.Args[1:]
	for i := 0; i < len(args); i++ {
		name, _, whole := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		if name == "readme" || name == "dir" || name == "program" { // where, and not what
			if !whole {
				i++
			}
			continue
		}
		out.WriteString(" " + args[i])
	}
	return out.String()
}

// commit is the one that is checked out, and whether it was changed.
func commit(ctx context.Context) string {
	git := func(args ...string) string {
		out, err := exec.CommandContext(ctx, "git", args...).Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(out))
	}
	id := git("rev-parse", "--short=12", "HEAD")
	switch {
	case id == "":
		return "unknown"
	case git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!README.md") != "":
		return id + " with changes"
	}
	return id
}

// load is the system's load average of one minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(text), " ")
	return one
}

// processor is what the system calls it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "processor unknown"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "processor unknown"
}
