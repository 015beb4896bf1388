package setup

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/collector/inventory"
	"splameter/internal/config"
	"splameter/internal/paths"
	"splameter/internal/snapshot"
)

// Loose are files beside the config, dated by their names, that no source names
// and that are inventories or hosts tables by what they hold.
type Loose struct {
	Pattern string   // as the config would name them
	Key     string   // under which of an inventory's keys: software or hosts
	Names   []string // of the hosts in the newest
}

// What is looked at beside a config: more is no folder of inventories.
const (
	mostFolders = 50
	mostFiles   = 2000
	mostSize    = 64 << 20
)

// looseIn looks through the config's folder and those in it.
func looseIn(ctx context.Context, c *config.Config, loc *time.Location) ([]Loose, error) {
	named := map[string]bool{}
	folders := []string{c.Dir}
	for i := range c.Inventories {
		found, err := paths.GlobAll(slices.Concat(c.Inventories[i].Software, c.Inventories[i].Hosts))
		if err != nil {
			continue // trying the source says so
		}
		for _, f := range found {
			named[filepath.Clean(f)] = true
		}
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		path := filepath.Join(c.Dir, e.Name())
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && path != filepath.Clean(c.Output) && len(folders) < mostFolders {
			folders = append(folders, path)
		}
	}
	var out []Loose
	for _, folder := range folders {
		more, err := looseOf(ctx, c.Dir, folder, named, loc)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// looseOf reads the newest file of each kind in a folder that no source names,
// where it is an inventory.
func looseOf(ctx context.Context, dir, folder string, named map[string]bool, loc *time.Location) ([]Loose, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, nil // a folder that may not be read is nobody's inventory
	}
	newest := map[string]string{}
	var keys []string
	for i, e := range entries {
		info, err := e.Info()
		if i >= mostFiles || err != nil || !e.Type().IsRegular() || info.Size() > mostSize || named[filepath.Join(folder, e.Name())] || !looksTable(e.Name()) {
			continue
		}
		key, ok := undated(e.Name(), loc)
		if !ok {
			continue
		}
		if newest[key] == "" {
			keys = append(keys, key)
		}
		newest[key] = max(newest[key], e.Name())
	}
	slices.Sort(keys)
	var out []Loose
	for _, key := range keys {
		v, machines, err := readInventory(ctx, filepath.Join(folder, newest[key]), loc)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			continue // something else
		}
		x := Loose{Pattern: shown(dir, filepath.Join(folder, key)), Key: "software"}
		if machines {
			x.Key = "hosts"
		}
		x.Names = hostsIn(v)
		// Any list with a column of names could be of the one host that the file is
		// named after.
		if own := inventory.HostOf(newest[key]); own != "" && slices.Equal(x.Names, []string{own}) && !strings.Contains(strings.ToLower(key), ".reg") {
			continue
		}
		if len(x.Names) > 0 {
			out = append(out, x)
		}
	}
	return out, nil
}

// hostsIn are the hosts that an inventory tells of.
func hostsIn(v *snapshot.Inventory) (out []string) {
	for i := range v.Machines {
		out = append(out, v.Machines[i].Host)
	}
	for i := range v.Software {
		out = append(out, v.Software[i].Host)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// looksTable tells files that may be lists from logs, exports and archives.
func looksTable(name string) bool {
	name = strings.TrimSuffix(strings.ToLower(name), ".gz")
	return slices.Contains([]string{".csv", ".tsv", ".txt", ".json", ".xlsx", ".reg"}, filepath.Ext(name))
}

// undated is a file's name with a star in place of its date; false where it has
// none.
func undated(name string, loc *time.Location) (string, bool) {
	day, err := inventory.DateOf(name, loc)
	if err != nil {
		return "", false
	}
	return starred(name, day), true
}

func starred(name string, day time.Time) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, day.Format(time.DateOnly), "*"), day.Format("20060102"), "*")
}
