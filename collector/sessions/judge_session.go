package sessions

func (j *Judge) lsm(ev *codedEvent, jm *judgement) {
	switch ev.event {
	case 21, 22, 23, 24, 25:
	case 39:
		jm.Reason = "one session took over another; it names no user"
		return
	case 40:
		jm.Reason = "a disconnection that names no user; 23, 24 or 25 says whose it was"
		return
	case 41, 42:
		jm.Reason = "session arbitration: the session may never come to be"
		return
	case 54:
		jm.Reason, jm.effect = "the host is shutting down: it ends every open session", stops
		return
	default:
		jm.Reason = "a message of the service, no session"
		return
	}
	if !j.known(ev, jm) {
		return
	}
	p := jm.user
	s := j.track.session(p, ev.session)
	switch ev.event {
	case 23:
		logoff(ev, jm, s, p)
	case 24:
		disconnect(ev, jm, s)
	default:
		logon(ev, jm, s, p)
	}
}

// logon judges 21, 22 and 25: a session begins or goes on.
func logon(ev *codedEvent, jm *judgement, s *session, p *hostUser) {
	if ev.event == 21 { // the id may have been another session's, whose end is not in the log
		p.close(s)
		s.is &^= wasRemote
	}
	s.is = s.is&^ended | started
	switch s.kind = ev.address; s.kind {
	case remote:
		jm.Evidence, jm.Reason = Yes, "a remote session: the address is a network address"
	case tunnel:
		s.kind = remote
		jm.Evidence, jm.Reason = Yes, "a remote session, through a tunnel that ends on the host itself"
	case console:
		jm.Reason = "at the console: the address is no network address"
		return
	default:
		s.kind = ev.activity
		switch s.kind {
		case remote:
			jm.Evidence, jm.Reason = Supporting, "no address is written; the ActivityID is that of a remote connection"
		case console:
			jm.Reason = "at the console: no address is written, and the ActivityID is the console's"
			return
		default:
			jm.Reason = "no address is written: remote or console, nobody can tell"
			return
		}
	}
	jm.effect = opens
	p.last = s.id
	s.is |= wasRemote
	if s.is&isOpen == 0 {
		s.is |= isOpen
		p.open++
	}
}

// close takes a session out of the open ones.
func (p *hostUser) close(s *session) {
	if s.is&isOpen != 0 {
		s.is &^= isOpen
		p.open = max(0, p.open-1) // a host that went down has closed it before
	}
}

// logoff judges 23, which has no address: what is known of the session, or
// else the ActivityID, tells whether it was remote. The ActivityID is second
// evidence: it never outweighs the addresses of the session's own events.
func logoff(ev *codedEvent, jm *judgement, s *session, p *hostUser) {
	begun := s.is&started != 0
	consoleOnly := begun && s.is&wasRemote == 0
	kind := ev.activity
	if s.kind == remote || s.kind == console {
		kind = unsaid
	}
	switch {
	case kind == remote && begun:
		jm.Evidence, jm.Reason = Yes, "the end of a remote session"
	case kind == remote:
		jm.Evidence, jm.Reason = Yes, "the end of a remote session that began earlier than the log, remote by its ActivityID"
	case kind == console:
		jm.Reason = "the end of a session at the console, by its ActivityID"
	case s.kind == remote && begun:
		jm.Evidence, jm.Reason = Yes, "the end of a remote session whose beginning is in the log"
	case s.kind == remote:
		jm.Evidence, jm.Reason = Yes, "the end of a remote session that began earlier than the log"
	case s.kind == console:
		jm.Reason = "the end of a session at the console"
	default:
		jm.Reason = "the end of a session; its beginning, and whether it was remote, is not in the log"
	}
	p.close(s)
	if !consoleOnly {
		if p.open == 0 {
			jm.effect |= closes
			if p.last != s.id && p.last < 1<<31 {
				jm.ended = p.last
			}
		}
		if jm.Evidence == No {
			jm.effect |= ends
		}
	}
	s.is, s.kind, s.logon, s.ticks = inUse|ended, unsaid, -1, ev.ticks
}

// disconnect judges 24.
func disconnect(ev *codedEvent, jm *judgement, s *session) {
	if s.is&ended != 0 {
		if d := ev.ticks - s.ticks; ev.ticks == 0 || s.ticks == 0 || -lateWithin <= d && d <= lateWithin {
			jm.Reason = "written after the session's end (23): it opens and lengthens nothing"
			return
		}
		s.is &^= ended
	}
	kind := ev.address
	if kind == unsaid {
		if kind = ev.activity; kind == unsaid {
			kind = s.kind
		}
	}
	begun := s.is&started != 0
	switch {
	case kind == tunnel:
		jm.Reason = "a remote session was disconnected, through a tunnel that ends on the host itself"
	case kind == remote && begun:
		jm.Reason = "a remote session was disconnected"
	case kind == remote:
		jm.Reason = "a remote session was disconnected that began earlier than the log"
	case kind == console:
		jm.Reason = "a session at the console was left"
		if s.kind == unsaid {
			s.kind = console
		}
		return
	default:
		jm.Reason = "a session was disconnected; whether it was remote is not in the log"
		return
	}
	jm.Evidence, jm.effect = Yes, leaves
	s.kind = remote
	s.is |= wasRemote
}
