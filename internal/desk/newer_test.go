package desk

import (
	"net/url"
	"testing"
	"time"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// What came in for a month after it was counted is told on its page, until it is
// counted again; what came in for another month is not.
func TestNewerReadings(t *testing.T) {
	w := newWorld(t, nil)
	b := w.approver()
	b.post("/language", url.Values{"to": {"en"}})
	put := func(day month.Day) {
		t.Helper()
		w.now = w.now.Add(5 * time.Minute)
		at := day.Start(time.UTC).Add(12 * time.Hour)
		if err := w.st.PutInventory(t.Context(), &snapshot.Inventory{Reading: snapshot.Reading{Source: "late", Kind: snapshot.KindInventory, Taken: at, Day: day}}); err != nil {
			t.Fatal(err)
		}
	}
	put(month.Date(2026, 9, 12))
	_, body := b.get(october)
	hides(t, body, "since it was counted")
	put(month.Date(2026, 10, 12))
	_, body = b.get(october)
	shows(t, body, "Read for this month since it was counted: 1 reading. Count it again")
	w.now = w.now.Add(5 * time.Minute)
	_, form := b.get(october + "/do/report")
	b.post(october+"/do/report", fill(form))
	_, body = b.get(october)
	hides(t, body, "since it was counted")
}
