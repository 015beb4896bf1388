package inventory

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// Of each host the latest scan counts, under its short name or its full one, and
// those of the day before the reading are none to tell of. A04's cannot be read, and
// A05's is not told though those of others are.
func TestOldScans(t *testing.T) {
	text := "Device,Software,Last Seen\n" +
		"RDSH-A01,Microsoft Project,2026-09-12 08:00\n" +
		"rdsh-a01.hosting.example,Microsoft Visio,12/09/2026 09:00\n" +
		"RDSH-A02,Microsoft Project,2026-10-29T23:10:00Z\n" +
		"RDSH-A03,Microsoft Project,2026-09-01\n" +
		"RDSH-A03,Microsoft Visio,2026-10-02\n" +
		"RDSH-A04,Microsoft Project,never\n" +
		"RDSH-A05,Microsoft Project,\n" +
		"RDSH-A06,Microsoft Project,never\n" +
		"RDSH-A06,Microsoft Visio,20261030\n"
	want := []snapshot.Scan{{Host: "RDSH-A01", Day: month.Date(2026, 9, 12)}, {Host: "RDSH-A03", Day: month.Date(2026, 10, 2)}, {Host: "RDSH-A04"}, {Host: "RDSH-A05"}}
	if diff := cmp.Diff(want, oldScans(t, text)); diff != "" {
		t.Error(diff)
	}
	if got := oldScans(t, strings.ReplaceAll("Device,Software,Last Seen\nRDSH-A01,Visio,\nRDSH-A02,Visio,\n", "\n", "\r\n")); got != nil {
		t.Errorf("a column that nobody fills tells nothing, and not %v", got)
	}
}

func oldScans(t *testing.T, text string) []snapshot.Scan {
	t.Helper()
	v, err := ReadSoftware(t.Context(), strings.NewReader(text), "software.csv", Options{Taken: time.Date(2026, 10, 30, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	return v.Scans
}

// A file has one order of day and month: the one that another of its dates proves,
// else the one by which its newest is newer. Read on 30 October, A01's date is of
// 4 October or of 10 April.
func TestScanOrder(t *testing.T) {
	october, april := month.Date(2026, 10, 4), month.Date(2026, 4, 10)
	for _, c := range []struct {
		name, other string
		want        month.Day
	}{
		{"the month is last", "29/10/2026", october},
		{"the month is first", "10/29/2026", april},
		{"the other would be to come", "9/11/2026", april}, // of 9 November and 11 September one is to come
		{"nothing proves it", "5/10/2026", october},
		{"nothing proves it, and the newest is by the month first", "10/5/2026", april},
		{"both are proved", "29/10/2026\nRDSH-A03,Visio,10/29/2026", october},
	} {
		got := oldScans(t, "Device,Software,Last Seen\nRDSH-A01,Visio,4/10/2026\nRDSH-A02,Visio,"+c.other+"\n")
		if len(got) == 0 || got[0] != (snapshot.Scan{Host: "RDSH-A01", Day: c.want}) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestScanDay(t *testing.T) {
	reading := month.Date(2026, 10, 30)
	for text, want := range map[string]string{
		"2026-09-12":                 "2026-09-12",
		"2026-09-12T23:59:59Z":       "2026-09-12",
		"2026/09/12 8:00":            "2026-09-12",
		"12.09.2026 08:00":           "2026-09-12",
		"12-09-2026":                 "2026-09-12", // of 12 September and 9 December only one is not to come
		"9/12/2026 8:00:00 AM":       "2026-09-12",
		"04/03/2026":                 "2026-03-04 or 2026-04-03",
		"9/12/26 8:00":               "2026-09-12",
		"04.03.2026":                 "2026-03-04",
		"1789200000":                 "2026-09-12",
		"1789200000000":              "2026-09-12",
		"1789200000.25":              "2026-09-12",
		"20260912":                   "2026-09-12",
		"20260912T0800":              "2026-09-12",
		"202609120800":               "2026-09-12",
		"20260912080000.000000+120":  "2026-09-12",
		"2026091208":                 "2026-09-12",
		"12092026":                   "2026-09-12", // 9 December is to come
		"04032026":                   "2026-03-04 or 2026-04-03",
		"46277.333":                  "2026-09-12",
		"46277":                      "2026-09-12",
		"134336736000000000":         "2026-09-12",
		"/Date(1789200000000)/":      "2026-09-12",
		"12 sep. 2026 08:00":         "2026-09-12",
		"12-Sep-26 08:00":            "2026-09-12",
		"Sep 12, 2026, 8:00 AM":      "2026-09-12",
		"Sat Sep 12 08:00:00 2026":   "2026-09-12",
		"zaterdag 12 september 2026": "2026-09-12",
		"12. September 2026":         "2026-09-12",
		"12 de septiembre de 2026":   "2026-09-12",
		"3 juillet 2026":             "2026-07-03",
		"3 mrt 2026":                 "2026-03-03",
		"Online":                     "2026-10-30",
		"2026-12-01":                 "", // after the reading
		"20261201":                   "",
		"31.02.2026":                 "",
		"1601-01-01":                 "",
		"never":                      "",
		"":                           "",
		"2026-13-40":                 "",
		"99999999":                   "",
		"Jan de Vries":               "",
		"7":                          "",
		"123456789012345678901.5":    "",
	} {
		got, d := "", scanDay(text, reading)
		for _, day := range []month.Day{d.dayFirst, d.monthFirst} {
			if day != 0 && !strings.Contains(got, day.String()) {
				got = strings.TrimPrefix(got+" or "+day.String(), " or ")
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// No text makes a day after the reading or before 2000, and none a panic.
func FuzzScanDay(f *testing.F) {
	for _, s := range []string{"2026-09-12", "9/12/26", "20260912080000.0+120", "Sat Sep 12 08:00:00 2026", "12-Sep-26", "46277.3", "/Date(1)/", "\xff 3 \xc3"} {
		f.Add(s)
	}
	reading := month.Date(2026, 10, 30)
	f.Fuzz(func(t *testing.T, s string) {
		d := scanDay(s, reading)
		for _, day := range []month.Day{d.dayFirst, d.monthFirst} {
			if day != 0 && (day > reading+1 || day < month.Date(2000, 1, 1)) {
				t.Errorf("%q: %s", s, day)
			}
		}
	})
}
