package tables

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"splameter/internal/diag"
	"splameter/internal/lazyregexp"
	"splameter/internal/month"
	"splameter/internal/register/prices"
	"splameter/internal/safetext"
)

// PriceFileOptions say what a reseller's price file does not say itself.
type PriceFileOptions struct {
	Sheet    string            // of a workbook; empty: the first
	Columns  map[string]string // our column to the file's heading, where that is none of the usual ones
	Currency string            // where the file has no such column
	From     month.OptionalDay // from when the prices hold, where the file has no such column
	Decimal  byte              // what stands before the decimals: a point or a comma; 0: the file proves it
}

// priceColumns are our columns with the headings under which resellers are
// known to give them, folded to letters and digits.
func priceColumns() []heading {
	return []heading{
		{"part_number", true, []string{"partno", "partnr", "mspartnumber", "microsoftpartnumber", "manufacturerpartnumber", "mfrpartnumber", "mfrpartno", "vendorpartnumber", "fabrikantnummer", "sku"}},
		{"unit_price", true, []string{"price", "netprice", "netunitprice", "purchaseprice", "yourprice", "prijs", "stuksprijs", "inkoopprijs", "nettoprijs"}},
		{"currency", false, []string{"currencycode", "valuta"}},
		{"from", false, []string{"validfrom", "startdate", "effectivedate", "effectivefrom", "ingangsdatum", "geldigvan", "geldigvanaf", "vanaf"}},
		{"until", false, []string{"validuntil", "validto", "enddate", "expirydate", "geldigtot", "geldigtotenmet", "einddatum"}},
		{"alias", false, []string{"article", "articlenumber", "resellersku", "resellerarticle", "artikelnummer", "artikel", "itemnumber"}},
		{"description", false, []string{"productdescription", "itemdescription", "itemname", "product", "productname", "title", "name", "omschrijving", "productomschrijving", "artikelomschrijving", "productnaam", "naam", "beschreibung", "bezeichnung", "artikelbezeichnung", "produkt"}},
	}
}

// microsofts is what Microsoft's part numbers look like. Some resellers append
// their own mark to one, such as 7NQ-00302-MSPLA (docs/licensing.md 4.3): the number
// is the part before it.
var microsofts = lazyregexp.New(`^([A-Za-z0-9]{3}-[0-9]{5})(-.+)?$`)

// headerSearch is how many rows may stand above the header.
const headerSearch = 40

// PriceFile reads a reseller's price file, CSV or xlsx: columns by name, in any
// order, with any others between. passed is how many rows beneath the header
// hold neither a part number nor a price: titles and blanks. Nothing of the
// result may be used where there is a fault.
func PriceFile(path string, opt PriceFileOptions) (list prices.List, passed int, faults diag.Faults) {
	rows, like, faults := readGrid(path, opt.Sheet)
	if len(faults) > 0 {
		return nil, 0, faults
	}
	p := &priceReader{t: &table{file: path, dialect: like}, opt: opt, at: map[string]int{}}
	body := p.header(rows)
	p.dialect(body)
	for _, r := range body {
		p.row(r)
	}
	p.doubles()
	return p.list, p.passed, p.t.done()
}

type priceReader struct {
	t      *table
	opt    PriceFileOptions
	at     map[string]int // our column to its place
	list   prices.List
	passed int
}

// header finds the first row that names a part number and a price.
func (p *priceReader) header(rows []gridRow) []gridRow {
	for name := range p.opt.Columns {
		if !slices.ContainsFunc(priceColumns(), func(c heading) bool { return c.name == name }) {
			p.t.fault(0, 0, "there is no column "+show(name)+" to be filled", "write one of part_number, unit_price, currency, from, until, alias, description before the =")
			return nil
		}
	}
	for i, r := range rows[:min(len(rows), headerSearch)] {
		at, double := placeHeadings(r, priceColumns(), p.opt.Columns)
		_, price := at["unit_price"]
		if _, part := at["part_number"]; !part && price && p.opt.Columns["part_number"] == "" {
			p.byNumbers(at, rows[i+1:])
		}
		if _, part := at["part_number"]; !part || !price {
			continue
		}
		if double != "" {
			p.t.fault(r.line, 0, double, "say which one is meant with --column NAME=HEADING")
			return nil
		}
		p.at = at
		for name, heading := range p.opt.Columns {
			if _, ok := at[name]; !ok {
				p.t.fault(r.line, 0, fmt.Sprintf("the header has no column %s for %s", show(heading), name), "write the heading as it stands in the file")
			}
		}
		if _, ok := at["currency"]; !ok && p.opt.Currency == "" {
			p.t.fault(r.line, 0, "the file does not say the currency", "give it with --currency, such as --currency EUR")
		}
		if _, ok := at["from"]; !ok && !p.opt.From.Set {
			p.t.fault(r.line, 0, "the file does not say from when the prices hold", "give it with --from, such as --from 2027-01-01")
		}
		return rows[i+1:]
	}
	p.t.fault(0, 0, fmt.Sprintf("none of the first %d rows names a part number and a price", headerSearch), "say which columns they are with --column part_number=HEADING --column unit_price=HEADING")
	return nil
}

// byNumbers takes the one column that holds Microsoft's part numbers and nothing
// else for theirs, under whatever heading a reseller has them.
func (p *priceReader) byNumbers(at map[string]int, rows []gridRow) {
	widest := 0
	for _, r := range rows {
		widest = max(widest, len(r.cells))
	}
	var found []int
	for i := range widest {
		n, other := 0, false
		for _, r := range rows {
			if i >= len(r.cells) || strings.TrimSpace(r.cells[i]) == "" {
				continue
			}
			n++
			other = other || !microsofts().MatchString(strings.TrimSpace(r.cells[i]))
		}
		if n > 0 && !other {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return
	}
	for name, i := range at {
		if i == found[0] {
			delete(at, name)
		}
	}
	at["part_number"] = found[0]
}

func (p *priceReader) row(r gridRow) {
	get := func(name string) string {
		if i, ok := p.at[name]; ok && i < len(r.cells) {
			return strings.TrimSpace(r.cells[i])
		}
		return ""
	}
	bad := func(what, instead string) { p.t.fault(r.line, 0, what, instead) }
	part, price := get("part_number"), get("unit_price")
	if part == "" && price == "" {
		p.passed++
		return
	}
	if part == "" {
		bad("a price of "+show(price)+" has no part number", "fill it in, or remove the row")
		return
	}
	if len(part) > 60 || strings.ContainsAny(part, "\r\n") {
		bad(show(part)+" is no part number", "check that the column is the right one")
		return
	}
	x := prices.Price{PartNumber: part, Alias: get("alias"), Title: safetext.Clip(safetext.Line(get("description")), 200), Currency: strings.ToUpper(get("currency")), Line: r.line}
	if m := microsofts().FindStringSubmatch(part); m != nil && m[2] != "" {
		x.PartNumber = strings.ToUpper(m[1])
		if x.Alias == "" {
			x.Alias = part
		}
	}
	if x.Currency == "" {
		x.Currency = strings.ToUpper(p.opt.Currency)
	}
	if len(x.Currency) != 3 || strings.Trim(x.Currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		bad(show(x.Currency)+" is no currency", "write its three letters, such as EUR")
	}
	switch unit, err, instead := p.t.dialect.amount(price); {
	case price == "":
		bad("the price is missing", "fill it in, or remove the row")
	case err != "":
		bad(err, instead+", or say which sign stands before the decimals with --decimal point or --decimal comma")
	default:
		x.Unit = unit
	}
	x.From, x.Until = p.date(get("from"), bad), p.date(get("until"), bad)
	if !x.From.Set {
		x.From = p.opt.From
	}
	if !x.From.Set {
		bad("the row does not say from when the price holds", "fill it in, or give --from for all such rows")
	}
	if x.From.Set && x.Until.Set && x.Until.Day < x.From.Day {
		bad(fmt.Sprintf("the price ends on %s, before it begins on %s", x.Until.Day, x.From.Day), "check the dates")
	}
	p.list = append(p.list, x)
}

// decimals with an exponent are how a workbook keeps very small numbers.
var plainNumber = lazyregexp.New(`^[0-9]{1,12}(\.[0-9]{1,20})?$`)

// dialect is what the file, or who reads it, says of its numbers and dates.
func (p *priceReader) dialect(rows []gridRow) {
	d := &p.t.dialect
	d.hyphens = true // resellers of Europe write 01-02-2027 for the first of February
	at, ok := p.at["unit_price"]
	for _, r := range rows {
		if ok {
			d.learn(r.cells, []int{at})
		}
	}
	if p.opt.Decimal != 0 && !d.sheet { // said, and not guessed
		d.decimal, d.both = p.opt.Decimal, [2]string{}
	}
}

// date reads a day as text, or as a workbook counts days.
func (p *priceReader) date(s string, bad func(string, string)) (d month.OptionalDay) {
	if s == "" {
		return d
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && n > 20000 && n < 80000 {
		return month.OptionalDay{Day: month.Date(1899, time.December, 30) + month.Day(int(n)), Set: true}
	}
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	d, what, instead, ok := p.t.dialect.day(s)
	if !ok {
		bad(what, instead)
	}
	return d
}

// doubles tells a part number with two prices from one day; the same price
// twice is once.
func (p *priceReader) doubles() {
	type key struct {
		part string
		from month.OptionalDay
	}
	seen := map[key]int{}
	kept := p.list[:0]
	for _, x := range p.list {
		k := key{strings.ToLower(x.PartNumber), x.From}
		i, ok := seen[k]
		if !ok {
			seen[k] = len(kept)
			kept = append(kept, x)
			continue
		}
		if o := kept[i]; !o.Unit.Equal(x.Unit) || o.Currency != x.Currency {
			p.t.fault(x.Line, 0, fmt.Sprintf("the part number %s has another price from the same day on line %d", show(x.PartNumber), o.Line), "keep the one that you pay, and remove the other")
		}
	}
	p.list = kept
}
