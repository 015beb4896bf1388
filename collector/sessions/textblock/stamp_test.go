package textblock

import (
	"testing"
	"time"

	"splameter/collector/sessions/record"
)

func TestStamp(t *testing.T) {
	for _, tt := range []struct {
		in, want string // in UTC, or the wall's; empty: not read
		offset   bool
	}{
		{"2026-10-01T05:11:08Z", "2026-10-01T05:11:08Z", true},
		{"2018-05-08 14:36:47.3036913", "2018-05-08T14:36:47.3036913Z", false},
		{"2019-05-26T19:34:48.998791400Z", "2019-05-26T19:34:48.9987914Z", true},
		{"2026-10-01T05:11:08,5+02:00", "2026-10-01T03:11:08.5Z", true},
		{"2026-10-01T05:11:08-0330", "2026-10-01T08:41:08Z", true},
		{"2028-02-29 23:59:59.99999999", "2028-02-29T23:59:59.9999999Z", false},
		{"2027-02-29 00:00:00", "", false},
		{"2026-10-01T24:00:00Z", "", false},
		{"2026-10-01T05:11:60Z", "", false},
		{"2026-10-01T05:11:08.Z", "", false},
		{"2026-10-01T05:11:08+15:00", "", false},
		{"1600-10-01T05:11:08Z", "", false},
		{"2026-10-01", "", false},
	} {
		got, offset, ok := Stamp([]byte(tt.in))
		var clock Clock
		for range 2 {
			if got2, offset2, ok2 := clock.Stamp([]byte(tt.in)); got2 != got || offset2 != offset || ok2 != ok {
				t.Errorf("%s: the clock with a memory says %d, %v, %v", tt.in, got2, offset2, ok2)
			}
		}
		if !ok && tt.want == "" {
			continue
		}
		if s := record.FromTicks(got).Format(time.RFC3339Nano); !ok || s != tt.want || offset != tt.offset {
			t.Errorf("%s: %s, %v, %v; want %q", tt.in, s, offset, ok, tt.want)
		}
	}
}

func TestWall(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"1.10.2026 05:11:08", "2026-10-01T05:11:08Z"},
		{"10/31/2026 5:11:08 PM", "2026-10-31T17:11:08Z"},
		{"31/10/2026 12:11", "2026-10-31T12:11:00Z"},
		{"31-10-2026 00:11:08", "2026-10-31T00:11:08Z"},
		{"10/31/2026 12:11:08 AM", "2026-10-31T00:11:08Z"},
		{"10/31/2026, 12:11:08\u202fPM", "2026-10-31T12:11:08Z"},
		{"2026/10/1 5:11:08", "2026-10-01T05:11:08Z"},
		{"5/5/2026 5:11:08", "2026-05-05T05:11:08Z"},
		{"5/6/2026 5:11:08", "ambiguous"},
		{"31/31/2026 5:11:08", ""},
		{"10/31/26 5:11:08", ""},
		{"10/31/2026 13:11:08 PM", ""},
		{"10/31/2026", ""},
		{"5/6/2026 x", ""},
	} {
		ticks, _, ambiguous, ok := Wall([]byte(tt.in), Unproved)
		got := ""
		if ambiguous {
			got = "ambiguous"
		}
		if ok {
			got = record.FromTicks(ticks).Format(time.RFC3339Nano)
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.in, got, tt.want)
		}
	}
}

// Amsterdam leaves summer time on 2026-10-25 at 03:00.
func TestInZone(t *testing.T) {
	ams, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	for wall, want := range map[string]string{"2026-10-25 01:59:59": "2026-10-24T23:59:59Z", "2026-10-25 03:00:00.5": "2026-10-25T02:00:00.5Z"} {
		ticks, _, _ := Stamp([]byte(wall))
		if got := record.FromTicks(InZone(ticks, ams)).Format(time.RFC3339Nano); got != want {
			t.Errorf("%s: got %s, want %s", wall, got, want)
		}
	}
}

func TestUint(t *testing.T) {
	for in, want := range map[string]uint64{" 21\r\n": 21, "18446744073709551615": 1<<64 - 1, "0": 0} {
		if got, ok := Uint([]byte(in)); !ok || got != want {
			t.Errorf("%q: got %d, %v", in, got, ok)
		}
	}
	for _, in := range []string{"", " ", "-1", "18446744073709551616", "99999999999999999999", "1 2", "0x1"} {
		if got, ok := Uint([]byte(in)); ok {
			t.Errorf("%q was read as %d", in, got)
		}
	}
}

// FuzzStamp compares with package time, wherever that reads the form too.
func FuzzStamp(f *testing.F) {
	f.Add("2026-10-01T05:11:08.1234567+02:00")
	f.Add("2026-10-01 05:11:08")
	f.Add("1601-01-01T00:00:00Z")
	f.Fuzz(func(t *testing.T, in string) {
		got, offset, ok := Stamp([]byte(in))
		var clock Clock
		clock.Stamp([]byte(in))
		if len(in) > 19 {
			clock.Stamp([]byte(in[:17] + "07Z"))
		}
		if got2, offset2, ok2 := clock.Stamp([]byte(in)); got2 != got || offset2 != offset || ok2 != ok {
			t.Errorf("%s: the clock with a memory says %d, %v, %v", in, got2, offset2, ok2)
		}
		_, _, _, _ = Wall([]byte(in), DayFirst)
		_, _ = Epoch([]byte(in))
		layout := time.RFC3339Nano
		if ok && !offset {
			layout = "2006-01-02T15:04:05"
			if in[10] == ' ' {
				layout = "2006-01-02 15:04:05"
			}
		}
		want, err := time.Parse(layout, in)
		if err != nil || want.Year() < 1602 || want.Year() > 9998 || !ok {
			return // what only one of them reads shows in TestStamp
		}
		if diff := want.Sub(record.FromTicks(got)); diff < 0 || diff >= 100 {
			t.Errorf("%s: got %s, want %s", in, record.FromTicks(got), want)
		}
	})
}
