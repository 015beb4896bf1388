package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/packed"
	"splameter/internal/packed/facts"
	"splameter/internal/snapshot"
)

// Facts implements Store.
func (s *database) Facts(ctx context.Context, m month.Month) (*snapshot.Facts, error) {
	if m.IsZero() || m.Location().String() != s.opt.Location.String() {
		return nil, fmt.Errorf("the facts of %s were asked for in another time zone than the store's, which is %s", m, s.opt.Location)
	}
	f := &snapshot.Facts{Month: m}
	err := s.read(ctx, func(t *tx) error {
		if err := t.counted(f); err != nil {
			return err
		}
		var err error
		if f.Known, err = t.hostsRead(m.Add(-1)); err != nil {
			return err
		}
		if f.Before, err = t.before(m, f.Directories); err != nil {
			return err
		}
		logs, err := t.logs(m)
		if err != nil {
			return err
		}
		if logs.Len() > 0 {
			f.Logs = snapshot.ListIn[snapshot.Log](logs)
		}
		covered := map[string]bool{}
		start, end := ticks(m.Start()), ticks(m.End())
		for i := range logs.Len() {
			l := logs.At(i)
			if from, until := extentOf(&l); from < end && until >= start {
				covered[l.Host] = true
			}
		}
		uses, err := t.uses(m, covered, nil)
		if err != nil {
			return err
		}
		f.Uses = snapshot.ListIn[snapshot.Use](uses)
		return t.shrink()
	})
	if err != nil {
		return nil, s.explain("read the facts of "+m.String()+" from", err)
	}
	return f, nil
}

// counted reads into a month's facts its readings, and the directories and the
// estate that were read.
func (t *tx) counted(f *snapshot.Facts) error {
	all, err := t.readingsOf(f.Month)
	if err != nil {
		return err
	}
	f.Readings = plain(all)
	var directories, inventories []reading
	for _, r := range all {
		switch {
		case r.Status == snapshot.Failed:
		case r.Kind == snapshot.KindDirectory:
			directories = append(directories, r)
		case r.Kind == snapshot.KindInventory:
			inventories = append(inventories, r)
		}
	}
	if f.Directories, err = t.directories(directories); err != nil {
		return err
	}
	return bySource(inventories, func(all []reading) error {
		software, err := t.softwareMonth(all)
		if err != nil {
			return err
		}
		machines, err := t.machineMonth(all)
		f.Software, f.Machines = append(f.Software, software...), append(f.Machines, machines...)
		return err
	})
}

// shrink lets the pages go that were read: they are of no more use to whoever
// counts now.
func (t *tx) shrink() error {
	if t.db.dialect.name != "sqlite" {
		return nil
	}
	_, err := t.raw.ExecContext(t.ctx, "PRAGMA shrink_memory")
	return err
}

// readingsOf are the readings that a month is made of: those taken in it,
// those of session logs taken later whose logs reach into it, and those that
// failed in the month after it with no other since: they would have.
func (t *tx) readingsOf(m month.Month) ([]reading, error) {
	all, err := t.readings("month = ?", m.Number())
	if err != nil {
		return nil, err
	}
	later, err := t.readings("until_at > 0 AND until_at >= ? AND from_at < ? AND taken >= ?",
		ticks(m.Start()), ticks(m.End()), ticks(m.End()))
	if err != nil {
		return nil, err
	}
	after, err := t.readings("kind = ? AND taken >= ? AND taken < ?", string(snapshot.KindSessions), ticks(m.End()), ticks(m.Add(1).End()))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(append(append(all, later...), stillFailing(after)...), func(r reading) bool { return r.Status == reduced })
	slices.SortStableFunc(all, func(x, y reading) int {
		return cmp.Or(strings.Compare(x.Source, y.Source), cmp.Compare(x.taken, y.taken))
	})
	return all, nil
}

// stillFailing are, of readings sorted by source and time, those that failed
// after the last one of their source that did not.
func stillFailing(all []reading) (out []reading) {
	from := 0
	for i, r := range all {
		if i == 0 || r.source != all[i-1].source {
			from = len(out)
		}
		if r.Status != snapshot.Failed {
			out = out[:from]
			continue
		}
		out = append(out, r)
	}
	return out
}

// useRow is a row of use as kept, but for its body.
type useRow struct {
	month, days uint32
	host, user  uint32
	body        uint64 // in the arena of the rows
}

// useRows are rows of use as kept. A large month has hundreds of thousands.
type useRows struct {
	rows   []useRow
	bodies packed.Arena
	row    []byte // being put in the arena
	read   []byte // the body that was asked for last
}

func (u *useRows) add(k useKey, days uint32, body []byte) error {
	x := useRow{uint32(k.month), days, uint32(k.host), uint32(k.user), 0}
	if x.key() != k {
		return fmt.Errorf("%w: a row of use has numbers that no splameter gave", ErrDamaged)
	}
	u.row = append(binary.AppendUvarint(u.row[:0], uint64(len(body))), body...)
	x.body = u.bodies.Put(u.row)
	u.rows = append(u.rows, x)
	return nil
}

func (x *useRow) key() useKey { return useKey{int64(x.month), int64(x.host), int64(x.user)} }

// body is a row's, until the next is asked for.
func (u *useRows) body(x *useRow) []byte {
	c := u.bodies.At(x.body)
	u.read = append(u.read[:0], c.Text()...)
	return u.read
}

// useRows adds rows; want, where it is set, says which of those that are read.
func (t *tx) useRows(to *useRows, want func(useKey) bool, condition string, args ...any) error {
	var k useKey
	var days uint32
	var body sql.RawBytes
	return t.each(func(r *sql.Rows) error {
		err := r.Scan(&k.month, &k.host, &k.user, &days, &body)
		if err == nil && (want == nil || want(k)) {
			err = to.add(k, days, body)
		}
		return err
	}, useColumns+condition, args...)
}

const (
	useColumns    = "SELECT month, host, account, days, body FROM used WHERE "
	leftOpenQuery = "SELECT host, account FROM left_open WHERE month = ?"
	earlierUses   = "month IN (?, ?, ?) AND host = ? AND account = ?"
)

// uses are a month's rows, with what earlier months carry into it; covered are
// the hosts of which a log reaches into it. about, where it is set, narrows them.
func (t *tx) uses(m month.Month, covered map[string]bool, about *aboutUses) (*facts.Uses, error) {
	texts := names{}
	var own useRows
	number := int64(m.Number())
	if err := t.useRows(&own, nil, "month = ?", number); err != nil {
		return nil, err
	}
	own.sort()
	// Whose earlier months matter: who left a session open, and who has a row
	// of the month without a day in it.
	ask := map[who]bool{}
	for i := range own.rows {
		if x := &own.rows[i]; x.days == 0 {
			ask[x.who()] = true
		}
	}
	for back := int64(1); back <= lookBack; back++ {
		err := t.each(func(r *sql.Rows) error {
			var k who
			err := r.Scan(&k.host, &k.user)
			if own := own.of(k); len(own) == 0 || own[0].days == 0 {
				ask[k] = true
			}
			return err
		}, leftOpenQuery, number-back)
		if err != nil {
			return nil, err
		}
	}
	hosts := map[int64]bool{}
	everyone := map[string]int64{"": 0, "*": 0}
	if err := t.nameIDs(everyone); err != nil {
		return nil, err
	}
	for k := range ask {
		hosts[k.host] = true
	}
	for host := range hosts {
		for _, user := range everyone {
			if user > 0 {
				ask[who{host, user}] = true
			}
		}
	}
	before, err := t.usesBefore(number, ask)
	if err != nil {
		return nil, err
	}
	if err := about.narrow(t, &own, ask); err != nil {
		return nil, err
	}
	for _, list := range []*useRows{&own, before} {
		for i := range list.rows {
			x := &list.rows[i]
			texts[int64(x.host)], texts[int64(x.user)] = "", ""
			if err := filesOfUse(list.body(x), func(id int64) { texts[id] = "" }); err != nil {
				return nil, err
			}
		}
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	common := interned{}
	decode := func(of *useRows, x *useRow) (u snapshot.Use, err error) {
		u = snapshot.Use{Host: texts[int64(x.host)], User: texts[int64(x.user)], Month: int(x.month), Days: x.days}
		return u, decodeUse(of.body(x), &u, texts, common)
	}
	ofHost := map[int64][]snapshot.Use{}
	// Rows of the host itself first: their ends are those of every session.
	hostRow := func(x *useRow) bool { return texts[int64(x.user)] == "" || texts[int64(x.user)] == "*" }
	for _, list := range []*useRows{before, &own} {
		for i := range list.rows {
			if x := &list.rows[i]; hostRow(x) {
				u, err := decode(list, x)
				if err != nil {
					return nil, err
				}
				ofHost[int64(x.host)] = append(ofHost[int64(x.host)], u)
			}
		}
	}
	out := facts.NewUses(m, len(own.rows))
	var earlier []snapshot.Use
	// put works out the row of k, where u is nil the month has none.
	put := func(k who, u *snapshot.Use) error {
		earlier = earlier[:0]
		for _, x := range before.of(k) {
			e, err := decode(before, &x)
			if err != nil {
				return err
			}
			earlier = append(earlier, e)
		}
		if u == nil {
			if len(earlier) == 0 {
				return nil
			}
			u = &snapshot.Use{Host: earlier[0].Host, User: earlier[0].User, Month: m.Number()}
		}
		if !carry(m, u, earlier, ofHost[k.host], covered[u.Host]) {
			return nil
		}
		for j := range earlier {
			u.SID = filled(u.SID, earlier[j].SID)
			if u.Name == "" {
				u.Name = earlier[j].Name
			}
		}
		if about.wants(u) {
			out.Add(u)
		}
		return nil
	}
	for i := range own.rows {
		x := &own.rows[i]
		if hostRow(x) {
			continue
		}
		u, err := decode(&own, x)
		if err == nil {
			err = put(x.who(), &u)
		}
		if err != nil {
			return nil, err
		}
		delete(ask, x.who())
	}
	for k := range ask {
		if texts[k.user] == "" || texts[k.user] == "*" {
			continue
		}
		if err := put(k, nil); err != nil {
			return nil, err
		}
	}
	out.Done()
	return out, nil
}

// who is a user on a host.
type who struct{ host, user int64 }

func (x *useRow) who() who { return who{int64(x.host), int64(x.user)} }

// sort puts rows by host, user and month.
func (u *useRows) sort() {
	order := func(x, y useRow) int {
		return cmp.Or(cmp.Compare(x.host, y.host), cmp.Compare(x.user, y.user), cmp.Compare(x.month, y.month))
	}
	if !slices.IsSortedFunc(u.rows, order) {
		slices.SortFunc(u.rows, order)
	}
}

// of are the rows, when they are sorted, of one user on one host.
func (u *useRows) of(k who) []useRow {
	from, _ := slices.BinarySearchFunc(u.rows, k, func(x useRow, k who) int {
		return cmp.Or(cmp.Compare(int64(x.host), k.host), cmp.Compare(int64(x.user), k.user))
	})
	until := from
	for until < len(u.rows) && u.rows[until].who() == k {
		until++
	}
	return u.rows[from:until]
}

// usesBefore are the rows of some users in the months that are looked back on:
// a few are asked for one by one, of many the months are read through.
func (t *tx) usesBefore(number int64, ask map[who]bool) (*useRows, error) {
	const few = 2000
	out := &useRows{}
	if len(ask) > few {
		wanted := func(k useKey) bool { return ask[who{k.host, k.user}] }
		if err := t.useRows(out, wanted, "month IN (?, ?, ?)", number-1, number-2, number-3); err != nil {
			return nil, err
		}
	} else {
		for k := range ask {
			if err := t.useRows(out, nil, earlierUses, number-1, number-2, number-3, k.host, k.user); err != nil {
				return nil, err
			}
		}
	}
	out.sort()
	return out, nil
}
