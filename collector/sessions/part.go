package sessions

import "splameter/collector/sessions/record"

// part is a record.Part of a fileRun.
type part struct {
	gathered
	to *fileRun

	events, hostless, local int
	records                 int    // since the last aside
	seen                    bool   // a record came, and
	first                   uint64 // that is the id of the first
	asides                  []aside
	kept                    int // bytes of asides
}

// aside is what stands between events and is told in its place.
type aside struct {
	at      int  // facts before it
	after   bool // records came since the one before
	damage  record.Damage
	cleared *cleared // instead of a damage
}

// cleared is an event that says that a log was cleared.
type cleared struct {
	host, which []byte // which log, where it is not Security
	channel     Channel
	ticks       int64
	record      uint64
	line        int
}

func (u *fileRun) part() *part {
	return &part{to: u, gathered: gathered{words: &u.f.judge.track.words, file: u.f.file}}
}

// Record implements record.Handler.
func (p *part) Record(r *record.Record) {
	if p.records++; !p.seen {
		p.seen, p.first = true, r.ID
	}
	if !p.add(r) {
		return
	}
	ev := &p.ev
	if ev.use == listed {
		p.events++
		if len(ev.Host) == 0 {
			p.hostless++
		}
	} else if ev.EventID == 104 || ev.EventID == 1102 {
		c := &cleared{append([]byte(nil), ev.Host...), append([]byte(nil), ev.cleared...), ev.Channel, ev.Ticks, ev.RecordID, ev.Line}
		p.aside(aside{cleared: c}, len(c.host)+len(c.which))
	}
	if r.LocalTime {
		p.local++
	}
}

// Damaged implements record.Handler.
func (p *part) Damaged(d record.Damage) { p.aside(aside{damage: d}, len(d.What)) }

func (p *part) aside(a aside, size int) {
	a.at, a.after = len(p.facts), p.records > 0
	p.records = 0
	p.asides = append(p.asides, a)
	p.kept += size + asideSize
}

// asideSize is about how many bytes an aside takes, besides its texts.
const asideSize = 256

// Size implements record.Part.
func (p *part) Size() int { return p.size() + p.kept }

// Deliver implements record.Part.
func (p *part) Deliver() {
	u := p.to
	if p != u.own {
		u.own.Deliver()
	}
	if p.seen && !u.begun {
		u.begun, u.firstRead = true, p.first
	}
	from := 0
	for i := range p.asides {
		a := &p.asides[i]
		u.f.take(p.facts[from:a.at], p.text)
		from = a.at
		u.tail = u.tail && !a.after
		if a.cleared != nil {
			u.clear(a.cleared)
		} else {
			u.damage(a.damage)
		}
	}
	u.f.take(p.facts[from:], p.text)
	u.tail = u.tail && p.records == 0
	u.read.Events += p.events
	u.hostless += p.hostless
	u.local += p.local
	p.Reset()
}

// keptPart is from how many bytes on a part's memory is not kept for the next
// piece of a log.
const keptPart = 1 << 20

// Reset implements record.Part.
func (p *part) Reset() {
	if p.Size() > keptPart {
		p.facts, p.text, p.asides = nil, nil, nil
	}
	p.reset()
	clear(p.asides)
	p.asides, p.kept = p.asides[:0], 0
	p.events, p.hostless, p.local, p.records, p.seen = 0, 0, 0, 0, false
}
