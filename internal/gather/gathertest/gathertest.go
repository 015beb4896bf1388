// Package gathertest is a Windows host for tests of what is gathered from one:
// who it is, what it runs on, its registry and its event logs, in memory.
package gathertest

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"

	"splameter/internal/drop"
	"splameter/internal/gather"
)

// Host is a gather.System.
type Host struct {
	Name, SID string
	Keys      Registry
	Logs      map[string][]byte // by channel
}

// Identity is who it is; its domain is what its name is under.
func (h *Host) Identity() (gather.Identity, error) {
	_, domain, _ := strings.Cut(h.Name, ".")
	return gather.Identity{Host: h.Name, Domain: domain, SID: h.SID}, nil
}

// Machine is what its registry says.
func (h *Host) Machine() (drop.Machine, error) { return gather.MachineOf(h.Keys.Root()), nil }

// Registry is its registry.
func (h *Host) Registry() (gather.Key, error) { return h.Keys.Root(), nil }

// Log is the log of a channel.
func (h *Host) Log(channel string) (gather.LogFile, error) {
	if b, ok := h.Logs[channel]; ok {
		return Log(b), nil
	}
	return nil, fs.ErrNotExist
}

// Log is an event log's file.
func Log(b []byte) gather.LogFile { return logFile{bytes.NewReader(b)} }

type logFile struct{ *bytes.Reader }

func (logFile) Close() error                 { return nil }
func (l logFile) Stat() (fs.FileInfo, error) { return info{size: l.Size()}, nil }

// info is of a file of which only the size is asked for.
type info struct {
	fs.FileInfo
	size int64
}

func (i info) Size() int64 { return i.size }

// Registry are the values of keys, by the keys' paths under
// HKEY_LOCAL_MACHINE. As on Windows, no name minds capitals.
type Registry map[string][]gather.Value

// Text is a value of text.
func Text(name, s string) gather.Value {
	return gather.Value{Name: name, Kind: gather.Text, Text: s}
}

// Programs are the registry of a computer of that name with those installed, by
// name and publisher.
func Programs(computer string, installed ...[2]string) Registry {
	r := Registry{`SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName`: {Text("ComputerName", computer)}}
	for _, p := range installed {
		r[`SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\`+p[0]] = []gather.Value{Text("DisplayName", p[0]), Text("Publisher", p[1])}
	}
	return r
}

// Root is the key above them all.
func (r Registry) Root() gather.Key { return key{r, ""} }

type key struct {
	all  Registry
	path string
}

// beneath is the rest of a path beneath the key.
func (k key) beneath(path string) (rest string, ok bool) {
	if k.path == "" {
		return path, true
	}
	n := len(k.path)
	if len(path) <= n || path[n] != '\\' || !strings.EqualFold(path[:n], k.path) {
		return "", false
	}
	return path[n+1:], true
}

func (k key) Open(path string) (gather.Key, error) {
	to := key{k.all, strings.Trim(k.path+`\`+path, `\`)}
	for have := range k.all {
		if _, ok := to.beneath(have); ok || strings.EqualFold(have, to.path) {
			return to, nil
		}
	}
	return nil, fs.ErrNotExist
}

func (k key) Subkeys() (out []string, err error) {
	for have := range k.all {
		if rest, ok := k.beneath(have); ok {
			name, _, _ := strings.Cut(rest, `\`)
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func (k key) Values(names []string) (out []gather.Value, err error) {
	for have, values := range k.all {
		if !strings.EqualFold(have, k.path) {
			continue
		}
		if names == nil {
			return slices.Clone(values), nil
		}
		for _, n := range names {
			if i := slices.IndexFunc(values, func(v gather.Value) bool { return strings.EqualFold(v.Name, n) }); i >= 0 {
				out = append(out, values[i])
			}
		}
	}
	return out, nil
}

func (key) Close() error { return nil }
