package monthend

import (
	"context"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/rules"
)

// ExplainFacts picks one number out of a month whose facts are at hand, such
// as sealed ones.
func (s *Setup) ExplainFacts(ctx context.Context, facts *snapshot.Facts, earlier []statement.Earlier, tenant, product, person string, opt Options) (*rules.Explanation, error) {
	in, err := s.input(facts, earlier, opt)
	if err != nil {
		return nil, err
	}
	return rules.Explain(ctx, in, tenant, product, person)
}
