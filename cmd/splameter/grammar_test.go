package main

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/alecthomas/kong"
)

// A command that is looked at alone is the one that the whole command line has by
// that name, and tells of itself in the same words.
func TestOneCommandAlone(t *testing.T) {
	var c cli
	whole, err := kong.New(&c, kong.Name("splameter"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range whole.Model.Children {
		one := only(n.Name)
		if !one.IsValid() {
			t.Errorf("%s is not found alone", n.Name)
			continue
		}
		if got, want := one.Field(one.NumField()-1).Type(), n.Target.Type(); got != want {
			t.Errorf("%s alone is a %s, and a %s of all", n.Name, got, want)
		}
		help := func(grammar any) string {
			var out bytes.Buffer
			k, err := kong.New(grammar, kong.Name("splameter"), kong.Writers(&out, &out), kong.Exit(func(int) {}), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
			if err != nil {
				t.Fatal(err)
			}
			_, _ = k.Parse([]string{n.Name, "--help"})
			return out.String()
		}
		if got, want := help(one.Addr().Interface()), help(&cli{}); got != want || want == "" {
			t.Errorf("alone the help of %s is\n%s\nand of all\n%s", n.Name, got, want)
		}
	}
	for _, name := range []string{"", "config", "Config", "tieout", "Collect", "eLP", "e-l-p"} {
		if only(name).IsValid() {
			t.Errorf("%q is a command", name)
		}
	}
}

// The options arrive, before and after the command, and what is wrong is said in
// the same words wherever the command stands.
func TestCommandLine(t *testing.T) {
	for _, args := range [][]string{{"collect", "--workers", "2", "--request=x"}, {"--workers=2", "collect", "--request", "x"}} {
		var c cli
		k, exited, err := c.parse(args, nil, nil)
		if err != nil || exited != -1 || k.Command() != "collect" || c.Workers != 2 || c.Request != "x" || c.Config == "" {
			t.Errorf("%q: %v %d %+v", args, err, exited, c)
		}
		if got := reflect.TypeOf(k.Selected().Target.Interface()); got != reflect.TypeFor[collectCmd]() {
			t.Errorf("%q runs a %s", args, got)
		}
	}
	say := func(args ...string) string {
		var out bytes.Buffer
		if code := run(t.Context(), args, &out, &out, time.Now); code != exitUsage {
			t.Errorf("%q: exit code %d", args, code)
		}
		return out.String()
	}
	for _, wrong := range [][]string{{"collect", "--wokers=2"}, {"collect", "more"}, {"verify"}, {"hosts", "lst"}, {"report", "--month"}} {
		if first, later := say(wrong...), say(append([]string{"--workers=0"}, wrong...)...); first != later {
			t.Errorf("%q: alone\n%s\nof all\n%s", wrong, first, later)
		}
	}
}
