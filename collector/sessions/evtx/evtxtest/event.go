// Package evtxtest writes Windows event logs (.evtx) whose truth is known, for
// tests, benchmarks and example data. It owns the layout, which is that of
// Windows' own logs as far as readers can tell; it reads nothing, so a test
// that writes with it and reads with package evtx compares two things.
package evtxtest

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"splameter/collector/sessions/record"
)

// Field is one value of an event, in the form binary XML stores it.
type Field struct {
	Name string
	Type byte // of binary XML: 0x01 text, 0x08 32-bit number, ...
	Raw  []byte
}

// Text is a field of UTF-16 text, with the terminator that Windows writes.
func Text(name, text string) Field {
	return Field{name, 0x01, append(utf16le(text), 0, 0)}
}

// Number is a field of 32 bits.
func Number(name string, n uint32) Field {
	return Field{name, 0x08, binary.LittleEndian.AppendUint32(nil, n)}
}

// Hex is a field of 64 bits that is shown in hexadecimal, as a logon id is.
func Hex(name string, n uint64) Field {
	return Field{name, 0x15, binary.LittleEndian.AppendUint64(nil, n)}
}

// SID is a field that identifies an account: S-1-5-21-...
func SID(name, sid string) Field { return Field{name, 0x13, sidBytes(sid)} }

// GUID is a field that holds an identifier, given without braces.
func GUID(name, guid string) Field {
	b := guidBytes(guid)
	return Field{name, 0x0f, b[:]}
}

// Raw is a field of any type.
func Raw(name string, typ byte, raw []byte) Field { return Field{name, typ, raw} }

// Event is one event to be written.
type Event struct {
	ID      uint64 // EventRecordID
	Ticks   int64  // units of 100 ns since 1601-01-01 UTC
	EventID uint32 // 16 bits are written

	Provider, ProviderGUID string // the identifier without braces
	Channel, Computer      string
	ActivityID             string // without braces; empty writes none

	// Element is the one element of UserData, in Namespace; empty writes
	// EventData, with the fields as Data elements.
	Element, Namespace string
	Fields             []Field

	// Literal writes the event without any template, all of it as text, as
	// forwarded logs have it. Only fields of text can be written so.
	Literal bool
}

// Logged is the event as a computer logs it: under a record's number, at a
// moment.
func (e Event) Logged(id uint64, computer string, at time.Time) Event {
	e.ID, e.Computer, e.Ticks = id, computer, record.ToTicks(at)
	return e
}

// Sessions are logons of one user at one host, in a session each: record n,
// from the first to the last, is logged n steps after a moment.
func Sessions(computer string, after time.Time, step time.Duration, first, last int) []Event {
	var events []Event
	for n := first; n <= last; n++ {
		events = append(events, LocalSession(21, `HOSTING\a.bloem`, uint32(n), "10.0.0.1").Logged(uint64(n), computer, after.Add(time.Duration(n)*step)))
	}
	return events
}

// LocalSession is an event of the LocalSessionManager. The address is written
// for 21, 22, 24 and 25; 40 writes session and, as its reason, address.
func LocalSession(eventID uint32, user string, session uint32, address string) Event {
	e := Event{
		EventID:      eventID,
		Provider:     "Microsoft-Windows-TerminalServices-LocalSessionManager",
		ProviderGUID: "5D896912-022D-40AA-A3A8-4FA5515C76D7",
		Channel:      "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational",
		Element:      "EventXML", Namespace: "Event_NS",
	}
	switch eventID {
	case 40:
		reason, _ := strconv.ParseUint(address, 10, 32)
		e.Fields = []Field{Number("Session", session), Number("Reason", uint32(reason))}
	case 39:
		source, _ := strconv.ParseUint(address, 10, 32)
		e.Fields = []Field{Number("TargetSession", session), Number("Source", uint32(source))}
	case 23, 41, 42:
		e.Fields = []Field{Text("User", user), Number("SessionID", session)}
	case 54:
	default:
		e.Fields = []Field{Text("User", user), Number("SessionID", session), Text("Address", address)}
	}
	return e
}

// RemoteConnection is event 1149 of the RemoteConnectionManager.
func RemoteConnection(user, domain, address string) Event {
	return Event{
		EventID:      1149,
		Provider:     "Microsoft-Windows-TerminalServices-RemoteConnectionManager",
		ProviderGUID: "C76BAA63-AE81-421C-B425-340B4B24157F",
		Channel:      "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational",
		Element:      "EventXML", Namespace: "Event_NS",
		Fields: []Field{Text("Param1", user), Text("Param2", domain), Text("Param3", address)},
	}
}

// Gateway is an event of the RD Gateway with the given fields.
func Gateway(eventID uint32, fields ...Field) Event {
	return Event{
		EventID:      eventID,
		Provider:     "Microsoft-Windows-TerminalServices-Gateway",
		ProviderGUID: "4D5AE6A1-C7C8-4E6D-B840-4D8080B42E1B",
		Channel:      "Microsoft-Windows-TerminalServices-Gateway/Operational",
		Element:      "EventInfo", Namespace: "aag",
		Fields: fields,
	}
}

// Security is an event of the Security log with the given fields.
func Security(eventID uint32, fields ...Field) Event {
	return Event{
		EventID:      eventID,
		Provider:     "Microsoft-Windows-Security-Auditing",
		ProviderGUID: "54849625-5478-4994-A5BA-3E3B0328C30D",
		Channel:      "Security",
		Fields:       fields,
	}
}

// Logon is event 4624 with all fields that Windows Server writes.
func Logon(sid, domain, user string, logonID uint64, logonType uint32, address string) Event {
	return Security(4624,
		SID("SubjectUserSid", "S-1-5-18"), Text("SubjectUserName", "RDSH-A01$"), Text("SubjectDomainName", "HOSTING"), Hex("SubjectLogonId", 0x3e7),
		SID("TargetUserSid", sid), Text("TargetUserName", user), Text("TargetDomainName", domain), Hex("TargetLogonId", logonID),
		Number("LogonType", logonType), Text("LogonProcessName", "User32 "), Text("AuthenticationPackageName", "Negotiate"),
		Text("WorkstationName", "RDSH-A01"), GUID("LogonGuid", "00000000-0000-0000-0000-000000000000"), Text("TransmittedServices", "-"),
		Text("LmPackageName", "-"), Number("KeyLength", 0), Raw("ProcessId", 0x10, []byte{0xec, 2, 0, 0, 0, 0, 0, 0}),
		Text("ProcessName", `C:\Windows\System32\svchost.exe`), Text("IpAddress", address), Text("IpPort", "0"),
		Text("ImpersonationLevel", "%%1833"), Text("RestrictedAdminMode", "-"), Text("TargetOutboundUserName", "-"),
		Text("TargetOutboundDomainName", "-"), Text("VirtualAccount", "%%1843"), Hex("TargetLinkedLogonId", 0), Text("ElevatedToken", "%%1843"))
}

// Logoff is event 4634.
func Logoff(sid, domain, user string, logonID uint64, logonType uint32) Event {
	return Security(4634, SID("TargetUserSid", sid), Text("TargetUserName", user), Text("TargetDomainName", domain),
		Hex("TargetLogonId", logonID), Number("LogonType", logonType))
}

// sidBytes and guidBytes panic on text that is none: a test's own mistake.
func sidBytes(s string) []byte {
	f := strings.Split(s, "-")
	if len(f) < 3 || f[0] != "S" {
		panic(fmt.Sprintf("%q is no SID", s))
	}
	n := make([]uint64, len(f))
	for i := range f[1:] {
		var err error
		if n[i+1], err = strconv.ParseUint(f[i+1], 10, 48); err != nil {
			panic(fmt.Sprintf("%q is no SID", s))
		}
	}
	b := []byte{byte(n[1]), byte(len(f) - 3), byte(n[2] >> 40), byte(n[2] >> 32), byte(n[2] >> 24), byte(n[2] >> 16), byte(n[2] >> 8), byte(n[2])}
	for _, sub := range n[3:] {
		b = binary.LittleEndian.AppendUint32(b, uint32(sub))
	}
	return b
}

func guidBytes(s string) (b [16]byte) {
	hex := strings.ReplaceAll(s, "-", "")
	if len(hex) != 32 {
		panic(fmt.Sprintf("%q is no GUID", s))
	}
	for i := range b {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			panic(fmt.Sprintf("%q is no GUID", s))
		}
		b[[16]int{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}[i]] = byte(n)
	}
	return b
}
