package collector

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/collector/sessions/record"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// One controller's log in four forms tells the same two events, and a copy of it
// nothing new: the member came at ten and left at three of the 1st. What cannot be
// read is told by the reading of the logs, and the directory is read all the same.
func TestEventsOfControllers(t *testing.T) {
	ten, three := time.Date(2026, 10, 1, 10, 2, 11, 0, time.UTC), time.Date(2026, 10, 1, 15, 40, 57, 0, time.UTC)
	const group, eva = "S-1-5-21-1-2-3-999", "S-1-5-21-1-2-3-101"
	one := func(id uint32, at time.Time, n uint64) evtxtest.Event {
		e := evtxtest.Security(id, evtxtest.Text("MemberName", "CN=eva,DC=x"), evtxtest.SID("MemberSid", eva), evtxtest.Text("TargetUserName", "g"),
			evtxtest.Text("TargetDomainName", "X"), evtxtest.SID("TargetSid", group), evtxtest.SID("SubjectUserSid", "S-1-5-18"))
		e.ID, e.Ticks, e.Computer = n, record.ToTicks(at), "DC2.x.example"
		return e
	}
	logon := evtxtest.Logon(eva, "X", "eva", 7, 10, "192.0.2.1")
	logon.ID, logon.Ticks, logon.Computer = 1, record.ToTicks(ten), "DC2.x.example"
	xml := `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>ID</EventID><TimeCreated SystemTime="TIME"/><EventRecordID>NUMBER</EventRecordID><Channel>Security</Channel><Computer>DC2.x.example</Computer></System><EventData><Data Name="MemberName">CN=eva,DC=x</Data><Data Name="MemberSid">` + eva + `</Data><Data Name="TargetUserName">g</Data><Data Name="TargetSid">` + group + `</Data></EventData></Event>`
	json := `{"@timestamp":"TIME","winlog":{"channel":"Security","provider_name":"Microsoft-Windows-Security-Auditing","event_id":"ID","record_id":NUMBER,"computer_name":"DC2.x.example","event_data":{"MemberName":"CN=eva,DC=x","MemberSid":"` + eva + `","TargetUserName":"g","TargetSid":"` + group + `"}}}`
	csv := `TIME,ID,Security,DC2.x.example,NUMBER,"CN=eva,DC=x",` + eva + `,g,` + group
	text := func(form string) string {
		fill := func(id, at, n string) string {
			return strings.NewReplacer("ID", id, "TIME", at, "NUMBER", n).Replace(form)
		}
		return fill("4728", "2026-10-01T10:02:11Z", "2") + "\n" + fill("4729", "2026-10-01T15:40:57Z", "3") + "\n"
	}
	xml = strings.ReplaceAll(strings.ReplaceAll(xml, "EventID>ID<", "EventID>%N<"), "EventRecordID>NUMBER<", "EventRecordID>%R<")
	xmlText := func(id, at, n string) string { return strings.NewReplacer("%N", id, "TIME", at, "%R", n).Replace(xml) }
	evtx := string(evtxtest.Log([]evtxtest.Event{logon, one(4728, ten, 2), one(4729, three, 3)}, evtxtest.Options{}))
	forms := map[string]string{
		"dc2.evtx": evtx,
		"dc2.xml":  "<Events>" + xmlText("4728", "2026-10-01T10:02:11Z", "2") + "\n" + xmlText("4729", "2026-10-01T15:40:57Z", "3") + "</Events>",
		"dc2.json": text(json),
		"dc2.csv":  "TimeCreated,Id,Channel,Computer,RecordId,MemberName,MemberSid,TargetUserName,TargetSid\n" + text(csv),
	}
	event := func(id uint32, what snapshot.What, at time.Time, n uint64) snapshot.Event {
		return snapshot.Event{Time: at, ID: id, What: what, Object: "sid:" + group, Member: "sid:" + eva, Name: "g", DN: "CN=eva,DC=x", Computer: "DC2.x.example", Record: n}
	}
	want := []snapshot.Event{event(4728, snapshot.Added, ten, 2), event(4729, snapshot.Removed, three, 3)}
	for name, content := range forms {
		env := testEnv(t)
		put := func(name, content string) {
			t.Helper()
			if err := os.WriteFile(filepath.Join(env.Config.Dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		env.Config.Directories = []config.Directory{{Name: "ad", Domain: "X", LDIF: filepath.Join(env.Config.Dir, "2026-*.ldif"), Events: []string{filepath.Join(env.Config.Dir, "*dc2*")}}}
		put("2026-10-01.ldif", exportOf("2026-10-01", "+ann", "+eva"))
		put("2026-10-02.ldif", exportOf("2026-10-02", "+ann", "+eva"))
		put(name, content)
		collect := func(read, known int) error {
			t.Helper()
			out, err := Run(t.Context(), env, "")
			if err != nil || out[0].Read != read || out[0].Known != known {
				t.Errorf("%s: %+v, %v; want %d read and %d known", name, out, err, read, known)
			}
			return out[0].Err
		}
		check := func() {
			t.Helper()
			f, err := env.Store.Facts(t.Context(), month.New(2026, 10, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, f.Directories[0].Events, cmpopts.IgnoreFields(snapshot.Event{}, "File", "Line")); d != "" {
				t.Errorf("%s: %s", name, d)
			}
		}
		if err := collect(3, 0); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check()
		put("copy of "+name, content+"\n"[:len(name)%2])
		if err := collect(1, 3); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		check()
		put("dc2 notes.txt", "these are no events\n")
		if err := collect(0, 4); err == nil || !strings.Contains(err.Error(), "dc2 notes.txt") {
			t.Errorf("%s: a file that is no log: %v", name, err)
		}
		check()
	}
}
