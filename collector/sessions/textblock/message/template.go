package message

import (
	"bytes"
	"strconv"

	"splameter/collector/sessions/record"
)

// The other channels whose values have an order.
const (
	gateway  = "Microsoft-Windows-TerminalServices-Gateway/Operational"
	security = "Security"
)

// providers are the writers of the channels whose texts are read.
var providers = []struct{ provider, channel string }{
	{"Microsoft-Windows-TerminalServices-LocalSessionManager", lsm},
	{"Microsoft-Windows-TerminalServices-RemoteConnectionManager", rcm},
	{"Microsoft-Windows-TerminalServices-Gateway", gateway},
	{"Microsoft-Windows-Security-Auditing", security},
}

// ChannelOf is the channel that a provider writes its session events to, for
// forms that name the provider alone; nil for others.
func ChannelOf(provider []byte) []byte {
	for i := range providers {
		if p := &providers[i]; fold(provider, p.provider) {
			return []byte(p.channel)
		}
	}
	return nil
}

// Template is the order of an event's values, as its provider's manifest has
// it; nil for an event that is not known.
func Template(channel []byte, id uint32) []string {
	switch {
	case fold(channel, lsm):
		switch id {
		case 21, 22, 24, 25:
			return lsmUser
		case 23, 41, 42:
			return lsmUser[:2]
		case 39:
			return []string{"TargetSession", "Source"}
		case 40:
			return []string{"Session", "Reason"}
		}
	case fold(channel, rcm):
		switch id {
		case 1149:
			return []string{"Param1", "Param2", "Param3"}
		case 261:
			return []string{"listenerName"}
		}
	case fold(channel, gateway):
		switch id {
		case 200, 201, 300, 301, 302:
			return []string{"Username", "IpAddress", "AuthType", "Resource", "ConnectionProtocol", "ErrorCode"}
		case 303:
			return []string{"Username", "IpAddress", "AuthType", "Resource", "BytesReceived", "BytesTransfered", "SessionDuration", "ConnectionProtocol", "ErrorCode"}
		}
	case fold(channel, security):
		switch id {
		case 4624:
			return logon
		case 4634:
			return logon4634
		case 4647:
			return logon4634[:4]
		case 4778, 4779:
			return reconnected
		}
	}
	return nil
}

var (
	lsmUser = []string{"User", "SessionID", "Address"}
	logon   = []string{"SubjectUserSid", "SubjectUserName", "SubjectDomainName", "SubjectLogonId", "TargetUserSid", "TargetUserName",
		"TargetDomainName", "TargetLogonId", "LogonType", "LogonProcessName", "AuthenticationPackageName", "WorkstationName",
		"LogonGuid", "TransmittedServices", "LmPackageName", "KeyLength", "ProcessId", "ProcessName", "IpAddress", "IpPort",
		"ImpersonationLevel", "RestrictedAdminMode", "TargetOutboundUserName", "TargetOutboundDomainName", "VirtualAccount",
		"TargetLinkedLogonId", "ElevatedToken"}
	logon4634   = []string{"TargetUserSid", "TargetUserName", "TargetDomainName", "TargetLogonId", "LogonType"}
	reconnected = []string{"AccountName", "AccountDomain", "LogonID", "SessionName", "ClientName", "ClientAddress"}
)

// Names are the names of an event's n values that a log gives in their order
// and without names: fewer than n where the rest of them has none that is
// certain.
func Names(channel []byte, id uint32, n int) []string {
	names := Template(channel, id)
	if len(names) == len(logon) && n != len(logon) {
		return names[:22] // newer versions of 4624 put values between the last ones
	}
	return names
}

// Ordered appends an event's values, given in their order, to dst. What has no
// name in the manifest is called Data and its place.
func Ordered(dst []record.Field, channel []byte, id uint32, values [][]byte) []record.Field {
	names := Names(channel, id, len(values))
	for i, v := range values {
		name := "Data" + strconv.Itoa(i+1)
		if i < len(names) {
			name = names[i]
		}
		dst = append(dst, record.Field{Name: []byte(name), Value: bytes.TrimSpace(v)})
	}
	return dst
}

// Join puts the domain before the user where a collector parted them (Domain
// beside User).
func Join(r *record.Record) {
	domain := r.Value("Domain")
	if len(domain) == 0 || string(domain) == "-" || string(domain) == "null" {
		return
	}
	for i := range r.Fields {
		f := &r.Fields[i]
		if string(f.Name) == "User" && len(f.Value) > 0 && !bytes.ContainsAny(f.Value, `\@`) {
			f.Value = bytes.Join([][]byte{domain, f.Value}, []byte{'\\'})
		}
	}
}
