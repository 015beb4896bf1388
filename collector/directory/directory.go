// Package directory reads Active Directory, live over LDAP or from complete
// LDIF exports, into snapshot.Directory: accounts, groups and direct
// memberships as one moment saw them. A reading is complete or it is an error.
// What a membership is worth, and how groups nest, it leaves to the rules.
package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/collector/directory/ldif"
	"splameter/internal/config"
	"splameter/internal/dn"
	"splameter/internal/month"
	"splameter/internal/packed"
	"splameter/internal/snapshot"
)

// The codes of the notices that a reading may carry.
const (
	CodeMemberUnresolved = "member-unresolved"      // members that no object of the reading answers to
	CodeNoMembers        = "directory-no-members"   // groups, and not one member
	CodeAttributeMissing = "attribute-missing"      // an attribute that no account has
	CodeAttributeRanged  = "attribute-cut"          // a kept attribute with more values than were given
	CodeRoundCount       = "directory-round-count"  // as many entries as a server's limit
	CodeDomainName       = "directory-domain-name"  // the config's name for the domain is not the directory's
	CodeSeveralDomains   = "directory-many-domains" // more than one domain in one reading
)

// resolver turns entries, told attribute by attribute, into a directory. Both
// readers feed it; the order of entries and of attributes means nothing.
type resolver struct {
	cfg  config.Directory
	what string // how errors name the source: export or directory
	keep []string

	nodes    packed.Index // numbers of names, by their keys
	keyTexts packed.Arena // those keys
	keysAt   []uint64     // by number: where each stands there
	spelled  packed.Index // numbers of objects, by their names as the entries write them
	of       []object     // by number: what the name is in this reading
	accounts accounts
	groups   []snapshot.Group
	places   []int32 // by a group's number, once they are sorted: where it stands
	links    []link
	units    []snapshot.Unit
	domains  []domain
	netbios  map[string]string // key of a domain to its NetBIOS name
	shared   map[string]string // values that many accounts share
	seen     []bool            // per kept attribute: whether an account has it
	expiries bool              // an account has an accountExpires
	entries  int
	notices  []snapshot.Notice
	cutKept  int // kept attributes that came in part
	changes  changes

	// Of a series of exports: see series.go.
	learning   bool
	in         *ldif.Reader // of the last export
	was        *memory      // the reading before
	records    []record
	others     []int32 // names of entries that have no record
	read       []int32 // names of entries that were not taken over
	starts     []int32 // by a group's number: where its links begin
	stood      []int32 // and its place before; below zero: it is not as it was
	unitsRead  []snapshot.Unit
	freshUnits []bool // by a unit's number: it was not taken over
	memberKeys []string
	allSeen    bool

	e     entry // the entry that is open
	maker dn.Maker
	room  []byte
	row   []byte // a key on its way to the arena
	texts []byte // an account's
}

// object says what a name is: an account or group by its index, or neither.
type object struct {
	class objectClass
	index int32
	line  int32
}

type objectClass uint8

const (
	mentioned objectClass = iota // a member named it; no entry yet
	other                        // an entry that counts for nothing
	account
	group
)

type link struct{ group, member, line int32 }

type domain struct{ key, sid string }

func newResolver(cfg config.Directory, what string, keep []string) *resolver {
	k := slices.Clone(keep)
	for i := range k {
		k[i] = strings.ToLower(k[i])
	}
	slices.Sort(k)
	k = slices.Compact(k)
	return &resolver{
		cfg: cfg, what: what, keep: k, seen: make([]bool, len(k)),
		nodes: packed.NewIndex(), spelled: packed.NewIndex(), shared: map[string]string{}, netbios: map[string]string{},
	}
}

// node is the number of a name.
func (r *resolver) node(key []byte) int32 {
	hash := r.nodes.Hash(key)
	for at := hash; ; {
		n, next, ok := r.nodes.Next(hash, at)
		if !ok {
			break
		}
		if r.key(int32(n)) == string(key) {
			return int32(n)
		}
		at = next
	}
	n := len(r.of)
	r.nodes.Put(hash, uint32(n))
	r.row = packed.AppendText(r.row[:0], key)
	r.keysAt = append(r.keysAt, r.keyTexts.Put(r.row))
	r.of = append(r.of, object{})
	return int32(n)
}

// key is what a number stands for.
func (r *resolver) key(n int32) string {
	c := r.keyTexts.At(r.keysAt[n])
	return c.Text()
}

// spell makes the open entry's object known by its name as it is written.
func (r *resolver) spell() {
	r.spelled.Put(r.spelled.Hash(r.e.text[r.e.name.from:r.e.name.to]), uint32(r.e.node))
}

// written is the number of the object whose entry writes its name so.
func (r *resolver) written(name []byte) (int32, bool) {
	hash := r.spelled.Hash(name)
	for at := hash; ; {
		n, next, ok := r.spelled.Next(hash, at)
		if !ok {
			return 0, false
		}
		switch o := r.of[n]; {
		case o.class == account && r.accounts.at(o.index).DN == string(name), o.class == group && r.groups[o.index].DN == string(name):
			return int32(n), true
		}
		at = next
	}
}

// share keeps one copy of a value that comes often.
func (r *resolver) share(v []byte) string {
	if s, ok := r.shared[string(v)]; ok {
		return s
	}
	s := string(v)
	r.shared[s] = s
	return s
}

func (r *resolver) notice(n snapshot.Notice) { r.notices = append(r.notices, n) }

// finish resolves the members and returns the reading of that moment; more, where
// it is set, asks for what it takes the rest to know.
func (r *resolver) finish(file string, taken time.Time, loc *time.Location, more func(*snapshot.Directory) error) (*snapshot.Directory, error) {
	if r.accounts.n == 0 && len(r.groups) == 0 {
		return nil, fmt.Errorf("the %s holds no account and no group; %s", r.what, r.needs())
	}
	d := &snapshot.Directory{
		Reading: snapshot.Reading{
			Source: r.cfg.Name, Kind: snapshot.KindDirectory, Taken: taken.UTC(), Day: month.DayOf(taken, loc),
			Status: snapshot.Complete, File: file,
		},
	}
	r.domain(d, file)
	r.missing(file)
	if err := r.sort(d); err != nil {
		return nil, err
	}
	if err := r.sortUnits(d); err != nil {
		return nil, err
	}
	r.members(d, file)
	if more != nil {
		if err := more(d); err != nil {
			return nil, err
		}
	}
	var keys []string
	if len(r.changes.all) > 0 {
		keys = r.keys(d)
	}
	r.changed(d, keys, file)
	if r.was != nil {
		d.Since = r.since(d)
	}
	d.Kept = r.keep
	d.Notes = r.notices
	return d, nil
}

// domain fills in the domain's names and SID.
func (r *resolver) domain(d *snapshot.Directory, file string) {
	slices.SortFunc(r.domains, func(a, b domain) int { return strings.Compare(a.key, b.key) })
	var found domain
	for _, x := range r.domains {
		if found.key == "" || strings.EqualFold(dn.DNS(x.key), r.cfg.DNS) {
			found = x
		}
	}
	if len(r.domains) > 1 {
		r.notice(snapshot.Notice{
			Code: CodeSeveralDomains, Subject: r.cfg.Name, At: snapshot.Evidence{File: file},
			Message: fmt.Sprintf("the %s holds %d domains; %s was taken as the one that is meant, and session logs of the others will not match; read each domain by itself", r.what, len(r.domains), dn.DNS(found.key)),
		})
	}
	netbios := r.netbios[found.key]
	d.Domain, d.DNS, d.SID = r.cfg.Domain, r.cfg.DNS, found.sid
	at := snapshot.Evidence{File: file}
	switch {
	case d.Domain == "" && netbios == "":
		r.notice(snapshot.Notice{
			Code: CodeDomainName, Subject: r.cfg.Name, At: at,
			Message: fmt.Sprintf("neither the config nor the %s says the domain's NetBIOS name, which session logs use; set domain: in the config", r.what),
		})
	case d.Domain == "":
		d.Domain = netbios
	case netbios != "" && !strings.EqualFold(d.Domain, netbios):
		r.notice(snapshot.Notice{
			Code: CodeDomainName, Subject: d.Domain, At: at,
			Message: fmt.Sprintf("the config calls the domain %s, but the directory calls itself %s; session logs use the directory's own name, so set domain: %s", d.Domain, netbios, netbios),
		})
	}
	if d.DNS == "" {
		d.DNS = dn.DNS(found.key)
	}
	if d.DNS == "" && r.accounts.n > 0 {
		if key, err := dn.Key(r.accounts.at(0).DN); err == nil {
			d.DNS = dn.DNS(dn.Domain(key))
		}
	}
	if d.SID == "" {
		d.SID = r.commonSID()
	}
}

// commonSID is the domain SID that most accounts and groups carry, for a
// reading that does not hold the domain's own entry.
func (r *resolver) commonSID() string {
	count := map[string]int{}
	for i := range r.accounts.n {
		count[domainOf(r.accounts.at(int32(i)).SID)]++
	}
	for i := range r.groups {
		count[domainOf(r.groups[i].SID)]++
	}
	best := ""
	for sid, n := range count {
		if sid != "" && (best == "" || n > count[best] || n == count[best] && sid < best) {
			best = sid
		}
	}
	return best
}

// missing says which attributes were asked for and came on no account: an
// export made without them would otherwise look like nobody having them.
func (r *resolver) missing(file string) {
	at := snapshot.Evidence{File: file}
	if r.accounts.n == 0 {
		return
	}
	for i, name := range r.keep {
		if !r.seen[i] && name != snapshot.HostName { // which people have none of
			r.notice(snapshot.Notice{
				Code: CodeAttributeMissing, Subject: name, At: at,
				Message: fmt.Sprintf("no account in the %s has the attribute %s, which the config or a rule names; if accounts do have it, let it be read too", r.what, name),
			})
		}
	}
	if !r.expiries {
		r.notice(snapshot.Notice{
			Code: CodeAttributeMissing, Subject: "accountexpires", At: at,
			Message: fmt.Sprintf("no account in the %s has the attribute accountExpires, so expired accounts count as valid; let it be read too", r.what),
		})
	}
	if r.cutKept > 0 {
		r.notice(snapshot.Notice{
			Code: CodeAttributeRanged, Subject: r.cfg.Name, At: at,
			Message: fmt.Sprintf("%d attributes had more values than the server gives at once; only the first values were kept", r.cutKept),
		})
	}
}

// memberName is the key of a member that is no account or group here: by its
// SID where the name is a foreign security principal's, else by its name.
func memberName(key string) string {
	kind, value := dn.Leaf(key)
	if parent, name := dn.Leaf(dn.Parent(key)); kind == "cn" && parent == "cn" && name == "foreignsecurityprincipals" {
		// A name with more than a SID is a leftover of a replication conflict.
		if isSID(value) {
			return snapshot.KeySID + "S" + value[1:]
		}
	}
	return snapshot.KeyDN + dn.Text(key)
}

// listed names the first few groups with how many each.
func listed(count map[string]int) string {
	names := make([]string, 0, len(count))
	for n := range count {
		names = append(names, n)
	}
	slices.SortFunc(names, func(a, b string) int {
		if count[a] != count[b] {
			return count[b] - count[a]
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	for i, n := range names {
		if i == 5 {
			fmt.Fprintf(&b, ", and %d more groups", len(names)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s: %d", n, count[n])
	}
	return b.String()
}

// needs says what an export or a reader's rights must hold.
func (r *resolver) needs() string {
	list := make([]string, 0, len(needed)+len(r.keep))
	for _, a := range needed {
		list = append(list, a)
	}
	for _, k := range r.keep {
		if !slices.ContainsFunc(list, func(a string) bool { return strings.EqualFold(a, k) }) {
			list = append(list, k)
		}
	}
	return "it needs users, computers and groups with the attributes " + strings.Join(list, ", ")
}

// needed are the attributes that a reading is made of, as the schema spells
// them.
var needed = [...]string{
	"objectClass", "objectGUID", "objectSid", "sAMAccountName", "userPrincipalName", "displayName", "mail",
	"userAccountControl", "accountExpires", "primaryGroupID", "operatingSystem", "member", "groupType", "nETBIOSName",
}

func lineText(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("line %d: ", line)
}

func otherLine(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(", the other at line %d", line)
}
