package collector

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"splameter/internal/config"
)

// exportOf is an export of a domain with one group: of each account its name, and
// after a slash when it was changed last; "-" before it: deleted; "+" before it:
// not in the group; "?" before it: only the group speaks of it.
func exportOf(day string, accounts ...string) string {
	var b, members strings.Builder
	b.WriteString("dn: DC=x\nobjectClass: domainDNS\nobjectSid: S-1-5-21-1-2-3\nnETBIOSName: X\n\n")
	for _, a := range accounts {
		a, changed, _ := strings.Cut(a, "/")
		name := strings.TrimLeft(a, "-+?")
		id := fmt.Sprintf("%08x-0000-0000-0000-000000000000", name[0])
		if a[0] != '+' && a[0] != '-' {
			fmt.Fprintf(&members, "member: CN=%s,DC=x\n", name)
		}
		rest := "sAMAccountName: " + name + "\nuserAccountControl: 512\nprimaryGroupID: 513\naccountExpires: 0\nemployeeID: " + day + "\nobjectSid: S-1-5-21-1-2-3-" + fmt.Sprint(int(name[0])) + "\n"
		if changed != "" {
			rest += "whenChanged: " + changed + "120000.0Z\n"
		}
		switch a[0] {
		case '?':
		case '-':
			fmt.Fprintf(&b, "dn: CN=%s\\0ADEL:%s,CN=Deleted Objects,DC=x\nobjectClass: user\nisDeleted: TRUE\nobjectGUID: %s\n%s\n", name, id, id, rest)
		default:
			fmt.Fprintf(&b, "dn: CN=%s,DC=x\nobjectClass: user\nobjectGUID: %s\n%s\n", name, id, rest)
		}
	}
	b.WriteString("dn: CN=g,DC=x\nobjectClass: group\nobjectGUID: 99999999-0000-0000-0000-000000000000\nobjectSid: S-1-5-21-1-2-3-999\nsAMAccountName: g\n" + members.String() + "\n")
	return b.String()
}

// bob is gone in the export of the 2nd, and there again in a later one: an older
// state, unless something says that he was restored, or never was deleted.
func TestKnownDeletionsAreBack(t *testing.T) {
	for _, c := range []struct {
		name    string
		days    []string // accounts of the 1st, the 2nd and so on
		first   []int    // the days that are collected before the others
		refused []string
	}{
		{name: "an old export", days: []string{"ann bob", "ann", "ann bob"}, refused: []string{"2026-10-03"}},
		{name: "and another", days: []string{"ann bob", "ann", "ann bob", "ann bob", "ann"}, refused: []string{"2026-10-03", "2026-10-04"}},
		{name: "restored on purpose", days: []string{"ann bob", "ann", "ann bob/20261002"}},
		{name: "as it was before", days: []string{"ann bob", "ann cyd", "ann cyd", "ann bob/20261001 cyd"}, refused: []string{"2026-10-04"}},
		{name: "others went since", days: []string{"ann bob cyd", "ann cyd", "ann", "ann bob"}},
		{name: "others went before", days: []string{"ann bob cyd", "ann bob", "ann", "ann bob"}, refused: []string{"2026-10-04"}},
		{name: "somebody came since", days: []string{"ann bob", "ann", "ann dan", "ann bob dan"}},
		{name: "it could not be seen", days: []string{"ann bob", "ann ?bob", "ann bob"}},
		{name: "in no group", days: []string{"ann +bob", "ann", "ann +bob"}},
		{name: "told as deleted", days: []string{"ann +bob", "ann -bob/20261001", "ann +bob"}, refused: []string{"2026-10-03"}},
		{name: "told and restored", days: []string{"ann +bob", "ann -bob/20261001", "ann +bob/20261002"}},
		{name: "told alone", days: []string{"ann", "ann -bob/20261001", "ann +bob"}, refused: []string{"2026-10-03"}},
		{name: "in another order", days: []string{"ann bob", "ann bob", "ann bob", "ann"}, first: []int{1, 4}},
	} {
		env := testEnv(t, "employeeID")
		env.Config.Directories = []config.Directory{{Name: "ad", Domain: "X", LDIF: filepath.Join(env.Config.Dir, "2026-*.ldif")}}
		var refused []string
		for _, round := range [2]bool{true, false} {
			for i, accounts := range c.days {
				if round && !slices.Contains(c.first, i+1) {
					continue
				}
				day := fmt.Sprintf("2026-10-%02d", i+1)
				if err := os.WriteFile(filepath.Join(env.Config.Dir, day+".ldif"), []byte(exportOf(day, strings.Fields(accounts)...)), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if round && c.first == nil {
				continue
			}
			out, err := Run(t.Context(), env, "")
			if err != nil {
				t.Fatal(err)
			}
			if out[0].Err == nil {
				continue
			}
			text := out[0].Err.Error()
			if !strings.Contains(text, "00000062-0000-0000-0000-000000000000") || strings.Contains(text, "bob") || !strings.Contains(text, "2026-10-0") {
				t.Errorf("%s: %v", c.name, out[0].Err)
			}
			for i := range c.days {
				if day := fmt.Sprintf("2026-10-%02d", i+1); strings.Contains(text, "export "+day) {
					refused = append(refused, day)
				}
			}
		}
		if !slices.Equal(refused, c.refused) {
			t.Errorf("%s: refused %q, want %q", c.name, refused, c.refused)
		}
	}
}
