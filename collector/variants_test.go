package collector

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/collector/forms"
)

// What others wrap around an event, and how they write its time.
func TestVariants(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	const lsm = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"
	doc := func(at, user string) string {
		return `{"@timestamp":"` + at + `","winlog":{"channel":"` + lsm + `","computer_name":"RDSH-A01","event_id":"21","user_data":{"User":"MOLEN\\` + user + `","SessionID":"3","Address":"10.30.1.10"}}}`
	}
	xml := strings.Split(string(sample(t, "event.xml")), "\n")[0]
	const one = "2026-10-05T06:11:08Z 21 RDSH-A01 MOLEN\\a 3 10.30.1.10 yes\n"
	const two = "2026-10-06T06:11:08Z 21 RDSH-A01 MOLEN\\b 3 10.30.1.10 yes\n"
	full := strings.ReplaceAll(strings.ReplaceAll(one, "RDSH-A01", "RDSH-A01.molen.example"), `\a `, `\a.molenaar `)
	for name, c := range map[string]struct{ text, want string }{
		"search answer": {`{"took":1,"hits":{"total":2,"hits":[{"_source":` + doc("2026-10-05T06:11:08Z", "a") + `},{"_source":` + doc("2026-10-06T06:11:08Z", "b") + `}]}}`, one + two},
		"elasticdump":   {`{"_index":"w","_source":` + doc("2026-10-05T06:11:08Z", "a") + "}\n" + `{"_index":"w","_source":` + doc("2026-10-06T06:11:08Z", "b") + "}\n", one + two},
		"kibana csv": {`"@timestamp","winlog.channel","winlog.event_id","winlog.computer_name","winlog.user_data.User","winlog.user_data.Address","winlog.user_data.SessionID"` + "\n" +
			`"Oct 5, 2026 @ 08:11:08.000","` + lsm + `",21,RDSH-A01,MOLEN\a,10.30.1.10,3` + "\n", one},
		"kibana 6 csv": {"\"@timestamp\",log_name,event_id,computer_name,record_number,\"user_data.User\",\"user_data.Address\",\"user_data.SessionID\"\n" +
			`"October 5th 2026, 08:11:08.000",` + lsm + `,"21",RDSH-A01,"1,234,567",MOLEN\a,10.30.1.10,3` + "\n", one},
		"quser, Spanish, and nobody": {"2026-10-05 08:11:08\n NOMBRE USUARIO        SESIÓN             ID. ESTADO  TIEMPO IN. TIEMPO SESIÓN\n a                     rdp-tcp#3           3  Activo       0:05  05/10/2026 8:11\n2026-10-05 08:26:08\nNo User exists for *\n",
			"2026-10-05T06:11:08Z 1 RDSH-A01 a 3  yes\n"},
		"quser in code page 850": {"2026-10-05 08:11:08\n BENUTZERNAME          SITZUNGSNAME       ID  STATUS  LEERLAUF   ANMELDEZEIT\n j.m\x81ller              rdp-tcp#3           3  Aktiv           .  05.10.2026 08:11\n",
			"2026-10-05T06:11:08Z 1 RDSH-A01 j.müller 3  yes\n"},
		"sessions polled, without a time": {"UserName,HostServer,SessionState,UnifiedSessionId\na,RDSH-A01,STATE_ACTIVE,3\n",
			"damage: line 1: nothing says when the table was made: write the time before it (2026-10-05 08:11:00), into a column Time, or into the file's name (quser-RDSH-A01-2026-10-05T0811.txt)\n"},
		"search answer, fields": {`{"took":1,"hits":{"total":1,"hits":[{"_index":"w","fields":{"@timestamp":["2026-10-05T06:11:08.000Z"],"winlog.channel":["` + lsm + `"],"winlog.event_id":["21"],"winlog.computer_name":["RDSH-A01"],"winlog.user_data.User":["MOLEN\\a"],"winlog.user_data.Address":["10.30.1.10"],"winlog.user_data.SessionID":["3"]}}]}}`, one},
		"SecurityEvent without its channel": {`[{"TableName":"PrimaryResult","TimeGenerated":"2026-10-05T06:11:08Z","Computer":"RDSH-A01","EventID":"4624","Activity":"4624 - x","TargetUserName":"a","TargetDomainName":"MOLEN","LogonType":"10","IpAddress":"10.30.1.10","TargetLogonId":"0x3"}]`,
			"2026-10-05T06:11:08Z 4624 RDSH-A01 MOLEN\\a 0x3 10.30.1.10 yes\n"},
		"SecurityEvent with its values as XML": {`[{"TimeGenerated":"2026-10-05T06:11:08Z","Computer":"RDSH-A01","EventID":4624,"Activity":"4624 - x","TargetUserName":"","TargetDomainName":"","LogonType":null,"EventData":"<EventData xmlns=\"x\"><Data Name=\"TargetUserName\">a</Data><Data Name=\"TargetDomainName\">MOLEN</Data><Data Name=\"TargetLogonId\">0x3</Data><Data Name=\"LogonType\">10</Data><Data Name=\"IpAddress\">10.30.1.10</Data></EventData>"}]`,
			"2026-10-05T06:11:08Z 4624 RDSH-A01 MOLEN\\a 0x3 10.30.1.10 yes\n"},
		"a list of programs": {"host,name,version\nRDSH-A01,X,1\n",
			"error: read RDSH-A01.txt: no session log in a form that is read: it is an inventory (A table of programs (CSV, JSON, columns by name)); name it under inventories in the config\n"},
		"a page": {"<html><body><table><tr><td>x</td></tr></table></body></html>",
			"error: read RDSH-A01.txt: no session log in a form that is read: it is a page of HTML: export the table behind it as CSV, JSON or xlsx\n"},
		"no event at all": {`{"a":1}` + "\n",
			"error: read RDSH-A01.txt: no session log in a form that is read: none of its 1 objects is a Windows event: its names are those of no known form: \"a\"; splameter forms lists what is read, and columns in the config names what a table calls otherwise\n"},
		"splunk json": {`{"preview":false,"result":{"_raw":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "").Replace(xml) + `","_time":"2026-10-05T08:11:08.123+0200","host":"RDSH-A01"}}` + "\n", full},
		"evtx_dump":   {"Record 1\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + xml + "\nRecord 2\n<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + xml + "\n", full + full},
	} {
		path := filepath.Join(t.TempDir(), "RDSH-A01.txt")
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readSample(t.Context(), forms.ByID("winlogbeat"), path, nil, zone); got != c.want {
			t.Errorf("%s: got\n%swant\n%s", name, got, c.want)
		}
	}
}
