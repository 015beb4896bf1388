package directorytest

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"splameter/collector/directory/replmeta"
)

//go:embed metadata.py
var stamper string

// Metadata is the replication metadata of a directory, by the object's name in
// lower case: of the links of its member, and of its own attributes.
type Metadata struct {
	Links, Own map[string][]replmeta.Stamp

	mu   sync.Mutex
	told map[string][]string // as text, by attribute and object, once they were asked for
}

// text is an object's metadata as a domain controller tells it.
func (m *Metadata) text(attribute, object string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := strings.ToLower(attribute + " " + object)
	if list, ok := m.told[key]; ok {
		return list
	}
	stamps := m.Own[strings.ToLower(object)]
	if strings.EqualFold(attribute, "msDS-ReplValueMetaData") {
		stamps = m.Links[strings.ToLower(object)]
	}
	list := make([]string, len(stamps))
	for i := range stamps {
		list[i] = stamps[i].Text()
	}
	if m.told == nil {
		m.told = map[string][]string{}
	}
	m.told[key] = list
	return list
}

// Metadata reads the stamps that Samba keeps, and that it does not tell over
// LDAP: a proxy tells them in its place.
func (d *DC) Metadata(ctx context.Context) (*Metadata, error) {
	var faults bytes.Buffer
	cmd := exec.CommandContext(ctx, python, "-c", stamper, d.conf())
	cmd.Stderr = &faults
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("read the stamps: %w: %s", err, faults.String())
	}
	m := &Metadata{Links: map[string][]replmeta.Stamp{}, Own: map[string][]replmeta.Stamp{}}
	when := func(n int64) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return time.Unix(n/1e7-11644473600, 0).UTC() // Windows keeps seconds
	}
	server := "CN=NTDS Settings,CN=DC1,CN=Servers,CN=Default-First-Site-Name,CN=Sites,CN=Configuration," + d.Forest.Base()
	dec := json.NewDecoder(bytes.NewReader(out))
	for dec.More() {
		var o struct {
			DN    string
			Links []struct {
				DN               string
				Created, Changed int64
				Version          uint32
				Gone             bool
				Origin           string
			}
			Stamps []struct {
				Name    string
				Version uint32
				Changed int64
				Origin  string
			}
		}
		if err := dec.Decode(&o); err != nil {
			return nil, err
		}
		name := strings.ToLower(o.DN)
		if _, plain, ok := strings.Cut(name, ">;cn="); ok && strings.HasPrefix(name, "<") {
			name = "cn=" + plain[strings.LastIndex(plain, ">;cn=")+1:]
		}
		for _, l := range o.Links {
			s := replmeta.Stamp{Attribute: "member", Object: l.DN, Version: l.Version, Created: when(l.Created), Changed: when(l.Changed), Origin: l.Origin, Server: server}
			if l.Gone {
				s.Deleted = s.Changed
			}
			m.Links[name] = append(m.Links[name], s)
		}
		slices.SortFunc(m.Links[name], func(a, b replmeta.Stamp) int { return strings.Compare(a.Object, b.Object) })
		for _, a := range o.Stamps {
			m.Own[name] = append(m.Own[name], replmeta.Stamp{Attribute: a.Name, Version: a.Version, Changed: when(a.Changed), Origin: a.Origin, Server: server})
		}
	}
	return m, nil
}
