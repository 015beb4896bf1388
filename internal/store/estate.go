package store

import (
	"cmp"
	"database/sql"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/packed/facts"
	"splameter/internal/snapshot"
)

// observations are, by item, at which of a source's readings (by index,
// ascending) it was read.
type observations map[int64][]int

// observed gathers what a source's readings of a month named of one kind.
func (t *tx) observed(kind int64, all []reading) (observations, error) {
	out := observations{}
	sets := map[int64][]int64{}
	for i := range all {
		set := all[i].software
		if kind == kindMachine {
			set = all[i].machines
		}
		if set == 0 {
			err := t.each(func(r *sql.Rows) error {
				var item int64
				err := r.Scan(&item)
				out[item] = append(out[item], i)
				return err
			}, "SELECT item FROM observed WHERE reading = ? AND kind = ?", all[i].id, kind)
			if err != nil {
				return nil, err
			}
			continue
		}
		if sets[set] == nil {
			ids, err := t.set(set)
			if err != nil {
				return nil, err
			}
			sets[set] = ids
		}
		for _, item := range sets[set] {
			out[item] = append(out[item], i)
		}
	}
	return out, nil
}

// stateSpan is one state of a host or machine, with the readings of the month
// that saw it.
type stateSpan struct {
	item, first, until, value, seen int64
	line                            int
	lines                           []byte
	at                              []int
}

func (s *stateSpan) days(all []reading) (days []month.Day) {
	for _, i := range s.at {
		days = append(days, all[i].Day)
	}
	return slices.Compact(days)
}

// states are the states of a month, by item and time.
func (t *tx) states(kind int64, all []reading) ([]stateSpan, error) {
	seen, err := t.observed(kind, all)
	if err != nil {
		return nil, err
	}
	var out []stateSpan
	err = t.each(func(r *sql.Rows) error {
		var x stateSpan
		if err := r.Scan(&x.item, &x.first, &x.until, &x.value, &x.seen, &x.line, &x.lines); err != nil {
			return err
		}
		for _, i := range seen[x.item] {
			if n := all[i].taken; n >= x.first && n < x.until {
				x.at = append(x.at, i)
			}
		}
		if len(x.at) > 0 {
			out = append(out, x)
		}
		return nil
	}, `SELECT a, first_at, until_at, value, seen, line, lines FROM span
		WHERE source = ? AND kind = ? AND until_at > ? AND first_at <= ?`,
		all[0].source, kind, all[0].taken, all[len(all)-1].taken)
	slices.SortFunc(out, func(x, y stateSpan) int { return cmp.Or(cmp.Compare(x.item, y.item), cmp.Compare(x.first, y.first)) })
	return out, err
}

// bySource calls f with the readings of each source in turn.
func bySource(all []reading, f func([]reading) error) error {
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].source == all[0].source {
			n++
		}
		if err := f(all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// softwareMonth is what the hosts of one inventory had in the month.
func (t *tx) softwareMonth(all []reading) ([]snapshot.SoftwareMonth, error) {
	states, err := t.states(kindSoftware, all)
	if err != nil {
		return nil, err
	}
	files, bodies := map[int64]string{}, make(map[int64][]int)
	for i := range states {
		files[states[i].seen] = ""
		bodies[states[i].value] = append(bodies[states[i].value], i)
	}
	if err := t.files(files); err != nil {
		return nil, err
	}
	known := newPrograms()
	lists := make([][]uint32, len(states))
	err = t.bodies(bodies, func(i int, body []byte) (err error) {
		lists[i], err = known.decode(body)
		return err
	})
	if err != nil {
		return nil, err
	}
	rank := known.Done()
	var out []snapshot.SoftwareMonth
	at := map[uint32]int{}
	for i := 0; i < len(states); {
		host := snapshot.SoftwareMonth{Source: all[0].Source}
		packed := facts.NewInstalls(known.Programs)
		clear(at)
		item := states[i].item
		for ; i < len(states) && states[i].item == item; i++ {
			s := &states[i]
			lines := decoder{b: s.lines}
			host.Host = lines.text()
			days := s.days(all)
			host.Site = all[s.at[len(s.at)-1]].Site
			host.Days = append(host.Days, days...)
			packed.File(files[s.seen])
			packed.Grow(len(lists[i]))
			line := 0
			for _, x := range lists[i] {
				line += int(lines.number())
				if j, ok := at[x]; ok {
					packed.Until(j, days[len(days)-1])
					continue
				}
				at[x] = packed.Len()
				packed.Add(x, line, days[0], days[len(days)-1])
			}
			if lines.err != nil {
				return nil, lines.err
			}
			lists[i] = nil
		}
		host.Days = slices.Compact(host.Days)
		packed.Done(rank)
		host.Installs = snapshot.ListIn[snapshot.InstallMonth](packed)
		out = append(out, host)
	}
	slices.SortFunc(out, func(x, y snapshot.SoftwareMonth) int {
		return cmp.Or(strings.Compare(snapshot.HostKey(x.Host), snapshot.HostKey(y.Host)), strings.Compare(x.Host, y.Host))
	})
	return out, nil
}

// machineMonth are the states of the machines of one inventory in the month.
func (t *tx) machineMonth(all []reading) ([]snapshot.MachineMonth, error) {
	states, err := t.states(kindMachine, all)
	if err != nil {
		return nil, err
	}
	files, bodies := map[int64]string{}, make(map[int64][]int)
	for i := range states {
		files[states[i].seen] = ""
		bodies[states[i].value] = append(bodies[states[i].value], i)
	}
	if err := t.files(files); err != nil {
		return nil, err
	}
	out := make([]snapshot.MachineMonth, len(states))
	err = t.bodies(bodies, func(i int, body []byte) error {
		s := &states[i]
		days := s.days(all)
		out[i] = snapshot.MachineMonth{
			Source: all[0].Source, Site: all[s.at[len(s.at)-1]].Site,
			First: days[0], Last: days[len(days)-1], Days: days, File: files[s.seen],
		}
		out[i].Machine.Line = s.line
		return decodeMachine(body, &out[i].Machine)
	})
	if err != nil {
		return nil, err
	}
	// By key, then in the order of the states, which two states of one day
	// keep.
	slices.SortStableFunc(out, func(x, y snapshot.MachineMonth) int {
		return cmp.Or(strings.Compare(x.Key(), y.Key()), cmp.Compare(x.First, y.First))
	})
	return out, nil
}

// hostsRead are the keys of all hosts whose software was read in a month.
func (t *tx) hostsRead(m month.Month) ([]string, error) {
	all, err := t.readings("month = ? AND kind = 'inventory' AND status <> 'failed'", m.Number())
	if err != nil {
		return nil, err
	}
	texts := names{}
	err = bySource(all, func(all []reading) error {
		seen, err := t.observed(kindSoftware, all)
		for item := range seen {
			texts[item] = ""
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := texts.load(t); err != nil {
		return nil, err
	}
	var out []string
	for _, text := range texts {
		out = append(out, text)
	}
	slices.Sort(out)
	return out, nil
}
