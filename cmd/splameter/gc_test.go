package main

import "testing"

// By hand: 100 MiB may grow by 60 of the 160, and would by half; of 120 MiB a
// third is left; from 146 on a tenth, and never none.
func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: 50, 100 << 20: 50, 120 << 20: 33, 128 << 20: 25, 150 << 20: 10, 160 << 20: 10, 1 << 40: 10} {
		if got := growthPercent(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}
