package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// Import implements Hander.
func (s *database) Import(ctx context.Context, h *Handover) (int, error) {
	if err := h.check(); err != nil {
		return 0, fmt.Errorf("import what site %s handed over: %w", h.Site, err)
	}
	if zone := s.opt.Location.String(); h.Zone != zone {
		return 0, fmt.Errorf("import what site %s handed over: %w: its days were assigned in %s, and here in %s; set one time_zone in both configs", h.Site, ErrZone, h.Zone, zone)
	}
	facts := map[string][]*HandedFact{}
	for i := range h.Facts {
		facts[h.Facts[i].Source] = append(facts[h.Facts[i].Source], &h.Facts[i])
	}
	all := slices.Clone(h.Readings)
	slices.SortStableFunc(all, func(x, y HandedReading) int {
		return cmp.Or(strings.Compare(x.Source, y.Source), x.Taken.Compare(y.Taken))
	})
	fresh := 0
	for i := range all {
		if err := ctx.Err(); err != nil {
			return fresh, err
		}
		known, err := s.handed(ctx, &all[i])
		if err != nil {
			return fresh, err
		}
		if known {
			continue
		}
		if err := s.importReading(ctx, &all[i], facts[all[i].Source]); err != nil {
			return fresh, err
		}
		fresh++
	}
	events := map[string][]snapshot.Event{}
	for i := range h.Facts {
		if f := &h.Facts[i]; f.Event != nil {
			events[f.Source] = append(events[f.Source], *f.Event)
		}
	}
	for source, list := range events {
		if err := s.PutEvents(ctx, source, list); err != nil {
			return fresh, err
		}
	}
	if len(h.Uses)+len(h.Logs) == 0 {
		return fresh, nil
	}
	return fresh, s.importSessions(ctx, all, h)
}

// handed says whether a reading is here already. The same moment of a source
// of the same name at another site is an error.
func (s *database) handed(ctx context.Context, r *HandedReading) (known bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		known = false
		id, err := t.sourceID(r.Source)
		if err != nil || id == 0 {
			return err
		}
		same, err := t.readings("source = ? AND taken = ? AND kind = ? AND status = ? AND file_name = ?", id, ticks(r.Taken), string(r.Kind), string(r.Status), r.File)
		for _, x := range same {
			if !strings.EqualFold(x.Site, r.Site) {
				return &SiteError{Source: r.Source, Here: x.Site, Other: r.Site}
			}
			known = known || x.Fingerprint == r.Fingerprint && x.from == r.From && x.until == r.Until
		}
		return err
	})
	return known, s.explain("look for a reading in", err)
}

// importReading keeps one reading, put together from the facts that hold at
// its moment.
func (s *database) importReading(ctx context.Context, r *HandedReading, facts []*HandedFact) error {
	at := ticks(r.Taken)
	if r.Status == snapshot.Failed {
		return s.PutFailure(ctx, r.Reading)
	}
	switch r.Kind {
	case snapshot.KindDirectory:
		d := &snapshot.Directory{Reading: r.Reading, Domain: r.Domain, DNS: r.DNS, SID: r.SID}
		for _, f := range facts {
			if at < f.First || at >= f.Until {
				continue
			}
			switch {
			case f.Account != nil:
				d.Accounts = append(d.Accounts, *f.Account)
			case f.Group != nil:
				d.Groups = append(d.Groups, *f.Group)
			case f.Member != nil:
				d.Members = append(d.Members, *f.Member)
			case f.Unit != nil:
				d.Units = append(d.Units, *f.Unit)
			case f.Change != nil:
				d.Changes = append(d.Changes, *f.Change)
			case f.Deleted != nil:
				d.Deleted = append(d.Deleted, *f.Deleted)
			}
		}
		return s.PutDirectory(ctx, d)
	case snapshot.KindInventory:
		v := &snapshot.Inventory{Reading: r.Reading}
		newest := map[namedFact]*HandedFact{}
		for _, f := range facts {
			if k, ok := r.names(f); ok && at >= f.First && at < f.Until && (newest[k] == nil || f.First > newest[k].First) {
				newest[k] = f
			}
		}
		for _, f := range facts {
			if k, ok := r.names(f); !ok || newest[k] != f {
				continue
			}
			if f.Software != nil {
				v.Software = append(v.Software, *f.Software)
			} else {
				v.Machines = append(v.Machines, *f.Machine)
			}
		}
		if len(v.Software) != len(r.Hosts) || len(v.Machines) != len(r.Machines) {
			return fmt.Errorf("import what site %s handed over: the reading of %s on %s names hosts that the file tells nothing of; export it again", r.Site, r.Source, r.Day)
		}
		return s.PutInventory(ctx, v)
	}
	x, err := s.settle(r.Reading, snapshot.KindSessions)
	if err != nil {
		return err
	}
	x.from, x.until = r.From, r.Until
	return s.explain("keep a reading of "+r.Source+" in", s.write(ctx, ofSessions, func(t *tx) error { return t.addSessionsReading(&x) }))
}

// namedFact is a host or machine as a reading names it.
type namedFact struct {
	kind int
	key  string
}

// names says whether an inventory's reading names what a fact is about, and
// by which key. Stores knew hosts by their short names once.
func (r *HandedReading) names(f *HandedFact) (k namedFact, ok bool) {
	kind, key, _ := f.key()
	switch kind {
	case kindSoftware:
		for _, key := range []string{key, snapshot.HostKey(f.Software.Host)} {
			if _, ok := slices.BinarySearch(r.Hosts, key); ok {
				return namedFact{kind, key}, true
			}
		}
	case kindMachine:
		for _, key := range []string{key, "host:" + snapshot.HostKey(f.Machine.Host)} {
			if _, ok := slices.BinarySearch(r.Machines, key); ok {
				return namedFact{kind, key}, true
			}
		}
	}
	return k, false
}

// importSessions merges the rows of use and the logs, beside the newest
// reading of sessions, which is here by now.
func (s *database) importSessions(ctx context.Context, all []HandedReading, h *Handover) error {
	var newest *HandedReading
	for i := range all {
		if r := &all[i]; r.Kind == snapshot.KindSessions && r.Status != snapshot.Failed && (newest == nil || r.Taken.After(newest.Taken)) {
			newest = r
		}
	}
	if newest == nil {
		return fmt.Errorf("import what site %s handed over: it tells of sessions and of no reading of them; export it again", h.Site)
	}
	x, err := s.settle(newest.Reading, snapshot.KindSessions)
	if err != nil {
		return err
	}
	x.from, x.until = newest.From, newest.Until
	v := &snapshot.Sessions{Reading: newest.Reading, Uses: h.Uses, Logs: h.Logs}
	return s.explain("keep sessions in", s.write(ctx, ofSessions, func(t *tx) error { return t.putSessions(&x, v, nil) }))
}

// check refuses what no store hands over.
func (h *Handover) check() error {
	m, err := monthNumber(h.Month)
	if err != nil {
		return fmt.Errorf("its month is none: %w", err)
	}
	sources := map[string]bool{}
	for i := range h.Readings {
		r := &h.Readings[i]
		if !strings.EqualFold(r.Site, h.Site) || h.Site == "" {
			return fmt.Errorf("it holds a reading of another site than %s; export it again", h.Site)
		}
		switch r.Kind {
		case snapshot.KindDirectory, snapshot.KindInventory, snapshot.KindSessions:
		default:
			return errors.New("it holds a reading of a kind that is not known; it may come from a newer splameter")
		}
		if r.Status != snapshot.Complete && r.Status != snapshot.Partial && r.Status != snapshot.Failed {
			return errors.New("it holds a reading whose status is not known; it may come from a newer splameter")
		}
		if !slices.IsSorted(r.Hosts) || !slices.IsSorted(r.Machines) || r.From < 0 || r.Until < 0 {
			return errors.New("it holds a reading that no splameter wrote")
		}
		sources[r.Source] = true
	}
	for i := range h.Facts {
		f := &h.Facts[i]
		n := 0
		for _, set := range []bool{f.Account != nil, f.Group != nil, f.Member != nil, f.Unit != nil, f.Change != nil, f.Deleted != nil, f.Event != nil, f.Software != nil, f.Machine != nil} {
			if set {
				n++
			}
		}
		if n != 1 || f.First <= 0 || f.Until <= f.First || !sources[f.Source] {
			return errors.New("it holds a fact that no splameter wrote")
		}
	}
	for i := range h.Uses {
		if u := &h.Uses[i]; u.Carried || int64(u.Month) > m || u.Month < 1900*12 || u.Days>>31 != 0 {
			return errors.New("it holds a row of use that no splameter wrote")
		}
	}
	return nil
}
