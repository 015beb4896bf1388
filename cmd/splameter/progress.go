package main

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
)

// progress shows long work: one changing line on a terminal, a plain log line
// now and then elsewhere.
type progress struct {
	app      *app
	log      *slog.Logger
	terminal bool
	mu       sync.Mutex
	last     time.Time
	shown    bool
}

func (a *app) progress(log *slog.Logger) *progress {
	f, ok := a.stderr.w.(*os.File)
	p := &progress{app: a, log: log, terminal: ok && isatty.IsTerminal(f.Fd()), last: a.now()}
	if p.terminal { // what is printed and logged meanwhile begins on a line of its own
		a.stdout.aside, a.stderr.aside = p.done, p.done
	}
	return p
}

// report tells how far a source has come; done and total are in whatever unit
// the source counts in.
func (p *progress) report(source string, done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	every := 10 * time.Second
	if p.terminal {
		every = 100 * time.Millisecond
	}
	now := p.app.now()
	if now.Sub(p.last) < every || total <= 0 {
		return
	}
	p.last = now
	percent := 100 * done / total
	if p.terminal {
		fmt.Fprintf(p.app.stderr.w, "\r\x1b[K%s: %d %%", source, percent)
		p.shown = true
		return
	}
	p.log.Info("reading", "source", source, "percent", percent)
}

// done takes the changing line away.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		fmt.Fprint(p.app.stderr.w, "\r\x1b[K")
		p.shown = false
	}
}
