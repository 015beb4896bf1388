package rules

import (
	"fmt"
	"slices"

	"splameter/internal/config"
	"splameter/internal/statement"
)

// checkPoolNames finds products that are counted for who may log on to a pool
// that the config does not have: of one that is named it is a slip of the pen,
// while who has no session hosts may well keep a rule for all pools. A pool of
// the config that begins later or has ended is one that it has.
func checkPoolNames(e *evaluation) {
	for _, p := range e.products {
		for i, pattern := range p.Entitled.Pools {
			if slices.ContainsFunc(e.Config.Pools, func(c config.Pool) bool { return p.pools[i].Match(c.Name) }) {
				continue
			}
			severity := statement.Error
			if pattern == "*" {
				severity = statement.High
			}
			e.finding(statement.Finding{Code: "pool-missing", Severity: severity, Subject: p.ID + "/" + pattern, Product: p.ID,
				Message: fmt.Sprintf("product %s is counted for who may log on to pools called %s, and the config has none: nobody was counted through it", p.ID, pattern),
				Action:  "add the pool to the config, with the groups that may log on to it, correct its name in the rule, or take the rule out; a slip of the pen must not mean zero"})
		}
	}
}
