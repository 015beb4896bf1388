package desk

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"splameter/internal/closing/monthend"
	"splameter/internal/config"
)

// setups holds config, rules and tables as they were read last. They are read
// again when one of the files was written; while one has a fault, what was
// good before stays, and every page says so.
type setups struct {
	mu    sync.Mutex
	seen  string
	good  *monthend.Setup
	wrong string
}

func (s *Server) setup() (*monthend.Setup, error) { return s.setups.get(s.opt.Load, s.loc) }

// Cached is load, done again only where one of the files was written.
func Cached(load func() (*monthend.Setup, error)) func() (*monthend.Setup, error) {
	x := &setups{}
	return func() (*monthend.Setup, error) { return x.get(load, nil) }
}

func (x *setups) get(load func() (*monthend.Setup, error), loc *time.Location) (*monthend.Setup, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.good != nil && x.seen == stamps(x.good.Config) {
		return x.good, nil
	}
	set, err := load()
	if err != nil {
		x.wrong = err.Error()
		if x.good == nil {
			return nil, err
		}
		x.seen = stamps(x.good.Config)
		return x.good, nil
	}
	if loc != nil && set.Config.Provider.Location.String() != loc.String() {
		return nil, fmt.Errorf("the provider's time zone was changed: start the desk again")
	}
	x.good, x.wrong, x.seen = set, "", stamps(set.Config)
	return set, nil
}

func (x *setups) faults() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.wrong
}

// stamps say which version of each file was read.
func stamps(c *config.Config) string {
	var b strings.Builder
	for _, p := range []string{c.Path, c.Tenants, c.Partners, c.Exclusions, c.Prices, c.SalesPrices, c.SharedAccounts, c.Decisions, c.Rules, c.Products} {
		if info, err := os.Stat(p); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", p, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}
