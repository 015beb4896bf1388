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
func (f *Folder) Err() error { return f.book.full() }

// Len is the number of rows.
func (f *Folder) Len() int { return f.book.cells.n }

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
func (f *Folder) Rows() snapshot.Rows { return &rows{b: f.book} }

func (f *Folder) sorted() snapshot.Rows {
	b := f.book
	accounts := make([]string, len(b.names.keys))
	for i := range accounts {
		accounts[i] = string(b.names.account(uint32(i)))
	}
	hosts, users := ranks(b.names.hosts), ranks(accounts)
	keys := make([]cellOrder, b.cells.n)
	for i := range keys {
		key := b.cells.key(uint32(i))
		keys[i] = cellOrder{cellKey(hosts[keyHost(key)], users[keyUser(key)], int32(keyMonth(key))), uint32(i)}
	}
	slices.SortFunc(keys, func(a, b cellOrder) int {
		return cmp.Compare(a.key, b.key)
	})
	return &rows{b, keys}
}

type rows struct {
	b    *book
	keys []cellOrder // nil: as they came
}

// Len implements snapshot.Rows.
func (r *rows) Len() int { return r.b.cells.n }

// At implements snapshot.Rows.
func (r *rows) At(i int) snapshot.Use {
	b, n, at := r.b, r.b.names, uint32(i)
	if r.keys != nil {
		at = r.keys[i].index
	}
	c, key := b.cells.at(at), b.cells.key(at)
	return snapshot.Use{
		Host: n.hosts[keyHost(key)], User: string(n.account(keyUser(key))), SID: string(n.sids.at(c.sid)),
		Month: keyMonth(key), Days: c.days,
		First: b.mark(at, first).Sighting, Last: b.mark(at, last).Sighting,
		Opened: b.mark(at, opened), Closed: b.mark(at, closed), Ended: b.mark(at, endedAt), Left: b.mark(at, left),
		Name: n.written(c.raw),
	}
}

type cellOrder struct {
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

func (b *book) mark(row uint32, what what) snapshot.Mark {
	m := b.cells.mark(row, what)
	if m.none() {
		return snapshot.Mark{}
	}
	out := snapshot.Mark{
		Sighting: snapshot.Sighting{
			Time: record.FromTicks(m.ticks), EventID: uint32(m.event), Channel: m.chn.String(),
			Evidence: snapshot.Evidence{File: b.files[m.file], Line: int(m.line), Record: m.record},
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
