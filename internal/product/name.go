package product

import (
	"strings"
	"unicode"
)

// fromName reads the display name, which is translated and tells least.
func fromName(name, version, publisher string) Recognition {
	ms := byMicrosoft(name, publisher)
	if !ms {
		return Recognition{Reason: "not a Microsoft title"}
	}
	n := foldName(name)
	if r, ok := noise(n); ok {
		return r
	}
	switch {
	case has(n, "sql server"):
		return fromSQLName(n)
	case has(n, "exchange server"):
		return server(Exchange, "Microsoft Exchange Server", n)
	case has(n, "sharepoint server"), has(n, "sharepoint enterprise server"):
		return server(SharePoint, "Microsoft SharePoint Server", n)
	case has(n, "project server"):
		return server(ProjectServer, "Microsoft Project Server", n)
	case has(n, "skype for business server"), has(n, "lync server"):
		return server(Skype, "Skype for Business Server", n)
	case strings.HasPrefix(n, "visual studio "), strings.HasPrefix(n, "microsoft visual studio "):
		return fromVisualStudio(n)
	case has(n, "visio"):
		return fromVisio(n, version)
	case has(n, "project") && (has(n, "microsoft project") || has(n, "office project") || has(n, "project profes") || has(n, "project standard") || has(n, "project ltsc")):
		return fromProject(n, version)
	case has(n, "365"):
		if has(n, "microsoft 365") || has(n, "office 365") {
			return subscribed(M365Apps, edition365(n))
		}
	case has(n, "office"):
		return fromOffice(n, version)
	}
	if r, ok := fromApp(n); ok {
		return r
	}
	return Recognition{Microsoft: true, Reason: "a Microsoft title that is not known to need a licence of its own"}
}

// byMicrosoft: by its publisher, in any language met, or by its own name,
// since packagers put theirs in the publisher's place.
func byMicrosoft(name, publisher string) bool {
	if containsFold(publisher, "microsoft") || strings.Contains(publisher, "Майкрософт") ||
		strings.Contains(publisher, "微软") || strings.Contains(publisher, "マイクロソフト") {
		return true
	}
	if len(name) >= 10 && strings.EqualFold(name[:10], "microsoft ") {
		return true
	}
	return publisher == "" && (containsFold(name, "sql server") || containsFold(name, "microsoft"))
}

// foldName lowers a name, makes every run of blanks and marks one blank, and
// takes off what a Click-to-Run name ends in: " - nl-nl".
func foldName(name string) string {
	for _, mark := range [...]string{"®", "™", "(R)", "(TM)"} {
		if strings.Contains(name, mark) {
			name = strings.ReplaceAll(name, mark, "")
		}
	}
	name = strings.ToLower(strings.TrimSpace(name))
	if i := strings.LastIndex(name, " - "); i > 0 && culture(name[i+3:]) {
		name = name[:i]
	}
	ascii := true
	for i := range len(name) {
		if name[i] >= 0x80 || name[i] == '\t' || name[i] == ' ' && i > 0 && name[i-1] == ' ' {
			ascii = false
			break
		}
	}
	if ascii {
		return name
	}
	return strings.Join(strings.FieldsFunc(name, unicode.IsSpace), " ")
}

// culture: nl-nl, sr-latn-rs, x-none.
func culture(s string) bool {
	if len(s) < 4 || len(s) > 11 || strings.IndexByte(s, '-') < 1 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func has(n, part string) bool { return strings.Contains(n, part) }

func containsFold(s, lower string) bool { return indexFold(s, lower) >= 0 }

// noise are the rows of Microsoft's own that look like a product's.
func noise(n string) (Recognition, bool) {
	switch {
	case has(n, "(kb"), strings.HasPrefix(n, "update for"), strings.HasPrefix(n, "security update"),
		strings.HasPrefix(n, "hotfix"), strings.HasPrefix(n, "service pack"), strings.HasPrefix(n, "definition update"),
		strings.HasPrefix(n, "gdr "), strings.HasPrefix(n, "critical update"):
		return free("", "update of another program"), true
	case has(n, "viewer"):
		return free("", "viewer"), true
	case has(n, "access") && has(n, "runtime"), has(n, "access 20") && has(n, "laufzeit"):
		return free(AccessRuntime, "Access Runtime: free"), true
	case has(n, "proof"), has(n, "corrección"), has(n, "vérification linguistique"), has(n, "correção"),
		has(n, "korrekturhilfen"), has(n, "korrekturprogramme"), has(n, "strumenti di correzione"), has(n, "средства проверки"):
		return free("", "proofing tools"), true
	case has(n, "language pack"), has(n, "language interface pack"), has(n, "taalpakket"), has(n, "sprachpaket"),
		has(n, "paquete de idioma"), has(n, "module linguistique"), has(n, "pack de langue"), has(n, "language accessory"):
		return free("", "language pack"), true
	case strings.HasSuffix(n, " mui"), has(n, " mui "), has(n, "multi-language"):
		return free("", "language part of an Office suite or program"), true
	case has(n, "interop assembl"), has(n, "tools for office"), has(n, "office runtime"):
		return free("", "developer's runtime or interop assemblies"), true
	case has(n, "compatibility pack"), has(n, "file format"), has(n, "converter"):
		return free("", "compatibility pack or converter"), true
	case has(n, "access database engine"), has(n, "copilot"):
		return free("", "free component"), true
	case has(n, "click-to-run"):
		return free("", "Click-to-Run component; the product has a row of its own"), true
	case has(n, "teams"):
		if !has(n, "visual studio") {
			return free("", "Teams: comes with the user's own subscription"), true
		}
	case has(n, "onedrive"):
		return free("", "OneDrive: comes with the user's own subscription"), true
	}
	return Recognition{}, false
}

// edition365 is which Microsoft 365 Apps, where the name tells.
func edition365(n string) string {
	switch {
	case has(n, "enterprise"), has(n, "proplus"), has(n, "grandes empresas"), has(n, "grandes entreprises"), has(n, "ondernemingen"):
		return "enterprise"
	case has(n, "business"), has(n, "small business"):
		return "business"
	}
	return ""
}

// editionOf finds Office's editions in a folded name, in the languages met.
// Professional Plus stands before Professional.
func editionOf(n string) string {
	switch {
	case has(n, "professional plus"), has(n, "professionnel plus"), has(n, "profesional plus"), has(n, "profissional plus"),
		has(n, "профессиональный плюс"), has(n, "proplus"), has(n, "专业增强版"), has(n, "專業增強版"):
		return "Professional Plus"
	case has(n, "home and business"), has(n, "home & business"), has(n, "famille et petite entreprise"), has(n, "hogar y empresas"),
		has(n, "thuisgebruik en zelfstandigen"), has(n, "для дома и бизнеса"):
		return "Home and Business"
	case has(n, "home and student"), has(n, "home & student"), has(n, "famille et étudiant"), has(n, "hogar y estudiantes"),
		has(n, "thuisgebruik en studenten"), has(n, "для дома и учебы"):
		return "Home and Student"
	case has(n, "small business"):
		return "Small Business"
	case has(n, "standard"), has(n, "estándar"), has(n, "padrão"), has(n, "стандартный"), has(n, "стандарт"), has(n, "标准"), has(n, "標準"):
		return "Standard"
	case has(n, "professional"), has(n, "professionnel"), has(n, "profesional"), has(n, "profissional"), has(n, "профессиональный"), has(n, "专业"):
		return "Professional"
	case has(n, "premium"):
		return "Premium"
	case has(n, "enterprise"):
		return "Enterprise"
	case has(n, "ultimate"):
		return "Ultimate"
	case has(n, "personal"):
		return "Personal"
	case has(n, "mondo"):
		return "Mondo"
	case has(n, "starter"):
		return "Starter"
	}
	return ""
}

// nameYear is the year in the name, or of a version before 16.0, which tells.
func nameYear(n, version string) string {
	if y := yearIn(n); y != "" {
		return y
	}
	switch {
	case strings.HasPrefix(version, "15.0"):
		return "2013"
	case strings.HasPrefix(version, "14.0"):
		return "2010"
	case strings.HasPrefix(version, "12.0"):
		return "2007"
	}
	return ""
}

func nameChannel(n string) Channel {
	if has(n, "ltsc") {
		return Volume
	}
	return Unknown
}

func fromVisio(n, version string) Recognition {
	switch {
	case has(n, "365"), has(n, "plan 1"), has(n, "plan 2"):
		return subscribed(Visio, editionOf(n))
	case has(n, "visual"), has(n, "add-in"), has(n, "addin"), has(n, "sdk"), has(n, "stencil"), has(n, "template"):
		return free(Visio, "addition to Visio, without a licence of its own")
	}
	return named(Visio, editionOf(n), nameYear(n, version), nameChannel(n))
}

func fromProject(n, version string) Recognition {
	switch {
	case has(n, "365"), has(n, "project online"):
		return subscribed(Project, editionOf(n))
	case has(n, "add-in"), has(n, "addin"), has(n, "sdk"), has(n, "template"):
		return free(Project, "addition to Project, without a licence of its own")
	}
	return named(Project, editionOf(n), nameYear(n, version), nameChannel(n))
}

// fromOffice: a suite has an edition or a year, and none of the words of the
// many parts.
func fromOffice(n, version string) Recognition {
	for _, word := range [...]string{"shared", "metadata", "component", "web components", "add-in", "addin", "integration",
		"live meeting", "communicator", "template", "deployment", "telemetry", "osm", "sdk", "web apps", "online server",
		"sounds", "clip", "connector", "validation", "migration", "customization", "extension", "resource kit", "document cache", "64-bit", "infopath forms",
		"outlook connector", "primary", "server", "tool", "service", "development", "accounting", "suite activation", "save as", "setup"} {
		if has(n, word) {
			return free("", "part of or addition to Office, without a licence of its own")
		}
	}
	ed, year := editionOf(n), nameYear(n, version)
	if app := officeApp(n); app != "" && ed == "" {
		return named(OfficeApp, app, year, nameChannel(n))
	}
	if ed == "" && yearIn(n) == "" && !has(n, "ltsc") {
		return free("", "part of or addition to Office, without a licence of its own")
	}
	return named(Office, ed, year, nameChannel(n))
}

func officeApp(n string) string {
	for _, app := range [...]string{"Access", "Excel", "Outlook", "PowerPoint", "Publisher", "Word", "OneNote", "InfoPath", "Skype for Business", "Lync"} {
		if i := indexFold(n, app); i >= 0 && (i == 0 || n[i-1] == ' ') && (i+len(app) == len(n) || n[i+len(app)] == ' ') {
			return app
		}
	}
	return ""
}

// fromApp is a program of Office by itself: "Microsoft Access 2016", "Access
// LTSC 2021"; with a year, and nothing else in the name.
func fromApp(n string) (Recognition, bool) {
	app := officeApp(n)
	year := yearIn(n)
	if app == "" || year == "" {
		return Recognition{}, false
	}
	rest := strings.Replace(n, strings.ToLower(app), "", 1)
	for _, word := range [...]string{"microsoft", "office", "ltsc", "volume", year} {
		rest = strings.Replace(rest, word, "", 1)
	}
	if strings.TrimSpace(rest) != "" {
		return Recognition{}, false
	}
	if app == "Skype for Business" && has(n, "basic") {
		return free("", "Skype for Business Basic: free"), true
	}
	return named(OfficeApp, app, year, nameChannel(n)), true
}

// server is a server product other than SQL Server, when the name is about
// nothing but it.
func server(f Family, title, n string) Recognition {
	year := yearIn(n)
	rest := strings.Replace(n, strings.ToLower(title), "", 1)
	for _, part := range [...]string{"management tools", "prerequisite", "language", "connector", "agent", "unified", "client", "filter pack", "(x64)", "tools", "help", "rules", "sdk", "api", "add-in", "integration", "designer", "workflow"} {
		if has(rest, part) {
			return free(f, "part of or addition to "+title+", without a licence of its own")
		}
	}
	r := Recognition{Name: title, Family: f, Year: year, Licensable: true, Microsoft: true}
	if year != "" {
		r.Name += " " + year
	}
	r.Reason = r.Name
	for _, e := range [...]string{"Standard", "Enterprise"} {
		if has(n, strings.ToLower(e)) {
			r.Edition = e
		}
	}
	if r.Edition == "" {
		r.Reason += ": edition not stated, ask"
	}
	return r
}

// fromVisualStudio: the editions that are licensed by user; everything else
// of that name is a part.
func fromVisualStudio(n string) Recognition {
	rest := strings.TrimPrefix(strings.TrimPrefix(n, "microsoft "), "visual studio ")
	for _, e := range [...]string{"Professional", "Enterprise", "Ultimate", "Premium"} {
		tail, ok := strings.CutPrefix(rest, strings.ToLower(e))
		if !ok {
			continue
		}
		year := strings.TrimSpace(tail)
		if year == "" || year == yearIn(year) {
			name := strings.TrimSpace("Visual Studio " + e + " " + year)
			return Recognition{Name: name, Family: VisualStudio, Edition: e, Year: year, Licensable: true, Microsoft: true,
				Reason: name + ": licensed by user, with a subscription of their own"}
		}
	}
	return free("", "part of Visual Studio, or a free edition")
}
