package collector

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector/inventory"
	"splameter/collector/sessions"
	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/drop"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
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

// handed is one drop, unpacked.
type handed struct {
	path, name, print string
	manifest          drop.Manifest
	logs              []string // unpacked, by path
	registry          string
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
			err = h.unpack(work)
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
	for i := range all {
		if err := s.inventory(ctx, env, &all[i], o); err != nil {
			failed.add(env.fail(ctx, s.cfg.Name, snapshot.KindInventory, all[i].path, all[i].manifest.Taken, fmt.Errorf("%s: %w", all[i].name, err)))
		}
	}
	return s.sessions(ctx, env, work, all, o)
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

// unpack lays a drop's members out beneath work, under the drop's own name, and
// proves each.
func (h *handed) unpack(work string) error {
	d, err := drop.Open(h.path)
	if err != nil {
		return err
	}
	defer d.Close()
	h.manifest = d.Manifest
	dir := filepath.Join(work, filepath.FromSlash(strings.ReplaceAll(h.name, ":", "")))
	for _, name := range d.Members() {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			return err
		}
		f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		err = d.Copy(f, name)
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		if err := os.Chtimes(to, h.manifest.Taken, h.manifest.Taken); err != nil {
			return err
		}
		if name == drop.RegistryName {
			h.registry = to
		} else {
			h.logs = append(h.logs, to)
		}
	}
	return nil
}

// sessions folds the logs of some drops. A log holds everything up to the
// moment at which the host itself copied it.
func (s *dropSource) sessions(ctx context.Context, env *Env, work string, all []handed, o *Outcome) error {
	job := sessions.Job{Config: config.Sessions{Name: s.cfg.Name}, Dir: work, Zone: env.Config.Provider.Location, Workers: env.Workers, Now: env.Now, Log: env.Log,
		Stated: map[string]time.Time{}}
	for i := range all {
		for _, p := range all[i].logs {
			job.Config.Files = append(job.Config.Files, escaped(p))
			job.Stated[p] = all[i].manifest.Taken
		}
	}
	v := &snapshot.Sessions{Reading: snapshot.Reading{Source: s.cfg.Name, Kind: snapshot.KindSessions, Taken: env.Now().UTC(), Status: snapshot.Complete}}
	v.Day = env.day(v.Taken)
	var read []sessions.FileRead
	if len(job.Config.Files) > 0 {
		var err error
		if v, read, err = sessions.CollectRows(ctx, job); err != nil {
			return err
		}
	}
	v.Site = env.Config.Site
	cut := map[string]bool{}
	for _, f := range read {
		o.Facts += f.Events
		cut[f.Path] = f.Cut || f.Err != nil
	}
	var done []store.File
	for i := range all {
		h := &all[i]
		v.Notes = append(v.Notes, h.notices()...)
		o.Read++
		if !slices.ContainsFunc(h.logs, func(p string) bool { return cut[p] }) {
			done = append(done, store.File{Source: s.cfg.Name, Name: h.name, Fingerprint: h.print, Until: h.manifest.Taken, Exported: h.manifest.Taken})
		}
	}
	o.Notices += len(v.Notes)
	return env.Store.PutSessions(ctx, v, done)
}

// escaped is a path that a pattern takes for itself alone.
func escaped(path string) string {
	if os.PathSeparator == '\\' {
		return path // Windows has no sign that takes the meaning from another
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// skew is how far the host's clock and the file server's may differ before the
// times of its log are in doubt.
const skew = 5 * time.Minute

// notices are what a person should know of a drop.
func (h *handed) notices() (out []snapshot.Notice) {
	m := &h.manifest
	tell := func(code, message string) {
		out = append(out, snapshot.Notice{Code: code, Subject: m.Host, Message: message, At: snapshot.Evidence{File: h.name}})
	}
	for i := range m.Channels {
		switch c := &m.Channels[i]; {
		case c.Error != "":
			tell("drop-log-unread", fmt.Sprintf("host %s could not read its own log %s: %s", m.Host, c.Name, c.Error))
		case c.LogCleared:
			tell("log-cleared", fmt.Sprintf("the log %s of host %s was cleared since it was handed in before: its records count from %d again", c.Name, m.Host, c.OldestID))
		}
	}
	if m.Clock != nil {
		if d := time.Duration(*m.Clock * float64(time.Second)); d > skew || d < -skew {
			tell("clock-skew", fmt.Sprintf("the clock of host %s and that of the server that it hands in to differ by %s: the times of its sessions are off by as much", m.Host, d.Round(time.Second)))
		}
	}
	return out
}

// inventory keeps what is installed on the host, and what it knows of its own
// hardware.
func (s *dropSource) inventory(ctx context.Context, env *Env, h *handed, o *Outcome) error {
	if h.registry == "" {
		return nil
	}
	f, err := os.Open(h.registry)
	if err != nil {
		return err
	}
	defer f.Close()
	m := &h.manifest
	titles, err := env.titles()
	if err != nil {
		return err
	}
	v, err := inventory.ReadSoftware(ctx, f, h.name+"/"+drop.RegistryName, inventory.Options{Taken: m.Taken, Loc: env.Config.Provider.Location, Titles: titles, Host: m.Host})
	if err != nil {
		return err
	}
	for i := range v.Software { // the registry knows the short name only
		v.Software[i].Host = m.Host
	}
	v.Source, v.Site, v.Fingerprint = s.cfg.Name, env.Config.Site, h.print
	v.Machines = []snapshot.Machine{machineOf(m)}
	if err := env.Store.PutInventory(ctx, v); err != nil {
		return err
	}
	o.Notices += len(v.Notes)
	for i := range v.Software {
		o.Facts += len(v.Software[i].Installs)
	}
	return nil
}

// machineOf is what a host knows of itself as a row of a hosts table.
func machineOf(m *drop.Manifest) snapshot.Machine {
	x := snapshot.Machine{Host: m.Host, Parent: m.Machine.Parent, OperatingSystem: m.Machine.System}
	if m.Machine.Virtual == nil {
		return x
	}
	if *m.Machine.Virtual {
		x.Kind, x.VirtualCores = "virtual", m.Machine.LogicalProcessors
		return x
	}
	x.Kind, x.Processors = "physical", m.Machine.Processors
	if p := m.Machine.Processors; p > 0 {
		x.CoresPerProcessor = (m.Machine.Cores + p - 1) / p
	}
	return x
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
