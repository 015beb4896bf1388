package tables

import (
	"fmt"
	"strings"

	"splameter/internal/month"
	"splameter/internal/register"
)

// signs are what a row says of its tenant's accounts beside their unit. Each
// cell is one sign by itself.
func (r row) signs() (out []register.Sign) {
	from, until := r.period("from", "until")
	add := func(kind register.SignKind, name, value string) {
		out = append(out, register.Sign{Kind: kind, Name: name, Value: value, From: from, Until: until, Line: r.line})
	}
	if v := r.get("group"); v != "" {
		add(register.SignGroup, "", v)
	}
	switch name, value := r.get("attribute"), r.get("value"); {
	case name != "" && value == "":
		r.fault("attribute", fmt.Sprintf("the attribute %s has no value", show(name)), "write in the column value which value of it the tenant's accounts have")
	case name == "" && value != "" && !r.t.has("attribute"): // a column of the provider's own
	case name == "" && value != "":
		r.fault("value", fmt.Sprintf("the value %s is of no attribute", show(value)), "write the attribute's name in the column attribute, such as company")
	case strings.ContainsAny(value, "*?"):
		r.fault("value", show(value)+" has a wildcard", "write the value as the directory has it, a row for each")
	case name != "":
		add(register.SignAttribute, name, value)
	}
	if v := strings.TrimPrefix(r.get("upn_suffix"), "@"); v != "" {
		if strings.ContainsAny(v, "@*? ") {
			r.fault("upn_suffix", show(v)+" is no suffix of a user principal name", "write what stands behind the @, such as customer.example")
			return out
		}
		add(register.SignSuffix, "", v)
	}
	return out
}

// distinctSigns refuses a sign that is two tenants' at once, or one tenant's
// twice: whose accounts they are would be a matter of chance.
func (t *table) distinctSigns(tenants []register.Tenant) {
	type owner struct {
		*register.Sign
		tenant string
	}
	seen := map[string][]owner{}
	for i := range tenants {
		for j := range tenants[i].Signs {
			s := &tenants[i].Signs[j]
			key := strings.ToLower(string(s.Kind) + "\x00" + s.Name + "\x00" + s.Value)
			for _, o := range seen[key] {
				if month.Overlap(o.From, o.Until, s.From, s.Until) {
					t.fault(s.Line, 0, fmt.Sprintf("%s is %s's on line %d at the same time", show(s.String()), show(o.tenant), o.Line),
						"give it to one tenant, or write a from and until that do not overlap")
					break
				}
			}
			seen[key] = append(seen[key], owner{s, tenants[i].ID})
		}
	}
}
