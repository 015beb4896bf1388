package eventcsv

import (
	"bytes"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"
)

// role is what a column is to a record.
type role uint8

const (
	field role = iota
	timeUTC
	timeAny
	host
	channel
	eventID
	recordID
	provider
	activityID
	text // the rendered message
)

// layout is what the header says. It is not changed after that.
type layout struct {
	delim   byte
	header  []string
	roles   []role
	names   [][]byte      // of fields
	fields  []int         // the columns that become fields
	at      [text + 1]int // the column of each role, or -1
	hasUser bool
	broken  bool // a name was not UTF-8; in names it is
}

// synonym is a name of a column in the header, lower case and without blanks,
// hyphens and underscores.
type synonym struct {
	canonical string
	role      role
	names     []string // the first that the header has is taken
}

var synonyms = []synonym{
	{"TimeCreated", timeAny, []string{"timecreated", "timestamp", "@timestamp", "eventtime", "timegenerated", "datetime", "dateandtime", "time", "date"}},
	{"Computer", host, []string{"computer", "computername", "machinename", "hostname", "host", "server"}},
	{"Channel", channel, []string{"channel", "logname", "log"}},
	{"EventID", eventID, []string{"eventid", "id", "eventcode"}},
	{"EventRecordID", recordID, []string{"eventrecordid", "recordid", "recordnumber", "eventrecordnumber"}},
	{"Provider", provider, []string{"provider", "providername", "source", "sourcename"}},
	{"ActivityID", activityID, []string{"activityid", "correlationactivityid"}},
	{"Message", text, []string{"message"}},
	{"User", field, []string{"user", "username"}},
	{"SessionID", field, []string{"sessionid"}},
	{"Address", field, []string{"address", "sourceaddress", "sourcenetworkaddress", "clientip"}},
}

// utcNames are columns whose times are UTC even without an offset.
var utcNames = []string{"utctime", "systemtime", "timecreatedutc", "timeutc"}

func normal(s string) string {
	return strings.NewReplacer(" ", "", "_", "", "-", "").Replace(strings.ToLower(strings.TrimSpace(s)))
}

// readHeader finds the header in the head of a file. used is where the rows
// begin; 0 without a what for a file without any line.
func readHeader(head []byte, own map[string]string) (l *layout, used int, what string) {
	l = &layout{}
	for {
		rest := bytes.TrimLeft(bytes.TrimPrefix(head[used:], []byte("\xef\xbb\xbf")), "\r\n")
		used = len(head) - len(rest)
		if len(rest) == 0 {
			return l, 0, ""
		}
		end := bytes.IndexByte(rest, '\n')
		first := rest
		if end >= 0 {
			first = rest[:end]
		}
		if bytes.HasPrefix(first, []byte("#TYPE")) || bytes.HasPrefix(first, []byte(`"#TYPE`)) || bytes.HasPrefix(first, []byte("sep=")) {
			if end < 0 {
				return l, 0, ""
			}
			used += end + 1
			continue
		}
		l.delim = delimiter(first)
		s := splitter{delim: l.delim}
		n, status := s.row(rest, true)
		if status != whole {
			return l, used, "the header line is not a row of names: a quote in it is not closed"
		}
		for _, f := range s.fields {
			l.header = append(l.header, strings.TrimSpace(string(f)))
		}
		used += n
		return l, used, l.assign(own)
	}
}

// delimiter is the one of comma, semicolon and tab that stands most often
// outside quotes.
func delimiter(line []byte) byte {
	var n [256]int
	quoted := false
	for _, c := range line {
		if c == '"' {
			quoted = !quoted
		} else if !quoted {
			n[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if n[c] > n[best] {
			best = c
		}
	}
	return best
}

// assign gives each column its role: own names first, then the usual ones.
func (l *layout) assign(own map[string]string) (what string) {
	l.roles = make([]role, len(l.header))
	l.names = make([][]byte, len(l.header))
	for i := range l.at {
		l.at[i] = -1
	}
	taken := make([]bool, len(l.header))
	canonical := map[string]bool{}
	set := func(i int, name string, r role) {
		taken[i], canonical[name] = true, true
		l.roles[i], l.names[i] = r, []byte(name)
		if r != field {
			l.at[r] = i
		}
	}
	find := func(name string) int {
		for i, h := range l.header {
			if !taken[i] && normal(h) == name {
				return i
			}
		}
		return -1
	}
	keys := make([]string, 0, len(own))
	for k := range own {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, key := range keys {
		i := find(normal(own[key]))
		if i < 0 {
			return fmt.Sprintf("the header has no column %q, which the configuration names for %s; it has %s", own[key], key, l.columns())
		}
		name, r := key, field
		for _, s := range synonyms {
			if strings.EqualFold(s.canonical, key) {
				name, r = s.canonical, s.role
			}
		}
		set(i, name, r)
	}
	if !canonical["TimeCreated"] {
		for _, name := range utcNames {
			if i := find(name); i >= 0 {
				set(i, "TimeCreated", timeUTC)
				break
			}
		}
	}
	for _, s := range synonyms {
		for _, name := range s.names {
			if canonical[s.canonical] {
				break
			}
			if i := find(name); i >= 0 {
				set(i, s.canonical, s.role)
			}
		}
	}
	for i, h := range l.header {
		if taken[i] {
			continue
		}
		if !utf8.ValidString(h) { // a mark for each byte, as in values
			h, l.broken = string([]rune(h)), true
		}
		l.names[i] = []byte(h)
	}
	for i, r := range l.roles {
		if r == field {
			l.fields = append(l.fields, i)
		}
	}
	l.hasUser = canonical["User"]
	var missing []string
	if l.at[eventID] < 0 {
		missing = append(missing, "event id (EventID, Id, EventCode)")
	}
	if l.at[timeAny] < 0 && l.at[timeUTC] < 0 {
		missing = append(missing, "time (TimeCreated, SystemTime, UtcTime, Date)")
	}
	if l.at[host] < 0 {
		missing = append(missing, "host (Computer, MachineName, Host)")
	}
	if len(missing) > 0 {
		return fmt.Sprintf("the header has no column for %s; it has %s: name the column in the configuration of this source", strings.Join(missing, " and "), l.columns())
	}
	return ""
}

func (l *layout) columns() string {
	names := l.header
	more := ""
	if len(names) > 40 {
		names, more = names[:40], " …"
	}
	s := strings.Join(names, ", ")
	if len(s) > 500 {
		s, more = strings.ToValidUTF8(s[:500], ""), " …"
	}
	return fmt.Sprintf("%q%s", s, more)
}
