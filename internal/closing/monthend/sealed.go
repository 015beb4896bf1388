package monthend

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/product"
	"splameter/internal/register/tables"
	"splameter/rules"
)

// The files that a month is counted with, as they are sealed. The tables are
// called after the keys that name them in the config.
const (
	sealedConfig = "config.yaml"
	sealedRules  = "rules.yaml"
	// CatalogFile is the built-in list that the rules may take from.
	CatalogFile = "catalog.yaml"
	// TitlesFile is what the program recognizes installed programs by.
	TitlesFile = "titles.json"
)

func sealedTable(key string) string {
	switch key {
	case "rules":
		return sealedRules
	case "products":
		return "products.yaml"
	}
	if key, ok := strings.CutSuffix(key, ".columns.template"); ok {
		if id, ok := strings.CutPrefix(key, "agreements."); ok {
			return "reseller-form-" + id + ".xlsx"
		}
		return "reseller-form.xlsx"
	}
	return key + ".csv"
}

// File is one file that a month is counted with.
type File struct {
	Name string
	Data []byte
}

// Files are the config with its secrets masked, the rules with the built-in
// list that they may take from, what programs are recognized by, and every table that the config names, sorted
// by name: with the facts, all that a month is counted from.
func (s *Setup) Files() ([]File, error) {
	masked, err := s.Config.Masked()
	if err != nil {
		return nil, fmt.Errorf("seal the config: %w", err)
	}
	out := []File{{sealedConfig, masked}, {CatalogFile, rules.CatalogFile()}, {TitlesFile, product.Files()}}
	for _, t := range s.Config.Tables() {
		if t.Path == "" {
			continue
		}
		data, err := readTable(t.Path)
		if err != nil {
			return nil, fmt.Errorf("seal the file under %s: %w", t.Key, err)
		}
		out = append(out, File{sealedTable(t.Key), data})
	}
	slices.SortFunc(out, func(a, b File) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out, nil
}

// readTable reads a table up to a bound beyond what its reader takes.
func readTable(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > 64<<20 {
		return nil, fmt.Errorf("%s is larger than 64 MiB", filepath.Base(path))
	}
	return os.ReadFile(path)
}

// LoadSealed is Load for the files that Files gave, whatever stands in their
// places today. configHash is the config's digest as it was then: the sealed
// config is masked, and so has another. Secrets in it open nothing.
func LoadSealed(files []File, configHash string) (*Setup, diag.Faults) {
	s := &Setup{}
	dir, err := os.MkdirTemp("", "splameter-sealed-")
	if err != nil {
		return s, diag.Faults{{File: "the sealed inputs", What: "no temporary folder could be made: " + err.Error(), Instead: "make room, or set TMPDIR"}}
	}
	defer os.RemoveAll(dir)
	have := map[string][]byte{}
	for _, f := range files {
		have[f.Name] = f.Data
	}
	s.Sealed = []string{sealedConfig, CatalogFile}
	cfg, faults := config.Parse(filepath.Join(dir, sealedConfig), have[sealedConfig])
	s.Config = cfg
	if cfg.Provider.Location == nil {
		return s, relative(faults, dir)
	}
	cfg.Digest = configHash
	own := config.Agreement{ID: config.MainAgreement}
	named := []place{
		{"tenants", &cfg.Tenants}, {"resellers", &cfg.Partners}, {"exclusions", &cfg.Exclusions}, {"prices", &cfg.Prices},
		{"sales_prices", &cfg.SalesPrices}, {"shared_accounts", &cfg.SharedAccounts}, {"decisions", &cfg.Decisions}, {"rules", &cfg.Rules}, {"products", &cfg.Products},
		{own.TemplateKey(), &cfg.Report.Columns.Template},
	}
	for i := range cfg.Agreements {
		a := &cfg.Agreements[i]
		named = append(named, place{a.TemplateKey(), &a.Columns.Template})
	}
	for _, t := range named {
		name := sealedTable(t.key)
		data, ok := have[name]
		if !ok {
			*t.path = ""
			continue
		}
		*t.path = filepath.Join(dir, name)
		s.Sealed = append(s.Sealed, name)
		if err := os.WriteFile(*t.path, data, 0o600); err != nil {
			return s, diag.Faults{{File: name, What: "it could not be laid out: " + err.Error(), Instead: "make room on the disk of temporary files"}}
		}
	}
	set, _, more := readRules(cfg.Rules)
	s.Rules = set
	faults = append(faults, more...)
	titles := have[TitlesFile]
	if titles == nil { // sealed before titles were
		titles = product.Files()
	} else {
		s.Sealed = append(s.Sealed, TitlesFile)
	}
	if !bytes.Equal(titles, product.Files()) {
		if s.loadTitles(nil) == nil {
			s.ownTitles = cmp.Or(s.Titles, product.Builtin())
		}
	}
	faults = append(faults, s.loadTitles(titles)...)
	var tf diag.Faults
	s.Register, s.Prices, s.Sales, s.Decisions, tf = tables.LoadAll(cfg)
	faults = append(faults, tf...)
	faults = append(faults, s.loadTemplates()...)
	if s.priceHash, err = fileDigest(cfg.Prices); err != nil {
		faults = append(faults, diag.Fault{File: "prices.csv", What: err.Error(), Instead: "seal the month again"})
	}
	return s, relative(faults.Sorted(), dir)
}

// OwnTitles is a sealed setup with what this version of the program recognizes
// programs by, in place of the list that was sealed; nil where that is the same
// list, or does not go with the provider's own titles.
func (s *Setup) OwnTitles() *Setup {
	if s.ownTitles == nil {
		return nil
	}
	own := *s
	own.Titles = s.ownTitles
	return &own
}

// place is where the config has the path of a file.
type place struct {
	key  string
	path *string
}

// relative says of each fault in which sealed file it is.
func relative(faults diag.Faults, dir string) diag.Faults {
	for i := range faults {
		if rel, err := filepath.Rel(dir, faults[i].File); err == nil && filepath.IsLocal(rel) {
			faults[i].File = "sealed " + rel
		}
	}
	return faults
}
