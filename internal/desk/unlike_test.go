package desk

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"splameter/internal/statement"
)

// October is sealed with 20 SALs of RDS. Somebody writes 19 into the store: no page
// shows it and the interface refuses to answer, the other month goes on, and when the
// store is put back all is as it was. Without its evidence the month is shown, and it
// says that it was not held against it; the interface does not answer then either.
func TestResultsUnlikeTheSealed(t *testing.T) {
	w := apiWorld(t)
	b := w.approver()
	pack := ""
	if list, err := filepath.Glob(filepath.Join(w.dir, "out/2026-10/*.zip")); err == nil && len(list) == 1 {
		pack = list[0]
	} else {
		t.Fatalf("%q, %v", list, err)
	}
	look := func(when, text string, shown bool, status, answer int) {
		t.Helper()
		for path, want := range map[string]int{"/m/2026-10/r0": 200, "/m/2026-10/r0/customers": status, "/m/2026-10/r0/c/tuinderij": status, "/": 200} {
			got, body := b.get(path)
			if got != want || text != "" && path != "/" && !strings.Contains(body, text) {
				t.Errorf("%s: %s answers %d, want %d with %q", when, path, got, want, text)
			}
			if path == "/m/2026-10/r0" && shown != strings.Contains(body, "6WC-00002") {
				t.Errorf("%s: %s shows the lines: %v", when, path, !shown)
			}
		}
		for path, want := range map[string]int{"months/2026-10": answer, "months/2026-10?revision=0": answer, "months/2026-10/customers": answer, "lines?from=2026-09&until=2026-10": answer, "months/2026-09": 200} {
			if got, body := w.ask("GET", "/api/v1/"+path, apiTokens["reviewer"]); got != want {
				t.Errorf("%s: %s answers %d, want %d: %s", when, path, got, want, body)
			}
		}
	}
	look("as sealed", "", true, 200, 200)

	kept, err := w.st.Result(t.Context(), "2026-10", 0)
	if err != nil {
		t.Fatal(err)
	}
	put := func(change func(*statement.Statement)) {
		var st statement.Statement
		if err := json.Unmarshal(kept, &st); err != nil {
			t.Fatal(err)
		}
		change(&st)
		if err := w.st.PutResult(t.Context(), &st); err != nil {
			t.Fatal(err)
		}
	}
	put(func(st *statement.Statement) { st.Lines[0].Quantity-- })
	look("19 in the store", "bewaart is niet wat is verzegeld", false, 409, 409)
	put(func(*statement.Statement) {})
	look("put back", "", true, 200, 200)

	if err := os.Rename(pack, pack+".away"); err != nil {
		t.Fatal(err)
	}
	look("without evidence", "is er niet mee vergeleken", true, 200, 409)
	if err := os.WriteFile(pack, []byte("something else"), 0o644); err != nil {
		t.Fatal(err)
	}
	look("other evidence", "bewaart is niet wat is verzegeld", false, 409, 409)
	if err := os.Rename(pack+".away", pack); err != nil {
		t.Fatal(err)
	}
	look("evidence put back", "", true, 200, 200)
}
