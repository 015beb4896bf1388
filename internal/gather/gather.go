// Package gather reads what a session host or server knows of itself, on that
// host: live copies of its event logs, the registry keys that say what is
// installed, its processors; and writes it as one drop into a folder, from
// where it is collected. It changes nothing on the host but its own note of
// what was handed in before, and listens nowhere.
package gather

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"splameter/collector/sessions/evtx"
	"splameter/collector/sessions/record"
	"splameter/internal/atomicfile"
	"splameter/internal/drop"
)

// System is the host that is gathered from.
type System interface {
	Identity() (Identity, error)
	Machine() (drop.Machine, error)
	// Registry is HKEY_LOCAL_MACHINE, read only.
	Registry() (Key, error)
	// Log opens the file of an event log that may be written to meanwhile; an
	// fs.ErrNotExist where the host has no such log.
	Log(channel string) (LogFile, error)
}

// LogFile is an open event log.
type LogFile interface {
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
}

// clock is a System whose clock can be asked for from afar.
type clock interface {
	// Clock is how many seconds its clock is ahead of now.
	Clock(now func() time.Time) (float64, error)
}

// Identity is who the host is.
type Identity struct {
	Host   string // fully qualified
	Domain string
	SID    string
}

// Channels are the event logs that prove sessions, and System, whose events
// say when the host was up.
func Channels() []string {
	return []string{
		"Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
		"Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
		"Microsoft-Windows-TerminalServices-Gateway/Operational",
		"Security",
		"System",
		"ForwardedEvents",
	}
}

// overlap is how many records before the newest known one are handed in again:
// by them a log joins what was read of it before.
const overlap = 50

// Options say where to and how.
type Options struct {
	To       string   // the folder, such as a share
	State    string   // file that remembers what was handed in before; empty: everything, each time
	Channels []string // nil: Channels
	Now      func() time.Time
	Version  string
	Tries    int           // how often the folder is tried; 0: once
	Wait     time.Duration // between two tries
	Plain    bool          // nothing is compressed: the drop is taken at once
}

// Result is what was handed in.
type Result struct {
	Path     string
	Manifest drop.Manifest
}

// Known is the newest record of a log that was read before, and its time where
// that is known.
type Known struct {
	ID uint64
	At time.Time
}

// state is what was handed in before.
type state struct {
	SID      string               `json:"sid"`
	Channels map[string]uint64    `json:"channels"`        // the newest record of each
	Times    map[string]time.Time `json:"times,omitempty"` // and its time
}

// known is the newest record of each log.
func (s state) known() map[string]Known {
	out := map[string]Known{}
	for name, id := range s.Channels {
		out[name] = Known{id, s.Times[name]}
	}
	return out
}

// Run gathers once. Logs that cannot be read are told in the manifest, by
// name; what was handed in before is noted only once the drop is in its place.
func Run(ctx context.Context, sys System, opt Options) (*Result, error) {
	who, err := sys.Identity()
	if err != nil {
		return nil, fmt.Errorf("read the name of this computer: %w", err)
	}
	work, err := os.MkdirTemp("", "splameter-gather-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer os.RemoveAll(work)

	before := readState(opt.State, who.SID).known()
	made := filepath.Join(work, "drop.zip")
	m, err := Write(ctx, sys, who, before, made, opt)
	if err != nil {
		return nil, err
	}
	after := state{SID: who.SID, Channels: map[string]uint64{}, Times: map[string]time.Time{}}
	for name, k := range newest(before, m) {
		after.Channels[name], after.Times[name] = k.ID, k.At
	}
	r := &Result{Path: filepath.Join(opt.To, drop.NameOf(who.Host, m.Taken)), Manifest: *m}
	if err := deliver(ctx, made, r.Path, opt); err != nil {
		return nil, err
	}
	if opt.State != "" {
		data, err := json.MarshalIndent(after, "", "  ")
		if err == nil {
			err = atomicfile.WriteBytes(opt.State, atomicfile.Private, append(data, '\n'))
		}
		if err != nil { // the next drop holds more than it needs, and nothing is lost
			return r, fmt.Errorf("the drop is in its place; note what was handed in, in %s: %w", opt.State, err)
		}
	}
	return r, nil
}

// readState is what was handed in before by the same installation.
func readState(path, sid string) state {
	s := state{Channels: map[string]uint64{}}
	if path == "" {
		return s
	}
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &s) != nil || s.SID != sid || s.Channels == nil {
		return state{Channels: map[string]uint64{}} // a host installed anew begins anew
	}
	return s
}

// newest are the newest records of a host's logs after a drop: those of before,
// and what the drop holds.
func newest(before map[string]Known, m *drop.Manifest) map[string]Known {
	after := map[string]Known{}
	for i := range m.Channels {
		c := &m.Channels[i]
		after[c.Name] = before[c.Name]
		if c.NewestID >= before[c.Name].ID || c.LogCleared {
			after[c.Name] = Known{c.NewestID, c.Newest}
		}
	}
	return after
}

// Write writes one drop to a file: of each log what is newer than before, which
// names their newest records, and an overlap. What cannot be read is told in the
// manifest, by name.
func Write(ctx context.Context, sys System, who Identity, before map[string]Known, path string, opt Options) (m *drop.Manifest, err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	now := opt.Now().UTC().Truncate(time.Second)
	m = &drop.Manifest{Program: opt.Version, Host: who.Host, Domain: who.Domain, SID: who.SID, Taken: now}
	w := drop.NewWriter(f, now)
	w.Plain = opt.Plain
	channels := opt.Channels
	if channels == nil {
		channels = Channels()
	}
	for _, name := range channels {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		c, ok, err := addLog(ctx, w, sys, name, before[name], path+".evtx")
		if err != nil {
			return nil, err
		}
		if ok { // else the host has no such log
			m.Channels = append(m.Channels, c)
		}
	}
	if err := addRegistry(w, sys, m, path+".reg"); err != nil {
		return nil, err
	}
	if m.Machine, err = sys.Machine(); err != nil {
		m.Notes = append(m.Notes, "the processors could not be read: "+err.Error())
	}
	if c, ok := sys.(clock); ok {
		if d, err := c.Clock(opt.Now); err == nil {
			m.Clock = &d
		}
	} else if d, err := clockDifference(opt.To, opt.Now); err == nil {
		m.Clock = &d
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return m, w.Close(*m)
}

// addRegistry adds what the registry says: whole, or an error in the manifest.
func addRegistry(w *drop.Writer, sys System, m *drop.Manifest, temporary string) error {
	f, err := os.Create(temporary)
	if err != nil {
		return err
	}
	defer func() { f.Close(); os.Remove(temporary) }()
	root, err := sys.Registry()
	if err != nil {
		m.RegistryError = err.Error()
		return nil
	}
	defer root.Close()
	logSettings(root, m.Channels)
	if err := export(&limited{w: f, left: maxExport}, root, registryKeys); err != nil {
		m.RegistryError = err.Error()
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return w.Add(drop.RegistryName, f)
}

// maxExport is more than any host's registry gives under the keys that are read.
const maxExport = 64 << 20

// limited is a writer that takes so much and no more.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, fmt.Errorf("there is more of it than the %d MB that a host can have", maxExport>>20)
	}
	return l.w.Write(p)
}

// addLog adds what is new of one event log. A host without that log has none
// to hand in; one that cannot be read is told.
func addLog(ctx context.Context, w *drop.Writer, sys System, name string, after Known, temporary string) (c drop.Channel, ok bool, err error) {
	c = drop.Channel{Name: name}
	f, err := sys.Log(name)
	if errors.Is(err, fs.ErrNotExist) {
		return c, false, nil
	}
	if err != nil {
		c.Error = err.Error()
		return c, true, nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		c.Error = err.Error()
		return c, true, nil
	}
	c.Size = info.Size()
	copied, err := os.Create(temporary)
	if err != nil {
		return c, true, err
	}
	defer func() { copied.Close(); os.Remove(temporary) }()
	from := uint64(0)
	if after.ID > overlap {
		from = after.ID - overlap
	}
	tail, err := evtx.Tail(f, c.Size, from, copied)
	if err == nil && (tail.Chunks == 0 && from > 0 || anew(after, tail)) {
		c.LogCleared = true
		if err = copied.Truncate(0); err == nil {
			_, err = copied.Seek(0, io.SeekStart)
		}
		if err == nil {
			tail, err = evtx.Tail(f, c.Size, 0, copied)
		}
	}
	if err != nil {
		c.Error = err.Error()
		return c, true, nil
	}
	if tail.Oldest > 0 {
		c.LogOldestID, c.LogOldest = tail.Oldest, record.FromTicks(tail.OldestTicks)
	}
	if tail.Chunks == 0 {
		return c, true, nil
	}
	size, err := copied.Seek(0, io.SeekEnd)
	if err != nil {
		return c, true, err
	}
	held, err := evtx.Read(ctx, copied, size, name, evtx.Options{Filter: func([]byte, uint32) bool { return false }}, ignore{})
	if err != nil {
		if ctx.Err() != nil {
			return c, true, ctx.Err()
		}
		c.Error = err.Error()
		return c, true, nil
	}
	if held.Records > 0 {
		c.OldestID, c.Oldest = held.First.ID, record.FromTicks(held.First.Ticks)
		c.NewestID, c.Newest = held.Last.ID, record.FromTicks(held.Last.Ticks)
	}
	if _, err := copied.Seek(0, io.SeekStart); err != nil {
		return c, true, err
	}
	c.File = drop.LogFolder + strings.ReplaceAll(name, "/", "%4") + ".evtx"
	return c, true, w.Add(c.File, copied)
}

// anew says that a log was cleared and counts from the beginning again, though
// it may count beyond what was read of it before: its oldest record has no
// higher number than the newest that is known, and is newer.
func anew(known Known, tail evtx.Tailed) bool {
	return !known.At.IsZero() && tail.Oldest > 0 && tail.Oldest <= known.ID && record.FromTicks(tail.OldestTicks).After(known.At)
}

// ignore takes no event: only how far the log reaches is asked for.
type ignore struct{}

func (ignore) Record(*record.Record) {}
func (ignore) Damaged(record.Damage) {}

// deliver puts the drop into the folder, whole or not at all, and tries again
// where the folder cannot be reached.
func deliver(ctx context.Context, from, to string, opt Options) error {
	var err error
	for try := range max(1, opt.Tries) {
		if try > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(opt.Wait):
			}
		}
		if err = place(from, to); err == nil {
			return nil
		}
	}
	return fmt.Errorf("write the drop into %s: %w", filepath.Dir(to), err)
}

func place(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	return atomicfile.Write(to, atomicfile.Normal, func(w io.Writer) error {
		_, err := io.Copy(w, f)
		return err
	})
}
