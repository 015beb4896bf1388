package product

import (
	"slices"
	"strings"
)

// Recognize tells what a row is, from what the inventory knows of it; any of
// the values may be empty. The release id, or the license family, decides
// first, then the product code, then the uninstall key's own name, and the
// display name last, since it is translated.
func (c *Catalog) Recognize(name, version, publisher, key, release, edition string) Recognition {
	if release != "" {
		if r, ok := c.fromReleases(release, version, name); ok {
			return r
		}
	}
	if key != "" {
		r, ok := c.fromCode(key)
		if !ok {
			r, ok = c.fromKey(key, version, name)
		}
		if ok {
			// Some codes stand for every edition of their year.
			if r.Licensable && r.Edition == "" {
				t := c.v.titleOf(name)
				if ed := c.v.editionIn(t.words); ed != "" {
					return c.entry(r.Entry).recognition(ed, r.Year, r.Channel)
				}
			}
			return r
		}
	}
	return c.fromName(name, version, publisher, key, edition)
}

func (c *Catalog) entry(id string) *Entry {
	for _, e := range c.entries {
		if e.ID == id {
			return e
		}
	}
	return nil
}

// fromName reads the display name.
func (c *Catalog) fromName(name, version, publisher, key, edition string) Recognition {
	ms := byMicrosoft(name, publisher)
	t := c.v.titleOf(name)
	e, named, how := c.find(&t, func(e *Entry, p *pattern) bool { return c.mayBe(e, p, &t, ms, publisher) })
	if e == nil && ms && unsure(name) != name {
		t = c.v.fold(unsure(name))
		e, named, how = c.find(&t, func(e *Entry, p *pattern) bool { return c.mayBe(e, p, &t, ms, publisher) })
	}
	// An instance in the registry has the engine's edition, and any name.
	sql := e != nil && e.Engine && e.Family == SQLServer
	if edition != "" && (e == nil || sql || e.Family == SQLServer && how.free == 0 && len(t.words) <= 2) &&
		(e != nil && (sql || ms) || instanceKey(key)) {
		if engine := c.engine(); engine != nil {
			year := t.year
			if year == "" {
				year = SQLYear(version)
			}
			return engine.recognition(SQLEdition(edition), year, "")
		}
	}
	switch {
	case e != nil:
		if named == "" && e.Is == isLicensable && e.Edition == "" && how.free > 0 {
			named = c.v.editionIn(t.words)
		}
		channel := Channel("")
		if e.office() {
			channel = Unknown
			if ltsc(t.words) {
				channel = Volume
			}
		}
		r := e.recognition(named, e.yearOf(t.year, version), channel)
		r.Microsoft = ms || c.isBuiltin(e)
		return r
	case ms:
		return Recognition{Microsoft: true,
			Reason:   "a title of Microsoft's that is not known here: ask what licence it takes",
			Question: "what licence does this title of Microsoft's take, or why none? No entry places it"}
	case c.watched(name, publisher):
		return Recognition{Reason: "a title of a maker on the watch list that no entry places: ask what licence it takes",
			Question: "what licence does this title take, or why none? Its maker is on the watch list, and no entry places it"}
	}
	return Recognition{Reason: "not a Microsoft title"}
}

func (c *Catalog) isBuiltin(e *Entry) bool { return e.order >= c.own }

// mayBe says whether a title may be of an entry by whom it comes from. A
// provider's own entries are for any maker's. Where a packager's name stands
// in the publisher's place, or none, a title of the program's own entries
// must fit whole and by enough words.
func (c *Catalog) mayBe(e *Entry, p *pattern, t *title, ms bool, publisher string) bool {
	switch {
	case ms || !c.isBuiltin(e):
		return true
	case p.free > 0 || e.Family == "":
		return false
	case publisher == "":
		return p.fixed >= 2 || t.culture || ltsc(t.words)
	}
	return p.fixed >= 3 && e.Is != isFree && e.Is != isPart
}

// engine is the entry of SQL Server's engine.
func (c *Catalog) engine() *Entry {
	for _, e := range c.entries {
		if e.Engine && e.Family == SQLServer {
			return e
		}
	}
	return nil
}

func instanceKey(key string) bool { return len(key) > 5 && strings.EqualFold(key[:5], "MSSQL") }

func ltsc(words []string) bool {
	for _, w := range words {
		if w == "ltsc" {
			return true
		}
	}
	return false
}

// watched says whether a maker on the watch list made a title: by publisher,
// or by how the name begins.
func (c *Catalog) watched(name, publisher string) bool {
	if len(c.watch) == 0 {
		return false
	}
	p, n := strings.Join(split(publisher), " "), strings.Join(split(name), " ")
	for _, m := range c.watch {
		if strings.Contains(" "+p+" ", " "+m+" ") || n == m || strings.HasPrefix(n, m+" ") {
			return true
		}
	}
	return false
}

// byMicrosoft: by its publisher, in any language met, or by its own name,
// since packagers put theirs in the publisher's place.
func byMicrosoft(name, publisher string) bool {
	if containsFold(publisher, "microsoft") || strings.Contains(publisher, "Майкрософт") ||
		strings.Contains(publisher, "微软") || strings.Contains(publisher, "マイクロソフト") {
		return true
	}
	name = strings.TrimSpace(name)
	if len(name) >= 10 && strings.EqualFold(name[:9], "microsoft") && !letter(name[9]) {
		return true
	}
	return publisher == "" && containsFold(name, "microsoft")
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func containsFold(s, lower string) bool { return indexFold(s, lower) >= 0 }

// editionIn is the first edition among the words of a title.
func (v *vocabulary) editionIn(words []string) string {
	for at := range words {
		list := v.editionsAt(words[at])
		for i := range list {
			if list[i].at(words, at) {
				return list[i].edition
			}
		}
	}
	return ""
}

// yearOf is the year in the name, or of a version before 16.0 of an Office
// program, which tells.
func (e *Entry) yearOf(named, version string) string {
	if named != "" || !e.office() {
		return named
	}
	switch {
	case strings.HasPrefix(version, "15.0"):
		return "2013"
	case strings.HasPrefix(version, "14.0"):
		return "2010"
	case strings.HasPrefix(version, "12.0"):
		return "2007"
	case strings.HasPrefix(version, "11.0"):
		return "2003"
	}
	return ""
}

// office: the families that are volume, retail or subscription.
func (e *Entry) office() bool {
	switch e.Family {
	case Office, OfficeApp, Visio, Project, M365Apps:
		return true
	}
	return false
}

// recognition is what a title of the entry is, with the edition, year and
// channel that were found.
func (e *Entry) recognition(edition, year string, channel Channel) Recognition {
	is, why := e.Is, e.Why
	if e.Edition != "" {
		edition = e.Edition
	}
	if e.Year != "" {
		year = e.Year
	}
	var setup Family
	for i := range e.Except {
		if x := &e.Except[i]; x.fits(edition, year) {
			is, why, setup = x.Is, x.Why, x.SetupOf
			break
		}
	}
	r := Recognition{Family: e.Family, Edition: edition, Year: year, Channel: channel, Microsoft: true,
		Entry: e.ID, Engine: e.Engine, NeedsEngine: e.NeedsEngine,
		SetupOf: setup, ShowsSetup: e.ShowsSetup}
	r.Name = e.named(edition, year)
	switch is {
	case isLicensable:
		r.Licensable = true
		r.Reason = e.reason(&r)
	case isSubscription:
		r.Channel = Subscription
		if e.Family != M365Apps {
			r.Name, r.Year = e.Title+", subscription", ""
		} else if edition != "" {
			r.Name = e.Title + " (" + edition + ")"
		}
		r.Reason = r.Name + ": a subscription, not licensed under SPLA; every user needs a licence of the customer's own, with the right to be hosted"
	case isAsk:
		r.Channel, r.Reason, r.Question = "", why, why
	default:
		r.Name, r.Year, r.Channel, r.Reason = "", "", "", why
		if !e.Engine {
			r.Edition = ""
		}
		switch {
		case is == isPart:
			r.Engine = false
			if !e.Engine {
				r.Family = ""
			}
		case e.Engine:
			r.Name, r.Year = e.named(edition, year), year
		}
	}
	return r
}

// named is the English name.
func (e *Entry) named(edition, year string) string {
	parts := []string{e.Title, edition, year}
	if e.Engine {
		parts = []string{e.Title, year, edition}
	}
	var words []string
	for _, p := range parts {
		if p != "" {
			words = append(words, p)
		}
	}
	return strings.Join(words, " ")
}

// reason is the sentence that goes with what must be licensed.
func (e *Entry) reason(r *Recognition) string {
	s := r.Name
	if !e.office() {
		if r.Edition == "" && e.Why == "" {
			s += ": edition not stated, ask"
		}
		if r.Engine && e.Family == SQLServer {
			if r.Edition == "" {
				return r.Name + " database engine: edition not stated, ask; it stands only in the registry or in SERVERPROPERTY('Edition')"
			}
			return r.Name + " database engine"
		}
		if e.Why != "" {
			s += ": " + e.Why
		}
		return s
	}
	switch {
	case r.Edition == "" && r.Year == "":
		s += ": edition and year not stated, ask"
	case r.Edition == "":
		s += ": edition not stated, ask"
	case r.Year == "":
		s += ": year not stated"
	}
	retail := e.Retail || slices.Contains(e.RetailEditions, r.Edition)
	switch {
	case r.Channel == Retail && retail:
		s += "; a retail edition: it may not be hosted for customers"
	case r.Channel == Retail:
		s += "; a retail id: on a session host it must be replaced by the volume edition"
	case r.Channel == Volume:
		s += "; volume"
	case retail:
		s += "; an edition that is sold in retail only: it may not be hosted for customers"
	}
	return s
}
