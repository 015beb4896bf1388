package closing

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/digest"
	"splameter/internal/invoice"
	"splameter/internal/register"
	"splameter/internal/register/tables"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// maxBills is how many files a folder of bills may hold.
const maxBills = 20_000

// Bills are what customers were charged, as it was read.
type Bills struct {
	Documents []*invoice.Document
	// Passed are files of the folder that hold no bill by their names, such as
	// the pictures of invoices, and copies of files that were read.
	Passed []string

	name string // of what is kept
	data []byte
}

// ReadBills reads what customers were charged: a list as CSV or xlsx, a UBL
// invoice, or a folder of them. A folder is kept as one archive.
func ReadBills(path string, opt tables.BillOptions) (*Bills, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		doc, err := ReadBill(path, opt)
		if err != nil {
			return nil, err
		}
		b := &Bills{Documents: []*invoice.Document{doc}, name: filepath.Base(path)}
		b.data, err = readAttachment(path)
		return b, err
	}
	list, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	if len(list) > maxBills {
		return nil, fmt.Errorf("%s holds more than %d files; check that it is the right folder", path, maxBills)
	}
	b := &Bills{name: filepath.Base(filepath.Clean(path)) + ".zip"}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	numbers, digests := map[string]string{}, map[string]string{}
	for _, e := range list { // sorted by name
		file := filepath.Join(path, e.Name())
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".xml", ".ubl", ".csv", ".xlsx", ".txt":
		default:
			b.Passed = append(b.Passed, e.Name())
			continue
		}
		data, err := readAttachment(file)
		if err != nil {
			return nil, err
		}
		sum := digest.Of(data)
		if other := digests[sum]; other != "" {
			b.Passed = append(b.Passed, e.Name()+", a copy of "+other)
			continue
		}
		digests[sum] = e.Name()
		doc, err := ReadBill(file, opt)
		if err != nil {
			return nil, err
		}
		if key := doc.Number + "\x00" + fmt.Sprint(doc.Credit); doc.Number != "" {
			if other := numbers[key]; other != "" {
				return nil, fmt.Errorf("%s and %s are both number %s and differ: take away the one that does not hold", other, e.Name(), safetext.Clip(doc.Number, 60))
			}
			numbers[key] = e.Name()
		}
		b.Documents = append(b.Documents, doc)
		w, err := z.CreateHeader(&zip.FileHeader{Name: e.Name(), Method: zip.Deflate})
		if err == nil {
			_, err = w.Write(data)
		}
		if err != nil {
			return nil, err
		}
		if packed.Len() > maxAttachment {
			return nil, fmt.Errorf("the bills in %s are larger than 64 MiB together", path)
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	b.data = packed.Bytes()
	if len(b.Documents) == 0 {
		return nil, fmt.Errorf("%s: %w: it holds no .xml, .csv or .xlsx", path, fs.ErrNotExist)
	}
	return b, nil
}

// placer finds out who and what the lines of bills are.
type placer struct {
	d  *Desk
	st *statement.Statement
}

// products are the products of a line; none is an article that nobody knows,
// and other that it is no licence at all.
func (p *placer) products(l *invoice.Line) (out []string, other bool) {
	names := l.Names()
	if len(names) == 0 {
		names = []string{l.Text}
	} else if l.Text != "" {
		names = append(names, l.Text)
	}
	for _, n := range names {
		to, ok := register.ArticleOf(p.d.Setup.Decisions, n)
		if !ok {
			continue
		}
		if to.Is(register.Free) {
			return nil, true
		}
		for part := range strings.SplitSeq(string(to), "+") {
			id := p.product(part)
			if id == "" {
				return nil, false
			}
			out = append(out, id)
		}
		return out, false
	}
	for _, n := range names {
		if id := p.product(n); id != "" {
			return []string{id}, false
		}
	}
	return nil, false
}

// product is the product that goes by an id, a part number, an article of the
// reseller or a name; empty for none.
func (p *placer) product(name string) string {
	all := p.st.Products
	find := func(is func(x *statement.Product) bool) string {
		for i := range all {
			if is(&all[i]) {
				return all[i].ID
			}
		}
		return ""
	}
	same := func(a, b string) bool { return a != "" && strings.EqualFold(a, b) }
	if id := find(func(x *statement.Product) bool { return same(x.ID, name) }); id != "" {
		return id
	}
	if id := find(func(x *statement.Product) bool { return same(x.PartNumber, name) || same(x.Alias, name) }); id != "" {
		return id
	}
	if price, ok := p.d.Setup.Prices.ByAlias(name); ok {
		if id := find(func(x *statement.Product) bool { return same(x.PartNumber, price.PartNumber) }); id != "" {
			return id
		}
	}
	folded := foldName(name)
	return find(func(x *statement.Product) bool {
		for _, label := range x.Name {
			if folded != "" && foldName(label) == folded {
				return true
			}
		}
		return false
	})
}

// customer is whom a bill means by some names: the id of a tenant, or
// partner:ID. Where nobody knows them, or they mean several, id is empty; other
// says that it is decided to be no customer of licences.
func (p *placer) customer(names []string) (id, shown string, other bool) {
	shown = strings.Join(names, ", ")
	for _, n := range names {
		to, ok := register.CustomerOf(p.d.Setup.Decisions, n)
		if !ok {
			continue
		}
		if to.Is(register.Free) {
			return "", shown, true
		}
		if id := p.known(string(to)); id != "" {
			return id, shown, false
		}
	}
	found := map[string]bool{}
	for _, n := range names {
		for _, id := range p.called(n) {
			found[id] = true
		}
	}
	if len(found) != 1 {
		return "", shown, false
	}
	for only := range found {
		id = only
	}
	return id, shown, false
}

// known is a tenant's or a partner's id, as it is spelt.
func (p *placer) known(id string) string {
	reg := p.d.Setup.Register
	for i := range reg.Tenants {
		if strings.EqualFold(reg.Tenants[i].ID, id) {
			return reg.Tenants[i].ID
		}
	}
	for i := range p.st.Tenants {
		if strings.EqualFold(p.st.Tenants[i].ID, id) {
			return p.st.Tenants[i].ID
		}
	}
	for i := range reg.Partners {
		if full := register.PartnerPrefix + reg.Partners[i].ID; strings.EqualFold(full, id) {
			return full
		}
	}
	return ""
}

// called are all who go by a name or number.
func (p *placer) called(name string) (out []string) {
	add := func(id string) {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	if id := p.known(name); id != "" {
		add(id)
	}
	folded := foldName(name)
	if folded == "" {
		return out
	}
	reg := p.d.Setup.Register
	for i := range reg.Tenants {
		if t := &reg.Tenants[i]; t.Number != "" && foldName(t.Number) == folded || foldName(t.Name) == folded {
			add(t.ID)
		}
	}
	for i := range reg.Partners {
		if x := &reg.Partners[i]; foldName(x.Name) == folded || foldName(x.ID) == folded {
			add(register.PartnerPrefix + x.ID)
		}
	}
	for i := range p.st.Tenants {
		if t := &p.st.Tenants[i]; foldName(t.Name) == folded {
			add(t.ID)
		}
	}
	return out
}

// foldName is a name without case, blanks and signs, as two programs spell one
// customer.
func foldName(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127 && r != '\u00a0' && r != '–' && r != '’':
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// errNoCustomers says that no line tells whom it is for.
var errNoCustomers = errors.New("no line says whom it is for: name the column with --column customer=HEADING, or --column customer_number=HEADING")
