package database

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/snapshot"
)

// programs gathers installed software by host.
type programs struct {
	hosts map[string]*snapshot.HostSoftware
	texts map[string]string // each distinct text once
	n     int
	notes *notices
	file  string
}

func (r *reading) newPrograms() *programs {
	return &programs{hosts: map[string]*snapshot.HostSoftware{}, texts: map[string]string{}, notes: &r.notes, file: r.file}
}

func (p *programs) once(s string) string {
	if t, ok := p.texts[s]; ok {
		return t
	}
	p.texts[s] = s
	return s
}

func (p *programs) add(host string, in snapshot.Install) error {
	key := snapshot.HostKey(host)
	if key == "" || in.Name == "" {
		p.notes.add("inventory-damaged", p.file, in.Line, fmt.Sprintf("row %d names no host or no program; it is left out", in.Line))
		return nil
	}
	if p.n++; p.n > maxCells {
		return fmt.Errorf("there are more than %d programs: that is no inventory", maxCells)
	}
	h := p.hosts[key]
	if h == nil {
		h = &snapshot.HostSoftware{Host: host}
		p.hosts[key] = h
	}
	for _, s := range []*string{&in.Name, &in.Version, &in.Publisher, &in.Key, &in.Release, &in.Edition} {
		*s = p.once(*s)
	}
	h.Installs = append(h.Installs, in)
	return nil
}

func (p *programs) finish() []snapshot.HostSoftware {
	out := make([]snapshot.HostSoftware, 0, len(p.hosts))
	for _, h := range p.hosts {
		slices.SortFunc(h.Installs, func(a, b snapshot.Install) int {
			for _, c := range [...]int{strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version), strings.Compare(a.Publisher, b.Publisher),
				strings.Compare(a.Key, b.Key), strings.Compare(a.Release, b.Release), strings.Compare(a.Edition, b.Edition)} {
				if c != 0 {
					return c
				}
			}
			return a.Line - b.Line
		})
		h.Installs = slices.CompactFunc(h.Installs, func(a, b snapshot.Install) bool {
			a.Line = b.Line
			return a == b
		})
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b snapshot.HostSoftware) int { return strings.Compare(a.Host, b.Host) })
	return out
}

// machine is a machine with the domain that it is a member of.
type machine struct {
	snapshot.Machine
	domain string
}

// settle sorts the machines and sees to those of one name: members of
// different domains are different machines, told apart by an ID; rows of one
// domain are one machine, at the most that they say.
func (r *reading) settle() []snapshot.Machine {
	slices.SortStableFunc(r.machines, func(a, b machine) int {
		if c := strings.Compare(a.Key(), b.Key()); c != 0 {
			return c
		}
		return strings.Compare(strings.ToLower(a.domain), strings.ToLower(b.domain))
	})
	var out []snapshot.Machine
	for from := 0; from < len(r.machines); {
		until := from + 1
		for until < len(r.machines) && r.machines[until].Key() == r.machines[from].Key() {
			until++
		}
		group := r.machines[from:until]
		several := !strings.EqualFold(group[0].domain, group[len(group)-1].domain)
		first := len(out)
		for i, m := range group {
			if several {
				m.ID = snapshot.HostKey(m.Host) + "." + strings.ToLower(m.domain)
			}
			if i > 0 && strings.EqualFold(m.domain, group[i-1].domain) {
				kept := &out[len(out)-1]
				r.notes.add("machine-doubled", m.Host, m.Line, fmt.Sprintf("machine %s stands in rows %d and %d of %s; it is one machine at the most that either says: remove the row that is old", m.Host, kept.Line, m.Line, r.file))
				if size(m.Machine) > size(*kept) {
					m.SQLEdition, kept.SQLEdition = dearer(m.SQLEdition, kept.SQLEdition), ""
					*kept = m.Machine
				} else {
					kept.SQLEdition = dearer(kept.SQLEdition, m.SQLEdition)
				}
				continue
			}
			out = append(out, m.Machine)
		}
		if several {
			r.notes.add("machine-doubled", group[0].Host, group[0].Line, fmt.Sprintf("%d machines of different domains are called %s; each is counted", len(out)-first, group[0].Host))
		}
		from = until
	}
	slices.SortStableFunc(out, func(a, b snapshot.Machine) int { return strings.Compare(a.Key(), b.Key()) })
	return out
}

// size is how many cores a machine has.
func size(m snapshot.Machine) int { return max(m.Processors*m.CoresPerProcessor, m.VirtualCores) }

func dearer(a, b string) string {
	if a == "" || dearness(b) > dearness(a) {
		return b
	}
	return a
}

// hardware is what a database says of one machine, before it is known whether
// the cores are real.
type hardware struct {
	line                 int
	host, domain, system string
	virtual              int // 1 yes, 0 no, -1 not told
	processors, cores    int64
}

// machine keeps as unknown what the database does not tell.
func (r *reading) machine(h hardware) snapshot.Machine {
	m := snapshot.Machine{Host: h.host, OperatingSystem: h.system, Line: h.line}
	processors, cores := int(min(max(h.processors, 0), 1<<16)), int(min(max(h.cores, 0), 1<<16))
	switch h.virtual {
	case 1:
		m.Kind, m.VirtualCores = snapshot.Virtual, cores
	case 0:
		m.Kind = snapshot.Physical
		if processors > 0 {
			m.Processors, m.CoresPerProcessor = processors, (cores+processors-1)/processors
		}
	default:
		r.notes.add("machine-unreadable", h.host, h.line, fmt.Sprintf("%s does not say whether %s is physical or virtual, so its cores are not taken from it; tell it in the hosts table", r.file, h.host))
		return m
	}
	if cores == 0 {
		r.notes.add("machine-unreadable", h.host, h.line, fmt.Sprintf("%s does not know the cores of %s; tell them in the hosts table", r.file, h.host))
	}
	return m
}

// virtualModel says whether a computer's model is that of a virtual machine;
// -1 where there is no model.
func virtualModel(model string) int {
	if model == "" {
		return -1
	}
	m := strings.ToLower(model)
	for _, v := range []string{"virtual", "vmware", "kvm", "hvm domu", "qemu", "openstack", "google compute", "amazon ec2"} {
		if strings.Contains(m, v) {
			return 1
		}
	}
	return 0
}
