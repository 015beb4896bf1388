package tables

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/month"
	"splameter/internal/register"
)

// A decision is one row more; what stood in the file stays as it was, in its
// own columns and with its own separator, and reads back as it was meant.
func TestAppendDecision(t *testing.T) {
	d := register.Decision{Key: `question|title|a "b"; c, d`, Decision: register.Free, By: "C. de Vries", Reason: "see\nticket; 1, 2",
		Until: month.OptionalDay{Day: month.Date(2027, 12, 31), Set: true}}
	for _, c := range []struct{ name, before, after string }{
		{"none", "-", "key,code,tenant,subject,decision,by,reason,until\n" + `"question|title|a ""b""; c, d",,,,free,C. de Vries,"see ticket; 1, 2",2027-12-31` + "\n"},
		{"columns of its own", "decision,by,reason,until,key\naccepted,x,y,,k|a|b|c\n", "decision,by,reason,until,key\naccepted,x,y,,k|a|b|c\n" +
			`free,C. de Vries,"see ticket; 1, 2",2027-12-31,"question|title|a ""b""; c, d"` + "\n"},
		{"semicolons, no last line's end, CRLF", "\ufeffKey;decision;by;reason;until\r\nk;accepted;x;y;", "\ufeffKey;decision;by;reason;until\r\nk;accepted;x;y;\n" +
			`"question|title|a ""b""; c, d";free;C. de Vries;"see ticket; 1, 2";2027-12-31` + "\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "decisions.csv")
			if c.before != "-" {
				if err := os.WriteFile(path, []byte(c.before), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := AppendDecisions(path, []register.Decision{d}); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil || string(got) != c.after {
				t.Errorf("%v\n%q\nwant\n%q", err, got, c.after)
			}
			all, faults := Decisions(path, nil)
			if len(faults) > 0 || len(all) == 0 {
				t.Fatal(faults, all)
			}
			last := all[len(all)-1]
			if last.Key != d.Key || last.Decision != d.Decision || last.Reason != "see ticket; 1, 2" || last.Until != d.Until {
				t.Errorf("%+v", last)
			}
		})
	}
	path := filepath.Join(t.TempDir(), "decisions.csv")
	if err := os.WriteFile(path, []byte("code,decision,by,reason,until\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := AppendDecisions(path, []register.Decision{d}); err == nil || err.Error() != "decisions.csv has no column key: add it to its first line" {
		t.Error(err)
	}
	// Who decided and why is free text, which no spreadsheet takes for a formula.
	path = filepath.Join(t.TempDir(), "decisions.csv")
	if err := AppendDecisions(path, []register.Decision{{Key: "k|a|b|c", Decision: register.Accepted, By: "=1+1", Reason: "@SUM(A1)"}}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || !strings.HasSuffix(string(got), "\nk|a|b|c,,,,accepted,'=1+1,'@SUM(A1),\n") {
		t.Errorf("%v\n%q", err, got)
	}
}
