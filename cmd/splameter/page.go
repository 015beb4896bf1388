package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"slices"
	"strings"
	"time"

	"splameter/internal/desk"
)

type deskCmd struct {
	Listen    string   `help:"Where the page is served, on this machine only." default:"127.0.0.1:8417" placeholder:"HOST:PORT"`
	Role      string   `help:"What may be seen and done: viewer, account-manager, reviewer or approver." default:"approver" enum:"viewer,account-manager,reviewer,approver" placeholder:"ROLE"`
	Customers []string `help:"With --role account-manager: the customers to show, by id." placeholder:"ID"`
	NoBrowser bool     `help:"Only print the address; open no browser."`
}

func (deskCmd) Help() string {
	return `Serves a page on this machine on which months are looked at, understood and
signed off: what is open, which customer first, why a number is what it is. It
prints an address that logs on once, and opens it; Enter prints another. Acts
are kept under the account that runs the command, as those of the other
commands are. Ends with Ctrl+C.

Examples:
  splameter desk
  splameter desk --role viewer --no-browser`
}

func (c *deskCmd) Run(ctx context.Context, a *app) error {
	if c.Role == string(desk.AccountManager) == (len(c.Customers) == 0) {
		return usageError("--customers belongs to --role account-manager, and is needed there")
	}
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("serve the page: %w; is it served already? Else write another --listen", err)
	}
	defer l.Close()
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil || !at.Addr().IsLoopback() {
		return usageError(fmt.Sprintf("--listen: %s is not this machine alone; write 127.0.0.1:PORT", l.Addr()))
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	d, err := desk.New(ctx, desk.Options{Store: s.Store, Load: a.load, Now: a.now, Log: s.Log,
		Version: programVersion(), Workers: a.workers(), Hosts: hosts(at)})
	if err != nil {
		return err
	}
	defer d.Wait()
	defer stop()
	server := &http.Server{Handler: d.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 15}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	who := desk.Person{Account: account(), Name: fullName(), Role: desk.Role(c.Role), Tenants: c.Customers}
	link := func() string { return "http://" + l.Addr().String() + d.Link(who) }
	first := link()
	a.printf("%s\nIt logs on once, within ten minutes. Enter prints another, Ctrl+C ends.\n", first)
	if !c.NoBrowser {
		if err := browse(ctx, first); err != nil {
			a.printf("No browser could be opened: open the address yourself.\n")
		}
	}
	go func() { // ends with the process: nothing can end a read from a terminal
		in := bufio.NewScanner(os.Stdin)
		for in.Scan() {
			a.printf("%s\n", link())
		}
	}()
	select {
	case err = <-served:
	case <-ctx.Done():
		_ = server.Close()
		err = <-served
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// hosts are the names under which a browser on this machine calls the page.
func hosts(at netip.AddrPort) []string {
	out := []string{at.String()}
	for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
		if h := fmt.Sprintf("%s:%d", name, at.Port()); !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}

// fullName is the name that the system has for who runs the program; empty
// where it has none.
func fullName() string {
	u, err := user.Current()
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(u.Name, ",")
	return strings.TrimSpace(name)
}

// browse opens an address in the system's browser.
func browse(ctx context.Context, address string) error {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	case "darwin":
		name = "open"
	}
	return exec.CommandContext(context.WithoutCancel(ctx), name, args...).Start()
}
