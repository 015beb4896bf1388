package collector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/drop"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// dropSource is a folder into which hosts hand in their logs and programs by
// themselves (splameter gather). What a drop says of itself is believed of that
// host alone; each drop is taken whole or not at all.
type dropSource struct{ cfg *config.Drops }

func (s *dropSource) Name() string        { return s.cfg.Name }
func (s *dropSource) Kind() snapshot.Kind { return snapshot.KindSessions }

// batch is how many drops are unpacked at once: their logs are folded together,
// and lie unpacked on the disk meanwhile.
const batch = 64

func (s *dropSource) Collect(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	paths, err := files(s.cfg.Files)
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, snapshot.KindSessions, "", env.Now(), err)
	}
	var failed failures
	for part := range slices.Chunk(paths, batch) {
		if err := s.take(ctx, env, part, &o, &failed); err != nil {
			return o, errors.Join(failed.err(), err)
		}
		if env.Progress != nil {
			env.Progress(s.cfg.Name, int64(o.Read+o.Known), int64(len(paths)))
		}
	}
	return o, failed.err()
}

// take takes some drops: an error of one is kept, and the others go on.
func (s *dropSource) take(ctx context.Context, env *Env, paths []string, o *Outcome, failed *failures) error {
	work, err := os.MkdirTemp("", "splameter-drops-")
	if err != nil {
		return fmt.Errorf("make a temporary folder for drops: %w", err)
	}
	defer os.RemoveAll(work)
	var all []handed
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return err
		}
		h := handed{path: p, name: env.Name(p)}
		known, err := s.known(ctx, env, &h)
		if err == nil && known {
			o.Known++
			continue
		}
		if err == nil {
			err = h.unpack(work, env.Now())
		}
		if err != nil {
			failed.add(env.fail(ctx, s.cfg.Name, snapshot.KindSessions, p, env.Now(), fmt.Errorf("%s: %w", h.name, err)))
			continue
		}
		all = append(all, h)
	}
	if len(all) == 0 {
		return nil
	}
	states, err := newStates(ctx, env, s.cfg.Name)
	if err != nil {
		return err
	}
	return keep(ctx, env, s.cfg.Name, work, all, states, snapshot.WayDrop, o, failed)
}

func (s *dropSource) known(ctx context.Context, env *Env, h *handed) (bool, error) {
	f, err := os.Open(h.path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if h.print, err = digest.Reader(f); err != nil {
		return false, err
	}
	return env.Store.Known(ctx, s.cfg.Name, h.name, h.print)
}

// Probe opens each drop and says how many hosts handed in, and when last.
func (s *dropSource) Probe(ctx context.Context, env *Env) ([]string, error) {
	paths, err := files(s.cfg.Files)
	if err != nil {
		return nil, err
	}
	last := map[string]time.Time{}
	var lines []string
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		d, err := drop.Open(p)
		if err != nil {
			lines = append(lines, fmt.Sprintf("%s: %v", env.Name(p), err))
			continue
		}
		if t := d.Manifest.Taken; t.After(last[d.Manifest.Host]) {
			last[d.Manifest.Host] = t
		}
		d.Close()
	}
	hosts := make([]string, 0, len(last))
	for h := range last {
		hosts = append(hosts, h)
	}
	slices.Sort(hosts)
	lines = append(lines, fmt.Sprintf("%d files, of %d hosts", len(paths), len(hosts)))
	for _, h := range hosts {
		lines = append(lines, fmt.Sprintf("%s: handed in last on %s", h, month.DayOf(last[h], env.Config.Provider.Location)))
	}
	return lines, nil
}
