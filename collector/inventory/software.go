package inventory

import (
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
)

// The values of one program in a table or an object, in the order of
// softwareColumns.
const (
	colHost = iota
	colName
	colVersion
	colPublisher
	colKey
	colRelease
	colEdition
	colUninstall
	colHidden
	colParent
	colReleaseType
	colFamily
	colStatus
	colPartialKey
	colDomain
	colScanned
	colCount
)

// row is one program as a source tells it, by the constants above.
type row [colCount]string

// builder gathers rows into hosts.
type builder struct {
	notes    *notices
	titles   *product.Catalog
	fallback string
	interned map[string]string
	licensed map[snapshot.Install]bool         // hasLicence, by program without its line
	hosts    map[string]*snapshot.HostSoftware // by FullHost
	byName   map[string]*snapshot.HostSoftware // by the name as written
	last     *snapshot.HostSoftware            // lists mostly come host by host
	lastName string
	rows     int
	scans    *scans

	nameless, hidden, updates int // left out by design
}

func newBuilder(opt Options, day month.Day, notes *notices) *builder {
	return &builder{
		notes: notes, titles: opt.titles(), fallback: safetext.Value(opt.Host),
		interned: map[string]string{},
		licensed: map[snapshot.Install]bool{},
		hosts:    map[string]*snapshot.HostSoftware{},
		byName:   map[string]*snapshot.HostSoftware{},
		scans:    newScans(day),
	}
}

// intern is the value as a string, kept once: 400,000 rows hold a few
// thousand different names.
func (b *builder) intern(v []byte) string {
	if len(v) == 0 {
		return ""
	}
	if s, ok := b.interned[string(v)]; ok {
		return s
	}
	raw := string(v)
	s := safetext.Value(raw)
	b.interned[raw] = s
	return s
}

// host is the host of that name, which from now on counts as read.
func (b *builder) host(name string) *snapshot.HostSoftware {
	if b.last != nil && b.lastName == name {
		return b.last
	}
	h, ok := b.byName[name]
	if !ok {
		key := snapshot.FullHost(name)
		if h, ok = b.hosts[key]; !ok {
			h = &snapshot.HostSoftware{Host: name}
			b.hosts[key] = h
		}
		b.byName[name] = h
	}
	b.last, b.lastName = h, name
	return h
}

// add takes one row. What is left out is counted or noticed.
func (b *builder) add(r *row, line int) error {
	host := r[colHost]
	if host == "" {
		host = b.fallback
	}
	if host == "" {
		b.notes.damage(line, "row without a host: %q is left out", safetext.Brief(r[colName]))
		return nil
	}
	if strings.Trim(host, "0123456789") == "" {
		b.notes.damage(line, "row whose host is the number %s, which no Windows machine is called: %q is left out; write columns: {host: …} in the config, with the column that holds the name", safetext.Brief(host), safetext.Brief(r[colName]))
		return nil
	}
	host = inDomain(host, r[colDomain])
	h := b.host(host)
	if r[colScanned] != "" {
		b.scans.add(h, r[colScanned])
	}
	if r[colFamily] != "" && !b.licence(r, host, line) {
		return nil
	}
	if r[colName] == "" {
		b.nameless++
		return nil
	}
	in := snapshot.Install{
		Name: r[colName], Version: r[colVersion], Publisher: r[colPublisher],
		Key: r[colKey], Release: r[colRelease], Edition: r[colEdition], Line: line,
	}
	if u := r[colUninstall]; u != "" {
		if in.Release == "" {
			in.Release = product.ReleaseOf(u)
		}
		if in.Key == "" {
			in.Key = product.CodeOf(u)
		}
	}
	if !b.wanted(r, &in) {
		return nil
	}
	if b.rows++; b.rows > maxRows {
		return tooManyRows()
	}
	h.Installs = append(h.Installs, in)
	return nil
}

// remove takes off what a log says was removed.
func (b *builder) remove(o *object) {
	h := b.hosts[snapshot.HostKey(o.values[colHost])]
	if h == nil {
		return
	}
	h.Installs = slices.DeleteFunc(h.Installs, func(in snapshot.Install) bool {
		return in.Name == o.values[colName] && in.Version == o.values[colVersion]
	})
}

// wanted leaves out what Windows itself does not list: hidden components and
// updates; but an Office suite of the MSI kind hides the entry that holds its
// product code, so whatever needs a licence stays.
func (b *builder) wanted(r *row, in *snapshot.Install) bool {
	var counter *int
	switch {
	case r[colHidden] != "" && r[colHidden] != "0" && !strings.EqualFold(r[colHidden], "false"):
		counter = &b.hidden
	case r[colParent] != "":
		counter = &b.updates
	case strings.Contains(strings.ToLower(r[colReleaseType]), "update"),
		strings.EqualFold(r[colReleaseType], "hotfix"),
		strings.EqualFold(r[colReleaseType], "service pack"):
		counter = &b.updates
	default:
		return true
	}
	if b.hasLicence(in) {
		return true
	}
	*counter++
	return false
}

// hasLicence says whether a program needs a licence, looked up once for equal
// ones: most of a host's hidden rows are those of every other host.
func (b *builder) hasLicence(in *snapshot.Install) bool {
	const most = 1 << 16
	k := *in
	k.Line = 0
	yes, ok := b.licensed[k]
	if !ok {
		yes = b.titles.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition).Licensable
		if len(b.licensed) >= most {
			clear(b.licensed)
		}
		b.licensed[k] = yes
	}
	return yes
}

// licence turns a row of SoftwareLicensingProduct, which lists every edition
// that could be activated, into a program: only one with a product key is
// installed.
func (b *builder) licence(r *row, host string, line int) bool {
	if r[colPartialKey] == "" {
		b.hidden++
		return false
	}
	if r[colStatus] != "1" {
		b.notes.add(CodeUnlicensed, host, line,
			"%s holds a product key but is not activated (LicenseStatus %s); it is listed all the same: remove it or activate it",
			safetext.Brief(r[colFamily]), safetext.Brief(r[colStatus]))
	}
	r[colRelease] = r[colFamily]
	rec := b.titles.Recognize(r[colName], r[colVersion], "Microsoft Corporation", "", r[colFamily], "")
	if rec.Name != "" {
		r[colName], r[colPublisher] = rec.Name, "Microsoft Corporation"
	}
	return true
}

// joinShort joins a host that the file names short with the one that it names
// in full, where that is one.
func (b *builder) joinShort() {
	full := map[string][]*snapshot.HostSoftware{}
	for key, h := range b.hosts {
		if short := snapshot.HostKey(key); short != key {
			full[short] = append(full[short], h)
		}
	}
	for short, list := range full {
		if h := b.hosts[short]; h != nil && len(list) == 1 {
			list[0].Host = min(list[0].Host, h.Host)
			list[0].Installs = append(list[0].Installs, h.Installs...)
			b.scans.join(list[0], h)
			delete(b.hosts, short)
		}
	}
}

// finish sorts, drops doubles, and says what was left out.
func (b *builder) finish() []snapshot.HostSoftware {
	b.joinShort()
	out := make([]snapshot.HostSoftware, 0, len(b.hosts))
	for _, h := range b.hosts {
		slices.SortFunc(h.Installs, compareInstalls)
		// A double is the same program again, on whatever line.
		h.Installs = slices.CompactFunc(h.Installs, func(x, y snapshot.Install) bool {
			x.Line = y.Line
			return x == y
		})
		out = append(out, *h)
	}
	slices.SortFunc(out, func(x, y snapshot.HostSoftware) int { return strings.Compare(x.Host, y.Host) })
	if b.nameless+b.hidden+b.updates > 0 {
		b.notes.add(CodeSkipped, "", 0,
			"left out by design: %d rows without a name, %d hidden or not installed, %d updates of other programs",
			b.nameless, b.hidden, b.updates)
	}
	return out
}

func compareInstalls(x, y snapshot.Install) int {
	if c := strings.Compare(x.Name, y.Name); c != 0 {
		return c
	}
	if c := strings.Compare(x.Version, y.Version); c != 0 {
		return c
	}
	if c := strings.Compare(x.Publisher, y.Publisher); c != 0 {
		return c
	}
	if c := strings.Compare(x.Key, y.Key); c != 0 {
		return c
	}
	if c := strings.Compare(x.Release, y.Release); c != 0 {
		return c
	}
	if c := strings.Compare(x.Edition, y.Edition); c != 0 {
		return c
	}
	return x.Line - y.Line
}
