package collector

import (
	"errors"
	"fmt"
	"sync"

	"splameter/internal/winhost"
)

// gate lets log-ons through one by one until one succeeds, and none any more
// when the first were refused: a wrong password that is tried at every host
// locks the account.
type gate struct {
	mu      sync.Mutex
	proven  bool
	refused int
	where   error
}

// mostRefused is how many hosts may refuse the account before nobody else is
// asked.
const mostRefused = 2

// errNotAsked is wrapped where a host was not asked at all.
var errNotAsked = errors.New("it was not asked")

func (g *gate) logOn(try func() error) error {
	g.mu.Lock()
	if g.proven {
		g.mu.Unlock()
		return try()
	}
	defer g.mu.Unlock()
	if g.refused >= mostRefused {
		return fmt.Errorf("%w, so that the account is not locked: other hosts refused it (%w)", errNotAsked, g.where)
	}
	err := try()
	var step *winhost.StepError
	switch {
	case err == nil:
		g.proven = true
	case errors.As(err, &step) && step.Refused:
		g.refused++
		g.where = errors.New(step.Error())
	}
	return err
}
