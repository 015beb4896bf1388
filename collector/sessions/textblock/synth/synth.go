// Package synth writes session events of a made-up estate, in order of time
// and with users interleaved as on real hosts, in each text form. It serves
// benchmarks and tests only; the same arguments give the same bytes.
package synth

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// Event is one made-up event of the LocalSessionManager.
type Event struct {
	ID      int // EventRecordID, per host from 1
	EventID int // 21, 22, 23, 24 or 25
	Time    time.Time
	Host    string
	User    string // DOMAIN\name
	Session int
	Address string // empty for 23
}

// Channel is the channel of every event.
const Channel = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

// Estate says how large the made-up estate is.
type Estate struct {
	Users, Tenants, Hosts int
	Seed                  uint64
}

// Events calls yield for n events in order of time, over October 2026.
func (e Estate) Events(n int, yield func(*Event)) {
	rnd := rand.New(rand.NewPCG(e.Seed, 1))
	ids := make([]int, e.Hosts)
	at := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	step := 31 * 24 * time.Hour / time.Duration(n+1)
	kinds := [...]int{21, 22, 24, 25, 23}
	var ev Event
	for range n {
		user := rnd.IntN(e.Users)
		tenant := user % e.Tenants
		// A user meets two or three hosts of its tenant's pool.
		host := (tenant*5 + rnd.IntN(3)) % e.Hosts
		ids[host]++
		name := fmt.Sprintf("user%05d", user)
		if user%50 == 0 {
			name = fmt.Sprintf("zoë.müller%05d", user)
		}
		ev = Event{
			ID: ids[host], EventID: kinds[rnd.IntN(len(kinds))], Time: at,
			Host: fmt.Sprintf("RDSH-%04d.hosting.example", host),
			User: fmt.Sprintf(`T%03d\%s`, tenant, name), Session: 2 + rnd.IntN(60),
			Address: fmt.Sprintf("10.%d.%d.%d", tenant%250, user/250%250, user%250),
		}
		if ev.EventID == 23 {
			ev.Address = ""
		}
		yield(&ev)
		at = at.Add(step)
	}
}

const ticks = "2006-01-02T15:04:05.0000000Z"

// XML is n events as wevtutil writes them with /f:RenderedXml.
func (e Estate) XML(n int) []byte {
	var b []byte
	e.Events(n, func(ev *Event) {
		b = fmt.Appendf(b, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-TerminalServices-LocalSessionManager' Guid='{5d896912-022d-40aa-a3a8-4fa5515c76d7}'/><EventID>%d</EventID><Version>0</Version><Level>4</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x1000000000000000</Keywords><TimeCreated SystemTime='%s'/><EventRecordID>%d</EventRecordID><Correlation ActivityID='{f420%04x-8a2e-4cd7-a3a8-%012x}'/><Execution ProcessID='%d' ThreadID='%d'/><Channel>%s</Channel><Computer>%s</Computer><Security UserID='S-1-5-18'/></System><UserData><EventXML xmlns='Event_NS'><User>%s</User><SessionID>%d</SessionID>",
			ev.EventID, ev.Time.Format(ticks), ev.ID, ev.ID&0xffff, ev.ID*ev.Session, 1044+ev.Session, 4712+ev.ID%999, Channel, ev.Host, ev.User, ev.Session)
		if ev.Address != "" {
			b = fmt.Appendf(b, "<Address>%s</Address>", ev.Address)
		}
		b = fmt.Appendf(b, "</EventXML></UserData><RenderingInfo Culture='en-US'><Message>Remote Desktop Services: Session logon succeeded:\r\n\r\nUser: %s\r\nSession ID: %d\r\nSource Network Address: %s</Message><Level>Information</Level><Task></Task><Opcode>Info</Opcode><Channel>Operational</Channel><Provider>Microsoft-Windows-TerminalServices-LocalSessionManager</Provider><Keywords></Keywords></RenderingInfo></Event>\r\n", ev.User, ev.Session, ev.Address)
	})
	return b
}

// NDJSON is n events as Winlogbeat 7 and later write them.
func (e Estate) NDJSON(n int) []byte {
	var b []byte
	e.Events(n, func(ev *Event) {
		user := ""
		for _, c := range ev.User {
			if c == '\\' {
				user += `\`
			}
			user += string(c)
		}
		b = fmt.Appendf(b, `{"@timestamp":"%s","@metadata":{"beat":"winlogbeat","type":"_doc","version":"8.11.0"},"event":{"kind":"event","code":"%d","provider":"Microsoft-Windows-TerminalServices-LocalSessionManager","created":"%s","action":"None","original":""},"host":{"name":"%s","architecture":"x86_64","os":{"type":"windows","platform":"windows","version":"10.0","family":"windows","name":"Windows Server 2022 Datacenter","kernel":"10.0.20348.2031","build":"20348.2031"}},"log":{"level":"information"},"message":"Remote Desktop Services: Session logon succeeded:\n\nUser: %s\nSession ID: %d\nSource Network Address: %s","winlog":{"api":"wineventlog","channel":"%s","provider_name":"Microsoft-Windows-TerminalServices-LocalSessionManager","provider_guid":"{5d896912-022d-40aa-a3a8-4fa5515c76d7}","event_id":"%d","computer_name":"%s","record_id":%d,"activity_id":"{f420%04x-8a2e-4cd7-a3a8-%012x}","user":{"identifier":"S-1-5-18","name":"SYSTEM","domain":"NT AUTHORITY","type":"User"},"user_data":{"xml_name":"EventXML","User":"%s","SessionID":"%d"`,
			ev.Time.Format("2006-01-02T15:04:05.000Z"), ev.EventID, ev.Time.Add(time.Second).Format("2006-01-02T15:04:05.000Z"), ev.Host,
			user, ev.Session, ev.Address, Channel, ev.EventID, ev.Host, ev.ID, ev.ID&0xffff, ev.ID*ev.Session, user, ev.Session)
		if ev.Address != "" {
			b = fmt.Appendf(b, `,"Address":"%s"`, ev.Address)
		}
		b = fmt.Appendf(b, `},"process":{"pid":%d,"thread":{"id":%d}},"opcode":"Info","version":0},"ecs":{"version":"8.0.0"},"agent":{"type":"winlogbeat","version":"8.11.0","ephemeral_id":"5ad1dd3b-ae35-4c50-b6b4-d3ed35e42e07","id":"2f3a4c1e-6c1b-4d5c-9f38-21db5c0f2c2b","name":"collector"}}`+"\n", 1044+ev.Session, 4712+ev.ID%999)
	})
	return b
}

// CSV is n events with a header line. quoted puts every value in quotes, as
// Export-Csv does.
func (e Estate) CSV(n int, quoted bool) []byte {
	b := []byte("TimeCreated,EventID,Computer,User,SessionID,Address,EventRecordID,Channel\r\n")
	form := "%s,%d,%s,%s,%d,%s,%d,%s\r\n"
	if quoted {
		form = `"%s","%d","%s","%s","%d","%s","%d","%s"` + "\r\n"
	}
	e.Events(n, func(ev *Event) {
		b = fmt.Appendf(b, form, ev.Time.Format("2006-01-02T15:04:05.000Z"), ev.EventID, ev.Host, ev.User, ev.Session, ev.Address, ev.ID, "LSM")
	})
	return b
}
