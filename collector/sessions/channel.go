package sessions

import (
	"bytes"

	"splameter/collector/sessions/eventtext"
	"splameter/collector/sessions/record"
)

// Channel is a log channel that session events are read from. The constants
// stand in the order of their short names, so that comparing them is
// comparing the names.
type Channel uint8

// The channels of the table of events.
const (
	NoChannel    Channel = iota
	Broker               // RD Connection Broker
	BrokerClient         // a host's side of the broker
	GW                   // RD Gateway
	LSM                  // LocalSessionManager
	Licensing            // RD licensing server
	Poll                 // sessions that somebody's script saw at a time
	RCM                  // RemoteConnectionManager
	Security
	System
	channels // how many there are
)

var shortNames = [channels]string{"", "Broker", "BrokerClient", "GW", "LSM", "Licensing", "Poll", "RCM", "Security", "System"}

// String is the short name.
func (c Channel) String() string { return shortNames[c] }

const terminalServices = "Microsoft-Windows-TerminalServices-"

var fullNames = [channels]string{
	Broker:       terminalServices + "SessionBroker/Operational",
	BrokerClient: terminalServices + "SessionBroker-Client/Operational",
	GW:           terminalServices + "Gateway/Operational",
	LSM:          terminalServices + "LocalSessionManager/Operational",
	Licensing:    terminalServices + "Licensing/Admin",
	Poll:         eventtext.PollChannel,
	RCM:          terminalServices + "RemoteConnectionManager/Operational",
	Security:     "Security",
	System:       "System",
}

var providers = [channels]string{
	Broker:       terminalServices + "SessionBroker",
	BrokerClient: terminalServices + "SessionBroker-Client",
	GW:           terminalServices + "Gateway",
	LSM:          terminalServices + "LocalSessionManager",
	Licensing:    terminalServices + "Licensing",
	RCM:          terminalServices + "RemoteConnectionManager",
	Security:     "Microsoft-Windows-Security-Auditing",
}

// ChannelOf is the channel of a full name, NoChannel of one that is not read.
func ChannelOf(name string) Channel { return channelOf([]byte(name)) }

// channelOf finds the channel by its full name; collectors write it in any
// case.
func channelOf(name []byte) Channel { return find(&fullNames, name) }

// channelOfProvider is for exports that name the provider only.
func channelOfProvider(name []byte) Channel { return find(&providers, name) }

func find(names *[channels]string, name []byte) Channel {
	for c := Broker; c < channels; c++ {
		if len(names[c]) == len(name) && len(name) > 0 && equalFold(name, names[c]) {
			return c
		}
	}
	return NoChannel
}

// equalFold compares without regard to ASCII case.
func equalFold(b []byte, s string) bool {
	return string(b) == s || foldsTo(b, s) // the first is a few instructions where s is a constant
}

func foldsTo(b []byte, s string) bool {
	return len(b) == len(s) && bytes.EqualFold(b, []byte(s))
}

// eventClass says what is done with an event.
type eventClass uint8

const (
	unlisted eventClass = iota
	listed              // stands in the table of events: inspect shows it
	control             // says something of the log or the host, not of a session
)

// classOf is the table of events, with what tells that a log was cleared
// (Security 1102, System 104) or a host started or stopped (System 12, 13,
// 6005, 6006, 6008) beside it.
func classOf(c Channel, id uint32) eventClass {
	switch c {
	case LSM:
		switch id {
		case 21, 22, 23, 24, 25, 32, 34, 39, 40, 41, 42, 54:
			return listed
		}
	case RCM:
		switch id {
		case 258, 261, 1136, 1149, 20523:
			return listed
		}
	case GW:
		switch id {
		case 200, 201, 202, 300, 301, 302, 303, 304, 307, 309, 312, 313:
			return listed
		}
	case Security:
		switch id {
		case 4624, 4634, 4647, 4778, 4779:
			return listed
		case 1102:
			return control
		}
	case System:
		switch id {
		case 7001, 7002:
			return listed
		case 12, 13, 104, 6005, 6006, 6008:
			return control
		}
	case Poll:
		switch id {
		case eventtext.SeenRemote, eventtext.SeenLeft, eventtext.SeenConsole:
			return listed
		}
	case Licensing:
		if 4143 <= id && id <= 4147 {
			return listed
		}
	case BrokerClient:
		if id == 1281 || id == 1296 || 1301 <= id && id <= 1308 {
			return listed
		}
	case Broker:
		switch id {
		case 776, 801, 802:
			return listed
		}
	}
	return unlisted
}

// Wanted is the record.Filter of everything that this package understands:
// the table of events, those included that prove nothing, and the events that
// tell of a cleared log, of a host that started or stopped, or that it is up:
// of forwarded logs, where that alone came, a host is heard of by it. A reader
// that does not know the channel yet passes nil.
func Wanted(channel []byte, id uint32) bool {
	if c := channelOf(channel); c != NoChannel {
		return classOf(c, id) != unlisted || c == System && id == uptime
	}
	if len(channel) > 0 {
		return false
	}
	for c := Broker; c < channels; c++ {
		if classOf(c, id) != unlisted {
			return true
		}
	}
	return id == uptime
}

// uptime is what the EventLog service writes each day at noon.
const uptime = 6013

// eventlogs and the others are the providers in System whose events are
// meant; other providers use the same numbers for other things.
const (
	winlogon  = "Microsoft-Windows-Winlogon"
	eventlog  = "EventLog"
	eventlogs = "Microsoft-Windows-Eventlog"
	kernel    = "Microsoft-Windows-Kernel-General"
)

// expectedProvider says whether an event of System is from the provider whose number the
// table means. An export without providers is believed where the event's own
// values show it.
func expectedProvider(r *record.Record) bool {
	switch r.EventID {
	case 7001, 7002:
		return equalFold(r.Provider, winlogon) || len(r.Provider) == 0 && r.Value("UserSid") != nil
	case 12, 13:
		return equalFold(r.Provider, kernel)
	case 104:
		return equalFold(r.Provider, eventlogs) || equalFold(r.Provider, eventlog)
	}
	return equalFold(r.Provider, eventlog) || equalFold(r.Provider, eventlogs) || len(r.Provider) == 0
}
