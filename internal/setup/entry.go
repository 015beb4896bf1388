package setup

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"splameter/internal/digest"
	"splameter/internal/dn"
	"splameter/internal/edits"
	"splameter/internal/month"
	"splameter/internal/register"
)

// Entry is an exclusion that somebody writes: who or what is not reported.
type Entry struct {
	Tenant, Product, Ground string // tenant and product: * for all
	Kind                    register.MatchKind
	Pattern                 string
	Quantity                string // empty: no limit
	Document                string
	From, Until             month.OptionalDay

	// File and Data are the document itself, where it is handed in: it is kept
	// in the folder documents beside the config, under its digest.
	File string
	Data []byte
}

// DocumentsDir is the folder of documents that were handed in.
const DocumentsDir = "documents"

// Exclude is what an entry makes of the files: nothing is written.
func Exclude(have Have, e Entry) (list []edits.Edit, id string, err error) {
	g := register.Ground(e.Ground)
	machine := e.Kind == register.MatchHost
	switch {
	case strings.TrimSpace(e.Pattern) == "":
		return nil, "", fmt.Errorf("%w: match", ErrAsks)
	case !slices.Contains(register.Grounds(), g):
		return nil, "", fmt.Errorf("%w: ground", ErrAsks)
	case machine && !g.TakesMachines():
		return nil, "", fmt.Errorf("the ground %s is about persons, and takes no machine out", g)
	case !machine && !g.TakesPersons():
		return nil, "", fmt.Errorf("the ground %s is about machines, and takes no person out", g)
	case strings.TrimSpace(e.Document) == "" && len(e.Data) == 0:
		return nil, "", fmt.Errorf("%w: document", ErrAsks)
	}
	if e.Quantity != "" {
		if n, err := strconv.Atoi(e.Quantity); err != nil || n < 0 {
			return nil, "", fmt.Errorf("%q is no quantity; write a whole number, or nothing for no limit", e.Quantity)
		}
	}
	used := map[string]bool{}
	for i := range have.Register.Exclusions {
		used[strings.ToLower(have.Register.Exclusions[i].ID)] = true
	}
	for n := 1; id == "" || used[strings.ToLower(id)]; n++ {
		id = "X-" + itoa(n)
	}
	document := strings.TrimSpace(e.Document)
	var kept *edits.Edit
	if len(e.Data) > 0 {
		name := digest.Of(e.Data)[:16] + "-" + filepath.Base(e.File)
		kept = &edits.Edit{Key: edits.Document, Path: filepath.Join(have.Config.Dir, DocumentsDir, name), Is: e.Data}
		document = strings.TrimPrefix(document+"; "+DocumentsDir+"/"+name, "; ")
		if was, err := edits.Read(kept.Path); err != nil {
			return nil, "", err
		} else if was != nil { // it was handed in before: the name is its digest
			kept = nil
		}
	}
	row := map[string]string{"id": id, "tenant": e.Tenant, "product": e.Product, "ground": e.Ground, "match": string(e.Kind) + ":" + strings.TrimSpace(e.Pattern),
		"quantity": e.Quantity, "document": document}
	for column, day := range map[string]month.OptionalDay{"from": e.From, "until": e.Until} {
		if day.Set {
			row[column] = day.Day.String()
		}
	}
	w := &writer{have: have}
	w.row("exclusions", row)
	if list, err = w.done(); err != nil {
		return nil, "", err
	}
	if kept != nil {
		list = append([]edits.Edit{*kept}, list...)
	}
	return list, id, nil
}

// Assign says that a unit is a customer's: of one that the table has, or a new
// one with a name.
func Assign(have Have, unit, tenant, name string, from month.OptionalDay) ([]edits.Edit, error) {
	key, err := dn.Key(unit)
	if err != nil {
		return nil, fmt.Errorf("%q is no unit; write it like OU=Bakker,OU=Customers,DC=host,DC=example", unit)
	}
	if strings.TrimSpace(tenant) == "" {
		return nil, fmt.Errorf("%w: tenant", ErrAsks)
	}
	for i := range have.Register.Tenants {
		for _, ou := range have.Register.Tenants[i].OUs {
			if k, err := dn.Key(ou.DN); err == nil && k == key && !from.Set && !ou.Until.Set {
				return nil, fmt.Errorf("the unit is already that of %s: end its row first, or say from when it is the other's", have.Register.Tenants[i].ID)
			}
		}
	}
	row := map[string]string{"id": tenant, "ou": unit}
	if from.Set {
		row["from"] = from.Day.String()
	}
	if have.Register.Tenant(tenant) == nil {
		if strings.TrimSpace(name) == "" {
			return nil, errors.New("a customer that the table does not have yet needs a name")
		}
		row["name"] = name
	}
	w := &writer{have: have}
	w.row("tenants", row)
	return w.done()
}
