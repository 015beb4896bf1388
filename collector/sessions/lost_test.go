package sessions

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"splameter/collector/sessions/textblock"
	"splameter/internal/snapshot"
)

// csvLog is a log in CSV: a row an event, "DAY HOUR,ID,USER,ADDRESS,RECORD".
func csvLog(rows ...string) string {
	var b strings.Builder
	b.WriteString("TimeCreated,Computer,Channel,EventID,User,SessionID,Address,EventRecordID\n")
	for _, r := range rows {
		f := strings.Split(r, ",")
		fmt.Fprintf(&b, "2026-10-%s:00:00Z,RDSH-A01,Microsoft-Windows-TerminalServices-LocalSessionManager/Operational,%s,%s,2,%s,%s\n", strings.Replace(f[0], " ", "T", 1), f[1], f[2], f[3], f[4])
	}
	return b.String()
}

func stretchesOf(l *snapshot.Log) string {
	var s []string
	for _, p := range l.Stretches() {
		x := fmt.Sprintf("%d-%d %s..%s", p.First, p.Last, p.From.Format("2.15"), p.Until.Format("2.15"))
		if p.Chosen {
			x += " chosen"
		}
		if p.Broken {
			x += " broken"
		}
		s = append(s, x)
	}
	return strings.Join(s, "; ")
}

// What the parts of a log are, by hand. Of eleven records one is missing: a
// hole. Every other one is: they were chosen, and silence of a day parts them. A
// row that cannot be read, zeros, or an event that names nobody is a hole; where
// the log has no ids, or holds chosen events, something broken; at the end it
// cuts the log.
func TestStretches(t *testing.T) {
	dense := func(skip int) (rows []string) {
		for i := range 12 {
			if i != skip {
				rows = append(rows, fmt.Sprintf("%02d 08,41,,,%d", i+1, i+1))
			}
		}
		return rows
	}
	for name, c := range map[string]struct {
		text, want string
		cut        bool
		lost       string
	}{
		"whole":              {csvLog(dense(-1)...), "1-12 1.08..12.08", false, ""},
		"a hole":             {csvLog(dense(6)...), "1-6 1.08..6.08; 8-12 8.08..12.08", false, ""},
		"chosen":             {csvLog("01 08,21,D\\u,10.0.0.1,2", "01 18,23,D\\u,,9", "02 08,21,D\\u,10.0.0.1,20", "04 08,21,D\\u,10.0.0.1,30"), "2-20 1.08..2.08 chosen; 30-30 4.08..4.08 chosen", false, ""},
		"without ids":        {csvLog("01 08,21,D\\u,10.0.0.1,", "02 08,23,D\\u,,", "04 08,21,D\\u,10.0.0.1,"), "0-0 1.08..2.08 chosen; 0-0 4.08..4.08 chosen", false, ""},
		"nobody":             {csvLog("01 08,21,D\\u,10.0.0.1,1", "01 09,21,,10.0.0.1,2", "01 10,23,D\\u,,3", "01 11,41,,,4"), "1-1 1.08..1.08; 3-4 1.10..1.11 broken", false, "1 user 1.09..1.09"},
		"nobody, no ids":     {csvLog("01 08,21,D\\u,10.0.0.1,", "01 09,21,,10.0.0.1,", "01 10,23,D\\u,,"), "0-0 1.08..1.08 chosen; 0-0 1.10..1.10 chosen broken", false, "1 user 1.09..1.09"},
		"no address":         {csvLog("01 08,21,D\\u,10.0.0.1,1", "01 09,25,D\\u,,2", "01 10,23,D\\u,,3", "01 11,41,,,4"), "1-1 1.08..1.08; 3-4 1.10..1.11 broken", false, "1 user 1.09..1.09"},
		"no address, SYSTEM": {csvLog("01 08,21,D\\u,10.0.0.1,1", "01 09,21,NT AUTHORITY\\SYSTEM,,2", "01 10,40,,,3"), "1-3 1.08..1.10", false, ""},
		"nobody at last":     {csvLog("01 08,21,D\\u,10.0.0.1,1", "01 09,21,,10.0.0.1,2"), "1-1 1.08..1.08", true, "1 user 1.09..1.09"},
		"console, nobody":    {csvLog("01 08,21,D\\u,10.0.0.1,1", "01 09,21,,LOCAL,2", "01 10,40,,,3"), "1-3 1.08..1.10", false, ""},
		"no such time":       {csvLog("01 08,21,D\\u,10.0.0.1,", "99 09,21,D\\u,10.0.0.1,", "01 10,23,D\\u,,"), "0-0 1.08..1.08 chosen; 0-0 1.10..1.10 chosen broken", false, ""},
		"zeros":              {csvLog("01 08,21,D\\u,10.0.0.1,1") + strings.Replace(csvLog("01 09,21,D\\v,10.0.0.1,2", "01 10,23,D\\u,,3", "01 11,41,,,4"), "D\\v", "D\x00\x00", 1), "1-1 1.08..1.08; 3-4 1.10..1.11 broken", false, ""},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.csv"), c.text)
		s, _ := collect(t, jobIn(t, dir))
		if len(s.Logs) != 1 {
			t.Errorf("%s: %+v", name, s.Logs)
			continue
		}
		l := &s.Logs[0]
		lost := ""
		for _, x := range l.Lost {
			lost += fmt.Sprintf("%d %s %s..%s", x.Events, x.Cause, x.From.Format("2.15"), x.Until.Format("2.15"))
		}
		if got := stretchesOf(l); got != c.want || l.Cut != c.cut || lost != c.lost {
			t.Errorf("%s: %s, cut %t, lost %q; want %s, %t, %q", name, got, l.Cut, lost, c.want, c.cut, c.lost)
		}
	}
}

// A file that knows only Windows' own accounts, or nobody but the service that
// collects the logs, is refused; one administrator beside them is enough.
func TestMisreadUsersRefuseTheFile(t *testing.T) {
	for users, refused := range map[string]bool{
		"NT AUTHORITY\\SYSTEM": true, "SYSTEM;HOSTING\\RDSH-A01$": true, "RDSH-A01\\elastic-agent-user": true,
		"SYSTEM;D\\anna": false, "D\\nxlog;D\\anna": false, "D\\nxlog": true,
	} {
		var rows []string
		for i, u := range strings.Split(users, ";") {
			rows = append(rows, fmt.Sprintf("0%d 08,21,%s,10.0.0.1,%d", i+1, u, i+1))
		}
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a.csv"), csvLog(rows...))
		write(t, filepath.Join(dir, "b.xml"), xmlEvent("1", "1"))
		s, files := collect(t, jobIn(t, dir))
		if got := files[0].Err != nil; got != refused {
			t.Errorf("%s: refused %t (%v)", users, got, files[0].Err)
		}
		if refused && (len(s.Logs) != 1 || s.Status != snapshot.Partial || !strings.Contains(codes(s.Notes), "log-unreadable a.csv")) {
			t.Errorf("%s: %+v, %s", users, s.Logs, codes(s.Notes))
		}
	}
}

// Zero bytes over the end of one record and the beginning of the next: neither
// is read, and nobody is given the other's day.
func TestZerosBetweenTwoRecords(t *testing.T) {
	json := func(day, user string) string {
		return `{"@timestamp":"2026-10-` + day + `T06:00:00.000Z","winlog":{"event_id":"21","computer_name":"RDSH-A01","channel":"Microsoft-Windows-TerminalServices-LocalSessionManager/Operational","record_id":` + day[1:] + `,"user_data":{"User":"D\\` + user + `","SessionID":"3","Address":"10.0.0.1"}}}` + "\n"
	}
	xml := func(day, user string) string {
		return strings.Replace(xmlEvent(day[1:], day[1:]), `HOSTING\anna`, `D\`+user, 1)
	}
	row := func(day, user string) string {
		all := csvLog(day + " 06,21,D\\" + user + ",10.0.0.1," + day[1:])
		return all[strings.IndexByte(all, '\n')+1:]
	}
	for name, form := range map[string]func(day, user string) string{"a.ndjson": json, "a.xml": xml, "a.csv": row} {
		one, two := form("01", "anna"), form("02", "bert")
		at := strings.Index(one, "RDSH")
		broken := one[:at+4] + strings.Repeat("\x00", len(one)-at-4+strings.Index(two, "RDSH")+4) + two[strings.Index(two, "RDSH")+4:]
		if len(broken) != len(one)+len(two) {
			t.Fatal("the test is wrong")
		}
		text := broken + form("03", "carla") + form("04", "carla")
		if name == "a.csv" {
			text = csvLog() + text
		}
		dir := t.TempDir()
		write(t, filepath.Join(dir, name), text)
		s, files := collect(t, jobIn(t, dir))
		if len(s.Uses) != 1 || s.Uses[0].User != `d\carla` || s.Uses[0].Days != 1<<2|1<<3 || files[0].Damaged == 0 || s.Status != snapshot.Partial {
			t.Errorf("%s: %+v, %+v", name, s.Uses, files[0])
		}
		if want := textblock.Zeros; name != "a.xml" && !strings.Contains(fmt.Sprint(s.Notes), want) { // XML knows no such character at all
			t.Errorf("%s: %v", name, s.Notes)
		}
	}
}

// Of one of the hosts in a file of forwarded logs every session is Windows' own:
// the wrong account was read there. It proves nothing, from its first record to
// its last, and the other host's log is what it is.
func TestMisreadUsersOfOneHost(t *testing.T) {
	dir := t.TempDir()
	rows := csvLog("01 08,21,D\\u,10.0.0.1,1", "01 10,23,D\\u,,2")
	rows += strings.ReplaceAll(strings.SplitAfterN(csvLog("02 08,21,NT-AUTORITÄT\\SYSTEM,10.0.0.2,1", "03 08,41,,,2", "04 10,21,HOSTING\\RDSH-B01$,10.0.0.2,3"), "\n", 2)[1], "RDSH-A01", "RDSH-B01")
	write(t, filepath.Join(dir, "forwarded.csv"), rows)
	s, _ := collect(t, jobIn(t, dir))
	got := map[string]string{}
	for i := range s.Logs {
		l := &s.Logs[i]
		got[l.Host] = stretchesOf(l)
		for _, x := range l.Lost {
			got[l.Host] += fmt.Sprintf("; lost %d %s %s..%s", x.Events, x.Cause, x.From.Format("2.15"), x.Until.Format("2.15"))
		}
	}
	want := map[string]string{"rdsh-a01": "1-2 1.08..1.10", "rdsh-b01": "; lost 2 user 2.08..4.10"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
}
