package desk

import (
	"context"
	"net/http"
	"testing"
	"time"

	"splameter/internal/month"
)

// Who does not wait until the persons of a month are counted is told so, and they
// are counted all the same: for whoever asks next.
func TestViewGoesOnWithoutWhoAsked(t *testing.T) {
	w := newWorld(t, nil)
	w.approver()
	asks := func(ctx context.Context) (*view, bool) {
		t.Helper()
		hr, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+october, nil)
		if err != nil {
			t.Fatal(err)
		}
		set, err := w.s.setup()
		if err != nil {
			t.Fatal(err)
		}
		r := &request{Request: hr, who: &session{role: Approver}, set: set, lang: w.s.names["en"]}
		h, err := w.s.head(r, month.New(2026, 10, w.s.loc), 0)
		if err != nil {
			t.Fatal(err)
		}
		gone, stop := context.WithCancel(ctx)
		if ctx == t.Context() {
			defer stop()
		} else {
			stop()
		}
		r.Request = hr.WithContext(gone)
		v, ready, _ := w.s.view(r, h)
		return v, ready
	}
	if v, ready := asks(context.WithoutCancel(t.Context())); v != nil || ready {
		t.Fatal("the persons were there before anybody waited")
	}
	for range 200 {
		if v, ready := asks(t.Context()); ready {
			if v == nil || v.st.Persons.Len() == 0 {
				t.Fatal("nobody was counted")
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the persons were never counted")
}
