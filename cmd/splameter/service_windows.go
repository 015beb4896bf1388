package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/kardianos/service"

	"splameter/internal/notify"
)

// windowsService is the agent as Windows starts and stops it. Shutdown is
// accepted like Stop, so that a restart of the machine does not kill it in the
// middle of something.
type windowsService struct {
	app    *app
	ctx    context.Context
	cancel context.CancelFunc
	log    service.Logger
	done   chan struct{}
}

// runService is what Windows starts. Run by hand, in a console, it is the
// agent itself.
func (a *app) runService(ctx context.Context) error {
	if service.Interactive() {
		return a.runAgent(ctx)
	}
	w := &windowsService{app: a, done: make(chan struct{})}
	w.ctx, w.cancel = context.WithCancel(ctx)
	defer w.cancel()
	s, err := a.manage("", "", "", w)
	if err != nil {
		return err
	}
	if w.log, err = s.Logger(nil); err != nil {
		return fmt.Errorf("open the event log: %w", err)
	}
	return s.Run()
}

// Start begins without waiting, as Windows wants it.
func (w *windowsService) Start(service.Service) error {
	go func() {
		err := w.app.runAgent(w.ctx, notify.EventLog{Log: w.log})
		close(w.done)
		if w.ctx.Err() == nil {
			// It ended by itself. Only a process that goes without saying
			// that it has stopped is started again; the agent has put
			// everything away by now.
			_ = w.log.Error("splameter has ended: ", err)
			os.Exit(exitFailed)
		}
	}()
	return nil
}

// Stop ends the agent in the middle of whatever it does.
func (w *windowsService) Stop(service.Service) error {
	w.cancel()
	select {
	case <-w.done:
	case <-time.After(15 * time.Second):
	}
	return nil
}

// Shutdown is Stop: the machine goes down.
func (w *windowsService) Shutdown(s service.Service) error { return w.Stop(s) }
