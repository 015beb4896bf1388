package sessions

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"splameter/collector/sessions/record"
	"splameter/internal/snapshot"
)

// Err says that the logs held more hosts or accounts than can be told apart.
func (f *Folder) Err() error { return f.tables.full() }

// Len is the number of rows.
func (f *Folder) Len() int { return f.tables.months.n }

// Uses yields the rows, sorted by host, user and month.
func (f *Folder) Uses() iter.Seq[snapshot.Use] {
	rows := f.sorted()
	return func(yield func(snapshot.Use) bool) {
		for i := range rows.Len() {
			if !yield(rows.At(i)) {
				return
			}
		}
	}
}

// Rows are the same by their place, in no order, each made when it is asked
// for. Nothing may be added meanwhile.
func (f *Folder) Rows() snapshot.Rows { return &rows{tables: f.tables} }

func (f *Folder) sorted() snapshot.Rows {
	t := f.tables
	accounts := make([]string, len(t.nameTable.keys))
	for i := range accounts {
		accounts[i] = string(t.nameTable.account(uint32(i)))
	}
	hosts, users := ranks(t.nameTable.hosts), ranks(accounts)
	keys := make([]rowOrder, t.months.n)
	for i := range keys {
		key := t.months.key(uint32(i))
		keys[i] = rowOrder{rowKey(hosts[keyHost(key)], users[keyUser(key)], int32(keyMonth(key))), uint32(i)}
	}
	slices.SortFunc(keys, func(a, b rowOrder) int {
		return cmp.Compare(a.key, b.key)
	})
	return &rows{t, keys}
}

type rows struct {
	tables *tables
	keys   []rowOrder // nil: as they came
}

// Len implements snapshot.Rows.
func (r *rows) Len() int { return r.tables.months.n }

// At implements snapshot.Rows.
func (r *rows) At(i int) snapshot.Use {
	t, n, at := r.tables, r.tables.nameTable, uint32(i)
	if r.keys != nil {
		at = r.keys[i].index
	}
	c, key := t.months.at(at), t.months.key(at)
	clients, clientDays := t.clients.of(at)
	return snapshot.Use{
		Clients: clients, ClientDays: clientDays,
		Host: n.hosts[keyHost(key)], User: string(n.account(keyUser(key))), SID: string(n.sids.at(c.sid)),
		Month: keyMonth(key), Days: c.days,
		First: t.snapshotMark(at, firstSeen).Sighting, Last: t.snapshotMark(at, lastSeen).Sighting,
		Opened: t.snapshotMark(at, lastOpened), Closed: t.snapshotMark(at, lastClosed), Ended: t.snapshotMark(at, firstEnded), Left: t.snapshotMark(at, firstLeft),
		Name: n.written(c.raw),
	}
}

type rowOrder struct {
	key   uint64
	index uint32
}

// ranks says for each name which one it is in order.
func ranks(all []string) []uint32 {
	order := make([]uint32, len(all))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(a, b uint32) int {
		return strings.Compare(all[a], all[b])
	})
	rank := make([]uint32, len(all))
	for i, o := range order {
		rank[o] = uint32(i)
	}
	return rank
}

func (t *tables) snapshotMark(row uint32, what markKind) snapshot.Mark {
	m := t.months.mark(row, what)
	if m.none() {
		return snapshot.Mark{}
	}
	out := snapshot.Mark{
		Sighting: snapshot.Sighting{
			Time: record.FromTicks(m.ticks), EventID: uint32(m.event), Channel: m.chn.String(),
			Evidence: snapshot.Evidence{File: t.files[m.file], Line: int(m.line), Record: m.record},
		},
		Remote: m.flags&markRemote != 0,
	}
	switch {
	case m.flags&markAll != 0:
		out.Session = "*"
	case m.flags&markHex != 0:
		out.Session = "0x" + strconv.FormatUint(m.session, 16)
	case m.flags&markSession != 0:
		out.Session = strconv.FormatUint(m.session, 10)
	}
	return out
}
