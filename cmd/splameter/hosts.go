package main

import (
	"context"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"splameter/collector"
	"splameter/internal/diag"
	"splameter/internal/gather"
	"splameter/internal/month"
)

type hostsCmd struct {
	List hostsListCmd `cmd:"" default:"1" help:"Print how each host stands that hands in or is read, the worst first."`
	Kit  hostsKitCmd  `cmd:"" help:"Write what an administrator rolls out so that hosts hand in by themselves."`
}

type hostsListCmd struct{}

func (hostsListCmd) Help() string {
	return `Prints a line a host that hands in by itself (drops:) or is read over the network
(hosts:), the worst first: when it was read last and by what way, how far back its
logs go, how many days they hold at their present rate, when its programs were
read, and what is wrong, with what to do. Nothing is read but the store; splameter
check tries the hosts themselves.

Exit codes: 0 nothing is wrong; 3 a host was not read, or a log is about to be
written over unread.

Examples:
  splameter hosts
  splameter hosts kit --to kit --share \\FILES01\splameter$ --folder D:\splameter`
}

func (hostsListCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	states, err := s.Store.HostStates(ctx)
	if err != nil {
		return err
	}
	lines := collector.HostLines(s.Config, states, a.now())
	if len(lines) == 0 {
		a.printf("No host hands in or is read: see drops: and hosts: in docs/hosts.md.\n")
		return nil
	}
	day := func(t time.Time) string {
		if t.IsZero() {
			return "never"
		}
		return month.DayOf(t, s.Config.Provider.Location).String()
	}
	bad := false
	table := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "HOST\tWAY\tLAST READ\tLOGS FROM\tHOLD\tPROGRAMS\tTROUBLE")
	for i := range lines {
		l := &lines[i]
		bad = bad || l.Grade > 1
		back, holds := "-", "-"
		if !l.Back.IsZero() {
			back = day(l.Back)
		}
		if l.Holds > 0 {
			holds = diag.Several(l.Holds, "day")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", clean(l.Host), l.Way, day(l.Taken), back, holds, day(l.Software), clean(l.Trouble))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if bad {
		return errIncomplete
	}
	return nil
}

type hostsKitCmd struct {
	To        string `help:"The folder to write into." required:"" placeholder:"FOLDER"`
	Share     string `help:"The share that hosts write into, as \\\\SERVER\\NAME." required:"" placeholder:"SHARE"`
	Folder    string `help:"The same folder on its server." required:"" placeholder:"FOLDER"`
	Computers string `help:"The group of the computers." default:"Domain Computers" placeholder:"GROUP"`
	Reader    string `help:"The account that splameter collects with." default:"splameter" placeholder:"ACCOUNT"`
	Program   string `help:"Where the program is put on a host." default:"C:\\Program Files\\splameter\\splameter.exe" placeholder:"FILE"`
}

func (c *hostsKitCmd) Run(_ context.Context, a *app) error {
	names, err := gather.Kit{Share: c.Share, Folder: c.Folder, Computers: c.Computers, Reader: c.Reader, Program: c.Program}.Write(c.To)
	if err != nil {
		return err
	}
	for _, n := range names {
		a.printf("%s\n", filepath.Join(c.To, n))
	}
	return nil
}
