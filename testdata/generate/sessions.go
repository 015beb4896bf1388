package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"splameter/collector/sessions/evtx/evtxtest"
)

const channel = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"

// session is one session of the LocalSessionManager, in local time.
type session struct {
	host, user, from, until string // until empty: nothing of its end was logged
	address                 string // empty: LOCAL, the console
}

// day is a session from 08:30 to 17:00.
func day(host, user, date string) session {
	return session{host, netBIOS + `\` + user, date + " 08:30", date + " 17:00", "10.20.0." + strconv.Itoa(10+len(user))}
}

// visits are all sessions. Each log begins with a local administrator at the
// console, record number 1, before the first month: it is whole.
var visits = []session{
	{"RDSH-K01", `RDSH-K01\Administrator`, "2026-08-28 07:00", "2026-08-28 07:20", ""},
	{"RDSH-K02", `RDSH-K02\Administrator`, "2026-08-28 07:05", "2026-08-28 07:25", ""},
	{"RDSH-T01", `RDSH-T01\Administrator`, "2026-08-28 07:10", "2026-08-28 07:30", ""},
	{"RDSH-T02", `RDSH-T02\Administrator`, "2026-08-28 07:15", "2026-08-28 07:35", ""},

	day("RDSH-K01", "a.bloem", "2026-09-02"), day("RDSH-K01", "a.bloem", "2026-10-06"),
	day("RDSH-K01", "b.wilg", "2026-09-08"), day("RDSH-K01", "B.WILG", "2026-10-08"), // other case, same account
	day("RDSH-K01", "c.roos", "2026-09-10"),
	day("RDSH-K01", "d.linde", "2026-10-13"),
	day("RDSH-K02", "f.iep", "2026-09-04"), day("RDSH-K02", "f.iep", "2026-10-09"),
	day("RDSH-K01", "k.moes", "2026-10-12"), // before the move: active in the tenant where last seen
	day("RDSH-K01", "h.akte", "2026-09-15"),
	{"RDSH-K01", `DUINRAND\h.akte`, "2026-10-31 23:50", "2026-11-01 00:05", "10.20.0.31"}, // the month's last ten minutes
	{"RDSH-K01", `DUINRAND\j.griffie`, "2026-09-30 22:40", "2026-10-01 09:10", "10.20.0.33"},
	day("RDSH-K02", "l.buoy", "2026-09-07"),
	{"RDSH-K02", "l.buoy@duinrand.example", "2026-10-12 09:00", "2026-10-12 15:00", "10.20.0.41"}, // written as a UPN
	{"RDSH-K02", `DUINRAND\m.quay`, "2026-10-01 00:30", "2026-10-01 01:15", "10.20.0.42"},         // 22:30 UTC, still September there
	day("RDSH-K02", "n.dock", "2026-09-09"),
	day("RDSH-K02", "o.mast", "2026-10-20"), // never entitled
	day("RDSH-T01", "p.staal", "2026-09-03"), day("RDSH-T01", "p.staal", "2026-10-02"),
	day("RDSH-T02", "q.smid", "2026-10-27"),
	day("RDSH-T01", "r.vijl", "2026-09-17"), day("RDSH-T02", "r.vijl", "2026-10-21"),
	{"RDSH-K01", `DUINRAND\s.klink`, "2026-10-07 10:00", "2026-10-07 10:30", ""}, // at the console: no session
	day("RDSH-K02", "werkplaats", "2026-09-16"), day("RDSH-K02", "werkplaats", "2026-10-14"),
	day("RDSH-K01", "v.systeem", "2026-09-03"), day("RDSH-K01", "v.systeem", "2026-10-05"),
	day("RDSH-K01", "w.duin", "2026-09-22"), day("RDSH-K01", "w.duin", "2026-10-22"),
	day("RDSH-K02", "x.los", "2026-09-14"),
	{"RDSH-K02", `Window Manager\DWM-2`, "2026-10-14 08:30", "2026-10-14 17:00", ""}, // nobody
}

// event is one record of a log.
type event struct {
	at            time.Time
	id            int
	host, user    string
	session       int
	address       string
	activity      string
	record, order int
}

// events are the records of all hosts, numbered by host in the order of time.
func events() map[string][]event {
	var list []event
	for i, v := range visits {
		activity, address := fmt.Sprintf("F420%04X-2026-4010-8000-%012X", i, i), v.address
		if v.address == "" {
			activity, address = "61A55000-55E5-1017-0000-000000000000", "LOCAL"
		}
		add := func(at time.Time, id int, address string) {
			list = append(list, event{at: at, id: id, host: v.host, user: v.user, session: 2 + i, address: address, activity: activity, order: len(list)})
		}
		from, until := local(v.from), local(v.until)
		add(from, 21, address)
		add(from.Add(2*time.Second), 22, address)
		if v.address != "" {
			add(until.Add(-time.Minute), 24, address)
		}
		add(until, 23, "")
	}
	sort.Slice(list, func(i, j int) bool {
		if !list[i].at.Equal(list[j].at) {
			return list[i].at.Before(list[j].at)
		}
		return list[i].order < list[j].order
	})
	by := map[string][]event{}
	for _, e := range list {
		e.record = len(by[e.host]) + 1
		by[e.host] = append(by[e.host], e)
	}
	return by
}

func local(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// sessions writes the logs, in every form that splameter reads.
func sessions(out map[string][]byte) error {
	by := events()
	out["sessions/RDSH-K01.evtx"] = asEVTX(by["RDSH-K01"])
	// Two exports of one log that overlap: an event in both is one event.
	before, after := split(by["RDSH-K02"], 4)
	out["sessions/RDSH-K02-until-september.xml"] = asXML(before)
	out["sessions/RDSH-T01.csv"] = asCSV(by["RDSH-T01"])
	early, late := split(by["RDSH-T02"], 0)
	out["sessions/RDSH-T02-until-september.ndjson"] = asJSON(early)

	var b bytes.Buffer
	g, err := gzip.NewWriterLevel(&b, 9)
	if err != nil {
		return err
	}
	if _, err := g.Write(asXML(after)); err != nil {
		return err
	}
	if err := g.Close(); err != nil {
		return err
	}
	out["sessions/RDSH-K02-october.xml.gz"] = b.Bytes()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		return err
	}
	defer z.Close()
	out["sessions/RDSH-T02-october.ndjson.zst"] = z.EncodeAll(asJSON(late), nil)
	return nil
}

// split parts a log at the first of October; overlap records stand in both.
func split(list []event, overlap int) (before, after []event) {
	n := sort.Search(len(list), func(i int) bool { return !list[i].at.Before(local("2026-10-01 00:00")) })
	return list[:n], list[n-overlap:]
}

func asEVTX(list []event) []byte {
	var log []evtxtest.Event
	for _, e := range list {
		x := evtxtest.LocalSession(uint32(e.id), e.user, uint32(e.session), e.address)
		x.ID, x.Ticks, x.Computer, x.ActivityID = uint64(e.record), (e.at.Unix()+11644473600)*1e7, e.computer(), e.activity
		log = append(log, x)
	}
	return evtxtest.Log(log, evtxtest.Options{})
}

func (e *event) computer() string { return e.host + "." + dnsName }
func (e *event) stamp() string    { return e.at.Format("2006-01-02T15:04:05.0000000Z") }

func asXML(list []event) []byte {
	var b bytes.Buffer
	for _, e := range list {
		address := ""
		if e.address != "" {
			address = "<Address>" + e.address + "</Address>"
		}
		fmt.Fprintf(&b, "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"+
			"<Provider Name='Microsoft-Windows-TerminalServices-LocalSessionManager' Guid='{5d896912-022d-40aa-a3a8-4fa5515c76d7}'/>"+
			"<EventID>%d</EventID><TimeCreated SystemTime='%s'/><EventRecordID>%d</EventRecordID><Correlation ActivityID='{%s}'/>"+
			"<Channel>%s</Channel><Computer>%s</Computer><Security UserID='S-1-5-18'/></System>"+
			"<UserData><EventXML xmlns='Event_NS'><User>%s</User><SessionID>%d</SessionID>%s</EventXML></UserData></Event>\n",
			e.id, e.stamp(), e.record, e.activity, channel, e.computer(), e.user, e.session, address)
	}
	return b.Bytes()
}

func asCSV(list []event) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	rows := [][]string{{"TimeCreated", "Computer", "Channel", "EventID", "User", "SessionID", "Address", "EventRecordID"}}
	for _, e := range list {
		rows = append(rows, []string{e.stamp(), e.computer(), channel, strconv.Itoa(e.id), e.user, strconv.Itoa(e.session), e.address, strconv.Itoa(e.record)})
	}
	if err := w.WriteAll(rows); err != nil {
		panic(err) // a buffer takes everything
	}
	return b.Bytes()
}

func asJSON(list []event) []byte {
	var b bytes.Buffer
	for _, e := range list {
		data := map[string]any{"xml_name": "EventXML", "User": e.user, "SessionID": strconv.Itoa(e.session)}
		if e.address != "" {
			data["Address"] = e.address
		}
		line, err := json.Marshal(map[string]any{
			"@timestamp": strings.Replace(e.stamp(), ".0000000Z", ".000Z", 1),
			"event":      map[string]any{"kind": "event", "code": strconv.Itoa(e.id)},
			"winlog": map[string]any{"api": "wineventlog", "channel": channel, "event_id": strconv.Itoa(e.id),
				"provider_name": "Microsoft-Windows-TerminalServices-LocalSessionManager",
				"computer_name": e.computer(), "record_id": e.record, "activity_id": "{" + e.activity + "}", "user_data": data},
		})
		if err != nil {
			panic(err) // strings and numbers always marshal
		}
		b.Write(append(line, '\n'))
	}
	return b.Bytes()
}
