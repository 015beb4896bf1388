package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"splameter/internal/month"
	"splameter/internal/packed/facts"
	"splameter/internal/snapshot"
)

// About is what Facts knows of one month that tells of somebody: everything
// but the logs, what the months before knew, and the uses of all others.
type About struct {
	*snapshot.Facts
	// Hosts are those of all uses, of the others' too. Sorted.
	Hosts []string
}

// FactsAbout implements Store.
func (s *database) FactsAbout(ctx context.Context, m month.Month, asks func(*snapshot.Facts) func(*snapshot.Use) bool) (*About, error) {
	if m.IsZero() || m.Location().String() != s.opt.Location.String() {
		return nil, fmt.Errorf("the facts of %s were asked for in another time zone than the store's, which is %s", m, s.opt.Location)
	}
	out := &About{Facts: &snapshot.Facts{Month: m}}
	err := s.read(ctx, func(t *tx) error {
		if err := t.counted(out.Facts); err != nil {
			return err
		}
		covered, err := t.coveredHosts(m)
		if err != nil {
			return err
		}
		about := &aboutUses{asks: asks(out.Facts), hosts: map[string]bool{}}
		var uses *facts.Uses
		if uses, err = t.uses(m, covered, about); err != nil {
			return err
		}
		out.Uses = snapshot.ListIn[snapshot.Use](uses)
		out.Hosts = slices.Sorted(maps.Keys(about.hosts))
		return t.shrink()
	})
	if err != nil {
		return nil, s.explain("read the facts of "+m.String()+" from", err)
	}
	return out, nil
}

// coveredHosts are the hosts of which a log reaches into a month.
func (t *tx) coveredHosts(m month.Month) (map[string]bool, error) {
	texts, out := names{}, map[string]bool{}
	err := t.each(func(r *sql.Rows) error {
		var host int64
		err := r.Scan(&host)
		texts[host] = ""
		return err
	}, "SELECT DISTINCT host FROM log WHERE until_at >= ? AND from_at < ?", ticks(m.Start()), ticks(m.End()))
	if err == nil {
		err = texts.load(t)
	}
	for _, name := range texts {
		out[name] = true
	}
	return out, err
}

// aboutUses narrows rows of use to those that are asked for, by host, user and
// SID; nil to none.
type aboutUses struct {
	asks  func(*snapshot.Use) bool
	hosts map[string]bool // of all
}

func (a *aboutUses) wants(u *snapshot.Use) bool {
	if a == nil {
		return true
	}
	a.hosts[u.Host] = true
	return a.asks(u)
}

// narrow leaves out the rows that nobody asks for. A row without a day of its
// own, or with an earlier month's, is told whole only by that.
func (a *aboutUses) narrow(t *tx, own *useRows, ask map[who]bool) error {
	if a == nil {
		return nil
	}
	texts := names{}
	for i := range own.rows {
		texts[int64(own.rows[i].host)], texts[int64(own.rows[i].user)] = "", ""
	}
	if err := texts.load(t); err != nil {
		return err
	}
	var failed error
	own.rows = slices.DeleteFunc(own.rows, func(x useRow) bool {
		u := snapshot.Use{Host: texts[int64(x.host)], User: texts[int64(x.user)]}
		if u.User == "" || u.User == "*" || ask[x.who()] {
			return false
		}
		sid, err := sidOfUse(own.body(&x))
		if err != nil && failed == nil {
			failed = err
		}
		u.SID = sid
		return !a.wants(&u)
	})
	return failed
}
