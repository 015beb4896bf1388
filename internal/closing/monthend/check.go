package monthend

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/register/tables"
	"splameter/rules"
)

// Check tells every fault that config, rules and tables would have, were some
// of the files others than they are; instead holds those by their paths.
func Check(c *config.Config, instead map[string][]byte) (diag.Faults, error) {
	like := *c
	var faults diag.Faults
	if data, ok := instead[c.Path]; ok {
		cfg, f := config.Parse(c.Path, data)
		faults, like = f, *cfg
	}
	if data, ok := instead[like.Rules]; ok {
		set, f := rules.Parse(like.Rules, data)
		if len(f) == 0 {
			f = set.Meaning(data)
		}
		faults = append(faults, f...)
	} else {
		_, f := LoadRules(like.Rules)
		faults = append(faults, f...)
	}
	dir, err := os.MkdirTemp("", "splameter-check-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	names := map[string]string{} // of the copies, by how they are called
	for n, p := range []*string{&like.Tenants, &like.Partners, &like.Exclusions, &like.Prices, &like.SalesPrices, &like.SharedAccounts, &like.Decisions} {
		data, ok := instead[*p]
		if !ok || *p == "" {
			continue
		}
		name := filepath.Base(*p)
		*p = filepath.Join(dir, strconv.Itoa(n), name)
		names[*p] = name
		if err := os.Mkdir(filepath.Dir(*p), 0o700); err != nil {
			return nil, err
		}
		if err := atomicfile.WriteBytes(*p, atomicfile.Private, data); err != nil {
			return nil, err
		}
	}
	_, _, _, _, f := tables.LoadAll(&like)
	for i := range f {
		for path, name := range names {
			f[i].What, f[i].Instead = strings.ReplaceAll(f[i].What, path, name), strings.ReplaceAll(f[i].Instead, path, name)
			if f[i].File == path {
				f[i].File = name
			}
		}
	}
	return append(faults, f...).Sorted(), nil
}
