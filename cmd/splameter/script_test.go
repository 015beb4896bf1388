package main

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"splameter/internal/repotest"
)

// testClock is the environment variable that gives splameter its clock in the
// scripts; the program itself knows nothing of it.
const testClock = "TEST_NOW"

// TestMain lets the test binary stand in for splameter in the scripts.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"splameter": func() {
			now, err := time.Parse(time.RFC3339, os.Getenv(testClock))
			if err != nil {
				fmt.Fprintf(os.Stderr, "the script gives no time in %s: %v\n", testClock, err)
				os.Exit(2)
			}
			if name := os.Getenv("TEST_ACCOUNT"); name != "" {
				account = func() string { return name }
			}
			os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, func() time.Time { return now }))
		},
	})
}

// TestScripts runs testdata/*.txtar: each reads as a bug report. Besides
// testscript's own commands there are
//
//	example             copies the shipped example into the script's folder
//	copytree FROM TO    copies a folder
//	workbook FILE TEXT  fails where a workbook does not hold the text
//	exits CODE COMMAND… runs a command that must end with that exit code
//
// and the conditions [acceptance] and [samples], which say that ../shared has
// them. The clock stands at TEST_NOW.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("long; runs without -short")
	}
	root := repotest.Root(t)
	shared := filepath.Join(filepath.Dir(root), "shared")
	has := func(name string) bool {
		_, err := os.Stat(filepath.Join(shared, name))
		return err == nil
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv(testClock, noon().Format(time.RFC3339))
			env.Setenv("SHARED", shared)
			return nil
		},
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "acceptance", "samples":
				return has(cond), nil
			}
			return false, fmt.Errorf("there is no condition %s", cond)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"example": func(ts *testscript.TestScript, _ bool, _ []string) {
				if err := repotest.CopyExample(root, ts.MkAbs("."), nil); err != nil {
					ts.Fatalf("copy the example: %v", err)
				}
			},
			"copytree": func(ts *testscript.TestScript, _ bool, args []string) {
				if len(args) != 2 {
					ts.Fatalf("usage: copytree FROM TO")
				}
				if err := copyTree(ts.MkAbs(args[0]), ts.MkAbs(args[1])); err != nil {
					ts.Fatalf("%v", err)
				}
			},
			"workbook": func(ts *testscript.TestScript, neg bool, args []string) {
				if len(args) != 2 {
					ts.Fatalf("usage: workbook FILE TEXT")
				}
				text, err := workbookText(ts.MkAbs(args[0]))
				if err != nil {
					ts.Fatalf("%s: %v", args[0], err)
				}
				if strings.Contains(text, args[1]) == neg {
					ts.Fatalf("%s: whether it says %q should be %v", args[0], args[1], !neg)
				}
			},
			"exits": func(ts *testscript.TestScript, _ bool, args []string) {
				if len(args) < 2 {
					ts.Fatalf("usage: exits CODE COMMAND ARGUMENT…")
				}
				want, err := strconv.Atoi(args[0])
				if err != nil {
					ts.Fatalf("%q is no exit code", args[0])
				}
				got, exit := 0, (*exec.ExitError)(nil)
				switch err := ts.Exec(args[1], args[2:]...); {
				case errors.As(err, &exit):
					got = exit.ExitCode()
				case err != nil:
					ts.Fatalf("%v", err)
				}
				if got != want {
					ts.Fatalf("exit code %d, want %d", got, want)
				}
			},
		},
	})
}

// workbookText is everything that stands in a workbook's parts.
func workbookText(path string) (string, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return "", err
	}
	defer z.Close()
	var b strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return "", err
		}
		if _, err := io.Copy(&b, r); err != nil {
			return "", err
		}
		r.Close()
	}
	return b.String(), nil
}

// copyTree copies a folder whose files may be read-only; the copies are not.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o644)
	})
}
