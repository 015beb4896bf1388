package main

import "testing"

// By hand: 60 MiB may double and would by half; of 100 MiB a fifth is left of
// the 120; from there on a tenth, and never none.
func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: 50, 60 << 20: 50, 80 << 20: 50, 100 << 20: 20, 115 << 20: 10, 120 << 20: 10, 1 << 40: 10} {
		if got := growthPercent(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}
