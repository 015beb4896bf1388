package evtxtest

import (
	"encoding/binary"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"unicode/utf16"
)

func textOf(raw []byte) string {
	u := make([]uint16, len(raw)/2)
	for i := range u {
		u[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return strings.TrimRight(string(utf16.Decode(u)), "\x00")
}

// Made describes made-up logs. The same values give the same events.
type Made struct {
	Events, Users int
	Seed          uint64
	Host          string // as the events name it
	Start         int64  // ticks of the first event
	Step          int64  // ticks between two events on average
}

var madeNames = [...]string{"jan.jansen", "jörg.müller", "zoë.brontë", "o'brien", "ngọc.nguyễn", "sanne.visser", "łukasz.kowalski", "山田太郎"}

// User is the name of the k-th user, DOMAIN\name.
func (m Made) User(k int) string {
	return fmt.Sprintf(`%s\%s.%d`, [...]string{"HOSTING", "CONTOSO", "KLANT-07", "A&B"}[k%4], madeNames[k/4%len(madeNames)], k)
}

// Remote tells whether the k-th user works from afar; every seventeenth only
// ever works at the console.
func (m Made) Remote(k int) bool { return k%17 != 16 }

// user is what a made-up user is doing.
type user struct {
	state   int // 0 away, 1 active, 2 disconnected
	session uint32
	address string
}

// LocalSessions is a log of the LocalSessionManager: users log on, disconnect,
// come back and log off. The event is reused; take what you need of it.
func (m Made) LocalSessions() iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		rng := rand.New(rand.NewPCG(m.Seed, 1))
		users := make([]user, m.Users)
		ticks, id, sessions := m.Start, uint64(1), uint32(1)
		for {
			k := rng.IntN(m.Users)
			u := &users[k]
			var burst []Event
			name := m.User(k)
			switch r := rng.IntN(10); {
			case u.state == 1 && r < 6:
				burst = []Event{LocalSession(40, "", u.session, "5"), LocalSession(24, name, u.session, u.address)}
				u.state = 2
			case u.state == 1, u.state == 2 && r == 0:
				burst = []Event{LocalSession(23, name, u.session, ""), LocalSession(40, "", u.session, "12"), LocalSession(24, name, u.session, u.address)}
				u.state = 0
			default:
				u.address = "LOCAL"
				if m.Remote(k) {
					u.address = fmt.Sprintf("10.%d.%d.%d", k>>8&255, k&255, rng.IntN(250)+1)
				}
				if u.state == 2 {
					burst = []Event{LocalSession(25, name, u.session, u.address)}
				} else {
					sessions++
					u.session = sessions
					burst = []Event{LocalSession(41, name, u.session, ""), LocalSession(42, name, u.session, ""),
						LocalSession(21, name, u.session, u.address), LocalSession(22, name, u.session, u.address)}
				}
				u.state = 1
			}
			activity := "61A55000-55E5-1017-0000-000000000000" // of a console, as real logs have it
			if m.Remote(k) {
				activity = fmt.Sprintf("F420%04X-%04X-4%03X-8000-%012X", k&0xffff, id&0xffff, u.session&0xfff, u.session)
			}
			for i := range burst {
				if id > uint64(m.Events) {
					return
				}
				e := &burst[i]
				ticks += rng.Int64N(2*m.Step + 1)
				e.ID, e.Ticks, e.Computer, e.ActivityID = id, ticks, m.Host, activity
				if !yield(e) {
					return
				}
				id++
			}
		}
	}
}

// SID is that of the k-th user.
func (m Made) SID(k int) string {
	return fmt.Sprintf("S-1-5-21-1004336348-1177238915-682003330-%d", 1100+k)
}

// SecurityLog is a Security log: one event in four is a logon or logoff, of
// all types; the others are of kinds that nobody counts.
func (m Made) SecurityLog() iter.Seq[*Event] {
	return func(yield func(*Event) bool) {
		rng := rand.New(rand.NewPCG(m.Seed, 2))
		ticks := m.Start
		for id := uint64(1); id <= uint64(m.Events); id++ {
			k := rng.IntN(m.Users)
			domain, name, _ := strings.Cut(m.User(k), `\`)
			logon := id<<8 | 0x45
			var e Event
			switch rng.IntN(8) {
			case 0:
				e = Logon(m.SID(k), domain, name, logon, [...]uint32{3, 10, 7, 5}[rng.IntN(4)], fmt.Sprintf("10.0.%d.%d", k>>8&255, k&255))
			case 1:
				e = Logoff(m.SID(k), domain, name, logon, 10)
			case 2, 3, 4:
				e = Security(4688, SID("SubjectUserSid", m.SID(k)), Text("SubjectUserName", name), Text("SubjectDomainName", domain), Hex("SubjectLogonId", logon),
					Raw("NewProcessId", 0x10, []byte{0xec, 2, 0, 0, 0, 0, 0, 0}), Text("NewProcessName", `C:\Program Files\Contoso\Ledger\ledger.exe`),
					Text("TokenElevationType", "%%1936"), Raw("ProcessId", 0x10, []byte{0xec, 3, 0, 0, 0, 0, 0, 0}), Text("CommandLine", ""),
					SID("TargetUserSid", "S-1-0-0"), Text("TargetUserName", "-"), Text("TargetDomainName", "-"), Hex("TargetLogonId", 0),
					Text("ParentProcessName", `C:\Windows\explorer.exe`), SID("MandatoryLabel", "S-1-16-8192"))
			default:
				e = Security(5156, Raw("ProcessID", 0x0a, []byte{0xec, 2, 0, 0, 0, 0, 0, 0}), Text("Application", `\device\harddiskvolume2\windows\system32\svchost.exe`),
					Text("Direction", "%%14592"), Text("SourceAddress", "10.0.0.4"), Text("SourcePort", "3389"), Text("DestAddress", "10.0.1.9"),
					Text("DestPort", "51515"), Number("Protocol", 6), Raw("FilterRTID", 0x0a, []byte{1, 2, 0, 0, 0, 0, 0, 0}),
					Text("LayerName", "%%14610"), Raw("LayerRTID", 0x0a, []byte{44, 0, 0, 0, 0, 0, 0, 0}), SID("RemoteUserID", "S-1-0-0"), SID("RemoteMachineID", "S-1-0-0"))
			}
			ticks += rng.Int64N(2*m.Step + 1)
			e.ID, e.Ticks, e.Computer = id, ticks, m.Host
			if !yield(&e) {
				return
			}
		}
	}
}
