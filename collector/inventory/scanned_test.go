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
// those of the month of the reading are none to tell of.
func TestOldScans(t *testing.T) {
	text := "Device,Software,Last Seen\n" +
		"RDSH-A01,Microsoft Project,2026-09-12 08:00\n" +
		"rdsh-a01.hosting.example,Microsoft Visio,12/09/2026 09:00\n" +
		"RDSH-A02,Microsoft Project,2026-10-29T23:10:00Z\n" +
		"RDSH-A03,Microsoft Project,2026-09-01\n" +
		"RDSH-A03,Microsoft Visio,2026-10-02\n" +
		"RDSH-A04,Microsoft Project,never\n"
	v, err := ReadSoftware(t.Context(), strings.NewReader(text), "software.csv", Options{Taken: time.Date(2026, 10, 30, 12, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshot.Scan{{Host: "RDSH-A01", Day: month.Date(2026, 9, 12)}}
	if diff := cmp.Diff(want, v.Scans); diff != "" {
		t.Error(diff)
	}
}

func TestScanDay(t *testing.T) {
	reading := month.Date(2026, 10, 30)
	for text, want := range map[string]string{
		"2026-09-12":              "2026-09-12",
		"2026-09-12T23:59:59Z":    "2026-09-12",
		"2026/09/12 8:00":         "2026-09-12",
		"12.09.2026 08:00":        "2026-09-12",
		"12-09-2026":              "2026-09-12", // of 12 September and 9 December only one is not to come
		"9/12/2026 8:00:00 AM":    "2026-09-12",
		"04/03/2026":              "2026-04-03", // the later of 3 April and 4 March
		"04.03.2026":              "2026-03-04",
		"1789200000":              "2026-09-12",
		"1789200000000":           "2026-09-12",
		"1789200000.25":           "2026-09-12",
		"2026-12-01":              "", // after the reading
		"31.02.2026":              "",
		"1601-01-01":              "",
		"never":                   "",
		"":                        "",
		"20260912":                "",
		"2026-13-40":              "",
		"123456789012345678901.5": "",
	} {
		got := ""
		if d, ok := scanDay(text, reading); ok {
			got = d.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
