package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"splameter/month"
	"splameter/snapshot"
)

// Handover is everything that one site's store holds up to the end of a
// month: what another store must hold to give the same facts of it. Earlier
// months are in it, since a fact's evidence is where it was seen first.
type Handover struct {
	Site     string
	Month    string // YYYY-MM
	Zone     string // in which its days were assigned
	Readings []HandedReading
	Facts    []HandedFact
	Uses     []snapshot.Use
	Logs     []snapshot.Log // one log may stand here in several stretches
}

// HandedReading is one reading, with what it named.
type HandedReading struct {
	snapshot.Reading
	Domain   string   `json:"domain,omitempty"` // of a directory
	DNS      string   `json:"dns,omitempty"`
	SID      string   `json:"sid,omitempty"`
	From     int64    `json:"from,omitempty"` // how far session logs reach, in units of 100 ns since the year 1
	Until    int64    `json:"until,omitempty"`
	Hosts    []string `json:"hosts,omitempty"` // keys of the hosts whose software was read
	Machines []string `json:"machines,omitempty"`
}

// HandedFact is one fact of a source over a stretch of its readings, from
// First up to but not including Until. Exactly one of the rest is set.
type HandedFact struct {
	Source   string                 `json:"source"`
	First    int64                  `json:"first"`
	Until    int64                  `json:"until"`
	Account  *snapshot.Account      `json:"account,omitempty"`
	Group    *snapshot.Group        `json:"group,omitempty"`
	Member   *snapshot.Member       `json:"member,omitempty"`
	Software *snapshot.HostSoftware `json:"software,omitempty"`
	Machine  *snapshot.Machine      `json:"machine,omitempty"`
}

// Hander is a store that can hand over a site's facts. Every store is one.
type Hander interface {
	// Export is what the store holds of a site up to the end of a month. It
	// is an error where the store holds other sites too: rows of sessions
	// belong to nobody once they are merged.
	Export(ctx context.Context, site string, m month.Month) (*Handover, error)
	// Import takes over what is not here yet, and says how many readings
	// that were. Each reading is kept whole or not at all; the same again
	// changes nothing.
	Import(ctx context.Context, h *Handover) (int, error)
}

var _ Hander = (*database)(nil)

// Export implements Hander.
func (s *database) Export(ctx context.Context, site string, m month.Month) (*Handover, error) {
	h := &Handover{Site: site, Month: m.String(), Zone: s.opt.Location.String()}
	err := s.read(ctx, func(t *tx) error {
		end := ticks(m.End())
		all, err := t.readings("taken < ? OR (kind = 'sessions' AND from_at > 0 AND from_at < ?)", end, end)
		if err != nil {
			return err
		}
		h.Readings, h.Facts = nil, nil
		for _, r := range all {
			if !strings.EqualFold(r.Site, site) {
				other := "of site " + r.Site
				if r.Site == "" {
					other = "of no site (it was collected before site: stood in the config)"
				}
				return fmt.Errorf("it holds readings of site %s and %s, such as %s on %s; export from a store that one site keeps for itself", site, other, r.Source, r.Day)
			}
		}
		if len(all) == 0 {
			return fmt.Errorf("it holds no reading of site %s up to the end of %s; collect first", site, m)
		}
		err = bySource(all, func(all []reading) error { return t.exportSource(h, all, end) })
		if err != nil {
			return err
		}
		if h.Uses, err = t.exportUses(int64(m.Number())); err != nil {
			return err
		}
		h.Logs, err = t.exportLogs(end)
		return err
	})
	return h, s.explain("export from", err)
}

// exportSource adds a source's readings and facts.
func (t *tx) exportSource(h *Handover, all []reading, end int64) error {
	texts := names{}
	var inventories []reading
	for _, r := range all {
		if r.Kind == snapshot.KindInventory && r.Status != snapshot.Failed {
			inventories = append(inventories, r)
		}
	}
	named := map[int64]map[int64][]int64{} // kind, reading, items
	for _, kind := range []int64{kindSoftware, kindMachine} {
		seen, err := t.observed(kind, inventories)
		if err != nil {
			return err
		}
		named[kind] = map[int64][]int64{}
		for item, at := range seen {
			texts[item] = ""
			for _, i := range at {
				id := inventories[i].id
				named[kind][id] = append(named[kind][id], item)
			}
		}
	}
	type row struct{ kind, a, b, first, until, value, line int64 }
	var rows []row
	var places [][]byte
	byValue := map[int64][]int{}
	err := t.each(func(r *sql.Rows) error {
		var x row
		var lines []byte
		if err := r.Scan(&x.kind, &x.a, &x.b, &x.first, &x.until, &x.value, &x.line, &lines); err != nil {
			return err
		}
		texts[x.a] = ""
		if x.kind == kindMember {
			texts[x.b] = ""
		} else {
			byValue[x.value] = append(byValue[x.value], len(rows))
		}
		rows, places = append(rows, x), append(places, lines)
		return nil
	}, "SELECT kind, a, b, first_at, until_at, value, line, lines FROM span WHERE source = ? AND first_at < ?", all[0].source, end)
	if err != nil {
		return err
	}
	if err := texts.load(t); err != nil {
		return err
	}
	facts := make([]HandedFact, len(rows))
	for i, x := range rows {
		until := x.until
		if until >= end { // what came after the month is not handed over
			until = forever
		}
		facts[i] = HandedFact{Source: all[0].Source, First: x.first, Until: until}
		if x.kind == kindMember {
			facts[i].Member = &snapshot.Member{Group: texts[x.a], Key: texts[x.b], Line: int(x.line)}
		}
	}
	err = t.bodies(byValue, func(i int, body []byte) (err error) {
		f, x := &facts[i], &rows[i]
		switch x.kind {
		case kindAccount:
			f.Account = &snapshot.Account{ID: texts[x.a], Line: int(x.line)}
			return decodeAccount(body, f.Account)
		case kindGroup:
			f.Group = &snapshot.Group{ID: texts[x.a], Line: int(x.line)}
			return decodeGroup(body, f.Group)
		case kindMachine:
			f.Machine = &snapshot.Machine{Line: int(x.line)}
			return decodeMachine(body, f.Machine)
		}
		f.Software = &snapshot.HostSoftware{}
		if f.Software.Installs, err = decodeInstalls(body); err != nil {
			return err
		}
		f.Software.Host, err = decodePlace(places[i], f.Software.Installs)
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(facts, compareFacts)
	h.Facts = append(h.Facts, facts...)
	keys := func(items []int64) (out []string) {
		for _, i := range items {
			out = append(out, texts[i])
		}
		slices.Sort(out)
		return out
	}
	for i := range all {
		r := &all[i]
		h.Readings = append(h.Readings, HandedReading{Reading: r.Reading, Domain: r.domain, DNS: r.dns, SID: r.sid, From: r.from, Until: r.until,
			Hosts: keys(named[kindSoftware][r.id]), Machines: keys(named[kindMachine][r.id])})
	}
	return nil
}

// key is what a fact is about, its kind first.
func (f *HandedFact) key() (kind int, a, b string) {
	switch {
	case f.Account != nil:
		return kindAccount, f.Account.ID, ""
	case f.Group != nil:
		return kindGroup, f.Group.ID, ""
	case f.Member != nil:
		return kindMember, f.Member.Group, f.Member.Key
	case f.Software != nil:
		return kindSoftware, snapshot.HostKey(f.Software.Host), ""
	case f.Machine != nil:
		return kindMachine, f.Machine.Key(), ""
	}
	return 0, "", ""
}

func compareFacts(x, y HandedFact) int {
	k, a, b := x.key()
	l, c, d := y.key()
	return cmp.Or(cmp.Compare(k, l), strings.Compare(a, c), strings.Compare(b, d), cmp.Compare(x.First, y.First))
}

// exportUses are the rows of use as they are kept, those of no user too.
func (t *tx) exportUses(until int64) ([]snapshot.Use, error) {
	var kept useRows
	texts := names{}
	if err := t.useRows(&kept, nil, "month <= ?", until); err != nil {
		return nil, err
	}
	for i := range kept.rows {
		x := &kept.rows[i]
		texts[int64(x.host)], texts[int64(x.user)] = "", ""
		if err := filesOfUse(kept.body(x), func(id int64) { texts[id] = "" }); err != nil {
			return nil, err
		}
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	out := make([]snapshot.Use, len(kept.rows))
	for i := range kept.rows {
		x := &kept.rows[i]
		out[i] = snapshot.Use{Host: texts[int64(x.host)], User: texts[int64(x.user)], Month: int(x.month), Days: x.days}
		if err := decodeUse(kept.body(x), &out[i], texts, nil); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(x, y snapshot.Use) int {
		return cmp.Or(cmp.Compare(x.Month, y.Month), strings.Compare(x.Host, y.Host), strings.Compare(x.User, y.User))
	})
	return out, nil
}

// exportLogs are the logs that begin before a moment. Each stretch of record
// ids is a log of its own, so that merging them gives what was known.
func (t *tx) exportLogs(end int64) ([]snapshot.Log, error) {
	type row struct {
		host, channel, file int64
		reach               reach
	}
	var rows []row
	texts := names{}
	err := t.each(func(r *sql.Rows) error {
		var x row
		var body []byte
		if err := r.Scan(&x.host, &x.channel, &x.file, &body); err != nil {
			return err
		}
		texts[x.host], texts[x.channel], texts[x.file] = "", "", ""
		err := decodeReach(body, &x.reach)
		rows = append(rows, x)
		return err
	}, "SELECT host, channel, file_name, body FROM log WHERE from_at < ?", end)
	if err != nil {
		return nil, err
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	var out []snapshot.Log
	for _, x := range rows {
		l := x.reach.Log
		l.Host, l.Channel, l.File = texts[x.host], texts[x.channel], texts[x.file]
		parts := append(slices.Clone(x.reach.whole), x.reach.holed...)
		if len(parts) == 0 {
			out = append(out, l)
		}
		for _, p := range parts {
			l.FirstRecord, l.LastRecord, l.Records = p.first, p.last, p.last-p.first+1-p.missing
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(x, y snapshot.Log) int {
		return cmp.Or(strings.Compare(x.Host, y.Host), strings.Compare(x.Channel, y.Channel), strings.Compare(x.File, y.File),
			cmp.Compare(x.FirstRecord, y.FirstRecord), cmp.Compare(x.LastRecord, y.LastRecord), cmp.Compare(x.Records, y.Records))
	})
	return out, nil
}

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
				return fmt.Errorf("source %s is one of site %s here and of site %s in the file; give sources of different sites different names", r.Source, x.Site, r.Site)
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
			}
		}
		return s.PutDirectory(ctx, d)
	case snapshot.KindInventory:
		v := &snapshot.Inventory{Reading: r.Reading}
		for _, f := range facts {
			if at < f.First || at >= f.Until {
				continue
			}
			kind, key, _ := f.key()
			if _, ok := slices.BinarySearch(r.Hosts, key); kind == kindSoftware && ok {
				v.Software = append(v.Software, *f.Software)
			}
			if _, ok := slices.BinarySearch(r.Machines, key); kind == kindMachine && ok {
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
	return s.explain("keep a reading of "+r.Source+" in", s.write(ctx, func(t *tx) error { return t.addSessionsReading(&x) }))
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
	return s.explain("keep sessions in", s.write(ctx, func(t *tx) error { return t.putSessions(&x, v, nil) }))
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
		for _, set := range []bool{f.Account != nil, f.Group != nil, f.Member != nil, f.Software != nil, f.Machine != nil} {
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
