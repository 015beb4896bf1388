package sessions

import "splameter/collector/sessions/record"

// eventBatch is the record.Batch of a fileRun: what one worker made of one piece
// of a log, until the pieces before it are folded.
type eventBatch struct {
	eventBuffer
	to *fileRun

	listed, hostless, local int
	records                 int    // since the last incident
	seen                    bool   // a record came, and
	first                   uint64 // that is the id of the first
	incidents               []incident
	kept                    int // bytes of incidents
}

// incident is a damage or a clearing of the log between events, which is told in
// its place.
type incident struct {
	at      int  // events before it
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

func (u *fileRun) newBatch() *eventBatch {
	return &eventBatch{to: u, eventBuffer: eventBuffer{spellings: &u.f.judge.track.spellings, file: u.f.file}}
}

// Record implements record.Handler.
func (p *eventBatch) Record(r *record.Record) {
	if p.records++; !p.seen {
		p.seen, p.first = true, r.ID
	}
	if !p.add(r) {
		return
	}
	ev := &p.ev
	if ev.class == listed {
		p.listed++
		if len(ev.Host) == 0 {
			p.hostless++
		}
	} else if ev.EventID == 104 || ev.EventID == 1102 {
		c := &cleared{append([]byte(nil), ev.Host...), append([]byte(nil), ev.cleared...), ev.Channel, ev.Ticks, ev.RecordID, ev.Line}
		p.addIncident(incident{cleared: c}, len(c.host)+len(c.which))
	}
	if r.LocalTime {
		p.local++
	}
}

// Damaged implements record.Handler.
func (p *eventBatch) Damaged(d record.Damage) { p.addIncident(incident{damage: d}, len(d.What)) }

func (p *eventBatch) addIncident(a incident, size int) {
	a.at, a.after = len(p.events), p.records > 0
	p.records = 0
	p.incidents = append(p.incidents, a)
	p.kept += size + incidentSize
}

// incidentSize is about how many bytes an incident takes, besides its texts.
const incidentSize = 256

// Size implements record.Batch.
func (p *eventBatch) Size() int { return p.size() + p.kept }

// Deliver implements record.Batch.
func (p *eventBatch) Deliver() {
	u := p.to
	if p != u.own {
		u.own.Deliver()
	}
	if p.seen && !u.begun {
		u.begun, u.firstRead = true, p.first
	}
	from := 0
	for i := range p.incidents {
		a := &p.incidents[i]
		u.f.foldEvents(p.events[from:a.at], p.text)
		from = a.at
		u.tail = u.tail && !a.after
		if a.cleared != nil {
			u.clear(a.cleared)
		} else {
			u.damage(a.damage)
		}
	}
	u.f.foldEvents(p.events[from:], p.text)
	u.tail = u.tail && p.records == 0
	u.read.Events += p.listed
	u.hostless += p.hostless
	u.local += p.local
	p.Reset()
}

// keptBatch is from how many bytes on a batch's memory is not kept for the next
// piece of a log.
const keptBatch = 1 << 20

// Reset implements record.Batch.
func (p *eventBatch) Reset() {
	if p.Size() > keptBatch {
		p.events, p.text, p.incidents = nil, nil, nil
	}
	p.reset()
	clear(p.incidents)
	p.incidents, p.kept = p.incidents[:0], 0
	p.listed, p.hostless, p.local, p.records, p.seen = 0, 0, 0, 0, false
}
