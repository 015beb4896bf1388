package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"splameter/internal/diag"
	"splameter/internal/winhost"
)

// Probe tries each host: what works of it, and what does not, step by step.
func (s *hostSource) Probe(ctx context.Context, env *Env) ([]string, error) {
	names, err := s.list(ctx, env)
	if err != nil {
		return nil, err
	}
	account, err := s.credentials()
	if err != nil {
		return nil, err
	}
	defer account.close()
	var mu sync.Mutex
	said := map[string][]string{}
	faults := map[string]error{}
	gate := &gate{}
	var g errgroup.Group
	g.SetLimit(s.cfg.Parallel)
	for _, n := range names {
		g.Go(func() error {
			lines, err := s.try(ctx, env, n, account, gate)
			mu.Lock()
			defer mu.Unlock()
			if said[n] = lines; err != nil {
				faults[n] = fmt.Errorf("%s: %w", n, err)
			}
			return nil
		})
	}
	_ = g.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	lines := []string{fmt.Sprintf("%s, of which %d can be read", diag.Several(len(names), "host"), len(names)-len(faults))}
	var errs []error
	for _, n := range names {
		lines = append(lines, said[n]...)
		if err := faults[n]; err != nil {
			errs = append(errs, err)
		}
	}
	return lines, errors.Join(errs...)
}

// try tries one host.
func (s *hostSource) try(ctx context.Context, env *Env, name string, account credentials, gate *gate) (lines []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(s.cfg.Limit))
	defer cancel()
	sys, err := s.open(ctx, s.target(name, account, gate.logOn))
	if err != nil {
		steps := []winhost.Step{winhost.StepName, winhost.StepPort, winhost.StepLogOn}
		var step *winhost.StepError
		if errors.As(err, &step) {
			if i := slices.Index(steps, step.Step); i > 0 {
				lines = append(lines, fmt.Sprintf("%s: %s: works", name, diag.Listed(steps[:i])))
			}
		}
		return lines, err
	}
	defer sys.Close()
	lines = append(lines, fmt.Sprintf("%s: %s, %s, %s: works", name, winhost.StepName, winhost.StepPort, winhost.StepLogOn))
	tryer, ok := sys.(interface {
		Try(now func() time.Time) []winhost.Tried
	})
	if !ok {
		return lines, nil
	}
	var errs []error
	for _, t := range tryer.Try(env.Now) {
		if t.Err != nil {
			errs = append(errs, t.Err)
			continue
		}
		lines = append(lines, fmt.Sprintf("%s: %s: %s", name, t.Step, t.Said))
	}
	return lines, errors.Join(errs...)
}
