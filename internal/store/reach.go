package store

import (
	"cmp"
	"encoding/binary"
	"slices"
	"time"

	"splameter/internal/snapshot"
)

// reach is everything known of one log over all its readings: of each file,
// host and channel. Its stretches are united, so that a file that is read again
// and again, while it grows or goes round, takes no more room than what is
// missing in it.
type reach struct {
	snapshot.Log
	parts []snapshot.Part // Log's Stretches, united
}

// reset makes it as good as new, and keeps its room.
func (r *reach) reset() { r.Log, r.parts = snapshot.Log{}, r.parts[:0] }

// reachOf is what one reading knows, with moments as the store keeps them.
func reachOf(l snapshot.Log) reach {
	for _, t := range []*time.Time{&l.First, &l.Last, &l.Cleared, &l.FirstCleared, &l.Until, &l.Modified, &l.Exported} {
		*t = fromTicks(ticks(*t))
	}
	r := reach{Log: l, parts: slices.Clone(l.Stretches())}
	for i := range r.parts {
		p := &r.parts[i]
		p.From, p.Until = fromTicks(ticks(p.From)), fromTicks(ticks(p.Until))
	}
	r.Lost = slices.Clone(l.Lost)
	for i := range r.Lost {
		r.Lost[i].From, r.Lost[i].Until = fromTicks(ticks(r.Lost[i].From)), fromTicks(ticks(r.Lost[i].Until))
	}
	r.count()
	return r
}

// merge adds what b knows: the same file read again, or in part.
func (r *reach) merge(b *reach) {
	r.Name = filled(r.Name, b.Name)
	r.First, r.FirstCleared = sooner(r.First, b.First), sooner(r.FirstCleared, b.FirstCleared)
	r.Last, r.Cleared = later(r.Last, b.Last), later(r.Cleared, b.Cleared)
	r.Records = max(r.Records, b.Records)
	r.parts = append(slices.Clone(r.parts), b.parts...)
	// What is said of the file as a whole, the latest look at it says.
	switch {
	case b.Until.After(r.Until):
		r.Until, r.Modified, r.Exported, r.Cut, r.Lost = b.Until, b.Modified, b.Exported, b.Cut, b.Lost
	case b.Until.Equal(r.Until):
		r.Modified, r.Exported, r.Cut = later(r.Modified, b.Modified), later(r.Exported, b.Exported), r.Cut || b.Cut
		r.Lost = append(slices.Clone(r.Lost), b.Lost...)
	}
	r.count()
}

// sooner is the smaller of two moments, where none is no moment.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func comparePart(x, y snapshot.Part) int {
	flags := func(p snapshot.Part) (n int) {
		if p.Chosen {
			n = 2
		}
		if p.Broken {
			n++
		}
		return n
	}
	return cmp.Or(x.From.Compare(y.From), cmp.Compare(x.First, y.First), x.Until.Compare(y.Until), cmp.Compare(x.Last, y.Last), cmp.Compare(flags(x), flags(y)))
}

// joins says that y, which begins no lower than x, goes on where x ends, or
// within x. Ids that are the same at quite other times are those of another
// log: the host was installed anew, and counts from 1 again.
func joins(x, y *snapshot.Part) bool {
	switch {
	case x.Chosen || y.Chosen || y.First < x.First:
		return false
	case y.First <= x.Last:
		return !y.From.After(x.Until) && !x.From.After(y.Until)
	}
	return y.First == x.Last+1 && !y.Until.Before(x.From)
}

// united are the stretches without what is told twice, by time.
func united(all []snapshot.Part) []snapshot.Part {
	slices.SortFunc(all, func(x, y snapshot.Part) int { return cmp.Or(cmp.Compare(x.First, y.First), comparePart(x, y)) })
	out := all[:0:0]
	for _, p := range all {
		if p.Chosen {
			continue
		}
		at := slices.IndexFunc(out, func(x snapshot.Part) bool { return joins(&x, &p) })
		if at < 0 {
			out = append(out, p)
			continue
		}
		x := &out[at]
		if p.From.Before(x.From) {
			x.From, x.Broken = p.From, p.Broken
		}
		x.Last, x.Until = max(x.Last, p.Last), later(x.Until, p.Until)
	}
	exact := len(out)
	slices.SortFunc(all, comparePart)
	for _, p := range all {
		if !p.Chosen {
			continue
		}
		if n := len(out); n > exact {
			x := &out[n-1]
			if p.From.Sub(x.Until) <= snapshot.MaxSilence && (!p.Broken || p.From.Before(x.Until) || p.From.Equal(x.From)) {
				if p.First > 0 && (x.First == 0 || p.First < x.First) {
					x.First = p.First
				}
				x.Last, x.Until = max(x.Last, p.Last), later(x.Until, p.Until)
				if p.From.Equal(x.From) {
					x.Broken = x.Broken && p.Broken
				}
				continue
			}
		}
		out = append(out, p)
	}
	slices.SortFunc(out, comparePart)
	return out
}

// count unites the stretches, and works out the log's own members from them.
func (r *reach) count() {
	if len(r.parts) > 1 {
		r.parts = united(r.parts)
	}
	if len(r.Lost) > 1 {
		slices.SortFunc(r.Lost, func(x, y snapshot.Lost) int {
			return cmp.Or(cmp.Compare(x.Cause, y.Cause), x.From.Compare(y.From), x.Until.Compare(y.Until), cmp.Compare(x.Events, y.Events))
		})
		r.Lost = slices.Compact(r.Lost)
	}
	width := uint64(0)
	for i := range r.parts {
		p := &r.parts[i]
		if p.Last > 0 && (r.FirstRecord == 0 || p.First < r.FirstRecord) {
			r.FirstRecord = p.First
		}
		r.LastRecord = max(r.LastRecord, p.Last)
		if !p.Chosen {
			width += p.Last - p.First + 1
		}
	}
	r.Records = max(r.Records, width)
	r.Parts = nil
	if whole, ok := r.Whole(); len(r.parts) != 1 || !ok || r.parts[0] != whole {
		r.Parts = r.parts
	}
	if len(r.Parts) == 0 {
		r.Parts = nil
	}
	if len(r.Lost) == 0 {
		r.Lost = nil
	}
}

// extent is a stretch of record ids of which so many are missing, nobody
// knows where: what stores up to schema 3 kept of logs.
type extent struct {
	first, last, missing uint64
}

const (
	partChosen = 1 << iota
	partBroken
)

// appendReach is a log without its host, channel and file.
func appendReach(b []byte, r *reach) []byte {
	e := encoder{b}
	e.text(1, r.Name)
	e.number(2, ticks(r.First))
	e.number(3, ticks(r.Last))
	e.number(4, ticks(r.Cleared))
	e.number(5, ticks(r.Until))
	e.number(6, int64(r.Records))
	e.number(9, int64(r.FirstRecord))
	e.number(10, int64(r.LastRecord))
	for i := range r.Parts {
		p := &r.Parts[i]
		flags := byte(0)
		if p.Chosen {
			flags |= partChosen
		}
		if p.Broken {
			flags |= partBroken
		}
		e.b = append(e.b, 11, flags)
		e.b = binary.AppendUvarint(e.b, p.First)
		e.b = binary.AppendUvarint(e.b, p.Last)
		e.b = binary.AppendVarint(e.b, ticks(p.From))
		e.b = binary.AppendVarint(e.b, ticks(p.Until))
	}
	e.number(12, ticks(r.Modified))
	e.number(13, ticks(r.Exported))
	e.number(14, ticks(r.FirstCleared))
	e.flag(15, r.Cut)
	for i := range r.Lost {
		l := &r.Lost[i]
		e.text(16, cmp.Or(string(l.Cause), "?"))
		e.b = binary.AppendVarint(e.b, int64(l.Events))
		e.b = binary.AppendVarint(e.b, ticks(l.From))
		e.b = binary.AppendVarint(e.b, ticks(l.Until))
	}
	return e.b
}

// reachName is the name that a log's host writes, which stands first.
func reachName(b []byte) string {
	d := decoder{b: b}
	if d.field() != 1 {
		return ""
	}
	return d.text()
}

func decodeReach(b []byte, r *reach) error {
	d := decoder{b: b}
	var old []extent
	for f := d.field(); f != 0; f = d.field() {
		switch f {
		case 1:
			r.Name = d.text()
		case 2:
			r.First = fromTicks(d.number())
		case 3:
			r.Last = fromTicks(d.number())
		case 4:
			r.Cleared = fromTicks(d.number())
		case 5:
			r.Until = fromTicks(d.number())
		case 6:
			r.Records = uint64(d.number())
		case 7, 8:
			old = append(old, extent{d.uint(), d.uint(), d.uint()})
		case 9:
			r.FirstRecord = uint64(d.number())
		case 10:
			r.LastRecord = uint64(d.number())
		case 11:
			flags := byte(0)
			if len(d.b) == 0 {
				d.fail()
			} else {
				flags, d.b = d.b[0], d.b[1:]
			}
			p := snapshot.Part{First: d.uint(), Last: d.uint()}
			p.From, p.Until = fromTicks(d.number()), fromTicks(d.number())
			p.Chosen, p.Broken = flags&partChosen != 0, flags&partBroken != 0
			r.parts = append(r.parts, p)
		case 12:
			r.Modified = fromTicks(d.number())
		case 13:
			r.Exported = fromTicks(d.number())
		case 14:
			r.FirstCleared = fromTicks(d.number())
		case 15:
			r.Cut = d.number() != 0
		case 16:
			l := snapshot.Lost{Cause: snapshot.LostCause(d.text()), Events: int(d.number())}
			l.From, l.Until = fromTicks(d.number()), fromTicks(d.number())
			r.Lost = append(r.Lost, l)
		default:
			d.unknown(f)
		}
	}
	// An older splameter kept no times of single stretches.
	for _, x := range old {
		if x.first <= x.last && x.last > 0 {
			r.parts = append(r.parts, snapshot.Part{First: x.first, Last: x.last, From: r.First, Until: r.Last, Chosen: x.missing > 0})
			if n := x.last - x.first + 1; x.missing > 0 && n > x.missing {
				r.Records = max(r.Records, n-x.missing)
			}
		}
	}
	if len(r.parts) == 0 {
		r.parts = append(r.parts, r.Stretches()...)
	}
	r.count()
	return d.err
}
