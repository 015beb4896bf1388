package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// Hosts keeps what is known of each host that is read by itself. It is this
// store's own: no handover takes it along.
type Hosts interface {
	// PutHosts keeps the state of hosts, each in the place of an earlier one
	// of the same source.
	PutHosts(ctx context.Context, states []snapshot.HostState) error
	// HostStates are all of them, sorted by source and host.
	HostStates(ctx context.Context) ([]snapshot.HostState, error)
}

// hosts is version 7 of the schema.
func hosts() []string {
	return []string{
		`CREATE TABLE host_state (source {int} NOT NULL, host {key} NOT NULL, body {blob} NOT NULL, PRIMARY KEY (source, host))`,
	}
}

// PutHosts implements Hosts.
func (s *database) PutHosts(ctx context.Context, states []snapshot.HostState) error {
	if len(states) == 0 {
		return nil
	}
	err := s.write(ctx, ofHosts, func(t *tx) error { return t.putHosts(states) })
	return s.explain("keep the state of hosts in", err)
}

func (t *tx) putHosts(states []snapshot.HostState) error {
	type key struct {
		source int64
		host   string
	}
	sources, bodies, order := map[string]int64{}, map[key][]byte{}, []key(nil)
	for i := range states {
		h := &states[i]
		if h.Source == "" || h.Host == "" {
			return fmt.Errorf("the state of a host names no source, or no host")
		}
		source, ok := sources[h.Source]
		if !ok {
			var err error
			if source, err = t.addSource(h.Source); err != nil {
				return err
			}
			sources[h.Source] = source
		}
		body, err := json.Marshal(h)
		if err != nil {
			return err
		}
		k := key{source, strings.ToLower(h.Host)}
		if bodies[k] == nil {
			order = append(order, k)
		}
		bodies[k] = body
	}
	for _, k := range order {
		if err := t.exec("DELETE FROM host_state WHERE source = ? AND host = ?", k.source, []byte(k.host)); err != nil {
			return err
		}
	}
	in := t.inserter("host_state", "source", "host", "body")
	for _, k := range order {
		if err := in.add(k.source, []byte(k.host), bodies[k]); err != nil {
			return err
		}
	}
	return in.flush()
}

// HostStates implements Hosts.
func (s *database) HostStates(ctx context.Context) (out []snapshot.HostState, err error) {
	err = s.read(ctx, func(t *tx) error {
		return t.each(func(r *sql.Rows) error {
			var body []byte
			var h snapshot.HostState
			if err := r.Scan(&h.Source, &body); err != nil {
				return err
			}
			if err := json.Unmarshal(body, &h); err != nil {
				return fmt.Errorf("%w: the state of a host cannot be read: %w", ErrDamaged, err)
			}
			out = append(out, h)
			return nil
		}, "SELECT s.name, h.body FROM host_state h JOIN source s ON s.id = h.source")
	})
	slices.SortFunc(out, func(x, y snapshot.HostState) int {
		return cmp.Or(strings.Compare(x.Source, y.Source), strings.Compare(x.Host, y.Host))
	})
	return out, s.explain("read the state of hosts from", err)
}
