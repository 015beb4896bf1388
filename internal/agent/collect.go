package agent

import (
	"context"
	"fmt"
	"sync"
	"time"

	"splameter/collector"
	"splameter/internal/config"
	"splameter/internal/snapshot"
)

// sourceJob collects one source.
func (a *Agent) sourceJob(s collector.Source) *job {
	schedules := map[snapshot.Kind]config.Schedule{
		snapshot.KindDirectory: a.cfg.Agent.Directories,
		snapshot.KindSessions:  a.cfg.Agent.Sessions,
		snapshot.KindInventory: a.cfg.Agent.Inventories,
	}
	schedule, ok := schedules[s.Kind()]
	if !ok {
		schedule = a.cfg.Agent.Sessions // more often is safe
	}
	return a.newJob("source "+s.Name(), schedule, func(ctx context.Context) error {
		a.mu.Lock()
		setup := a.setup
		a.mu.Unlock()
		// The config is the one that the source was made from; what
		// attributes are kept follows the rules of today.
		env := &collector.Env{Store: a.opt.Store, Config: a.cfg, Keep: setup.Keep(), Now: a.clock.Now, Workers: a.opt.Workers, Log: a.log}
		o, err := s.Collect(ctx, env)
		if err != nil {
			return fmt.Errorf("collect %s: %w", s.Name(), err)
		}
		a.log.Info("source read", "source", s.Name(), "kind", s.Kind(), "new", o.Read, "known", o.Known, "facts", o.Facts, "notices", o.Notices)
		return nil
	})
}

// fresh is how new a reading must be for a close not to read once more.
const fresh = 15 * time.Minute

// collectAll is the last collection before a close: every source side by side,
// whatever its schedule. It waits for those that are being read. One that
// fails is told and tried again by its own job, and does not hold up the
// close: what is missing stands in the month as a gap.
func (a *Agent) collectAll(ctx context.Context) (failed []string) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	for _, j := range a.sources {
		wg.Go(func() {
			if !j.take(ctx) {
				return
			}
			defer j.give()
			now := a.now()
			j.mu.Lock()
			skip := j.failures == 0 && !j.last.IsZero() && now.Sub(j.last) >= 0 && now.Sub(j.last) < fresh
			j.mu.Unlock()
			if skip {
				return
			}
			if err := a.attempt(ctx, j); err != nil {
				a.log.Warn("a source was not read before the close", "job", j.name, "error", err)
				mu.Lock()
				failed = append(failed, j.name)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return failed
}
