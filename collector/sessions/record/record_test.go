package record

import (
	"testing"
	"time"
)

func TestTicks(t *testing.T) {
	for _, s := range []string{"2021-02-12T12:34:30.9512982Z", "1601-01-01T00:00:00Z", "1969-12-31T23:59:59.9999999Z", "2028-02-29T23:59:59.9999999Z"} {
		want, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			t.Fatal(err)
		}
		if got := FromTicks(ToTicks(want)); !got.Equal(want) {
			t.Errorf("%s came back as %s", s, got)
		}
	}
	// 2021-02-12 is 153,444 days of 864e9 units after 1601-01-01.
	if got, want := ToTicks(time.Date(2021, 2, 12, 0, 0, 0, 0, time.UTC)), int64(153444*864e9); got != want {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestValueIgnoresCase(t *testing.T) {
	r := Record{Fields: []Field{{[]byte("user"), []byte("A\\b")}, {[]byte("User"), []byte("second")}}}
	if got := string(r.Value("User")); got != "A\\b" {
		t.Errorf("got %q, want the first field", got)
	}
	if r.Value("Address") != nil {
		t.Error("an absent field is not nil")
	}
}
