package config

import (
	"fmt"
	"slices"

	"splameter/internal/lazyregexp"
	"splameter/internal/month"
	"splameter/internal/safetext"
)

// API is who may read the interface for other programs (docs/api.md); without
// a token it is not served.
type API struct {
	Tokens []Token `yaml:"tokens"`
}

// Token is one program that may read. The token itself stands nowhere: only its
// digest.
type Token struct {
	Name      string            `yaml:"name"`      // what the log calls it
	Role      string            `yaml:"role"`      // viewer, account-manager or reviewer
	SHA256    string            `yaml:"sha256"`    // of the token, in hex
	Customers []string          `yaml:"customers"` // of an account manager: the ids of its customers
	Until     month.OptionalDay `yaml:"until"`     // the last day on which it is taken; empty: no end
}

var sha256Hex = lazyregexp.New(`^[0-9a-f]{64}$`)

// api checks who may read.
func (k *checker) api() {
	seen, digests := names{}, map[string]bool{}
	for i := range k.config.API.Tokens {
		t := &k.config.API.Tokens[i]
		if k.name(t.Name, "api", "tokens", i, "name") {
			k.unique(seen, t.Name, "token", "api", "tokens", i, "name")
		}
		k.oneOf(t.Role, []string{"viewer", "account-manager", "reviewer"}, "api", "tokens", i, "role")
		switch {
		case !sha256Hex().MatchString(t.SHA256):
			k.fault("the token's digest is none", "write the SHA-256 of the token as 64 characters 0-9 and a-f, never the token itself; docs/api.md says how to make both", "api", "tokens", i, "sha256")
		case digests[t.SHA256]:
			k.fault("two tokens have the same digest", "make a token of its own for each program", "api", "tokens", i, "sha256")
		}
		digests[t.SHA256] = true
		if manager := t.Role == "account-manager"; manager != (len(t.Customers) > 0) {
			k.fault(fmt.Sprintf("the token %s has the role %s and %d customers", safetext.Clip(t.Name, 60), safetext.Clip(t.Role, 30), len(t.Customers)),
				"name customers: for an account-manager, and for no other role", "api", "tokens", i, "customers")
		}
		if slices.Contains(t.Customers, "") {
			k.fault("a customer of the token has no id", "write ids of the tenants table", "api", "tokens", i, "customers")
		}
	}
}
