package sessions

// fact is an event in numbers: what judging and folding need of it, without
// its text, so that it outlives its record.
type fact struct {
	ticks   int64
	record  uint64
	session uint64
	seconds int64
	host    uint32 // of the session: behind a gateway, not the gateway
	raw     uint32 // spelling of the user
	user    uint32 // 0: none is named
	sid     uint32
	line    uint32
	event   uint32
	file    uint32

	channel     Channel
	use         use
	address     origin // by the address
	activity    origin // by the ActivityID
	sessionForm markFlags
	logon       int8
	nobody      bool // an account of Windows or of a machine
	bySID       bool // nobody is known by the SID

	hash     uint32 // of the user's key, and
	from, to uint32 // where it stands in the Folder's text, while the fact waits
}

// fact finds out whom an event concerns.
func (j *Judge) fact(ev *Event) fact {
	fa, user := j.unnamed(ev)
	fa.hash = j.names.spelled.hash(user)
	j.name(&fa, user)
	return fa
}

// name finds the user by the key that unnamed gave.
func (j *Judge) name(fa *fact, user []byte) {
	if len(user) == 0 {
		return
	}
	fa.raw = j.names.user(user, fa.hash, fa.host)
	u := j.names.users[fa.raw]
	fa.user = u.user
	if !fa.bySID {
		fa.nobody = u.nobody
	}
}

// unnamed is fact without the user, whose key it returns: valid until the
// next event.
func (j *Judge) unnamed(ev *Event) (fact, []byte) {
	fa := fact{
		ticks: ev.Ticks, record: ev.RecordID, seconds: ev.Seconds, line: uint32(ev.Line), event: ev.EventID,
		channel: ev.Channel, use: ev.use, logon: int8(min(ev.LogonType, 127)), host: j.names.host(ev.Host),
	}
	if ev.use != listed || ev.Channel != LSM && ev.Channel != GW && ev.Channel != Security {
		return fa, nil
	}
	if ev.Channel == GW && connects(ev.EventID) && len(ev.Resource) > 0 {
		fa.host = j.names.host(ev.Resource)
	}
	fa.address, fa.activity = originOf(ev.Address), originByActivity(ev.ActivityID)
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
		fa.sid, fa.nobody, fa.bySID = j.names.sid(ev.SID), isNobody(ev.User, ev.SID), true
	}
	return fa, j.names.spell(ev.User, fa.host)
}

// connects says whether a gateway's event begins or ends a connection.
func connects(id uint32) bool {
	switch id {
	case 202, 302, 303, 307, 309:
		return true
	}
	return false
}
