package store

import (
	"math"
	"time"

	"splameter/internal/packed"
)

// forever is the end of a span that the newest snapshot still sees.
const forever = math.MaxInt64

// ticks is a moment as kept: packed.Ticks.
func ticks(t time.Time) int64 { return packed.Ticks(t) }

func fromTicks(n int64) time.Time { return packed.FromTicks(n) }
