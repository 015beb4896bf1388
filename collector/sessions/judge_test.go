package sessions

import (
	"testing"

	"splameter/collector/sessions/record"
)

// The table of evidence, event by event, each alone at the beginning of a log.
func TestJudge(t *testing.T) {
	const at = "2026-10-05T08:00:00Z"
	l := func(id uint32, kv ...string) *record.Record {
		return rec("LSM", "rdsh-a01", id, at, append([]string{"User", `HOSTING\anna`, "SessionID", "2"}, kv...)...)
	}
	sec := func(id uint32, kv ...string) *record.Record {
		return rec("Security", "rdsh-a01", id, at, append([]string{"TargetUserName", "anna", "TargetDomainName", "HOSTING", "TargetLogonId", "0x1"}, kv...)...)
	}
	gw := func(id uint32) *record.Record {
		return rec("GW", "gw1", id, at, "Username", `HOSTING\anna`, "IpAddress", "203.0.113.9:50123", "Resource", "rdsh-a01")
	}
	for name, c := range map[string]struct {
		r    *record.Record
		want Evidence
	}{
		"21 from an IPv4 address":             {l(21, "Address", "10.0.0.1"), Yes},
		"22 from an IPv6 address with zone":   {l(22, "Address", "fe80::80ac:4126:fa58:1b81%10"), Yes},
		"25 from an address with port":        {l(25, "Address", "10.0.0.1:50123"), Yes},
		"25 from a v6 address with port":      {l(25, "Address", "[2001:db8::1]:50123"), Yes},
		"21 through a tunnel":                 {l(21, "Address", "127.0.0.1"), Yes},
		"21 through a v6 tunnel":              {l(21, "Address", "::1"), Yes},
		"21 at the console":                   {l(21, "Address", "LOCAL"), No},
		"21 at a Japanese console":            {l(21, "Address", "ローカル"), No},
		"21 at a Turkish console":             {l(21, "Address", "YEREL"), No},
		"21 with a dash":                      {l(21, "Address", "-"), No},
		"21 with no address at all":           {l(21, "Address", ""), No},
		"21 no address, remote activity":      {l(21, "ActivityID", remoteID), Supporting},
		"21 console word, remote activity":    {l(21, "Address", "LOCAL", "ActivityID", remoteID), No},
		"21 address, console activity":        {l(21, "Address", "10.0.0.1", "ActivityID", consoleID), Yes},
		"21 from what is nearly an address":   {l(21, "Address", "10.0.0.256"), No},
		"21 from a host name":                 {l(21, "Address", "client.example"), No},
		"23 alone":                            {l(23), No},
		"23 remote by activity":               {l(23, "ActivityID", remoteID), Yes},
		"23 console by activity":              {l(23, "ActivityID", consoleID), No},
		"24 remote":                           {l(24, "Address", "10.0.0.1"), Yes},
		"24 without address":                  {l(24, "Address", ""), No},
		"24 without address, by activity":     {l(24, "ActivityID", remoteID), Yes},
		"24 at the console":                   {l(24, "Address", "LOCAL"), No},
		"39":                                  {rec("LSM", "h", 39, at, "TargetSession", "2", "Source", "3"), No},
		"40":                                  {rec("LSM", "h", 40, at, "Session", "2", "Reason", "5"), No},
		"41 remote activity":                  {l(41, "ActivityID", remoteID), No},
		"42":                                  {l(42), No},
		"54":                                  {rec("LSM", "h", 54, at), No},
		"21 without a user":                   {rec("LSM", "h", 21, at, "SessionID", "2", "Address", "10.0.0.1"), No},
		"21 without a host":                   {rec("LSM", "", 21, at, "User", "a", "SessionID", "2", "Address", "10.0.0.1"), No},
		"21 of a window manager":              {rec("LSM", "h", 21, at, "User", `Fenster-Manager\DWM-2`, "SessionID", "2", "Address", "10.0.0.1"), No},
		"21 of defaultuser0":                  {rec("LSM", "h", 21, at, "User", `H\defaultuser0`, "SessionID", "2", "Address", "10.0.0.1"), No},
		"21 of dwm-admin, a person":           {rec("LSM", "h", 21, at, "User", `H\dwm-admin`, "SessionID", "2", "Address", "10.0.0.1"), Yes},
		"1149":                                {rec("RCM", "h", 1149, at, "Param1", "anna", "Param2", "", "Param3", "10.0.0.1", "ActivityID", remoteID), No},
		"261":                                 {rec("RCM", "h", 261, at, "listenerName", "RDP-Tcp"), No},
		"GW 200":                              {gw(200), No},
		"GW 201":                              {gw(201), No},
		"GW 202":                              {gw(202), Yes},
		"GW 300":                              {gw(300), No},
		"GW 302":                              {gw(302), Yes},
		"GW 303":                              {gw(303), Yes},
		"GW 304":                              {gw(304), No},
		"GW 312":                              {gw(312), No},
		"GW 313":                              {gw(313), No},
		"4624 type 10":                        {sec(4624, "LogonType", "10", "IpAddress", "10.0.0.1"), Yes},
		"4624 type 10, tunnel":                {sec(4624, "LogonType", "10", "IpAddress", "127.0.0.1"), Yes},
		"4624 type 10, no address":            {sec(4624, "LogonType", "10", "IpAddress", "-"), Yes},
		"4624 type 7, address":                {sec(4624, "LogonType", "7", "IpAddress", "10.0.0.1"), Supporting},
		"4624 type 7, loopback":               {sec(4624, "LogonType", "7", "IpAddress", "127.0.0.1"), No},
		"4624 type 7, v6 loopback":            {sec(4624, "LogonType", "7", "IpAddress", "::1"), No},
		"4624 type 7, none":                   {sec(4624, "LogonType", "7", "IpAddress", "-"), No},
		"4624 type 3":                         {sec(4624, "LogonType", "3", "IpAddress", "10.0.0.1"), No},
		"4624 type 2":                         {sec(4624, "LogonType", "2", "IpAddress", "127.0.0.1"), No},
		"4624 type 5":                         {sec(4624, "LogonType", "5", "IpAddress", "-"), No},
		"4624 type 11":                        {sec(4624, "LogonType", "11", "IpAddress", "127.0.0.1"), No},
		"4624 type 0":                         {sec(4624, "LogonType", "0"), No},
		"4624 without type":                   {sec(4624, "IpAddress", "10.0.0.1"), No},
		"4624 type 10 of a machine":           {rec("Security", "h", 4624, at, "TargetUserName", "RDSH-A01$", "TargetDomainName", "D", "TargetUserSid", "S-1-5-21-1-2-3-4", "LogonType", "10"), No},
		"4624 type 10 of a translated SYSTEM": {rec("Security", "h", 4624, at, "TargetUserName", "Système", "TargetUserSid", "S-1-5-18", "LogonType", "10"), No},
		"4624 type 10 of UMFD by SID":         {rec("Security", "h", 4624, at, "TargetUserName", "x", "TargetUserSid", "S-1-5-96-0-2", "LogonType", "10"), No},
		"4624 type 10, SID of S-1-5-200":      {rec("Security", "h", 4624, at, "TargetUserName", "x", "TargetUserSid", "S-1-5-200", "LogonType", "10"), Yes},
		"4624 type 10, a person called DWM-1": {rec("Security", "h", 4624, at, "TargetUserName", "DWM-1", "TargetUserSid", "S-1-5-21-1-2-3-1105", "LogonType", "10"), Yes},
		"4634 type 10":                        {sec(4634, "LogonType", "10"), No},
		"4647":                                {sec(4647), No},
		"4778 remote":                         {rec("Security", "h", 4778, at, "AccountName", "anna", "AccountDomain", "D", "LogonID", "0x1", "ClientAddress", "10.0.0.1"), Supporting},
		"4778 local":                          {rec("Security", "h", 4778, at, "AccountName", "anna", "AccountDomain", "D", "LogonID", "0x1", "ClientAddress", "LOCAL"), No},
		"4778 loopback":                       {rec("Security", "h", 4778, at, "AccountName", "anna", "AccountDomain", "D", "LogonID", "0x1", "SessionName", "RDP-Tcp#1", "ClientAddress", "127.0.0.1"), No},
		"4778 of the console":                 {rec("Security", "h", 4778, at, "AccountName", "anna", "AccountDomain", "D", "LogonID", "0x1", "SessionName", "Console", "ClientAddress", "10.0.0.1"), No},
		"4779 remote":                         {rec("Security", "h", 4779, at, "AccountName", "anna", "AccountDomain", "D", "LogonID", "0x1", "ClientAddress", "10.0.0.1"), No},
		"4143":                                {rec("Licensing", "h", 4143, at, "Param1", "RDS", "Param2", "anna", "Param3", "D"), No},
	} {
		var (
			ev Event
			cc Composer
		)
		if !cc.Compose(c.r, &ev) {
			t.Errorf("%s: not an event of the table", name)
			continue
		}
		v := NewJudge().Judge(&ev)
		if v.Evidence != c.want || v.Reason == "" {
			t.Errorf("%s: %s (%s), want %s", name, v.Evidence, v.Reason, c.want)
		}
	}
}

// What came before in the file decides, event after event of one host:
//
//	21 console, 23 → no: it was the console.      21 remote, 23 → yes.
//	24 after 23 → no, whoever's address it names; of another user → yes.
//	24 an hour and a second after the 23 → yes: that is no straggler.
//	25 after 21 at the console → yes, and its 23 → yes.
//	23 after 21 at a translated console → no, whatever its ActivityID.
//	23 after 21 from an address → yes, whatever its ActivityID.
func TestJudgeRemembers(t *testing.T) {
	steps := []struct {
		r    *record.Record
		want Evidence
	}{
		{lsm(21, "2026-10-05T08:00:00Z", `D\anna`, "1", "LOCAL"), No},
		{lsm(23, "2026-10-05T08:00:01Z", `D\anna`, "1", ""), No},
		{lsm(21, "2026-10-05T08:00:02Z", `D\bert`, "1", "10.0.0.1"), Yes},
		{lsm(23, "2026-10-05T08:00:03Z", `D\BERT`, "1", ""), Yes},
		{lsm(24, "2026-10-05T08:00:04Z", `D\bert`, "1", "10.0.0.1"), No},
		{lsm(24, "2026-10-05T08:00:04Z", `D\carl`, "1", "10.0.0.1"), Yes},
		{lsm(23, "2026-10-05T08:00:05Z", `D\carl`, "1", ""), Yes},
		{lsm(24, "2026-10-05T09:00:04Z", `D\bert`, "1", "10.0.0.1"), Yes},
		{lsm(21, "2026-10-05T10:00:00Z", `D\dora`, "1", "LOCAL"), No},
		{lsm(25, "2026-10-05T10:00:01Z", `D\dora`, "1", "10.0.0.1"), Yes},
		{lsm(23, "2026-10-05T10:00:02Z", `D\dora`, "1", ""), Yes},
		{lsm(23, "2026-10-05T10:00:03Z", `D\dora`, "1", ""), No}, // a second end of nothing
		{lsm(21, "2026-10-05T11:00:00Z", `D\emma`, "1", "ローカル"), No},
		{logoffBy(remoteID, "2026-10-05T11:00:01Z", `D\emma`), No},
		{lsm(21, "2026-10-05T11:00:02Z", `D\fred`, "1", "10.0.0.1"), Yes},
		{logoffBy(consoleID, "2026-10-05T11:00:03Z", `D\fred`), Yes},
	}
	var (
		ev Event
		c  Composer
		j  = NewJudge()
	)
	for i, s := range steps {
		c.Compose(s.r, &ev)
		if v := j.Judge(&ev); v.Evidence != s.want {
			t.Errorf("step %d: %s (%s), want %s", i, v.Evidence, v.Reason, s.want)
		}
	}
	j.NewFile()
	c.Compose(lsm(24, "2026-10-05T10:00:04Z", `D\dora`, "1", "10.0.0.1"), &ev)
	if v := j.Judge(&ev); v.Evidence != Yes {
		t.Errorf("another file remembers the one before: %s", v.Reason)
	}
}

// logoffBy is a 23 of session 1 with an ActivityID.
func logoffBy(activity, at, user string) *record.Record {
	return rec("LSM", "rdsh-a01", 23, at, "User", user, "SessionID", "1", "ActivityID", activity)
}

// How the parts of an event are composed, as the notes on the samples say.
func TestCompose(t *testing.T) {
	const at = "2026-10-05T08:00:00Z"
	for name, c := range map[string]struct {
		r                            *record.Record
		channel, user, session, addr string
	}{
		"1149 with domain":     {rec("RCM", "h", 1149, at, "Param1", "u", "Param2", "D", "Param3", "10.0.0.1"), "RCM", `D\u`, "", "10.0.0.1"},
		"1149 without":         {rec("RCM", "h", 1149, at, "Param1", "u", "Param2", "", "Param3", "10.0.0.1"), "RCM", "u", "", "10.0.0.1"},
		"40 has Session":       {rec("LSM", "h", 40, at, "Session", "7", "Reason", "5"), "LSM", "", "7", ""},
		"39 has TargetSession": {rec("LSM", "h", 39, at, "TargetSession", "8", "Source", "5"), "LSM", "", "8", ""},
		"leading zeros":        {rec("Security", "h", 4647, at, "TargetUserName", "u", "TargetDomainName", "D", "TargetLogonId", "0x00000000000A3B"), "Security", `D\u`, "0xa3b", ""},
		"only zeros":           {rec("Security", "h", 4634, at, "TargetUserName", "u", "TargetLogonId", "0x0000"), "Security", "u", "0x0", ""},
		"a decimal logon id":   {rec("Security", "h", 4634, at, "TargetUserName", "u", "TargetLogonId", "2619"), "Security", "u", "0xa3b", ""},
		"4778":                 {rec("Security", "h", 4778, at, "AccountName", "u", "AccountDomain", "D", "LogonID", "0x1F", "ClientAddress", "::1"), "Security", `D\u`, "0x1f", "::1"},
		"GW":                   {rec("GW", "h", 302, at, "Username", `D\u`, "IpAddress", "10.0.0.1", "Resource", "r"), "GW", `D\u`, "", "10.0.0.1"},
		"7001":                 {rec("System", "h", 7001, at, "TSId", "3", "UserSid", "S-1-5-21-1-2-3-4"), "System", "S-1-5-21-1-2-3-4", "3", ""},
		"licensing":            {rec("Licensing", "h", 4145, at, "param1", "c", "param2", "u", "param3", "D"), "Licensing", `D\u`, "", ""},
		"columns of a table":   {rec("Security", "h", 4624, at, "User", `D\u`, "SessionID", "0x1", "Address", "10.0.0.1"), "Security", `D\u`, "0x1", "10.0.0.1"},
	} {
		var (
			ev Event
			cc Composer
		)
		if !cc.Compose(c.r, &ev) {
			t.Errorf("%s: not an event of the table", name)
			continue
		}
		got := [...]string{ev.Channel.String(), string(ev.User), string(ev.Session), string(ev.Address)}
		if want := [...]string{c.channel, c.user, c.session, c.addr}; got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	// Number 7001 of the service control manager is another event.
	other := rec("System", "h", 7001, at, "param1", "x")
	other.Provider = []byte("Service Control Manager")
	var (
		ev Event
		cc Composer
	)
	if cc.Compose(other, &ev) {
		t.Error("an event of another provider was taken")
	}
	upper := rec("Security", "h", 4634, at, "TargetUserName", "u")
	upper.Channel = []byte("SECURITY")
	if !cc.Compose(upper, &ev) || ev.Channel != Security {
		t.Error("the channel's name in capitals was not known")
	}
}

// Wanted takes part of its answer from the channel alone where the reader
// knows it, and is not narrower without.
func TestWanted(t *testing.T) {
	for _, c := range []struct {
		channel string
		id      uint32
		want    bool
	}{
		{fullNames[LSM], 21, true}, {fullNames[LSM], 59, false}, {fullNames[LSM], 4624, false},
		{"security", 4624, true}, {"Security", 1102, true}, {"Security", 4688, false}, {"System", 104, true},
		{"Application", 21, false}, {"", 21, true}, {"", 4624, true}, {"", 4688, false},
	} {
		var b []byte
		if c.channel != "" {
			b = []byte(c.channel)
		}
		if Wanted(b, c.id) != c.want {
			t.Errorf("%s %d: want %v", c.channel, c.id, c.want)
		}
	}
}
