package report

import (
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// country is a country's name for an address block. Where the letter stays in
// the provider's own country it is left out: there it is no part of an
// address.
func (w *Workbooks) country(code, customer string, lk *look) string {
	own := strings.TrimSpace(w.Config.Provider.Country)
	customer = strings.TrimSpace(customer)
	if customer == "" || strings.EqualFold(own, customer) {
		return ""
	}
	code = strings.TrimSpace(code)
	region, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 {
		return code
	}
	names := display.Regions(language.English)
	if lk.language == "nl" {
		names = display.Regions(language.Dutch)
	}
	return cmpOr(names.Name(region), code)
}
