package agent

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"splameter/internal/notify"
	"splameter/internal/statement"
)

// With names kept for 39 months, February 2030 lets go of what is older than
// November 2026: of October 2026, and of nothing else. A clock that is in 2030
// by mistake, when nothing was read in the month before, lets go of nothing.
func TestNamesAreReduced(t *testing.T) {
	for _, right := range []bool{true, false} {
		w := newWorld(t)
		synctest.Test(t, func(t *testing.T) {
			w.t = t
			w.keep.Store(100000)
			for _, day := range []string{"2026-10-01", "2026-11-01"} {
				w.day(w.at(day + " 00:40"))
			}
			if right {
				w.day(w.at("2030-01-15 00:40"))
			}
			w.until("2030-02-10 12:00")
			setup := w.setup()
			st := w.open(setup)
			mail := &inbox{}
			r := w.start(Options{Store: st, Setup: setup, Sinks: []notify.Sink{mail}})
			w.until("2030-02-12 12:00")
			if err := r.stop(); err != nil {
				t.Error(err)
			}
			want := 0
			if right {
				want = 1
			}
			if got := mail.count(notify.Notice, "reduced to counts"); got != want {
				t.Errorf("right %v: told %d times of names that went, want %d", right, got, want)
			}
			acts, err := st.Acts(t.Context(), "")
			if err != nil {
				t.Fatal(err)
			}
			var gone []string
			for i := range acts {
				if acts[i].Action == statement.ActRetain {
					gone = append(gone, acts[i].Month)
				}
			}
			if got := fmt.Sprint(gone); got != map[bool]string{true: "[2026-10]", false: "[]"}[right] {
				t.Errorf("right %v: reduced were %s", right, got)
			}
			if err := st.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Started for the first time on 22 November, with what was exported since
// October: October is closed before the first reminder speaks of it, and the
// pre-close list of November knows what was read of November. Anna and Bram are
// both on it but for Anna's session of 1 November: so Bram alone, one licence.
func TestFirstStart(t *testing.T) {
	w := newWorld(t)
	synctest.Test(t, func(t *testing.T) {
		w.t = t
		w.keep.Store(100)
		for d := w.at("2026-10-01 00:40"); d.Before(w.at("2026-11-22 12:00")); d = d.AddDate(0, 0, 1) {
			w.day(d)
		}
		w.until("2026-11-22 12:00")
		setup := w.setup()
		st := w.open(setup)
		mail := &inbox{}
		r := w.start(Options{Store: st, Setup: setup, Sinks: []notify.Sink{mail}})
		w.until("2026-11-22 12:05")
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if n := mail.count(notify.Reminder, "2026-10 is draft and not submitted: late by 12 days, it was due on 2026-11-10"); n != 1 {
			t.Errorf("reminded %d times: %+v", n, mail.got)
		}
		found := false
		for _, m := range mail.got {
			if strings.Contains(m.Subject, "pre-close") {
				found = true
				if !strings.Contains(m.Body, "Licences by which December 2026 drops: 1\n") || strings.Contains(m.Body+m.Detail+m.Subject, "bram") {
					t.Errorf("the pre-close list says %+v", m)
				}
			}
		}
		if !found {
			t.Error("nobody was told of a pre-close list")
		}
		// The same day again: nothing is told twice.
		before := len(mail.got)
		r = w.start(Options{Store: st, Setup: setup, Sinks: []notify.Sink{mail}})
		w.until("2026-11-22 13:00")
		if err := r.stop(); err != nil {
			t.Error(err)
		}
		if len(mail.got) != before {
			t.Errorf("a restart told again: %+v", mail.got[before:])
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
}
