package closing_test

import (
	"errors"

	"splameter/internal/closing"
	"splameter/internal/closing/evidence"
)

// chained holds packs against each other, and is an error where anything is
// wrong or in doubt.
func chained(packs ...*evidence.Pack) error {
	c := closing.Chain(presented(packs...), "", "", func(*closing.Presented) error { return nil })
	errs := c.Wrong
	for _, d := range c.Doubts {
		errs = append(errs, errors.New(d.Kind+": "+d.What))
	}
	return errors.Join(errs...)
}

func presented(packs ...*evidence.Pack) (out []closing.Presented) {
	for _, p := range packs {
		out = append(out, closing.Presented{Path: p.Manifest.Month, Pack: p})
	}
	return out
}
