package collector

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector/sessions"
	"splameter/internal/config"
	"splameter/internal/drop"
	"splameter/internal/lazyregexp"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// keep takes what some hosts told of themselves into the store: their logs
// together, their programs one by one, and how each of them stands.
func keep(ctx context.Context, env *Env, source, work string, all []handed, states *hostStates, way snapshot.HostWay, o *Outcome, failed *failures) error {
	var notes []snapshot.Notice
	for i := range all {
		h := &all[i]
		if err := putSoftware(ctx, env, source, h, o); err != nil {
			failed.add(env.fail(ctx, source, snapshot.KindInventory, h.path, h.taken, fmt.Errorf("%s: %w", h.name, err)))
			h.registry = ""
		}
		notes = append(notes, states.read(h, way)...)
	}
	if err := putSessions(ctx, env, source, work, all, notes, o, failed); err != nil {
		return err
	}
	return states.put(ctx, env)
}

// handed is one drop, unpacked.
type handed struct {
	path, name string
	print      string // of a file that is there again next time; empty: of a live reading
	manifest   drop.Manifest
	taken      time.Time // up to when it holds everything: see reach
	live       bool      // it was read, and did not hand in by itself
	logs       []string  // unpacked, by path
	registry   string
}

// unpack lays a drop's members out beneath work, under the drop's own name, and
// proves each.
func (h *handed) unpack(work string, now time.Time) error {
	d, err := drop.Open(h.path)
	if err != nil {
		return err
	}
	defer d.Close()
	h.manifest = d.Manifest
	h.taken = h.reach(now)
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
		if err := os.Chtimes(to, h.taken, h.taken); err != nil {
			return err
		}
		if name == drop.RegistryName {
			h.registry = to
		} else {
			h.logs = append(h.logs, to)
		}
	}
	return h.foreign()
}

// ownNames are what a registry export says that the computer is called now, and
// will be when it has started again.
var ownNames = lazyregexp.New(`(?m)^"ComputerName"="([^"\r\n]+)"`)

// foreign is an error where what a drop holds of the registry is of another
// computer than its manifest says: nobody knows whose the rest is. The names
// stand first in an export.
func (h *handed) foreign() error {
	if h.live || h.registry == "" {
		return nil
	}
	f, err := os.Open(h.registry)
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 1<<16))
	if err != nil {
		return err
	}
	var names []string
	for _, m := range ownNames().FindAllSubmatch(bytes.ReplaceAll(head, []byte{0}, nil), -1) {
		if sameHost(string(m[1]), h.manifest.Host) {
			return nil
		}
		names = append(names, string(m[1]))
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("its manifest says that it is of host %s, and its registry that it is of %s: nothing of it is taken; let both hosts hand in again (splameter gather --whole), and see who may write into the folder", h.manifest.Host, names[len(names)-1])
}

// reach is up to when a drop holds everything: the moment at which the host
// copied its logs, by its own clock. Where that clock is ahead of the file
// server's, or of the one here, the host cannot have known so much.
func (h *handed) reach(now time.Time) time.Time {
	t := h.manifest.Taken
	if c := h.manifest.Clock; c != nil && !h.live && *c < 0 {
		t = t.Add(time.Duration(*c * float64(time.Second)))
	}
	if t.After(now) {
		return now.UTC().Truncate(time.Second)
	}
	return t
}

// putSessions folds the logs of some hosts. A log holds everything up to the
// moment at which the host itself copied it.
func putSessions(ctx context.Context, env *Env, source, work string, all []handed, extra []snapshot.Notice, o *Outcome, failed *failures) error {
	job := sessions.Job{Config: config.Sessions{Name: source}, Dir: work, Zone: env.Config.Provider.Location, Workers: env.Workers, Now: env.Now, Log: env.Log,
		Stated: map[string]time.Time{}}
	for i := range all {
		for _, p := range all[i].logs {
			job.Config.Files = append(job.Config.Files, escaped(p))
			job.Stated[p] = all[i].taken
		}
	}
	v := &snapshot.Sessions{Reading: snapshot.Reading{Source: source, Kind: snapshot.KindSessions, Taken: env.Now().UTC(), Status: snapshot.Complete}}
	v.Day = env.day(v.Taken)
	var read []sessions.FileRead
	cut, hostOf := map[string]bool{}, map[string]string{} // by path: not read whole; which host's it is
	if len(job.Config.Files) > 0 {
		got, files, err := sessions.CollectRows(ctx, job)
		switch {
		case err == nil:
			v, read = got, files
		case ctx.Err() != nil:
			return err
		default: // not one of them is a log: that holds up no other drop
			for i := range all {
				if h := &all[i]; len(h.logs) > 0 {
					failed.add(env.fail(ctx, source, snapshot.KindSessions, h.path, h.taken, fmt.Errorf("%s: its logs cannot be read", h.name)))
					cut[h.logs[0]] = true
				}
			}
		}
	}
	v.Site = env.Config.Site
	for i := range all {
		for _, p := range all[i].logs {
			hostOf[p] = all[i].manifest.Host
		}
	}
	for _, f := range read {
		o.Facts += f.Events
		cut[f.Path] = f.Cut || f.Err != nil
		hostOf[f.File] = hostOf[f.Path]
	}
	for i := range v.Logs { // a host vouches for what it wrote itself, and not for what others forwarded to it
		if l := &v.Logs[i]; l.Name != "" && !sameHost(l.Name, hostOf[l.File]) {
			l.Exported = time.Time{}
		}
	}
	newest := map[string]*handed{} // of each host: how long its log lasts is told of that one
	for i := range all {
		if h, at := newest[all[i].manifest.Host], &all[i]; h == nil || at.manifest.Taken.After(h.manifest.Taken) {
			newest[at.manifest.Host] = at
		}
	}
	var done []store.File
	for i := range all {
		h := &all[i]
		v.Notes = append(v.Notes, h.notices()...)
		if newest[h.manifest.Host] == h {
			v.Notes = append(v.Notes, h.wraps(env.Config.Provider.Location)...)
		}
		o.Read++
		if h.print != "" && !slices.ContainsFunc(h.logs, func(p string) bool { return cut[p] }) {
			done = append(done, store.File{Source: source, Name: h.name, Fingerprint: h.print, Until: h.taken, Exported: h.taken})
		}
	}
	v.Notes = append(v.Notes, extra...)
	o.Notices += len(v.Notes)
	if err := readAtLast(ctx, env, source, v, read, env.Now()); err != nil {
		return err
	}
	return env.Store.PutSessions(ctx, v, done)
}

// sameHost says that two names are those of one computer: their short names are
// the same, or one is the other's first 15 letters, as NetBIOS has it.
func sameHost(a, b string) bool {
	a, b = snapshot.HostKey(a), snapshot.HostKey(b)
	return a == b || len(a) == 15 && strings.HasPrefix(b, a) || len(b) == 15 && strings.HasPrefix(a, b)
}

// escaped is a path that a pattern takes for itself alone.
func escaped(path string) string {
	if os.PathSeparator == '\\' {
		return path // Windows has no sign that takes the meaning from another
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// shortLog is how long a host's log of sessions should last at least before it
// overwrites itself: as long as a host may be quiet by default (coverage.quiet).
const shortLog = 7 * 24 * time.Hour

// wraps warns while nothing is lost yet: of a log that overwrites its oldest
// records it tells from how long it reaches back now when those of now will be
// gone. A log that still begins with its first record has never been full.
func (h *handed) wraps(loc *time.Location) (out []snapshot.Notice) {
	m := &h.manifest
	for i := range m.Channels {
		c := &m.Channels[i]
		lasts := m.Taken.Sub(c.Oldest)
		if sessions.ChannelOf(c.Name) != sessions.LSM || c.OldestID < 2 || c.Oldest.IsZero() || c.Retention != "" && c.Retention != snapshot.RetentionOverwrite || lasts <= 0 || lasts >= shortLog {
			continue
		}
		gone := month.DayOf(m.Taken.Add(lasts), loc)
		out = append(out, snapshot.Notice{Code: "log-wraps", Subject: m.Host, At: snapshot.Evidence{File: h.name},
			Message: fmt.Sprintf("the session log of host %s overwrites itself after %.1f days at its size of %d KiB: what was written after %s must be read by %s, or it is lost",
				m.Host, lasts.Hours()/24, max(c.MaxSize, c.Size)>>10, m.Taken.In(loc).Format("2006-01-02 15:04"), gone)})
	}
	return out
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
			what := fmt.Sprintf("host %s could not read its own log %s: %s", m.Host, c.Name, c.Error)
			if h.live {
				what = fmt.Sprintf("the log %s of host %s could not be read: %s", c.Name, m.Host, c.Error)
			}
			tell("drop-log-unread", what)
		case c.LogCleared:
			tell("log-cleared", fmt.Sprintf("the log %s of host %s was cleared since it was read before: its records count from %d again", c.Name, m.Host, c.OldestID))
		}
	}
	if m.RegistryError != "" {
		tell("host-software-unread", fmt.Sprintf("what is installed on host %s could not be read: %s", m.Host, m.RegistryError))
	}
	if m.Clock == nil && m.Taken.After(h.taken.Add(skew)) {
		tell("clock-skew", fmt.Sprintf("host %s says that it handed in on %s, which is not yet: its clock is ahead, and so are the times of its sessions", m.Host, m.Taken.Format("2006-01-02 15:04 MST")))
	}
	if m.Clock != nil {
		if d := time.Duration(*m.Clock * float64(time.Second)); d > skew || d < -skew {
			other := "that of the server that it hands in to"
			if h.live {
				other = "that of the computer that reads it"
			}
			tell("clock-skew", fmt.Sprintf("the clock of host %s and %s differ by %s: the times of its sessions are off by as much", m.Host, other, d.Round(time.Minute)))
		}
	}
	return out
}

// putSoftware keeps what is installed on the host, and what it knows of its own
// hardware.
func putSoftware(ctx context.Context, env *Env, source string, h *handed, o *Outcome) error {
	if h.registry == "" { // why, its notices tell
		return nil
	}
	v, err := env.software(ctx, h)
	if err != nil {
		return err
	}
	v.Source, v.Site, v.Fingerprint = source, env.Config.Site, h.print
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
		x.Kind, x.VirtualCores = snapshot.Virtual, m.Machine.LogicalProcessors
		return x
	}
	x.Kind, x.Processors = snapshot.Physical, m.Machine.Processors
	if p := m.Machine.Processors; p > 0 {
		x.CoresPerProcessor = (m.Machine.Cores + p - 1) / p
	}
	return x
}
