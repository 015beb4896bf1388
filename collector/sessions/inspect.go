package sessions

import (
	"cmp"
	"context"
	"slices"

	"splameter/collector/sessions/record"
)

// Inspection is what Inspect saw of a file.
type Inspection struct {
	Info
	Events int // of the table of events
}

// IsDamaged says that something of the file could not be read.
func (i Inspection) IsDamaged() bool { return i.Damaged > 0 }

// Inspect hands every event of the table of events, also those that prove
// nothing, to emit, in the order of the file, with what it proves. Damage goes
// to damaged. An error of emit ends the reading and is returned. opt.Extent
// is not used.
func Inspect(ctx context.Context, path string, opt Options, emit func(*Event, Verdict) error, damaged func(record.Damage)) (Inspection, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	opt.Extent = false
	v := &inspector{judge: NewJudge(), emit: emit, damaged: damaged, cancel: cancel}
	info, err := ReadFile(ctx, path, opt, v)
	if v.err != nil {
		err = v.err
	}
	return Inspection{info, v.events}, err
}

type inspector struct {
	judge   *Judge
	compose Composer
	ev      Event
	emit    func(*Event, Verdict) error
	damaged func(record.Damage)
	cancel  func()
	events  int
	err     error
}

// Record implements record.Handler.
func (v *inspector) Record(r *record.Record) {
	if v.err != nil || !v.compose.Compose(r, &v.ev) {
		return
	}
	verdict := v.judge.Judge(&v.ev)
	if v.ev.class != listed {
		return
	}
	v.events++
	if v.err = v.emit(&v.ev, verdict); v.err != nil {
		v.cancel()
	}
}

// Damaged implements record.Handler.
func (v *inspector) Damaged(d record.Damage) {
	if v.damaged != nil {
		v.damaged(d)
	}
}

// Count is how often an event was seen with one outcome.
type Count struct {
	Channel  string `json:"channel"`
	EventID  uint32 `json:"event_id"`
	Evidence string `json:"evidence"`
	Events   int    `json:"events"`
}

// Counts counts events by channel, event id and evidence. The zero value is
// ready.
type Counts struct{ by map[countKey]int }

type countKey struct {
	channel  Channel
	id       uint32
	evidence Evidence
}

// Add counts one event.
func (c *Counts) Add(ev *Event, v Verdict) {
	if c.by == nil {
		c.by = map[countKey]int{}
	}
	c.by[countKey{ev.Channel, ev.EventID, v.Evidence}]++
}

// List is the counts, sorted by channel, event id and evidence.
func (c *Counts) List() []Count {
	keys := make([]countKey, 0, len(c.by))
	for k := range c.by {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b countKey) int {
		return cmp.Or(cmp.Compare(a.channel, b.channel), cmp.Compare(a.id, b.id), cmp.Compare(a.evidence, b.evidence))
	})
	out := make([]Count, len(keys))
	for i, k := range keys {
		out[i] = Count{k.channel.String(), k.id, k.evidence.String(), c.by[k]}
	}
	return out
}
