package directory

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"splameter/internal/config"
	"splameter/internal/dn"
	"splameter/internal/paths"
	"splameter/internal/snapshot"
)

// Computer is a computer of a directory that is enabled.
type Computer struct {
	Name   string // fully qualified, in lower case
	DN     string
	Server bool // it runs a server system
}

// Computers are the enabled computers of a directory, sorted by name: of a live
// one as it is now, else of its newest export. Nothing else is read of a live
// directory.
func Computers(ctx context.Context, cfg config.Directory, now func() time.Time, loc *time.Location, log *slog.Logger) ([]Computer, error) {
	var accounts []snapshot.Account
	var err error
	domain := cfg.DNS
	if len(cfg.URL) > 0 {
		accounts, err = liveComputers(ctx, cfg, &domain)
	} else {
		accounts, err = exportedComputers(ctx, cfg, loc, &domain)
	}
	if err != nil {
		return nil, fmt.Errorf("list the computers of directory %s: %w", cfg.Name, err)
	}
	var out []Computer
	for i := range accounts {
		a := &accounts[i]
		if a.Class != snapshot.Computer || a.Disabled || a.ExpiredAt(now()) {
			continue
		}
		name := a.Attribute(snapshot.HostName)
		if name == "" {
			name = strings.TrimSuffix(a.Name, "$")
			if domain != "" {
				name += "." + domain
			}
		}
		out = append(out, Computer{Name: strings.ToLower(strings.TrimSuffix(name, ".")), DN: a.DN, Server: a.Server})
	}
	slices.SortFunc(out, func(x, y Computer) int { return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.DN, y.DN)) })
	log.Debug("listed computers", "source", cfg.Name, "computers", len(out))
	return slices.CompactFunc(out, func(x, y Computer) bool { return x.Name == y.Name }), nil
}

// Beneath are those computers that stand in one of the units.
func Beneath(all []Computer, units []string) ([]Computer, error) {
	keys := make([]string, len(units))
	for i, u := range units {
		k, err := dn.Key(u)
		if err != nil {
			return nil, fmt.Errorf("unit %q: %w", u, err)
		}
		keys[i] = k
	}
	var out []Computer
	for _, c := range all {
		key, err := dn.Key(c.DN)
		if err == nil && slices.ContainsFunc(keys, func(k string) bool { return dn.Under(key, k) }) {
			out = append(out, c)
		}
	}
	return out, nil
}

// liveComputers asks for the computers alone.
func liveComputers(ctx context.Context, cfg config.Directory, domain *string) (out []snapshot.Account, err error) {
	s, err := connect(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer s.close()
	root, err := s.root()
	if err != nil {
		return nil, err
	}
	if key, err := dn.Key(root.domain); err == nil && *domain == "" {
		*domain = dn.DNS(key)
	}
	bases, err := root.bases(cfg)
	if err != nil {
		return nil, err
	}
	wanted := []string{"sAMAccountName", "userAccountControl", "operatingSystem", snapshot.HostName}
	for _, base := range bases {
		if err := s.search(base, ldap.ScopeWholeSubtree, "(objectCategory=computer)", wanted, func(e *ldap.Entry) error {
			control, err := strconv.ParseInt(e.GetAttributeValue("userAccountControl"), 10, 64)
			if err != nil {
				return fmt.Errorf("%s does not say whether it is enabled: let the account read userAccountControl", e.DN)
			}
			a := snapshot.Account{Class: snapshot.Computer, Name: e.GetAttributeValue("sAMAccountName"), DN: e.DN, Disabled: control&controlDisabled != 0,
				Server: strings.Contains(strings.ToLower(e.GetAttributeValue("operatingSystem")), "server")}
			if v := e.GetEqualFoldAttributeValue(snapshot.HostName); v != "" {
				a.Attributes = []snapshot.Attribute{{Name: snapshot.HostName, Value: v}}
			}
			out = append(out, a)
			return nil
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// exportedComputers are those of the newest export.
func exportedComputers(ctx context.Context, cfg config.Directory, loc *time.Location, domain *string) ([]snapshot.Account, error) {
	all, err := paths.Glob(cfg.LDIF)
	if err != nil {
		return nil, err
	}
	var newest string
	var taken time.Time
	for _, p := range all {
		if t, err := DateOf(filepath.Base(p), loc); err == nil && (newest == "" || t.After(taken)) {
			newest, taken = p, t
		}
	}
	if newest == "" {
		return nil, fmt.Errorf("no export with a date in its name matches %s", cfg.LDIF)
	}
	f, err := os.Open(newest)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d, err := ReadLDIF(ctx, f, filepath.Base(newest), taken, cfg, []string{snapshot.HostName}, loc)
	if err != nil {
		return nil, err
	}
	if *domain == "" {
		*domain = d.DNS
	}
	return d.Accounts, nil
}
