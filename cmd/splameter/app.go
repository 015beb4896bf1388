package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"

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

// open opens the store that the config names.
func (a *app) open(ctx context.Context, s *monthend.Setup) (store.Store, error) {
	address, opt, err := a.storeAt(s)
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, address, opt)
}

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
