package closing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"splameter/internal/digest"
	"splameter/internal/snapshot"
)

// masker gives names their masks: a keyed digest, so that nobody without the
// store's key can try names out.
type masker struct {
	key     []byte
	prices  bool   // whether what is paid is shown
	scratch string // the folder on whose disk large lists are kept meanwhile
}

func (k masker) mask(kind, s string) string {
	if s == "" {
		return ""
	}
	h := digest.Keyed(k.key)
	h.Write([]byte(kind + "\x00" + s))
	return kind + "-" + h.Hex()[:16]
}

// staff is the mask of who did something, as people write names.
func (k masker) staff(s string) string {
	return k.mask("staff", strings.ToLower(strings.Join(strings.Fields(s), " ")))
}

// withheld stands where somebody wrote something.
func withheld(s string) string {
	if s == "" {
		return ""
	}
	return "(withheld)"
}

// A masked member is made by what it may hold, never by what it may not: a
// string is withheld unless its place is among these. A place is a key, or a
// key in the one that it stands in.
var (
	keptStrings = words(`month status state product part_number unit currency severity code kind family ground
		from until first last on computed manual basis rules_sha256 config_sha256 prices_sha256 time_zone previous
		source site host days edition tenant partner acts.action acts.at acts.by acts.account correction.by
		tenants.id tenants.name products.id products.name products.count products.alias products unread
		lines.unit changes.cause changes.day inputs manifest sha256 facts program made.version differences.what
		bills.quantity unlike.what unlike.units`)
	// priced is what the provider pays. What its customers are charged is no
	// auditor's.
	priced = words(`unit_price amount allowance submitted invoiced`)
	// keptRules are the keys of a rule file whose values are kept.
	keptRules = words(`id catalog part_number alias unit family rank pack kind minimum per_machine per_processor products requires with
		sql_edition operating_system guests_per_licence own_licence spur count ground from until groups installed hosts pools name entitled`)
)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// scrub withholds every string of a JSON value whose place is not kept.
func (k masker) scrub(parent, key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name := range v {
			v[name] = k.scrub(key, name, v[name])
		}
		return v
	case []any:
		for i := range v {
			v[i] = k.scrub(parent, key, v[i])
		}
		return v
	case string:
		switch {
		case parent == "exclusions" && key == "id":
			return k.mask("exclusion", v)
		case parent == "name" || keptStrings[key] || keptStrings[parent+"."+key] || k.prices && priced[key] && parent != "bills":
			return v
		}
		return withheld(v)
	}
	return v
}

// scrubbed is a value as JSON with nothing kept but what may be; in names the
// place that it stands in.
func (k masker) scrubbed(in string, v any) (any, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return k.scrub("", in, tree), nil
}

// maskedRules is a rule file without its comments, and without the values of
// all keys but those that count.
func maskedRules(b []byte) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("the sealed rules cannot be read: %w", err)
	}
	withholdYAML(&doc, true, false)
	return yaml.Marshal(&doc)
}

// withholdYAML withholds the values of keys that are not kept; all keeps what
// stands below whatever its keys.
func withholdYAML(n *yaml.Node, keep, all bool) {
	n.HeadComment, n.LineComment, n.FootComment, n.Anchor = "", "", "", ""
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			key.HeadComment, key.LineComment, key.FootComment = "", "", ""
			kept := keep && (all || keptRules[key.Value])
			withholdYAML(value, kept, all || key.Value == "name")
		}
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			withholdYAML(c, keep, all)
		}
	default: // a scalar, or an alias, which would name what was withheld
		if !keep || n.Kind == yaml.AliasNode {
			*n = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "(withheld)"}
		}
	}
}

// auditNames say how a subject is shown: by the mask of the account that it is,
// as it is where it names nobody, else by a mask of its own.
type auditNames struct {
	masker
	who    map[string]string
	public map[string]bool
}

// names knows what accounts and all else are called; of those alone, in lower case,
// that asked names, where it is set: a large provider's accounts have 700,000 names.
func (k masker) names(in *inputs, asked map[string]bool) *auditNames {
	n := &auditNames{k, k.accounts(in.facts, asked), publicSubjects(in)}
	for i := range in.setup.Register.Exclusions {
		id := in.setup.Register.Exclusions[i].ID
		n.who[strings.ToLower(id)] = k.mask("exclusion", id)
	}
	return n
}

func (n *auditNames) of(subject string) string {
	low := strings.ToLower(subject)
	if m, ok := n.who[low]; ok {
		return m
	}
	if n.public[low] {
		return subject
	}
	return n.mask("subject", low)
}

// accounts are the masks of everything that an account is called by.
func (k masker) accounts(f *snapshot.Facts, asked map[string]bool) map[string]string {
	out := map[string]string{}
	// what is called so gets the mask of what it is
	put := func(kind, of string, names ...string) {
		mask := ""
		for _, name := range names {
			low := strings.ToLower(name)
			if name == "" || asked != nil && !asked[low] {
				continue
			}
			if mask == "" {
				mask = k.mask(kind, of)
			}
			out[low] = mask
		}
	}
	for i := range f.Uses.Len() { // who is in no directory
		u := f.Uses.At(i)
		put("user", strings.ToLower(u.User), u.User, u.Name, u.SID)
	}
	for i := range f.Directories {
		d := &f.Directories[i]
		account := func(a *snapshot.Account) {
			if a.Class == snapshot.Computer {
				return
			}
			put("account", a.ID, a.Name, a.UPN, a.DisplayName, a.Mail, a.DN, a.SID, a.ID, d.Domain+`\`+a.Name)
		}
		for _, a := range d.Accounts.All() {
			account(&a.Account)
		}
		if d.Before != nil {
			for j := range d.Before.Accounts {
				account(&d.Before.Accounts[j])
			}
		}
	}
	return out
}

// publicSubjects are the subjects of findings that name nobody: products,
// part numbers, tenants, sources, hosts, pools and groups.
func publicSubjects(in *inputs) map[string]bool {
	out := map[string]bool{}
	put := func(names ...string) {
		for _, n := range names {
			out[strings.ToLower(n)] = true
		}
	}
	for i := range in.statement.Products {
		put(in.statement.Products[i].ID, in.statement.Products[i].PartNumber)
	}
	for i := range in.setup.Register.Tenants {
		put(in.setup.Register.Tenants[i].ID)
	}
	for i := range in.setup.Config.Pools {
		put(in.setup.Config.Pools[i].Name)
	}
	for i := range in.facts.Readings {
		put(in.facts.Readings[i].Source, in.facts.Readings[i].Source+" "+in.facts.Readings[i].Day.String())
	}
	for i := range in.facts.Software {
		put(in.facts.Software[i].Host, snapshot.HostKey(in.facts.Software[i].Host))
	}
	for i := range in.facts.Machines {
		put(in.facts.Machines[i].Host, snapshot.HostKey(in.facts.Machines[i].Host))
	}
	for i := range in.facts.Logs.Len() {
		l := in.facts.Logs.At(i)
		put(l.Host, l.Host+"/"+l.Channel)
	}
	for i := range in.facts.Directories {
		for j := range in.facts.Directories[i].Groups {
			put(in.facts.Directories[i].Groups[j].Name)
		}
	}
	return out
}
