package sessions

import "splameter/collector/sessions/eventtext"

import "splameter/collector/sessions/textblock"

// codedEvent is an Event in numbers: what judging and folding need of it, without
// its text, so that it outlives its record.
type codedEvent struct {
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
	client   uint32 // the user's device; 0: none is named
	line     uint32
	event    uint32
	file     uint32

	channel       Channel
	class         eventClass
	address       origin // by the address
	activity      origin // by the ActivityID
	sessionForm   markFlags
	logon         int8
	system        bool // an account of Windows or of a machine
	bySID         bool // system is known by the SID
	provesSession bool // it shows a remote session, if it says whose

	namesUser bool // it may name a user
	cacheable bool // the spellings of host and user may stand in the cache
	elsewhere bool // host is another one than computer

	entry *hostUser // of the user on the host, where it is found already
	hash  uint32    // of the spellings of host and user
	spans textSpans // while the event waits in a buffer
}

// textSpans are where the names of an event stand in the buffer's text, one behind
// the other: up to where each goes.
type textSpans struct{ from, computer, resource, user, sid, client uint32 }

// encode makes the numbers of an event, those of its names among them.
func (j *Judge) encode(ev *Event) codedEvent {
	var ce codedEvent
	ce.encodeNumbers(ev)
	ce.computer, _ = j.hosts.host(ev.Host, j.tables)
	ce.host = ce.computer
	if ce.elsewhere {
		ce.host, _ = j.hosts.host(ev.Resource, j.tables)
	}
	if !ce.namesUser {
		return ce
	}
	j.tables.mu.Lock()
	defer j.tables.mu.Unlock()
	if sid := ce.sidOf(ev); len(sid) > 0 {
		ce.sid = j.tables.nameTable.sid(sid)
	}
	ce.client = j.tables.client(ce.clientOf(ev))
	j.name(&ce, plainName(ev.User))
	return ce
}

// clientOf is the name of the device that the user sat at; nil where the event
// tells none, or no network address with it.
func (ce *codedEvent) clientOf(ev *Event) []byte {
	if len(ev.Client) == 0 || ce.address != remote {
		return nil
	}
	return plainName(ev.Client)
}

// encodeNumbers makes ce, which is empty, of all of an event but its names: of
// computers, user and SID.
func (ce *codedEvent) encodeNumbers(ev *Event) {
	ce.encodeFields(ev)
	ce.provesSession = ce.namesUser && ce.showsSession()
}

// showsSession says whether an event of such a kind, from such an address, is
// evidence of a session.
func (ce *codedEvent) showsSession() bool {
	switch ce.channel {
	case LSM:
		switch ce.event {
		case 21, 22, 25:
			return ce.address != console
		case 24:
			return ce.address == remote
		}
	case GW:
		return ce.event == 302
	case Poll:
		return ce.event != eventtext.SeenConsole
	case Security:
		switch ce.event {
		case 4624:
			return ce.logon == 10 || ce.logon == 7 && ce.address == remote || ce.logon < 0
		case 4778:
			return ce.address == remote || ce.address == unsaid
		}
	}
	return false
}

func (ce *codedEvent) encodeFields(ev *Event) {
	ce.ticks, ce.record, ce.seconds, ce.line, ce.event = ev.Ticks, ev.RecordID, ev.Seconds, uint32(ev.Line), ev.EventID
	ce.channel, ce.class, ce.logon = ev.Channel, ev.class, int8(min(ev.LogonType, 127))
	if ev.class != listed || ev.Channel != LSM && ev.Channel != GW && ev.Channel != Security && ev.Channel != Poll {
		return
	}
	ce.namesUser = true
	ce.elsewhere = ev.Channel == GW && connects(ev.EventID) && len(ev.Resource) > 0
	ce.address, ce.activity = originOf(ev.Address), originByActivity(ev.ActivityID)
	if ev.console {
		ce.address = console
	}
	if len(ev.Session) > 0 {
		ce.session = sessionNumber(ev.Session)
		if ce.session&oddSession == 0 {
			ce.sessionForm = markSession
			if len(ev.Session) > 1 && ev.Session[1] == 'x' {
				ce.sessionForm |= markHex
			}
		}
	}
	if sidKnown(ev.SID) {
		ce.system, ce.bySID = isSystemAccount(ev.User, ev.SID), true
	}
}

// name finds the user by plainName's result, and says whether that is the name
// of an account of Windows or of a machine. Whoever calls it holds the tables' lock.
func (j *Judge) name(ce *codedEvent, user []byte) (nobody bool) {
	n := j.tables.nameTable
	if len(user) == 0 {
		return false
	}
	if len(user) > 1 && user[1] == '\\' && user[0] == '.' { // whose it is depends on the host
		j.scratch = append(append(append(j.scratch[:0], n.hosts[ce.host]...), 0), user...)
		user = j.scratch
	}
	ce.raw = n.user(user, ce.host)
	account, nobody := n.spelled.number(ce.raw)
	ce.user = account
	if !ce.bySID {
		ce.system = nobody
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
func (ce *codedEvent) sidOf(ev *Event) []byte {
	if !ce.bySID || len(ev.SID) > maxSID {
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
