package inventory

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
)

// machineOf makes a machine of the values of hostColumns, in their order. A
// value that means nothing is a notice of its own, and stays unknown: a
// machine must not become smaller because somebody wrote "8 cores".
func machineOf(v []string, line int, notes *notices) (snapshot.Machine, bool) {
	m := snapshot.Machine{
		Host: v[0], Parent: v[5], OperatingSystem: v[6], SQLEdition: v[7],
		Tenant: v[8], ID: v[9], Cluster: v[10], Pinned: v[14], Line: line,
	}
	if m.Host == "" {
		if strings.Join(v, "") != "" {
			notes.damage(line, "row without a host; the row is left out")
		}
		return m, false
	}
	m.Host = inDomain(m.Host, v[15])
	unreadable := func(field, value, want string) {
		notes.add(CodeUnreadable, m.Host, line, "%s is %q, which is not %s: it is taken as unknown; correct it in the hosts table",
			field, safetext.Brief(value), want)
	}
	none := func(i int, known string) { unreadable(hostColumns()[i].name, v[i], "one of "+known) }
	number := func(i int) int {
		s := v[i]
		if s == "" || s == "-" {
			return 0
		}
		// Spreadsheets turn 8 into 8.0 or 8,0.
		whole, rest, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
		n, err := strconv.Atoi(whole)
		if err != nil || strings.Trim(rest, "0") != "" || n < 0 || n > 65536 {
			unreadable(hostColumns()[i].name, s, "a whole number")
			return 0
		}
		return n
	}
	m.Kind = word(v, 1, snapshot.MachineKinds(), map[string]snapshot.MachineKind{"fysiek": snapshot.Physical,
		"physisch": snapshot.Physical, "physikalisch": snapshot.Physical, "physique": snapshot.Physical, "físico": snapshot.Physical,
		"virtueel": snapshot.Virtual, "virtuell": snapshot.Virtual, "virtuel": snapshot.Virtual, "virtuelle": snapshot.Virtual, "vm": snapshot.Virtual, "guest": snapshot.Virtual}, none)
	m.Processors, m.CoresPerProcessor, m.VirtualCores = number(2), number(3), number(4)
	if total := number(18); total > 0 && m.Processors > 0 && m.CoresPerProcessor == 0 {
		m.CoresPerProcessor = (total + m.Processors - 1) / m.Processors
	}
	if each := number(19); each > 1 {
		if m.VirtualCores *= each; m.VirtualCores > 65536 {
			unreadable(hostColumns()[4].name, v[4]+" times "+v[19], "a whole number")
			m.VirtualCores = 0
		}
	}
	m.WindowsLicence = word(v, 11, snapshot.WindowsLicences(), nil, none)
	m.SQLLicence = word(v, 12, snapshot.SQLLicences(), nil, none)
	if v[16] != "" {
		day, ok := dayOf(v[16])
		if !ok {
			unreadable(hostColumns()[16].name, v[16], "a day, such as 2026-10-31")
		}
		m.Until = day
	}
	m.Threads = number(17)
	m.Power = word(v, 13, snapshot.Powers(), map[string]snapshot.Power{"poweredon": snapshot.PowerOn, "running": snapshot.PowerOn,
		"paused": snapshot.PowerOn, "starting": snapshot.PowerOn, "stopping": snapshot.PowerOn,
		"poweredoff": snapshot.PowerOff, "stopped": snapshot.PowerOff, "shutdown": snapshot.PowerOff, "saved": snapshot.PowerOff, "suspended": snapshot.PowerOff}, none)
	return m, true
}

// word is the one of the known words that a cell says, in ours or in those that
// other programs use for it; none is told of a cell that says something else.
func word[T ~string](cells []string, i int, known []T, theirs map[string]T, none func(i int, known string)) T {
	if cells[i] == "" {
		return ""
	}
	if w, ok := diag.Word(cells[i], known); ok {
		return w
	}
	w, ok := theirs[strings.ToLower(cells[i])]
	if !ok {
		none(i, diag.Listed(known))
	}
	return w
}

// inDomain is a host's name with the domain that another column tells, where
// the name itself tells none: two domains may each have a host of one name.
func inDomain(host, domain string) string {
	domain = strings.Trim(strings.TrimSpace(domain), ".")
	switch {
	case host == "" || domain == "" || strings.ContainsAny(host, `.\`) || strings.EqualFold(domain, "workgroup") || strings.ContainsAny(domain, ` \`):
		return host
	case strings.Contains(domain, "."):
		return host + "." + domain
	}
	return domain + `\` + host
}

// dayOf reads a day as 2026-10-31, or as spreadsheets of the continent write
// it: 31-10-2026 or 31.10.2026.
func dayOf(s string) (month.Day, bool) {
	s, _, _ = strings.Cut(strings.TrimSpace(s), " ")
	if d, err := month.ParseDay(s); err == nil {
		return d, true
	}
	for _, layout := range []string{"2-1-2006", "2.1.2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return month.DayOf(t, time.UTC), true
		}
	}
	return 0, false
}

// single is the key of a machine as though it stood on one row only.
func single(m snapshot.Machine) string {
	m.Double = 0
	return m.Key()
}

// sortMachines sorts by key, drops rows that say the same twice, and tells of
// those that do not.
func sortMachines(list []snapshot.Machine, notes *notices) []snapshot.Machine {
	slices.SortStableFunc(list, func(a, b snapshot.Machine) int {
		return cmp.Or(strings.Compare(a.Key(), b.Key()), a.Line-b.Line)
	})
	out := list[:0]
	var seen int // where the machines of the present key begin in out
	for _, m := range list {
		if len(out) > 0 && single(out[len(out)-1]) != m.Key() {
			seen = len(out)
		}
		same := func(o snapshot.Machine) bool { o.Line, o.Double = m.Line, 0; return o == m }
		if slices.ContainsFunc(out[seen:], same) {
			continue
		}
		if len(out) > seen {
			notes.add(CodeDoubled, m.Host, m.Line,
				"the machine also stands on line %d, with other values; both are kept: correct the hosts table", out[seen].Line)
			m.Double = len(out) - seen + 1
		}
		out = append(out, m)
	}
	return out
}
