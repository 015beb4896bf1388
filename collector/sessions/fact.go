package sessions

import "splameter/collector/sessions/eventtext"

import "splameter/collector/sessions/textblock"

// fact is an event in numbers: what judging and folding need of it, without
// its text, so that it outlives its record.
type fact struct {
	ticks    int64
	record   uint64
	session  uint64
	seconds  int64
	host     uint32 // of the session: behind a gateway, not the gateway
	computer uint32 // of the event
	spelled  uint32 // ref of its spelling
	raw      uint32 // spelling of the user
	user     uint32 // 0: none is named
	sid      uint32
	line     uint32
	event    uint32
	file     uint32

	channel     Channel
	use         use
	address     origin // by the address
	activity    origin // by the ActivityID
	sessionForm markFlags
	logon       int8
	nobody      bool // an account of Windows or of a machine
	bySID       bool // nobody is known by the SID
	shows       bool // it shows a remote session, if it says whose

	personal  bool // it may name a user
	worded    bool // host and user stand as words that may be known
	elsewhere bool // host is another one than computer

	pair *pair  // of the user on the host, where it is found already
	hash uint32 // of its words
	text places // while the fact waits
}

// places are where the names of a fact stand in the text beside it, one behind
// the other: up to where each goes.
type places struct{ from, computer, resource, user, sid uint32 }

// fact finds out whom an event concerns.
func (j *Judge) fact(ev *Event) fact {
	var fa fact
	fa.nameless(ev)
	fa.computer, _ = j.hosts.host(ev.Host, j.book)
	fa.host = fa.computer
	if fa.elsewhere {
		fa.host, _ = j.hosts.host(ev.Resource, j.book)
	}
	if !fa.personal {
		return fa
	}
	j.book.mu.Lock()
	defer j.book.mu.Unlock()
	if sid := fa.sidOf(ev); len(sid) > 0 {
		fa.sid = j.book.names.sid(sid)
	}
	j.name(&fa, plainName(ev.User))
	return fa
}

// nameless makes fa, which is empty, the fact of an event but for the names: of
// computers, user and SID.
func (fa *fact) nameless(ev *Event) {
	fa.told(ev)
	fa.shows = fa.personal && fa.showsSession()
}

// showsSession says whether an event of such a kind, from such an address, is
// evidence of a session.
func (fa *fact) showsSession() bool {
	switch fa.channel {
	case LSM:
		switch fa.event {
		case 21, 22, 25:
			return fa.address != console
		case 24:
			return fa.address == remote
		}
	case GW:
		return fa.event == 302
	case Poll:
		return fa.event != eventtext.SeenConsole
	case Security:
		switch fa.event {
		case 4624:
			return fa.logon == 10 || fa.logon == 7 && fa.address == remote || fa.logon < 0
		case 4778:
			return fa.address == remote || fa.address == unsaid
		}
	}
	return false
}

func (fa *fact) told(ev *Event) {
	fa.ticks, fa.record, fa.seconds, fa.line, fa.event = ev.Ticks, ev.RecordID, ev.Seconds, uint32(ev.Line), ev.EventID
	fa.channel, fa.use, fa.logon = ev.Channel, ev.use, int8(min(ev.LogonType, 127))
	if ev.use != listed || ev.Channel != LSM && ev.Channel != GW && ev.Channel != Security && ev.Channel != Poll {
		return
	}
	fa.personal = true
	fa.elsewhere = ev.Channel == GW && connects(ev.EventID) && len(ev.Resource) > 0
	fa.address, fa.activity = originOf(ev.Address), originByActivity(ev.ActivityID)
	if ev.console {
		fa.address = console
	}
	if len(ev.Session) > 0 {
		fa.session = sessionNumber(ev.Session)
		if fa.session&oddSession == 0 {
			fa.sessionForm = markSession
			if len(ev.Session) > 1 && ev.Session[1] == 'x' {
				fa.sessionForm |= markHex
			}
		}
	}
	if sidKnown(ev.SID) {
		fa.nobody, fa.bySID = isNobody(ev.User, ev.SID), true
	}
}

// name finds the user by plainName's result, and says whether that is the name
// of nobody who counts. Whoever calls it holds the book.
func (j *Judge) name(fa *fact, user []byte) (nobody bool) {
	n := j.book.names
	if len(user) == 0 {
		return false
	}
	if len(user) > 1 && user[1] == '\\' && user[0] == '.' { // whose it is depends on the host
		j.scratch = append(append(append(j.scratch[:0], n.hosts[fa.host]...), 0), user...)
		user = j.scratch
	}
	fa.raw = n.user(user, fa.host)
	account, nobody := n.spelled.number(fa.raw)
	fa.user = account
	if !fa.bySID {
		fa.nobody = nobody
	}
	return nobody
}

// plainName is an account as a log spells it, without blanks around it. A name
// too long to be one is nobody's.
func plainName(name []byte) []byte {
	if name = textblock.Trim(name); len(name) > maxName {
		return nil
	}
	return name
}

// sidOf is the SID that an event tells of its user, nil for none.
func (fa *fact) sidOf(ev *Event) []byte {
	if !fa.bySID || len(ev.SID) > maxSID {
		return nil
	}
	return ev.SID
}

// connects says whether a gateway's event begins or ends a connection.
func connects(id uint32) bool {
	switch id {
	case 202, 302, 303, 307, 309:
		return true
	}
	return false
}
