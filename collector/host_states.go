package collector

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/snapshot"
)

// hostStates is how each host of a source stands, as far as is known.
type hostStates struct {
	source  string
	all     map[string]*snapshot.HostState // by name
	changed map[string]bool
}

func newStates(ctx context.Context, env *Env, source string) (*hostStates, error) {
	states, err := env.Store.HostStates(ctx)
	if err != nil {
		return nil, err
	}
	s := &hostStates{source: source, all: map[string]*snapshot.HostState{}, changed: map[string]bool{}}
	for i := range states {
		if states[i].Source == source {
			s.all[states[i].Host] = &states[i]
		}
	}
	return s, nil
}

func (s *hostStates) of(host string) *snapshot.HostState {
	host = strings.ToLower(host)
	if s.all[host] == nil {
		s.all[host] = &snapshot.HostState{Source: s.source, Host: host}
	}
	return s.all[host]
}

// alive is how long ago a host may have been read and still be taken for one
// that is there.
const alive = 3 * 24 * time.Hour

// read keeps that a host was read, and says what is odd of it. What an older
// drop tells, which comes late, changes nothing.
func (s *hostStates) read(h *handed, way snapshot.HostWay) (notes []snapshot.Notice) {
	m := &h.manifest
	st := s.of(m.Host)
	if h.taken.Before(st.Taken) {
		return nil
	}
	tell := func(code, message string) {
		notes = append(notes, snapshot.Notice{Code: code, Subject: m.Host, Message: message, At: snapshot.Evidence{File: h.name}})
	}
	if st.Failure != "" && st.Taken.Before(st.Tried) {
		notes = append(notes, snapshot.Notice{Code: "host-read", Subject: m.Host, Message: "the host could not be read before, and was read now", At: snapshot.Evidence{File: st.Host}})
	}
	if m.SID != "" {
		if st.Installation != "" && st.Installation != m.SID {
			tell("host-reinstalled", fmt.Sprintf("host %s was installed anew since it was read before: its logs begin again, and what its old ones held and nobody had read is lost", m.Host))
		}
		for _, other := range s.sameInstallation(st.Host, m.SID) {
			if o := s.all[other]; h.taken.Sub(o.Taken).Abs() < alive {
				tell("host-cloned", fmt.Sprintf("hosts %s and %s are copies of one installation; each is counted by itself", min(m.Host, other), max(m.Host, other)))
			} else {
				tell("host-renamed", fmt.Sprintf("host %s is what was called %s before", m.Host, other))
			}
		}
		st.Installation = m.SID
	}
	st.Way, st.Taken, st.Tried, st.Failure = way, h.taken, h.taken, ""
	if h.registry != "" {
		st.Software = h.taken
	}
	if m.RegistryError != "" {
		st.Failure = m.RegistryError
	}
	logs := make([]snapshot.HostStateLog, 0, len(m.Channels))
	for i := range m.Channels {
		c := &m.Channels[i]
		l := snapshot.HostStateLog{Channel: c.Name, Newest: c.NewestID, At: c.Newest, Oldest: c.LogOldest, Size: c.Size, MaxSize: c.MaxSize, Retention: c.Retention, Error: c.Error}
		if old := st.Log(c.Name); old != nil && l.Newest == 0 && !c.LogCleared {
			l.Newest, l.At = old.Newest, old.At // nothing new in it, or it could not be read
		}
		if l.Oldest.IsZero() {
			l.Oldest = c.Oldest
		}
		if c.Error != "" && st.Failure == "" {
			st.Failure = c.Error
		}
		logs = append(logs, l)
	}
	st.Logs = logs
	s.changed[st.Host] = true
	return notes
}

func (s *hostStates) sameInstallation(host, id string) (others []string) {
	for name, o := range s.all {
		if name != host && o.Installation == id && !o.Taken.IsZero() {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	return others
}

// failed keeps that a host could not be read.
func (s *hostStates) failed(host string, way snapshot.HostWay, at time.Time, cause error) {
	st := s.of(host)
	st.Way, st.Tried, st.Failure = way, at.UTC().Truncate(time.Second), cause.Error()
	s.changed[st.Host] = true
}

// put writes what changed.
func (s *hostStates) put(ctx context.Context, env *Env) error {
	var out []snapshot.HostState
	for name := range s.changed {
		st := *s.all[name]
		st.Site = env.Config.Site
		out = append(out, st)
	}
	slices.SortFunc(out, func(x, y snapshot.HostState) int { return strings.Compare(x.Host, y.Host) })
	s.changed = map[string]bool{}
	return env.Store.PutHosts(ctx, out)
}
