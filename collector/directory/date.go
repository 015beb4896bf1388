package directory

import (
	"time"

	"splameter/internal/paths"
)

// DateOf is the moment that an export stands for, by its file's name.
func DateOf(name string, loc *time.Location) (time.Time, error) {
	return paths.DateIn(name, "hosting-2026-10-31.ldif, or with a time like hosting-2026-10-31T0230.ldif", loc)
}
