package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/internal/store"
)

// load reads config, rules and tables; any fault ends the command.
func (a *app) load() (*monthend.Setup, error) {
	s, faults := monthend.Load(a.cli.Config)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

// begun is what a command works on.
type begun struct {
	*monthend.Setup
	Log    *slog.Logger
	Months []month.Month // those asked for, in their order
	Store  store.Store
	Desk   *closing.Desk // where months are closed and decided on
}

// begin is how each command begins that needs the store: config, rules and
// tables are read, the logger is made, the months of the command line are read,
// and the store that the config names is opened. Whoever begins closes.
func (a *app) begin(ctx context.Context, months ...string) (*begun, error) {
	s, err := a.load()
	if err != nil {
		return nil, err
	}
	b := &begun{Setup: s}
	if b.Log, err = a.logger(s); err != nil {
		return nil, err
	}
	for _, text := range months {
		m, err := a.month(s, text)
		if err != nil {
			return nil, err
		}
		b.Months = append(b.Months, m)
	}
	address, opt, err := a.storeAt(s)
	if err != nil {
		return nil, err
	}
	if b.Store, err = store.Open(ctx, address, opt); err != nil {
		return nil, err
	}
	b.Desk = &closing.Desk{Store: b.Store, Setup: s, Now: a.now, Version: programVersion(), Account: account(), Workers: a.workers(), Request: a.cli.Request}
	return b, nil
}

// Close closes the store.
func (b *begun) Close() error { return b.Store.Close() }

// storeAt is where the store is, and with what it is opened.
func (a *app) storeAt(s *monthend.Setup) (address string, opt store.Options, err error) {
	password, err := s.Config.StorePassword.Open()
	if err == nil {
		address, err = s.Config.StoreAddress()
	}
	if err != nil {
		return "", opt, fmt.Errorf("open the store: %w", err)
	}
	return address, store.Options{Location: s.Config.Provider.Location, Now: a.now, Password: password}, nil
}

// logger writes to standard error as the config, or the command line, says.
func (a *app) logger(s *monthend.Setup) (*slog.Logger, error) {
	level, format := a.cli.LogLevel, a.cli.LogFormat
	if s != nil && level == "" {
		level = s.Config.Log.Level
	}
	if s != nil && format == "" {
		format = s.Config.Log.Format
	}
	var l slog.Level
	if level != "" {
		if err := l.UnmarshalText([]byte(level)); err != nil {
			return nil, usageError(fmt.Sprintf("%q is no log level; write debug, info, warn or error", level))
		}
	}
	opt := &slog.HandlerOptions{Level: l}
	switch format {
	case "", "text":
		return slog.New(slog.NewTextHandler(a.stderr, opt)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(a.stderr, opt)), nil
	}
	return nil, usageError(fmt.Sprintf("%q is no log format; write text or json", format))
}

// workers is how many cores a command may use.
func (a *app) workers() int {
	if a.cli.Workers > 0 {
		return a.cli.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// month reads a --month, or takes the month before the present one.
func (a *app) month(s *monthend.Setup, text string) (month.Month, error) {
	if text == "" {
		return month.Of(a.now(), s.Config.Provider.Location).Add(-1), nil
	}
	m, err := month.Parse(text, s.Config.Provider.Location)
	if err != nil {
		return m, usageError(err.Error())
	}
	return m, nil
}

func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.stdout, format, args...) }
