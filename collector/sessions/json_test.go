package sessions

import (
	"math"
	"testing"

	"splameter/collector/sessions/record"
)

// The library writes the same by the layout, of any time that a record can bear.
func TestAppendTime(t *testing.T) {
	for _, ticks := range []int64{1, 9, 10, 9_999_999, 10_000_000, 133_000_000_000_000_001, 134_349_840_000_000_000, 134_349_840_009_999_999, 2_650_467_743_999_999_999, 2_650_467_744_000_000_000, math.MaxInt64} {
		want := "x" + record.FromTicks(ticks).Format("2006-01-02T15:04:05.0000000Z")
		if got := string(appendTime([]byte("x"), ticks)); got != want {
			t.Errorf("%d: %s, want %s", ticks, got, want)
		}
	}
	for _, none := range []int64{0, -1} {
		if got := appendTime(nil, none); len(got) > 0 {
			t.Errorf("%d: %s", none, got)
		}
	}
}
