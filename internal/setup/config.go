package setup

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
)

// configText is a config with what was given and seen, and with the defaults
// of what a first day needs to know. Every key there is stands in the program's
// own config.yaml.
func configText(s *Seen, opt Options) []byte {
	var b bytes.Buffer
	line := func(key, value, comment string) {
		text := key
		if value != "" {
			text += " " + value
		}
		if comment != "" {
			text = fmt.Sprintf("%-44s # %s", text, comment)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	b.WriteString("# Written by splameter init. Fill in what is empty, then: splameter check\n# Paths are relative to this file.\n\n")
	line("provider:", "", "who reports")
	line("  name:", quoted(opt.Provider), "needed")
	line("  agreement:", `""`, "the SPLA agreement's number")
	line("  enrollment:", `""`, "the enrollment's number")
	line("  reporter: {name:", `"", email: ""}`, "who vouches for the report")
	line("  street:", `""`, "")
	line("  postal_code:", `""`, "")
	line("  city:", `""`, "")
	line("  country:", `""`, "two letters")
	line("  time_zone:", quoted(opt.TimeZone), "needed, such as Europe/Amsterdam: whose clock decides when a month begins")
	line("  language:", "en", "of your own workbooks: nl or en")
	line("  currency:", "EUR", "")
	b.WriteString("\n")
	line("store:", "sqlite:var/splameter.db", "")
	line("output:", "out", "folder for a month's files")
	from, exclusions, decisions := func(draft string) string { return ": from " + draft }, `""`, `""`
	if opt.Ready {
		from, exclusions, decisions = func(string) string { return "" }, "exclusions.csv", "decisions.csv"
		b.WriteString("\n")
	} else {
		b.WriteString("\n# Rename the drafts to these names once they are right.\n")
	}
	line("tenants:", "tenants.csv", "who your customers are"+from(TenantsFile))
	line("rules:", "rules.yaml", "what is counted"+from(RulesFile))
	line("prices:", "prices.csv", "what you pay"+from(PricesFile)+", filled by splameter prices import")
	line("resellers:", `""`, "your customers that resell")
	line("exclusions:", exclusions, "who and what is not reported, and on what ground")
	line("sales_prices:", `""`, "what you ask your customers")
	line("shared_accounts:", `""`, "accounts that several persons use")
	line("decisions:", decisions, "decisions on findings")
	b.WriteString("\n")
	with, all := employees(s.Directory)
	line("person:", "[]", fmt.Sprintf("attributes by which accounts of one tenant are one person; %d of %d accounts have an employee number (%s)", with, all, strings.Join(personAttributes, ", ")))
	b.WriteString("\ndirectories:\n")
	hosts := ""
	for i := range s.From {
		f := &s.From[i]
		directoryText(line, f, opt)
		if f.Export == "" {
			hosts = f.Name
		}
	}
	hostsText(line, opt, quoted(hosts))
	if opt.Logs != "" {
		b.WriteString("\nsessions:\n  - name: session-hosts\n")
		line("    files:", "["+quoted(shown(opt.Dir, filepath.Join(opt.Logs, "*")))+"]", "")
		line("    exported:", `""`, "each file holds everything before this day; empty: up to its last record")
	}
	if len(s.Patterns)+len(s.Hosts) > 0 {
		b.WriteString("\ninventories:\n  - name: estate\n")
		for _, set := range []struct {
			key      string
			patterns []string
		}{{"software", s.Patterns}, {"hosts", s.Hosts}} {
			if len(set.patterns) == 0 {
				continue
			}
			line("    "+set.key+":", "", "each file dated by its name")
			for _, p := range wider(set.patterns, other(set.key, s)) {
				line("      -", quoted(shown(opt.Dir, p)), "")
			}
		}
	}
	b.WriteString("\n# RDS session collections: " + map[bool]string{false: "take them from " + PoolsFile, true: "the desk's screen Set-up proposes them"}[opt.Ready] + ".\npools: []\n")
	return b.Bytes()
}

// directoryText is what the config says of one directory.
func directoryText(line func(key, value, comment string), f *From, opt Options) {
	comment := "the NetBIOS name that session logs use"
	if f.ByLogs {
		comment += "; taken from the names in the logs"
	}
	line("  - name:", quoted(f.Name), "")
	line("    domain:", quoted(f.Domain), comment)
	if f.Export != "" {
		line("    ldif:", quoted(shown(opt.Dir, f.At)), "exports, each dated by its name")
		return
	}
	line("    url:", quoted(f.At), "")
	if opt.CA != "" {
		line("    ca:", quoted(shown(opt.Dir, opt.CA)), "")
	}
	if f.live.ServerName != "" {
		line("    server_name:", quoted(f.live.ServerName), "")
	}
	line("    bind:", "", "")
	line("      user:", quoted(f.live.Bind.User), "")
	line("      password:", quoted(secretPlace(opt.Dir, f.password)), "")
}

func other(key string, s *Seen) []string {
	if key == "software" {
		return s.Hosts
	}
	return s.Patterns
}

// wider makes patterns that also find the files of hosts that come later:
// uninstall-RDSH-A01-*.reg becomes uninstall-*.reg, unless that would find
// files of the other kind.
func wider(patterns, others []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range patterns {
		dir, base := filepath.Split(p)
		w := base
		if stem, _, ok := strings.Cut(base, "-"); ok && stem != "" && !strings.Contains(stem, "*") {
			w = stem + "-*" + base[strings.LastIndexByte(base, '*')+1:]
		}
		for _, o := range others {
			if ok, err := filepath.Match(w, strings.ReplaceAll(filepath.Base(o), "*", "x")); err != nil || ok {
				w = base
			}
		}
		if !seen[w] {
			seen[w] = true
			out = append(out, dir+w)
		}
	}
	return out
}
