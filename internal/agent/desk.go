package agent

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"splameter/collector/directory"
	"splameter/internal/closing/monthend"
	"splameter/internal/desk"
)

// serveDesk serves the page, where configured. The returned function stops it
// and waits.
func (a *Agent) serveDesk(ctx context.Context) (stop func(), err error) {
	c := a.cfg.Desk
	if c.Listen == "" {
		return func() {}, nil
	}
	if _, err := tls.LoadX509KeyPair(c.Cert, c.Key); err != nil {
		return nil, fmt.Errorf("serve the desk: its certificate cannot be used: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return nil, fmt.Errorf("serve the desk: %w; write another port under listen: of the desk", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	load := func() (*monthend.Setup, error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.setup, nil
	}
	if a.opt.Reload != nil {
		load = a.opt.Reload
	}
	d, err := desk.New(ctx, desk.Options{Store: a.opt.Store, Load: load, Now: a.now, Log: a.log, Version: a.opt.Version, Workers: a.opt.Workers,
		Hosts: []string{c.Host}, Secure: true, LogOn: desk.ByDirectory(a.cfg, directory.LogOn)})
	if err != nil {
		cancel()
		l.Close()
		return nil, fmt.Errorf("serve the desk: %w", err)
	}
	s := &http.Server{Handler: d.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 15, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug), TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12,
			// Read for each connection: a renewed certificate is taken at once.
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
				return &pair, err
			}}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.ServeTLS(l, "", ""); err != http.ErrServerClosed {
			a.log.Error("the desk is not served any more", "error", err)
		}
	}()
	a.log.Info("the desk is served", "address", l.Addr().String())
	return func() {
		_ = s.Close()
		<-done
		cancel()
		d.Wait()
	}, nil
}
