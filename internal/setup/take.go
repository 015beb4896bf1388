package setup

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/config"
	"splameter/internal/edits"
	"splameter/internal/register/tables"
	"splameter/internal/statement"
	"splameter/internal/strictyaml"
	"splameter/rules"
)

// Answers are what a person says to proposals that ask for something.
type Answers struct {
	From, Until, Document, Control, Product, PartNumber, Pool string
	Users                                                     []string // groups
}

// ErrAsks says that a proposal asks for something that was not answered.
var ErrAsks = errors.New("something is not filled in")

func (a *Answers) missing(what string) bool {
	switch what {
	case AskFrom:
		return a.From == ""
	case AskDocument:
		return a.Document == ""
	case AskControl:
		return a.Control == ""
	case AskUsers:
		return len(a.Users) == 0
	case AskProduct:
		return a.Product == ""
	case AskPart:
		return a.PartNumber == ""
	}
	return false // until may stay open
}

// Take is what proposals make of the files: nothing is written.
func Take(have Have, list []Proposal, a Answers) ([]edits.Edit, error) {
	w := &writer{have: have}
	for i := range list {
		for _, what := range list[i].Kind.Asks() {
			if a.missing(what) {
				return nil, fmt.Errorf("%w: %s", ErrAsks, what)
			}
		}
		if err := w.take(&list[i], &a); err != nil {
			return nil, err
		}
	}
	return w.done()
}

// writer gathers what changes, a file at a time.
type writer struct {
	have  Have
	rows  map[string][]map[string]string // of the tables, by their keys
	cells map[string]map[string]string   // of customers' first rows, by id
	files map[string]*edits.Edit
	order []string
}

func (w *writer) file(key, path string) (*edits.Edit, error) {
	if e := w.files[key]; e != nil {
		return e, nil
	}
	b, err := edits.Read(path)
	if err != nil {
		return nil, err
	}
	if w.files == nil {
		w.files = map[string]*edits.Edit{}
	}
	w.files[key] = &edits.Edit{Key: key, Path: path, Was: b, Is: b}
	w.order = append(w.order, key)
	return w.files[key], nil
}

// yaml changes config or rules.
func (w *writer) yaml(key, path string, change func(data []byte) ([]byte, error)) error {
	e, err := w.file(key, path)
	if err != nil {
		return err
	}
	if e.Is, err = change(e.Is); err != nil {
		return fmt.Errorf("%s: %w", e.Name(), err)
	}
	return nil
}

func (w *writer) config(change func([]byte) ([]byte, error)) error {
	return w.yaml("config", w.have.Config.Path, change)
}

func (w *writer) rules(change func([]byte) ([]byte, error)) error {
	return w.yaml("rules", w.have.Config.Rules, change)
}

func (w *writer) take(p *Proposal, a *Answers) error {
	switch p.Kind {
	case NewTenant:
		w.row("tenants", p.row)
	case NewGround:
		row := map[string]string{"document": a.Document, "until": a.Until, "from": a.From}
		for k, v := range p.row {
			row[k] = v
		}
		w.row("exclusions", row)
	case NewInventory:
		return w.inventory(p)
	case Internal:
		w.cell(p.Subject, "internal", "yes")
	case Suspended:
		w.cell(p.Subject, "suspended_from", a.From)
	case OnePerson:
		return w.config(func(b []byte) ([]byte, error) { return strictyaml.Append(b, p.value, "person") })
	case NewPool:
		pool := strictyaml.Pairs{{Key: "name", Value: w.poolName(p.Pool)}, {Key: "hosts", Value: []string{p.hosts}}, {Key: "users", Value: a.Users}}
		return w.config(func(b []byte) ([]byte, error) { return strictyaml.Append(b, pool, "pools") })
	case Restriction:
		i := w.pool(p.Pool)
		if i < 0 {
			return fmt.Errorf("there is no pool %s any more", p.Pool)
		}
		r := strictyaml.Pairs{{Key: "product", Value: p.Product}, {Key: "users", Value: []string{p.Subject}}, {Key: "control", Value: a.Control}, {Key: "document", Value: a.Document}}
		if a.From != "" {
			r = append(r, strictyaml.Pair{Key: "from", Value: a.From})
		}
		return w.config(func(b []byte) ([]byte, error) { return strictyaml.Append(b, r, "pools", i, "restrict") })
	case GroupGives:
		if a.Pool != "" {
			i := w.pool(a.Pool)
			if i < 0 {
				return fmt.Errorf("there is no pool %s", a.Pool)
			}
			return w.config(func(b []byte) ([]byte, error) { return strictyaml.Append(b, p.Subject, "pools", i, "users") })
		}
		return w.gives(a.Product, p.Subject)
	case NewProduct:
		item := strictyaml.Pairs{{Key: "catalog", Value: p.Product}}
		if n := cmp.Or(a.PartNumber, p.value); n != "" {
			item = append(item, strictyaml.Pair{Key: "part_number", Value: n})
		}
		return w.rules(func(b []byte) ([]byte, error) { return strictyaml.Append(b, item, "products") })
	case PartNumber, PricedPart:
		i := w.product(p.Product)
		if i < 0 {
			return fmt.Errorf("there is no product %s any more", p.Product)
		}
		return w.rules(func(b []byte) ([]byte, error) {
			return strictyaml.Set(b, cmp.Or(p.value, a.PartNumber), "products", i, "part_number")
		})
	}
	return nil
}

// inventory names files under the first inventory of the config, or begins one.
func (w *writer) inventory(p *Proposal) error {
	return w.config(func(b []byte) ([]byte, error) {
		if len(w.have.Config.Inventories) == 0 {
			return strictyaml.Append(b, strictyaml.Pairs{{Key: "name", Value: "estate"}, {Key: p.Why, Value: []string{p.value}}}, "inventories")
		}
		return strictyaml.Append(b, p.value, "inventories", 0, p.Why)
	})
}

// gives names a group under its product, which is added where no rule has it.
func (w *writer) gives(product, group string) error {
	i := w.product(product)
	if i < 0 {
		item := strictyaml.Pairs{{Key: "catalog", Value: product}, {Key: "entitled", Value: strictyaml.Pairs{{Key: "groups", Value: []string{group}}}}}
		return w.rules(func(b []byte) ([]byte, error) { return strictyaml.Append(b, item, "products") })
	}
	return w.rules(func(b []byte) ([]byte, error) {
		return strictyaml.Append(b, group, "products", i, "entitled", "groups")
	})
}

func (w *writer) product(id string) int {
	for i := range w.have.Rules.Products {
		if p := &w.have.Rules.Products[i]; p.ID == id || p.Catalog == id {
			return i
		}
	}
	return -1
}

func (w *writer) pool(name string) int {
	return slices.IndexFunc(w.have.Config.Pools, func(p config.Pool) bool { return p.Name == name })
}

func (w *writer) poolName(name string) string {
	for n, first := 2, name; w.pool(name) >= 0; n++ {
		name = first + "-" + itoa(n)
	}
	return name
}

func (w *writer) row(table string, row map[string]string) {
	if w.rows == nil {
		w.rows = map[string][]map[string]string{}
	}
	w.rows[table] = append(w.rows[table], row)
}

func (w *writer) cell(tenant, column, value string) {
	if w.cells == nil {
		w.cells = map[string]map[string]string{}
	}
	if w.cells[tenant] == nil {
		w.cells[tenant] = map[string]string{}
	}
	w.cells[tenant][column] = value
}

// done makes the tables of their rows and cells.
func (w *writer) done() ([]edits.Edit, error) {
	for _, t := range []struct {
		key, path string
		columns   []string
	}{{"tenants", w.have.Config.Tenants, tenantColumns}, {"exclusions", w.have.Config.Exclusions, exclusionColumns}} {
		if len(w.rows[t.key]) == 0 && (t.key != "tenants" || len(w.cells) == 0) {
			continue
		}
		if err := w.table(t.key, t.path, t.columns); err != nil {
			return nil, err
		}
	}
	var out []edits.Edit
	for _, key := range w.order {
		out = append(out, *w.files[key])
	}
	return out, nil
}

func (w *writer) table(key, path string, columns []string) error {
	if path == "" { // the config names none yet
		path = filepath.Join(w.have.Config.Dir, key+".csv")
		if err := w.config(func(b []byte) ([]byte, error) { return strictyaml.Set(b, key+".csv", key) }); err != nil {
			return err
		}
	}
	e, err := w.file(key, path)
	if err != nil {
		return err
	}
	data := e.Is
	if len(data) == 0 {
		data = []byte(strings.Join(columns, ",") + "\n")
	}
	sheet, err := tables.ParseSheet(path, data)
	if err != nil {
		return err
	}
	var needed []string
	for _, values := range w.rows[key] {
		for c, v := range values {
			if v != "" {
				needed = append(needed, c)
			}
		}
	}
	if key == "tenants" {
		for _, cells := range w.cells {
			for c := range cells {
				needed = append(needed, c)
			}
		}
	}
	slices.Sort(needed)
	if sheet, err = sheet.With(slices.Compact(needed)...); err != nil {
		return err
	}
	if key == "tenants" {
		if sheet, err = w.set(sheet); err != nil {
			return err
		}
	}
	e.Is = sheet.Data()
	if len(w.rows[key]) > 0 {
		c, err := sheet.Add(w.rows[key])
		if err != nil {
			return err
		}
		e.Is = c.Data
	}
	return nil
}

// set writes cells into the first row of each customer.
func (w *writer) set(sheet *tables.Sheet) (*tables.Sheet, error) {
	at := slices.Index(sheet.Columns, "id")
	if at < 0 {
		return nil, errors.New("the table of customers has no column id")
	}
	for row := range sheet.Rows {
		id := strings.TrimSpace(sheet.Rows[row].Cells[at])
		cells := w.cells[id]
		if cells == nil {
			continue
		}
		delete(w.cells, id)
		c, err := sheet.Set(row, cells)
		if err != nil {
			return nil, err
		}
		if sheet, err = tables.ParseSheet(sheet.File, c.Data); err != nil {
			return nil, err
		}
	}
	for id := range w.cells {
		return nil, fmt.Errorf("the table of customers has no %s any more", cmp.Or(id, "such row"))
	}
	return sheet, nil
}

// EditConfig is a change of the config's own text.
func EditConfig(c *config.Config, change func([]byte) ([]byte, error)) ([]edits.Edit, error) {
	w := &writer{have: Have{Config: c}}
	if err := w.config(change); err != nil {
		return nil, err
	}
	return []edits.Edit{*w.files["config"]}, nil
}

// Controls are what may keep everybody else out of a program.
func Controls() []string { return []string{"applocker-enforced", "application-masking", "ntfs"} }

// CatalogProduct is one product that the program knows.
type CatalogProduct struct{ ID, Name string }

// Catalog are the products by persons that a group may give.
func Catalog() (out []CatalogProduct) {
	for i := range rules.Catalog().Products {
		if p := &rules.Catalog().Products[i]; p.Unit != statement.UnitCore {
			out = append(out, CatalogProduct{p.ID, p.Name["en"]})
		}
	}
	return out
}
