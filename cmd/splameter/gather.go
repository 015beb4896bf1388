package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"splameter/internal/diag"
	"splameter/internal/gather"
)

type gatherCmd struct {
	To    string `help:"The folder that drops go into, such as a share." required:"" placeholder:"FOLDER"`
	State string `help:"The file that remembers what was handed in before. Default: splameter\\gather.json in the system's folder for programs' data." placeholder:"FILE"`
	Whole bool   `help:"Hand in the logs whole, not only what is new."`
}

func (gatherCmd) Help() string {
	return `Reads, on a session host or server itself, its session logs, the registry keys
that say what is installed, and its processors, and writes them as one zip file
into a folder, from where splameter collect takes them (drops: in the config). It
needs no config, no account and no port; it runs as a scheduled task under
SYSTEM: splameter hosts kit writes what an administrator rolls out.

Examples:
  splameter gather --to \\FILES01\splameter$
  splameter hosts kit --to kit --share \\FILES01\splameter$ --folder D:\splameter`
}

func (c *gatherCmd) Run(ctx context.Context, a *app) error {
	sys, err := gather.Local()
	if err != nil {
		return err
	}
	opt := gather.Options{To: c.To, State: c.State, Now: a.now, Version: programVersion(), Tries: 5, Wait: time.Minute}
	if opt.State == "" {
		opt.State = filepath.Join(os.Getenv("ProgramData"), "splameter", "gather.json")
	}
	if c.Whole {
		opt.State = ""
	}
	r, err := gather.Run(ctx, sys, opt)
	if r == nil {
		gather.Report(false, err.Error())
		return err
	}
	lost := 0
	for i := range r.Manifest.Channels {
		ch := &r.Manifest.Channels[i]
		switch {
		case ch.Error != "":
			lost++
			a.printf("%s: not read: %s\n", clean(ch.Name), clean(ch.Error))
		case ch.File == "":
			a.printf("%s: nothing new\n", clean(ch.Name))
		default:
			a.printf("%s: records %d to %d\n", clean(ch.Name), ch.OldestID, ch.NewestID)
		}
	}
	a.printf("%s\n", r.Path)
	said := fmt.Sprintf("handed in %s: %s, %d not read", filepath.Base(r.Path), diag.Several(len(r.Manifest.Channels), "log"), lost)
	if err != nil {
		said += "; " + err.Error()
	}
	gather.Report(lost == 0 && err == nil, said)
	if lost > 0 && err == nil {
		err = errIncomplete
	}
	return err
}
