package sessions

import (
	"bytes"
	"strconv"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
)

// Event is one event as the table of events reads it. Its slices belong to
// the record that it was composed from, or to the Composer: they are valid
// until the next event is composed.
type Event struct {
	RecordID    uint64 // 0 where the log does not say
	Ticks       int64  // FILETIME; 0 where unknown
	EventID     uint32
	Line        int
	Channel     Channel
	ChannelName []byte // as written
	Host        []byte // the computer, as written
	User        []byte // composed: DOMAIN\user, or as the log spells it
	Session     []byte // session id, or logon id as 0x… without leading zeros
	Address     []byte // as written
	ActivityID  []byte
	SID         []byte // of the user, where the event tells
	Client      []byte // Security 4778, 4779: the name of the user's device
	Resource    []byte // GW: the host that was reached
	Seconds     int64  // GW 202, 303, 307, 309: how long the connection had lasted; -1 elsewhere
	LogonType   int    // Security: -1 where the event has none

	class   eventClass
	cleared []byte // System 104: the channel that was cleared
	console bool   // Security 4778, 4779: the session is the console's
}

// A Composer makes Events out of records; it is used by one goroutine. The
// zero value is ready.
type Composer struct {
	user, session []byte
	name          []byte // the last channel's name, and
	channel       Channel
}

// Compose reads the record's fields as its channel and event id require. It
// reports false for an event that this package does not know; ev then holds
// no more than channel, host, record id and time.
func (c *Composer) Compose(r *record.Record, ev *Event) bool {
	// One by one: a literal would be made elsewhere first and copied, which is
	// a tenth of what folding an event costs.
	ev.RecordID, ev.Ticks, ev.EventID, ev.Line = r.ID, r.Ticks, r.EventID, r.Line
	ev.ChannelName, ev.Host, ev.ActivityID = r.Channel, textblock.Trim(r.Computer), r.ActivityID
	ev.User, ev.Session, ev.Address, ev.SID, ev.Resource, ev.Client, ev.cleared = nil, nil, nil, nil, nil, nil, nil
	ev.Seconds, ev.LogonType, ev.console = -1, -1, false
	if len(r.Channel) == 0 {
		ev.Channel = channelOfProvider(r.Provider)
		ev.ChannelName = []byte(fullNames[ev.Channel])
	} else {
		if !bytes.Equal(r.Channel, c.name) || c.channel == NoChannel {
			c.name = append(c.name[:0], r.Channel...)
			c.channel = channelOf(r.Channel)
		}
		ev.Channel = c.channel
	}
	if ev.class = classOf(ev.Channel, ev.EventID); ev.class == unlisted {
		return false
	}
	switch ev.Channel {
	case LSM, Poll:
		c.lsm(r, ev)
	case RCM:
		c.rcm(r, ev)
	case GW:
		c.gateway(r, ev)
	case Security:
		c.security(r, ev)
	case System:
		if !expectedProvider(r) {
			return false
		}
		switch ev.EventID {
		case 7001, 7002:
			ev.User, ev.SID, ev.Session = r.Value("UserSid"), r.Value("UserSid"), r.Value("TSId")
		case 104:
			ev.cleared = r.Value("Channel")
		}
	case Licensing:
		ev.User = c.qualified(r.Value("Param3"), r.Value("Param2"))
	}
	return true
}

// lsm goes through the fields once: these events are the many. Most have the
// three in Windows' order.
func (c *Composer) lsm(r *record.Record, ev *Event) {
	rest := r.Fields
	if f := r.Fields; len(f) > 2 && string(f[0].Name) == "User" && string(f[1].Name) == "SessionID" && string(f[2].Name) == "Address" {
		ev.User, ev.Session, ev.Address = f[0].Value, f[1].Value, f[2].Value
		rest = f[3:]
	}
	for i := range rest {
		f := &rest[i]
		switch len(f.Name) {
		case len("User"):
			if ev.User == nil && equalFold(f.Name, "User") {
				ev.User = f.Value
			}
		case len("Address"):
			if ev.Address == nil && equalFold(f.Name, "Address") {
				ev.Address = f.Value
			}
		case len("SessionID"):
			if ev.Session == nil && equalFold(f.Name, "SessionID") {
				ev.Session = f.Value
			}
		}
	}
	switch ev.EventID {
	case 40:
		if v := r.Value("Session"); v != nil {
			ev.Session = v
		}
	case 39:
		if v := r.Value("TargetSession"); v != nil {
			ev.Session = v
		}
	}
}

func (c *Composer) rcm(r *record.Record, ev *Event) {
	if ev.EventID != 1149 {
		return
	}
	ev.User = c.qualified(r.Value("Param2"), either(r, "Param1", "User"))
	ev.Address = either(r, "Param3", "Address")
}

func (c *Composer) gateway(r *record.Record, ev *Event) {
	ev.User = either(r, "Username", "User")
	ev.Address = either(r, "IpAddress", "Address")
	ev.Resource = bytes.TrimSpace(r.Value("Resource"))
	switch ev.EventID {
	case 202, 303, 307, 309:
		if n, err := strconv.ParseInt(string(bytes.TrimSpace(r.Value("SessionDuration"))), 10, 64); err == nil && n >= 0 {
			ev.Seconds = n
		}
	}
}

func (c *Composer) security(r *record.Record, ev *Event) {
	switch ev.EventID {
	case 4778, 4779:
		ev.User = c.qualified(r.Value("AccountDomain"), either(r, "AccountName", "User"))
		ev.Session = c.logonID(either(r, "LogonID", "SessionID"))
		ev.Address = either(r, "ClientAddress", "Address")
		ev.Client = r.Value("ClientName")
		ev.console = equalFold(textblock.Trim(r.Value("SessionName")), "Console")
	case 4624, 4634, 4647:
		ev.User = c.qualified(r.Value("TargetDomainName"), either(r, "TargetUserName", "User"))
		ev.Session = c.logonID(either(r, "TargetLogonId", "SessionID"))
		ev.SID = r.Value("TargetUserSid")
		if ev.EventID == 4624 {
			ev.Address = either(r, "IpAddress", "Address")
		}
		if n, err := strconv.Atoi(string(bytes.TrimSpace(r.Value("LogonType")))); err == nil && n >= 0 {
			ev.LogonType = n
		}
	}
}

// either is the field of Windows, or, in a table made by hand, the column of
// our own name.
func either(r *record.Record, name, ours string) []byte {
	if v := r.Value(name); v != nil {
		return v
	}
	return r.Value(ours)
}

// qualified joins domain and name; a name alone stays alone.
func (c *Composer) qualified(domain, name []byte) []byte {
	if len(domain) == 0 {
		return name
	}
	c.user = append(append(append(c.user[:0], domain...), '\\'), name...)
	return c.user
}

// logonID writes a logon id as Windows does: 0x and lower-case digits without
// leading zeros. JSON may hold it as a decimal number.
func (c *Composer) logonID(v []byte) []byte {
	v = bytes.TrimSpace(v)
	digits := v
	if len(v) > 2 && v[0] == '0' && v[1]|0x20 == 'x' {
		digits = v[2:]
	} else {
		n, err := strconv.ParseUint(string(v), 10, 64)
		if err != nil {
			return v
		}
		c.session = strconv.AppendUint(append(c.session[:0], "0x"...), n, 16)
		return c.session
	}
	for len(digits) > 1 && digits[0] == '0' {
		digits = digits[1:]
	}
	c.session = append(c.session[:0], "0x"...)
	for _, b := range digits {
		if 'A' <= b && b <= 'Z' {
			b += 'a' - 'A'
		}
		c.session = append(c.session, b)
	}
	return c.session
}
