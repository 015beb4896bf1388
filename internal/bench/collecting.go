package main

import (
	"context"
	"os"
	"path/filepath"
)

// collecting is splameter collect as a user runs it, with its store, of one log
// on one core. It begins without a store each time.
func (opt *options) collecting(ctx context.Context, log string, units int) (*contender, error) {
	program, err := opt.built(ctx)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(opt.dir, "collect-"+filepath.Base(log))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	of := estate{tenants: 1}
	config := providerConfig + "sessions:\n  - {name: bench, files: [" + log + "], exported: 2026-11-01}\n"
	for name, text := range map[string]string{
		"config.yaml": config, "rules.yaml": growthRules, "tenants.csv": of.tenantTable(),
		"exclusions.csv": "id,tenant,product,ground,match,quantity,document,from,until\n", "prices.csv": estatePrices,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	sh, absent := found("sh")
	return &contender{
		name: "splameter collect, one core", units: float64(units), absent: absent, dir: dir, env: []string{"GOMAXPROCS=1"},
		argv: []string{sh, "-c", `rm -rf var out && exec "$1" -c config.yaml collect --source bench`, "sh", program}, codes: []int{0, 3},
	}, nil
}
