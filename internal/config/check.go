package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // Windows has no zones of its own

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/safetext"
	"splameter/internal/strictyaml"
)

// checker finds what is wrong in a decoded config: what each key's own form
// cannot say.
type checker struct {
	doc    *strictyaml.Doc
	config *Config
	faults diag.Faults
}

func (k *checker) fault(what, instead string, path ...any) {
	k.faults = append(k.faults, k.doc.Fault(what, instead, path...))
}

func (k *checker) check() {
	k.provider()
	k.sites()
	k.agreements()
	k.store()
	k.limits()
	k.sources()
	k.pools()
	k.calendar()
	k.agent()
	k.desk()
	k.api()
	k.mail()
	k.resellerForm(&k.config.Report.Columns, "report", "columns")
	k.formCSV(&k.config.Report.Billing, BillingValues(), "report", "billing")
	k.oneOf(k.config.Log.Level, []string{"debug", "info", "warn", "error"}, "log", "level")
	k.oneOf(k.config.Log.Format, []string{"text", "json"}, "log", "format")
}

func (k *checker) provider() {
	p := &k.config.Provider
	if p.Name == "" {
		k.fault("the provider has no name", "write provider: {name: …}", "provider", "name")
	}
	if p.TimeZone == "" {
		k.fault("the provider has no time zone: it decides when a month begins", "write one such as time_zone: Europe/Amsterdam", "provider", "time_zone")
	} else {
		p.Location = k.zone(p.TimeZone, "provider", "time_zone")
	}
	k.oneOf(p.Language, []string{"nl", "en"}, "provider", "language")
	if !letters(p.Currency, 3) || strings.ToUpper(p.Currency) != p.Currency {
		k.fault(fmt.Sprintf("%q is no currency", safetext.Clip(p.Currency, 60)), "write its three letters, such as EUR", "provider", "currency")
	}
	if p.Country != "" && !letters(p.Country, 2) {
		k.fault(fmt.Sprintf("%q is no country", safetext.Clip(p.Country, 60)), "write its two letters, such as NL", "provider", "country")
	}
}

func letters(s string, n int) bool {
	return len(s) == n && strings.Trim(strings.ToUpper(s), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// zone loads a time zone. The machine's own zone is none: the same config
// must count the same month everywhere.
func (k *checker) zone(name string, path ...any) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil || strings.EqualFold(name, "local") {
		k.fault(fmt.Sprintf("%q is no time zone", safetext.Clip(name, 60)), "write one such as Europe/Amsterdam or UTC", path...)
		return nil
	}
	return loc
}

func (k *checker) oneOf(value string, allowed []string, path ...any) {
	if slices.Contains(allowed, value) {
		return
	}
	instead := "write " + allowed[0]
	for i, a := range allowed[1:] {
		if i == len(allowed)-2 {
			instead += " or " + a
		} else {
			instead += ", " + a
		}
	}
	k.fault(fmt.Sprintf("%q is no %s that splameter knows", safetext.Clip(value, 60), path[len(path)-1]), instead, path...)
}

func (k *checker) sites() {
	c := k.config
	if c.Site != "" {
		k.name(c.Site, "site")
		if len(c.Sites) > 0 && !slices.Contains(c.Sites, c.Site) {
			k.fault(fmt.Sprintf("the site %q is not in the list of sites", safetext.Clip(c.Site, 60)), "add it to sites, or correct the name", "site")
		}
	}
	seen := names{}
	for i, s := range c.Sites {
		if k.name(s, "sites", i) {
			k.unique(seen, s, "site", "sites", i)
		}
	}
}

// names remembers where names stand, without regard to case: they become file
// names.
type names map[string]int

func (k *checker) unique(seen names, name, what string, path ...any) {
	line, _ := k.doc.Pos(path...)
	if first, ok := seen[strings.ToLower(name)]; ok {
		k.fault(fmt.Sprintf("the %s %q is named here again, first on line %d", what, name, first), "give each a name of its own, different in more than upper and lower case", path...)
		return
	}
	seen[strings.ToLower(name)] = line
}

func (k *checker) name(name string, path ...any) bool {
	if name == "" {
		k.fault("a name is missing", "write name: and a short one, of letters, digits, - and _", path...)
		return false
	}
	if err := CheckName(name); err != nil {
		what, instead := diag.Split(err.Error())
		k.fault(fmt.Sprintf("the name %q %s", safetext.Clip(name, 60), what), instead, path...)
		return false
	}
	return true
}

func (k *checker) store() {
	if name, ok := strings.CutPrefix(k.config.Store, envPrefix); ok {
		if name == "" {
			k.fault("the store names no variable", "write env:NAME, and the address in that variable", "store")
		}
		return // what it holds is looked at where the store is opened
	}
	if what, instead := storeFault(k.config.Store); what != "" {
		k.fault(what, instead, "store")
	}
}

// limits checks numbers that would switch something off or make no sense.
func (k *checker) limits() {
	c := k.config
	for _, n := range []struct {
		value, min, max int
		path            []any
	}{
		{c.PersonMax, 1, 1000, []any{"person_max"}},
		{c.Report.History, 0, 60, []any{"report", "history"}},
		{c.Checks.QuantityJump, 0, 10000, []any{"checks", "quantity_jump"}},
		{c.Checks.QuantityFrozen, 0, 120, []any{"checks", "quantity_frozen"}},
		{c.Checks.RightsEnd, 0, 3660, []any{"checks", "rights_end"}},
		{c.Checks.AdminMax, 0, 1 << 20, []any{"checks", "admin_max"}},
		{c.Checks.DemoMax, 0, 1 << 20, []any{"checks", "demo_max"}},
		{c.Checks.ServerAdminMax, 0, 1 << 20, []any{"checks", "server_admin_max"}},
		{c.Checks.TrialDays, 0, 3660, []any{"checks", "trial_days"}},
		{c.Checks.InternalShare, 0, 100, []any{"checks", "internal_share"}},
		{c.Checks.PersonShrink, 0, 100, []any{"checks", "directory_shrink"}},
		{c.Checks.IdleMonths, 1, 120, []any{"checks", "idle_months"}},
		{c.Checks.PriceNotice, 0, 10000, []any{"checks", "price_notice"}},
		{c.Checks.ExclusionsMaxShare, 0, 100, []any{"checks", "exclusions_max_share"}},
		{c.Checks.DecreaseLook, 0, 100, []any{"checks", "decrease_look"}},
		{c.Checks.ChangeLook, 1, 1 << 20, []any{"checks", "change_look"}},
	} {
		if n.value < n.min || n.value > n.max {
			k.fault(fmt.Sprintf("%s cannot be %d", n.path[len(n.path)-1], n.value), fmt.Sprintf("write a number from %d to %d", n.min, n.max), n.path...)
		}
	}
	seen := names{}
	for i, p := range c.Person {
		if p == "" || strings.ContainsAny(p, " ,;") {
			k.fault(fmt.Sprintf("%q is no attribute of an account", safetext.Clip(p, 60)), "write one attribute an entry, such as [employeeID]", "person", i)
			continue
		}
		k.unique(seen, p, "attribute", "person", i)
	}
}

// pattern checks a glob of files.
func (k *checker) pattern(p string, path ...any) {
	if p == "" {
		k.fault("a file pattern is empty", "write one such as logs/*.evtx", path...)
	} else if _, err := filepath.Match(p, ""); err != nil {
		k.fault(fmt.Sprintf("%q is no file pattern", safetext.Clip(p, 60)), "write one such as logs/*.evtx, and close each [", path...)
	}
}

func (k *checker) period(from, until month.OptionalDay, path ...any) {
	if from.Set && until.Set && until.Day < from.Day {
		k.fault(fmt.Sprintf("the period ends on %s, before it begins on %s", until.Day, from.Day), "write an until that is not before from", path...)
	}
}
