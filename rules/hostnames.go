package rules

import (
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// fullNames joins what the sources of a month call their hosts. A host is its
// full name. A short name stands for the one full name that begins with it,
// over all sources of the month; where several do, it is a name of its own,
// since nothing tells which of them is meant. A name of the form
// DOMAIN\host is full where a directory of that domain tells its DNS name.
// What a directory says that a computer is called is its full name: another one
// of the same short name is another host, until a person says that it is not.
type fullNames struct {
	byShort map[string][]string // full names by short name, sorted
	dns     map[string]string   // by NetBIOS name
	// same are computers whose directory calls its domain otherwise than the
	// one full name by which all other sources know them.
	same map[string]string
	// accounts are the full names that directories say, by DOMAIN\account.
	accounts map[string]string
	others   []otherName
}

// otherName is a full name by which the month's sources know a host, and which is
// none of those that the directories say of the computers of its short name.
type otherName struct {
	name   string
	stated []string
}

// newFullNames gathers the full names of the month. same is what was decided on
// another name: that it is the computer's all the same.
func newFullNames(f *snapshot.Facts, computers []computer, same func(otherName) bool) *fullNames {
	n := &fullNames{byShort: map[string][]string{}, dns: map[string]string{}, same: map[string]string{}, accounts: map[string]string{}}
	for i := range f.Directories {
		if d := &f.Directories[i]; d.Domain != "" && d.DNS != "" {
			n.dns[strings.ToLower(d.Domain)] = strings.ToLower(d.DNS)
		}
	}
	for i := range computers {
		if c := &computers[i]; len(c.stated) > 0 {
			n.accounts[c.domain+`\`+strings.ToLower(c.name)] = c.full
		}
	}
	n.findOthers(f, computers, same)
	for i := range f.Software {
		n.add(f.Software[i].Host)
	}
	for i := range f.Machines {
		n.add(f.Machines[i].Host)
		n.add(f.Machines[i].Parent)
	}
	last := ""
	for i := range f.Logs.Len() {
		if name := f.Logs.At(i).Name; name != last { // they stand by host
			last = name
			n.add(name)
		}
	}
	for i := range f.Before.Machines {
		n.add(f.Before.Machines[i].Host)
	}
	for _, b := range f.Before.Software {
		n.add(b.Host)
	}
	for _, name := range f.Before.Logged {
		n.add(name)
	}
	n.addComputers(computers)
	for i := range f.Before.Gone {
		if full := goneName(f, &f.Before.Gone[i]); len(n.byShort[snapshot.HostKey(full)]) == 0 {
			n.add(full)
		}
	}
	for short, list := range n.byShort {
		slices.Sort(list)
		n.byShort[short] = n.oneDomain(list)
	}
	return n
}

// oneDomain takes the only DOMAIN\host of a short name, whose DNS name no
// directory tells, for the only full name that there is beside it.
func (n *fullNames) oneDomain(list []string) []string {
	if len(list) != 2 || strings.Contains(list[0], `\`) == strings.Contains(list[1], `\`) {
		return list
	}
	dns, netbios := list[0], list[1]
	if strings.Contains(dns, `\`) {
		dns, netbios = netbios, dns
	}
	if slices.ContainsFunc(n.others, func(o otherName) bool { return o.name == netbios }) {
		return list
	}
	n.same[netbios] = dns
	return []string{dns}
}

// goneName is the full name of a computer whose account is gone.
func goneName(f *snapshot.Facts, g *snapshot.GoneComputer) string {
	if g.Full != "" {
		return g.Full
	}
	name := strings.TrimSuffix(g.Name, "$")
	for i := range f.Directories {
		if d := &f.Directories[i]; d.Source == g.Source && d.DNS != "" {
			return name + "." + d.DNS
		}
	}
	return name
}

// findOthers finds the full names of the month's logs and inventories that
// contradict what the directories say of the enabled computers of a short name.
func (n *fullNames) findOthers(f *snapshot.Facts, all []computer, same func(otherName) bool) {
	stated, known := map[string][]string{}, map[string]string{}
	for i := range all {
		c := &all[i]
		for _, name := range c.stated {
			if known[name] == "" || c.full == name {
				known[name] = c.full
			}
			if short := snapshot.HostKey(c.full); name == c.full && c.enabled != 0 && !slices.Contains(stated[short], name) {
				stated[short] = append(stated[short], name)
			}
		}
		if len(c.stated) == 0 {
			known[c.full] = c.full
		}
	}
	for name, full := range known {
		if name != full { // one that it had before in the month
			n.same[name] = full
			if short := snapshot.HostKey(name); short != snapshot.HostKey(full) { // it was renamed, and some sources write short names
				n.byShort[short] = appendNew(n.byShort[short], full)
			}
		}
	}
	if len(stated) == 0 {
		return
	}
	seen := map[string]bool{}
	look := func(name string) {
		full := n.full(name)
		short := snapshot.HostKey(full)
		if full == short || seen[full] || known[full] != "" || len(stated[short]) == 0 || strings.Contains(full, `\`) && !n.elsewhere(full, all) {
			return
		}
		seen[full] = true
		o := otherName{full, stated[short]}
		if len(o.stated) == 1 && same != nil && same(o) {
			n.same[full] = o.stated[0]
		}
		n.others = append(n.others, o)
	}
	for i := range f.Software {
		look(f.Software[i].Host)
	}
	for i := range f.Machines {
		look(f.Machines[i].Host)
	}
	start, end, last := f.Month.Start(), f.Month.End(), ""
	for i := range f.Logs.Len() {
		if l := f.Logs.At(i); l.Name != last && l.First.Before(end) && !l.Last.Before(start) { // they stand by host
			last = l.Name
			look(l.Name)
		}
	}
	slices.SortFunc(n.others, func(x, y otherName) int { return strings.Compare(x.name, y.name) })
}

// elsewhere says of a DOMAIN\host whose domain no directory is that the
// directories of all computers of that short name tell which domain they are.
func (n *fullNames) elsewhere(name string, all []computer) bool {
	domain, _, _ := strings.Cut(name, `\`)
	short := snapshot.HostKey(name)
	for i := range all {
		if c := &all[i]; snapshot.HostKey(c.full) == short && (c.domain == "" || c.domain == domain) {
			return false
		}
	}
	return true
}

// addComputers adds the enabled computers of the directories. A domain's own
// name may differ from what its computers call themselves: where the directory
// does not say that, the only computer of a short name is the only full name that
// other sources have for it.
func (n *fullNames) addComputers(all []computer) {
	count := map[string]int{}
	for i := range all {
		if all[i].enabled != 0 {
			count[snapshot.HostKey(all[i].full)]++
		}
	}
	for i := range all {
		c := &all[i]
		short := snapshot.HostKey(c.full)
		if len(c.stated) > 0 {
			if c.enabled == 0 && (count[short] > 0 || len(n.byShort[short]) > 0) {
				continue // an old account: what it was called is nobody else
			}
			n.add(c.full)
			if account := strings.ToLower(c.name); account != short { // cut short, as names of accounts are
				n.byShort[account] = appendNew(n.byShort[account], c.full)
			}
			continue
		}
		if known := n.byShort[short]; c.enabled == 0 && count[short] > 0 || len(known) == 1 && count[short] <= 1 && known[0] != c.full {
			if len(known) == 1 {
				n.same[c.full] = known[0]
			}
			continue
		}
		n.add(c.full)
	}
}

// add takes a name that may be full.
func (n *fullNames) add(name string) {
	full := n.full(name)
	if as, ok := n.same[full]; ok {
		full = as
	}
	short := snapshot.HostKey(full)
	if full == short || short == "" {
		return
	}
	if list := n.byShort[short]; !slices.Contains(list, full) {
		n.byShort[short] = append(list, full)
	}
}

// full is a name with its domain's DNS name in place of its NetBIOS name.
func (n *fullNames) full(name string) string {
	full := snapshot.FullHost(name)
	if domain, host, ok := strings.Cut(full, `\`); ok {
		if as := n.accounts[full]; as != "" {
			return as
		}
		if dns := n.dns[domain]; dns != "" && !strings.Contains(host, ".") {
			return host + "." + dns
		}
	}
	return full
}

// key is by what a host of that name is known over all sources.
func (n *fullNames) key(name string) string {
	full := n.full(name)
	if as, ok := n.same[full]; ok {
		return as
	}
	if full != snapshot.HostKey(full) {
		return full
	}
	if list := n.byShort[full]; len(list) == 1 {
		return list[0]
	}
	return full
}

// several are the full names that a short name may stand for, where there is
// more than one.
func (n *fullNames) several(name string) []string {
	full := n.full(name)
	if list := n.byShort[full]; len(list) > 1 {
		return list
	}
	return nil
}

// stable is a name for a key that should outlive a source that begins to write
// full names: the short name, while it means one host.
func (n *fullNames) stable(name string) string {
	key := n.key(name)
	if short := snapshot.HostKey(key); len(n.byShort[short]) <= 1 {
		return short
	}
	return key
}
