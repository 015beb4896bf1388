package eventcsv

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"splameter/collector/forms"
	"splameter/collector/sessions/textblock"
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
	text    // the rendered message
	raw     // the whole event, as XML or as Splunk writes it
	payload // the event's values, as JSON or XML
	ordered // the event's values in their order
	roles
)

// roleNames are the roles as a form's descriptor names them.
var roleNames = map[string]role{
	"time": timeAny, "host": host, "channel": channel, "event": eventID, "record": recordID, "provider": provider,
	"activity": activityID, "message": text, "raw": raw, "payload": payload, "strings": ordered,
}

// extra is a column that holds one of the event's values, where the event does
// not tell it itself.
type extra struct {
	name   []byte
	column int
}

// layout is what the header says. It is not changed after that.
type layout struct {
	delim   byte
	header  []string
	roles   []role
	names   [][]byte   // of fields
	fields  []int      // the columns that become fields
	at      [roles]int // the column of each role, or -1
	extras  []extra
	hasUser bool
	event   uint32 // of a form in which all rows are one event; 0: a column says
	channel []byte // likewise
	more    bool   // values may stand elsewhere than in columns of their own
	host    []byte // of a form that names none
	width   int    // how many values a row has
	broken  bool   // a name was not UTF-8; in names it is

	timeless bool // no column holds a time
	columned bool // the columns tell an event too, of which the row has not the whole
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
func readHeader(head []byte, opt *Options) (l *layout, used int, what string) {
	l = &layout{host: []byte(opt.Host)}
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
		l.width = len(l.header)
		if opt.Form != nil && opt.Form.ID == "event-viewer" {
			return l, used, l.viewer()
		}
		return l, used, l.assign(opt.Columns, opt.Form, opt.Polled != 0)
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

// viewer is the layout of what Event Viewer saves: five columns in the
// language of the machine, and a sixth without a heading, the message.
func (l *layout) viewer() (what string) {
	l.clear()
	l.width = 6
	l.at[timeAny], l.at[provider], l.at[eventID], l.at[text] = 1, 2, 3, 5
	l.more = true
	if len(l.host) == 0 {
		return "this form does not say on which computer its events happened, and neither does the file's name: name the file after the host, such as RDSH-A01-security.csv"
	}
	return ""
}

// clear is a layout in which no column means anything.
func (l *layout) clear() {
	l.roles = make([]role, len(l.header))
	l.names = make([][]byte, len(l.header))
	for i := range l.at {
		l.at[i] = -1
	}
}

// assign gives each column its role: own names first, where the header has
// them, then those of the form, then the usual ones.
func (l *layout) assign(own map[string]string, form *forms.Form, polled bool) (what string) {
	l.clear()
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
	absent := ""
	for _, key := range slices.Sorted(maps.Keys(own)) {
		i := find(normal(own[key]))
		if i < 0 {
			absent += fmt.Sprintf("; the configuration names the column %q for %s, which is not there either", own[key], key)
			continue
		}
		name, r := key, field
		for _, s := range synonyms {
			if strings.EqualFold(s.canonical, key) {
				name, r = s.canonical, s.role
			}
		}
		set(i, name, r)
	}
	if form != nil && len(form.Map) > 0 {
		l.byForm(form, canonical, set, find)
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
		if form != nil && len(form.Map) > 0 && s.role == field {
			continue // who is meant, the form says
		}
		for _, name := range s.names {
			if canonical[s.canonical] {
				break
			}
			if i := find(name); i >= 0 {
				set(i, s.canonical, s.role)
			}
		}
	}
	if i := l.at[timeAny]; i >= 0 && strings.HasSuffix(normal(l.header[i]), "[utc]") {
		l.at[timeUTC] = i
	}
	for i, h := range l.header {
		if taken[i] {
			continue
		}
		if !utf8.ValidString(h) { // a mark for each byte, as in values
			h, l.broken = string([]rune(h)), true
		}
		l.names[i] = []byte(h)
		if form != nil && len(form.Map) > 0 {
			l.roles[i] = roles // none
			for _, under := range form.Values {
				if under == "" {
					l.roles[i] = field
				} else if len(h) > len(under)+1 && strings.EqualFold(h[:len(under)], under) && h[len(under)] == '.' {
					l.roles[i], l.names[i] = field, []byte(h[strings.LastIndexByte(h, '.')+1:])
				}
			}
		}
	}
	for i, r := range l.roles {
		if r == field {
			l.fields = append(l.fields, i)
		}
	}
	l.hasUser = canonical["User"]
	l.more = !l.hasUser && (l.at[text] >= 0 || l.at[payload] >= 0 || l.at[ordered] >= 0) || len(l.extras) > 0
	l.columned = l.at[eventID] >= 0 && l.at[host] >= 0 && (l.at[timeAny] >= 0 || l.at[timeUTC] >= 0)
	if l.at[raw] >= 0 {
		return ""
	}
	if form != nil && form.Const["channel"] != "" {
		n, _ := textblock.Uint([]byte(form.Const["event"]))
		l.event, l.channel = uint32(n), []byte(form.Const["channel"])
	}
	var missing []string
	if l.at[eventID] < 0 && l.event == 0 {
		missing = append(missing, "event id (EventID, Id, EventCode)")
	}
	if l.timeless = l.at[timeAny] < 0 && l.at[timeUTC] < 0; l.timeless && l.event != 0 {
		if !polled {
			return textblock.NotPolled
		}
	} else if l.timeless {
		missing = append(missing, "time (TimeCreated, SystemTime, UtcTime, Date)")
	}
	if l.at[host] < 0 {
		missing = append(missing, "host (Computer, MachineName, Host)")
	}
	if len(missing) > 0 {
		return fmt.Sprintf("the header has no column for %s; it has %s: name the column in the configuration of this source%s", strings.Join(missing, " and "), l.columns(), absent)
	}
	return ""
}

// byForm gives the columns of a form that is known their roles.
func (l *layout) byForm(form *forms.Form, canonical map[string]bool, set func(int, string, role), find func(string) int) {
	for _, key := range slices.Sorted(maps.Keys(form.Map)) {
		r, isRole := roleNames[key]
		name := key
		for _, s := range synonyms {
			if isRole && s.role == r {
				name = s.canonical
			}
		}
		if isRole && canonical[name] {
			continue
		}
		for _, theirs := range form.Map[key] {
			i := find(normal(theirs))
			switch {
			case i < 0:
				continue
			case !isRole:
				l.extras = append(l.extras, extra{[]byte(key), i})
				continue
			case r == timeAny && form.UTC:
				set(i, name, timeUTC)
			default:
				set(i, name, r)
			}
			break
		}
	}
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
