package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A file of 5,000 broken rows is told by the first 1,000 and one line that says
// that there are 4,000 more; the event behind them is counted all the same. So
// it is where a row that is whole stands before them, and where none does.
func TestInspectBoundsDamage(t *testing.T) {
	const header = "TimeCreated,Computer,Channel,EventID,User,SessionID,Address,EventRecordID\n"
	const row = "2026-10-28T09:00:00.0000000Z,RDSH-T01.duinrand.example,Microsoft-Windows-TerminalServices-LocalSessionManager/Operational,21,DUINRAND\\p.staal,77,10.20.0.77,16\n"
	const counted = `{"channel":"LSM","event_id":21,"evidence":"yes","events":1}` + "\n"
	broken := strings.Repeat("x\n", 5000)
	for name, c := range map[string]struct{ text, stdout string }{
		"behind":   {header + broken + row, counted},
		"before":   {header + row + broken, counted},
		"no event": {header + broken, ""},
	} {
		path := filepath.Join(t.TempDir(), "log.csv")
		writeFile(t, path, []byte(c.text))
		code, stdout, stderr := splameter(t, "inspect", "--count", path)
		if code != exitIncomplete || stdout != c.stdout {
			t.Errorf("%s: exit code %d, printed %q, want %d and %q", name, code, stdout, exitIncomplete, c.stdout)
		}
		lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
		if len(lines) != 1001 {
			t.Errorf("%s: %d lines were told, want 1001", name, len(lines))
		}
		if last := lines[len(lines)-1]; !strings.Contains(last, "log.csv: 4000 more damages are not shown, since only the first 1000 of a file are") {
			t.Errorf("%s: the last line is %q", name, last)
		}
	}
}
