package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

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
		if x.b != 0 {
			texts[x.b] = ""
		}
		if x.kind != kindMember {
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
		case kindUnit:
			f.Unit = &snapshot.Unit{ID: texts[x.a], Line: int(x.line)}
			return decodeUnit(body, f.Unit)
		case kindLink, kindStamp:
			f.Change = &snapshot.Change{Object: texts[x.a], Key: texts[x.b], Link: x.kind == kindLink, Line: int(x.line)}
			return decodeChange(body, f.Change)
		case kindDeleted:
			f.Deleted = &snapshot.Deleted{Account: snapshot.Account{ID: texts[x.a], Line: int(x.line)}}
			return decodeDeleted(body, f.Deleted)
		case kindEvent:
			f.Event = &snapshot.Event{Time: fromTicks(x.first).UTC(), File: texts[x.b], Line: int(x.line)}
			return decodeEvent(body, f.Event)
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
	case f.Unit != nil:
		return kindUnit, f.Unit.ID, ""
	case f.Change != nil && f.Change.Link:
		return kindLink, f.Change.Object, f.Change.Key
	case f.Change != nil:
		return kindStamp, f.Change.Object, f.Change.Key
	case f.Deleted != nil:
		return kindDeleted, f.Deleted.ID, ""
	case f.Event != nil:
		return kindEvent, f.Event.Object + "|" + f.Event.Member + "|" + f.Event.Computer + "|" + strconv.FormatUint(f.Event.Record, 10) + "|" + strconv.Itoa(int(f.Event.ID)*100+int(f.Event.What)), f.Event.File
	case f.Software != nil:
		return kindSoftware, snapshot.FullHost(f.Software.Host), ""
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

// exportLogs are the logs that begin before a moment.
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
		out = append(out, l)
	}
	slices.SortFunc(out, func(x, y snapshot.Log) int {
		return cmp.Or(strings.Compare(x.Host, y.Host), strings.Compare(x.Channel, y.Channel), strings.Compare(x.File, y.File),
			cmp.Compare(x.FirstRecord, y.FirstRecord), cmp.Compare(x.LastRecord, y.LastRecord), cmp.Compare(x.Records, y.Records))
	})
	return out, nil
}
