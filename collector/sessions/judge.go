package sessions

import "splameter/collector/sessions/eventtext"

// Evidence is whether an event proves that its user had a remote session on
// its host at its time.
type Evidence uint8

// The three answers of the table of evidence. Supporting counts like Yes; it
// says that a better event of the same session should stand beside it.
const (
	No Evidence = iota
	Supporting
	Yes
)

func (e Evidence) String() string { return [...]string{"no", "supporting", "yes"}[e] }

// Verdict is what an event proves, and why.
type Verdict struct {
	Evidence Evidence
	Reason   string
}

// effect is what else an event does to the user's sessions on the host.
type effect uint8

const (
	opens  effect = 1 << iota // a remote session begins or goes on
	closes                    // the last open session that is known ends
	ends                      // a session ends of which the event does not say that it was remote
	leaves                    // the client goes, the session stays
	stops                     // the host goes down, and every session with it
)

// judgement is a verdict with what else follows.
type judgement struct {
	Verdict
	effect effect
	user   *hostUser // the user on the host, where both are known; until the next one

	// ended is, where the effect is closes, the session that the row's Opened
	// tells of, if that is another one than the event's own: it ended before.
	ended uint32
}

// lateWithin is how long after the end of a session its disconnection is
// still taken for a straggler. Windows writes it within seconds.
const lateWithin = int64(3600 * 1e7)

// throwaway is how soon after its beginning the logon ends that Windows makes
// only to reconnect a session: the user works on in the older one.
const throwaway = int64(30 * 1e7)

// A Judge says what events prove. It remembers the sessions of the file at
// hand, so events must come in the order of the file. One goroutine uses it.
type Judge struct {
	tables  *tables // only its names
	hosts   hostSpellings
	track   tracker
	scratch []byte
}

// NewJudge is a judge that has seen nothing.
func NewJudge() *Judge { return newJudge(newTables()) }

func newJudge(t *tables) *Judge {
	j := &Judge{tables: t, hosts: newHostSpellings(), track: tracker{spellings: newSpellingCache()}}
	j.NewFile()
	return j
}

// NewFile forgets the sessions of the file before: what a file proves depends
// on that file alone, so the order of files changes nothing.
func (j *Judge) NewFile() { j.track.reset() }

// Judge says what an event proves.
func (j *Judge) Judge(ev *Event) Verdict {
	ce := j.encode(ev)
	var jm judgement
	j.judge(&ce, &jm)
	return jm.Verdict
}

// judge writes into jm, whatever that held before.
func (j *Judge) judge(ev *codedEvent, jm *judgement) {
	*jm = judgement{}
	switch {
	case ev.class == unlisted: // only its place in the log counts
	case ev.class == control:
		jm.control(ev)
	case ev.channel == LSM:
		j.lsm(ev, jm)
	case ev.channel == GW:
		j.gateway(ev, jm)
	case ev.channel == Poll:
		j.poll(ev, jm)
	case ev.channel == Security:
		j.security(ev, jm)
	default:
		jm.Reason = reasonOf(ev)
	}
	if jm.effect&stops != 0 {
		j.track.hostStopped(ev.host)
	}
}

func (jm *judgement) control(ev *codedEvent) {
	switch ev.event {
	case 104, 1102:
		jm.Reason = "a log was cleared: what it held before is lost"
	default:
		jm.Reason, jm.effect = "the host started or stopped: it ends every open session", stops
	}
}

// reasonOf says why an event of the channels that never prove a session
// proves none.
func reasonOf(ev *codedEvent) string {
	switch ev.channel {
	case RCM:
		switch ev.event {
		case 1149:
			return "authentication was reached; it is written for failed log-ins and guesses too"
		case 261:
			return "a connection arrived, from nobody yet"
		case 1136:
			return "the host is no session host: administrators only"
		}
		return "a message of the listener, no session"
	case System:
		return "a log-on notification, which does not say whether it was remote"
	case Licensing:
		return "a licence was issued or renewed; it names no host and no month of use"
	}
	return "a message of the connection broker: state, no session"
}

// known says whether the event names a person and a host.
func (j *Judge) known(ev *codedEvent, jm *judgement) bool {
	switch {
	case ev.user == 0:
		jm.Reason = "names no user"
	case ev.system:
		jm.Reason = "an account of Windows or of a machine, no person"
	case ev.host == 0:
		jm.Reason = "names no host"
	default:
		jm.user = j.track.hostUser(ev)
		return true
	}
	return false
}

func (j *Judge) gateway(ev *codedEvent, jm *judgement) {
	switch ev.event {
	case 302, 202, 303, 307, 309:
	case 201, 301:
		jm.Reason = "the gateway refused"
		return
	case 304:
		jm.Reason = "the gateway let through, but the host could not be reached"
		return
	case 312, 313:
		jm.Reason = "a step of the tunnel, no session"
		return
	default:
		jm.Reason = "the gateway's policy let through: an attempt"
		return
	}
	if !j.known(ev, jm) {
		return
	}
	jm.Evidence, jm.Reason = Yes, "reached the host through the gateway; the account that passed the gateway may differ from the one that logged on"
	if ev.event != 302 {
		jm.Reason = "a connection to the host through the gateway ended; the account that passed the gateway may differ from the one that logged on"
	}
}

// poll judges what was seen at a time: it proves the session, and the absence
// of none.
func (j *Judge) poll(ev *codedEvent, jm *judgement) {
	if !j.known(ev, jm) {
		return
	}
	switch ev.event {
	case eventtext.SeenRemote:
		jm.Evidence, jm.Reason = Yes, "a session over the network was seen at that time"
	case eventtext.SeenLeft:
		jm.Evidence, jm.Reason = Supporting, "a session was seen at that time that had been left, and not ended"
	default:
		jm.Reason = "a session at the console was seen"
	}
}

func (j *Judge) security(ev *codedEvent, jm *judgement) {
	if !j.known(ev, jm) {
		return
	}
	number := ev.session
	from := ev.address
	switch ev.event {
	case 4624:
		if ev.logon != 2 && ev.logon != 7 && ev.logon != 10 && ev.logon != 11 {
			jm.Reason = "a log-on of another kind than remote (LogonType): services, batches and file access look so"
			return
		}
		s := j.track.logon(jm.user, number)
		s.ticks, s.logon = ev.ticks, ev.logon
		switch {
		case ev.logon == 10:
			jm.Evidence, jm.effect, jm.Reason = Yes, opens, "a remote log-on (LogonType 10)"
			if from == tunnel {
				jm.Reason = "a remote log-on (LogonType 10), through a tunnel that ends on the host itself"
			}
		case ev.logon == 7 && from == remote:
			jm.Evidence, jm.Reason = Supporting, "a reconnection or unlock from a network address (LogonType 7)"
		case ev.logon == 7:
			jm.Reason = "an unlock (LogonType 7) without a network address: Windows writes the console's own"
		default:
			jm.Reason = "a log-on at the console (LogonType 2 or 11)"
		}
	case 4778:
		jm.Reason = "a session was reconnected, without a network address"
		if from == remote {
			jm.Evidence, jm.Reason = Supporting, "a session was reconnected from a network address"
		}
	case 4779:
		jm.Reason = "a session was disconnected; its log-on or reconnection is the evidence"
	default: // 4634, 4647
		jm.Reason = "the end of a log-on; its beginning is the evidence"
		s := j.track.logon(jm.user, number)
		kind := int(s.logon)
		if kind < 0 {
			kind = int(ev.logon)
		}
		began := s.ticks
		s.logon, s.ticks = -1, 0
		switch {
		case ev.event == 4634 && kind != 10, kind >= 0 && kind != 10:
		case ev.event == 4634 && began != 0 && ev.ticks-began < throwaway:
			jm.Reason = "the end of a log-on that Windows made only to reconnect a session"
		default:
			jm.effect = closes
		}
	}
}
