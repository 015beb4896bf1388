package collector

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector/inventory"
	"splameter/internal/digest"
	"splameter/internal/product"
	"splameter/internal/snapshot"
)

// registryWords are what people add to a host's name where its registry stands
// in several files.
var registryWords = map[string]bool{}

func init() {
	for w := range strings.FieldsSeq("64 32 x64 x86 64bit 32bit wow wow64 wow32 wow6432 wow6432node hklm hkcu reg registry uninstall software office clicktorun c2r sql sqlserver mssql") {
		registryWords[w] = true
	}
}

// hostPart is a host's name without such words at its ends.
func hostPart(host string) string {
	cut := func(s string, at int) (word, rest string) {
		if at < 0 {
			return "", s
		}
		return s[at+1:], s[:at]
	}
	for {
		word, rest := cut(host, strings.LastIndexAny(host, "-_. "))
		if rest == "" || !registryWords[strings.ToLower(word)] {
			break
		}
		host = rest
	}
	for {
		at := strings.IndexAny(host, "-_. ")
		if at < 0 || !registryWords[strings.ToLower(host[:at])] {
			return host
		}
		host = host[at+1:]
	}
}

// registries are the groups of registry files that are one host's of one day,
// and the files that are in no group. Names propose it, and the files prove it:
// no two of them hold the same view of the uninstall keys, as two hosts would.
func (s *inventorySource) registries(ctx context.Context, env *Env, files []string) (single []string, groups [][]string) {
	type key struct {
		host  string
		taken time.Time
	}
	by := map[key][]string{}
	for _, p := range files {
		if taken, err := inventory.DateOf(filepath.Base(p), env.Config.Provider.Location); err == nil {
			k := key{strings.ToLower(hostPart(inventory.HostOf(p))), taken}
			by[k] = append(by[k], p)
		}
	}
	in := map[string]bool{}
	for _, list := range by {
		if len(list) < 2 || !complement(ctx, list) {
			continue
		}
		slices.Sort(list)
		groups = append(groups, list)
		for _, p := range list {
			in[p] = true
		}
	}
	slices.SortFunc(groups, slices.Compare)
	for _, p := range files {
		if !in[p] {
			single = append(single, p)
		}
	}
	return single, groups
}

// complement says that files are all of the registry, and that each tells what
// the others do not.
func complement(ctx context.Context, files []string) bool {
	var all inventory.Views
	for _, p := range files {
		found, err := Identify(p)
		if err != nil || found.Form == nil || found.Form.ID != "registry" {
			return false
		}
		f, err := os.Open(p)
		if err != nil {
			return false
		}
		v, err := inventory.ViewsOf(ctx, f)
		f.Close()
		if err != nil || v.Wide && all.Wide || v.Narrow && all.Narrow {
			return false
		}
		all.Wide, all.Narrow = all.Wide || v.Wide, all.Narrow || v.Narrow
	}
	return true
}

// registry reads a group as one inventory. Where another file has come since it
// was read before, the reading is a moment later and stands in its place.
func (s *inventorySource) registry(ctx context.Context, env *Env, files []string, titles *product.Catalog, o *Outcome) error {
	first := files[0]
	name := env.Name(first)
	taken, err := inventory.DateOf(filepath.Base(first), env.Config.Provider.Location)
	if err != nil {
		return err
	}
	taken = taken.Add(time.Duration(len(files)-1) * time.Millisecond)
	fail := func(err error) error {
		return env.fail(ctx, s.cfg.Name, snapshot.KindInventory, first, taken, err)
	}
	all := digest.New()
	var parts []inventory.Part
	for _, p := range files {
		f, err := os.Open(p)
		if err != nil {
			return fail(err)
		}
		print, err := fingerprint(f)
		f.Close()
		if err != nil {
			return fail(err)
		}
		if _, err := io.WriteString(all, print+"\n"); err != nil {
			return err
		}
		parts = append(parts, inventory.Part{File: env.Name(p), Open: func() (io.ReadCloser, error) { return os.Open(p) }})
	}
	print := all.Hex()
	known, err := env.Store.Known(ctx, s.cfg.Name, name, print)
	if err != nil {
		return err
	}
	if known {
		o.Known += len(files)
		return nil
	}
	host := hostPart(inventory.HostOf(first))
	v, err := inventory.ReadRegistry(ctx, parts, inventory.Options{Taken: taken, Loc: env.Config.Provider.Location, Columns: s.cfg.Columns, Titles: titles, Host: host})
	if err != nil {
		return fail(err)
	}
	return s.keep(ctx, env, v, print, o)
}
