package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"
)

// events of a made-up month or of some days, in order of time: users interleave
// as on real hosts, each works on two or three hosts of its tenant, and each
// event follows from the user's one before (21, 22, 24, 25, 24, 25, 23).
type events struct {
	estate
	state  []uint8 // by user: how many events came before, and
	day    []uint8 // on which day the last one
	ids    []int   // last EventRecordID by host
	random uint64
	begin  time.Time
	at     time.Time
	step   time.Duration
}

// event is one of them.
type event struct {
	id, host, user, session, kind int
	at                            time.Time
}

var course = [...]int{21, 22, 24, 25, 24, 25, 23}

const (
	channel  = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"
	provider = "Microsoft-Windows-TerminalServices-LocalSessionManager"
	guid     = "{5d896912-022d-40aa-a3a8-4fa5515c76d7}"
)

func newEvents(e estate) *events {
	begin, span := e.month.Start(), e.month.End().Sub(e.month.Start())
	if e.days > 0 { // days as the peers know them, who cut the time after its date
		begin, span = begin.UTC().Truncate(24*time.Hour).Add(24*time.Hour), time.Duration(e.days)*24*time.Hour
	}
	return &events{
		estate: e, state: make([]uint8, e.users), day: make([]uint8, e.users), ids: make([]int, e.hosts), random: 1,
		begin: begin, at: begin, step: span / time.Duration(e.events+1),
	}
}

func (s *events) next() event {
	s.random = s.random*6364136223846793005 + 1442695040888963407
	u := int(s.random>>33) % s.users
	s.at = s.at.Add(s.step)
	next := s.onward
	if s.days > 0 {
		next = s.daily
	}
	kind, slot := next(u)
	h := (s.tenantOf(u)*s.perTenant() + slot%s.perTenant()) % s.hosts
	s.ids[h]++
	return event{id: s.ids[h], host: h, user: u, session: 2 + u%60, kind: kind, at: s.at}
}

// onward is a user's next event where one session of seven follows the other,
// by turns on two hosts.
func (s *events) onward(u int) (kind, slot int) {
	n := int(s.state[u])
	s.state[u] = uint8((n + 1) % (2 * len(course)))
	return course[n%len(course)], u + n/len(course)
}

// daily is a user's next event where each day is spent on one host, of two
// that the user has, or three: 314 users in 1,000 have three.
func (s *events) daily(u int) (kind, slot int) {
	day := 1 + int(s.at.Sub(s.begin)/(24*time.Hour))
	if s.day[u] != uint8(day) {
		s.day[u], s.state[u] = uint8(day), 0
	}
	n := int(s.state[u])
	s.state[u] = uint8((n + 1) % len(course))
	hosts := 2
	if u*7%1000 < 314 {
		hosts = 3
	}
	which := uint64(u)<<8 | uint64(day)
	which = (which ^ which>>17) * 0xd6e8feb86659fd93
	return course[n], u + int(which>>40)%hosts
}

func (e *event) remote() bool { return e.kind != 23 }

func (e *event) address(b []byte) []byte {
	b = append(b, "10."...)
	b = append(strconv.AppendInt(b, int64(e.user>>16&255), 10), '.')
	b = append(strconv.AppendInt(b, int64(e.user>>8&255), 10), '.')
	return strconv.AppendInt(b, int64(e.user&255), 10)
}

// ndjson is the event as Winlogbeat 8 writes it, some 1,300 bytes.
func (e *event) ndjson(b []byte) []byte {
	at := e.at.UTC()
	b = append(b, `{"@timestamp":"`...)
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, `","@metadata":{"beat":"winlogbeat","type":"_doc","version":"8.11.0"},"event":{"kind":"event","code":"`...)
	b = strconv.AppendInt(b, int64(e.kind), 10)
	b = append(b, `","provider":"`+provider+`","created":"`...)
	b = at.AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, `","action":"None","original":""},"host":{"name":"`...)
	b = e.hostName(b)
	b = append(b, `","architecture":"x86_64","os":{"type":"windows","platform":"windows","version":"10.0","family":"windows","name":"Windows Server 2022 Datacenter","kernel":"10.0.20348.2031","build":"20348.2031"}},"log":{"level":"information"},"message":"Remote Desktop Services: Session logon succeeded:\n\nUser: `...)
	b = e.userName(b, `\\`)
	b = append(b, `\nSession ID: `...)
	b = strconv.AppendInt(b, int64(e.session), 10)
	b = append(b, `\nSource Network Address: `...)
	if e.remote() {
		b = e.address(b)
	}
	b = append(b, `","winlog":{"api":"wineventlog","channel":"`+channel+`","provider_name":"`+provider+`","provider_guid":"`+guid+`","event_id":"`...)
	b = strconv.AppendInt(b, int64(e.kind), 10)
	b = append(b, `","computer_name":"`...)
	b = e.hostName(b)
	b = append(b, `","record_id":`...)
	b = strconv.AppendInt(b, int64(e.id), 10)
	b = append(b, `,"activity_id":"{f420`...)
	b = e.activity(b)
	b = append(b, `}","user":{"identifier":"S-1-5-18","name":"SYSTEM","domain":"NT AUTHORITY","type":"User"},"user_data":{"xml_name":"EventXML","User":"`...)
	b = e.userName(b, `\\`)
	b = append(b, `","SessionID":"`...)
	b = strconv.AppendInt(b, int64(e.session), 10)
	if e.remote() {
		b = append(b, `","Address":"`...)
		b = e.address(b)
	}
	b = append(b, `"},"process":{"pid":1044,"thread":{"id":`...)
	b = strconv.AppendInt(b, int64(4000+e.id%999), 10)
	return append(b, `}},"opcode":"Info","version":0},"ecs":{"version":"8.0.0"},"agent":{"type":"winlogbeat","version":"8.11.0","ephemeral_id":"5ad1dd3b-ae35-4c50-b6b4-d3ed35e42e07","id":"2f3a4c1e-6c1b-4d5c-9f38-21db5c0f2c2b","name":"collector"}}`+"\n"...)
}

// different is the event with a member that no other has, so that no line is
// laid out as another was.
func different(e *event, b []byte) []byte {
	b = fmt.Appendf(b, `{"k%d.%d":1,`, e.host, e.id)
	at := len(b)
	b = e.ndjson(b)
	return append(b[:at], b[at+1:]...) // without the brace of the event's own
}

func (e *event) activity(b []byte) []byte {
	return fmt.Appendf(b, "%04x-8a2e-4cd7-a3a8-%012x", e.user&0xffff, e.user*61+e.session)
}

// xml is the event as wevtutil writes it with /f:RenderedXml, some 1,400 bytes.
func (e *event) xml(b []byte) []byte {
	b = append(b, `<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='`+provider+`' Guid='`+guid+`'/><EventID>`...)
	b = strconv.AppendInt(b, int64(e.kind), 10)
	b = append(b, `</EventID><Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x1000000000000000</Keywords><TimeCreated SystemTime='`...)
	b = e.at.UTC().AppendFormat(b, "2006-01-02T15:04:05.0000000Z")
	b = append(b, `'/><EventRecordID>`...)
	b = strconv.AppendInt(b, int64(e.id), 10)
	b = append(b, `</EventRecordID><Correlation ActivityID='{f420`...)
	b = e.activity(b)
	b = append(b, `}'/><Execution ProcessID='1044' ThreadID='`...)
	b = strconv.AppendInt(b, int64(4000+e.id%999), 10)
	b = append(b, `'/><Channel>`+channel+`</Channel><Computer>`...)
	b = e.hostName(b)
	b = append(b, `</Computer><Security UserID='S-1-5-18'/></System><UserData><EventXML xmlns='Event_NS'><User>`...)
	b = e.userName(b, `\`)
	b = append(b, `</User><SessionID>`...)
	b = strconv.AppendInt(b, int64(e.session), 10)
	b = append(b, `</SessionID>`...)
	if e.remote() {
		b = append(e.address(append(b, `<Address>`...)), `</Address>`...)
	}
	b = append(b, `</EventXML></UserData><RenderingInfo Culture='en-US'><Message>Remote Desktop Services: Session logon succeeded:`+"\r\n\r\n"+`User: `...)
	b = e.userName(b, `\`)
	b = append(b, "\r\nSession ID: "...)
	b = strconv.AppendInt(b, int64(e.session), 10)
	return append(b, `</Message><Level>Information</Level><Task></Task><Opcode>Info</Opcode><Channel>Operational</Channel><Provider>`+provider+`</Provider><Keywords></Keywords></RenderingInfo></Event>`+"\r\n"...)
}

const csvHeader = "TimeCreated,EventID,Computer,User,SessionID,Address,EventRecordID,Channel\r\n"

// csv is the event as a row under csvHeader, some 180 bytes.
func (e *event) csv(b []byte) []byte {
	b = append(e.at.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z"), ',')
	b = append(strconv.AppendInt(b, int64(e.kind), 10), ',')
	b = append(e.hostName(b), ',')
	b = append(e.userName(b, `\`), ',')
	b = append(strconv.AppendInt(b, int64(e.session), 10), ',')
	if e.remote() {
		b = e.address(b)
	}
	b = append(b, ',')
	b = strconv.AppendInt(b, int64(e.id), 10)
	return append(b, ","+channel+"\r\n"...)
}

func (e *event) hostName(b []byte) []byte { return append(hostName(b, e.host), ".hosting.example"...) }

// userName is DOMAIN\account. One log in three writes the domain in lower case.
func (e *event) userName(b []byte, slash string) []byte {
	domain := "HOSTING"
	if e.host%3 == 0 {
		domain = "hosting"
	}
	b = append(append(b, domain...), slash...)
	return accountName(b, e.user)
}

// hostName and accountName are those of the estate's directory.
func hostName(b []byte, h int) []byte    { return padded(append(b, "RDSH-"...), h, 5) }
func accountName(b []byte, u int) []byte { return padded(append(b, 'u'), u, 6) }

func padded(b []byte, n, width int) []byte {
	var digits [20]byte
	s := strconv.AppendInt(digits[:0], int64(n), 10)
	for range width - len(s) {
		b = append(b, '0')
	}
	return append(b, s...)
}

// writeLog writes all events of an estate into one file.
func writeLog(path string, e estate, header string, form func(*event, []byte) []byte) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	all, b := newEvents(e), []byte(header)
	for range e.events {
		ev := all.next()
		if b = form(&ev, b); len(b) > 1<<20 {
			if _, err := f.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	if _, err := f.Write(b); err != nil {
		return err
	}
	return f.Close()
}

// writeDays writes all events as Winlogbeat's lines, a file a day, in zstd.
func writeDays(dir string, e estate) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	all := newEvents(e)
	left, ev := e.events, event{}
	for d := e.month.FirstDay(); d <= e.month.LastDay() && left > 0; d++ {
		end := (d + 1).Start(e.month.Location())
		err := compressed(filepath.Join(dir, "forwarded-"+d.String()+".ndjson.zst"), func(w io.Writer) error {
			b := make([]byte, 0, 1<<20+4096)
			for left > 0 {
				if ev.id == 0 {
					ev = all.next()
				}
				if !ev.at.Before(end) {
					break
				}
				if b = ev.ndjson(b); len(b) > 1<<20 {
					if _, err := w.Write(b); err != nil {
						return err
					}
					b = b[:0]
				}
				ev.id = 0
				left--
			}
			_, err := w.Write(b)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// compressed writes a file in zstd.
func compressed(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return err
	}
	if err := fill(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	return f.Close()
}
