package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/month"
	"splameter/internal/product"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// machine is why a machine yields fewer packs of a product, or none.
func (l *ledger) machine(u *unit, p *Product) cause {
	e, via := l.e, l.via(u)
	if u.now < 0 {
		return l.fewer(u, p, via, &e.st.Machines[-u.now-1])
	}
	for i := range e.st.Machines {
		m := &e.st.Machines[i]
		if m.Product != u.Product || m.Key != u.Key && (via == nil || !strings.EqualFold(m.Host, via.Host)) {
			continue
		}
		switch {
		case m.Excluded != nil:
			return certain(statement.CauseExcluded, strings.TrimSpace(m.Excluded.ID+" "+m.Excluded.Document))
		case m.Tenant != u.Tenant:
			return certain(statement.CauseMoved, m.Tenant)
		case m.Key != u.Key:
			return certain(statement.CauseSamePerson, m.Key)
		}
	}
	m := l.parts[u.Key]
	if m == nil && via != nil {
		m = l.called(via.Host)
	}
	if m == nil {
		return l.machineGone(u, via)
	}
	place := fmt.Sprintf("%s (%s)", m.host, m.at.File)
	if len(p.Hosts.SQLEdition) > 0 {
		switch m.sqlLicence {
		case snapshot.SQLSAL, snapshot.SQLCustomer, snapshot.SQLHost:
			return because(statement.CauseLicence, string(sqlColumn)+" "+string(m.sqlLicence)+" of "+place)
		}
		if m.sql == "" {
			return unexplained("no hosts table of this month says which SQL Server " + place + " runs")
		}
		return l.edition(via, m.sql, place)
	}
	if !product.IsWindows(m.os) && len(m.guests) == 0 && via != nil && len(via.Guests) > 0 {
		return l.guests(via.Guests, nil, m.host)
	}
	if m.windowsLicence != "" {
		return because(statement.CauseLicence, string(windowsColumn)+" "+string(m.windowsLicence)+" of "+place)
	}
	if m.os == "" {
		return unexplained("no hosts table of this month says which system " + place + " runs")
	}
	return l.edition(via, m.os, place)
}

// called is a machine of the month by its name.
func (l *ledger) called(host string) *machine {
	for _, m := range l.e.machines {
		if strings.EqualFold(m.host, host) || slices.Contains(m.names, l.e.est.names.key(host)) {
			return m
		}
	}
	return nil
}

func (l *ledger) edition(via *statement.Via, is, place string) cause {
	if via == nil {
		return because(statement.CauseEdition, is+" on "+place)
	}
	if strings.EqualFold(strings.TrimPrefix(via.Edition, "SQL Server "), is) || strings.EqualFold(via.Edition, is) {
		return because(statement.CauseRule, "hosts: the edition is as it was on "+place)
	}
	return because(statement.CauseEdition, fmt.Sprintf("%s → %s on %s", nameOr(via.Edition, "?"), is, place))
}

// machineGone is a machine that no table of the month names.
func (l *ledger) machineGone(u *unit, via *statement.Via) cause {
	host := strings.TrimPrefix(u.Key, "host:")
	if via != nil {
		host = via.Host
	}
	if from, is := l.retired(host); is {
		return certain(statement.CauseRetired, host).from(from)
	}
	return unexplained("machine " + host + " is in no hosts table of this month, and nothing says that it is gone")
}

// retired says that a row of a hosts table, of this month or of the one before,
// names its last day, or that the directories show a host to be no more; and from
// which day, where that is known.
func (l *ledger) retired(host string) (from month.Day, is bool) {
	e := l.e
	for _, rows := range [][]snapshot.MachineMonth{e.Facts.Machines, e.Facts.Before.Machines} {
		for i := range rows {
			if m := &rows[i]; m.Until != 0 && m.Until < e.w.m.FirstDay() && e.est.names.key(m.Host) == e.est.names.key(host) {
				return m.Until + 1, true
			}
		}
	}
	if h := e.est.find(host); h != nil {
		if from, is := h.retired(); is {
			return from, true
		}
	}
	return 0, e.est.ended(e.est.names.key(host))
}

// fewer is a machine that is still counted, for fewer packs.
func (l *ledger) fewer(u *unit, p *Product, via *statement.Via, m *statement.Machine) cause {
	place := fmt.Sprintf("%s (%s)", m.Host, m.At.File)
	switch {
	case via == nil || via.Kind != statement.ByMachine:
		return because(statement.CauseCores, place)
	case m.Cores < via.Cores:
		if file, blank := l.blank(m); blank {
			return unexplained("the hosts table " + file + " leaves the cores of " + m.Host + " blank")
		}
		return because(statement.CauseCores, fmt.Sprintf("%d → %d on %s", via.Cores, m.Cores, place))
	case m.Times < via.Times:
		return l.guests(via.Guests, m.Guests, m.Host)
	}
	return because(statement.CauseRule, p.ID+": minimum, pack")
}

// blank says that a table of the month leaves a machine's cores blank, and which
// does: it may have had more then.
func (l *ledger) blank(m *statement.Machine) (file string, is bool) {
	x := l.parts[m.Key]
	if x == nil {
		return "", false
	}
	for _, s := range x.states {
		if cores := max(s.Processors*s.CoresPerProcessor, s.VirtualCores); cores == 0 {
			return s.File, true
		}
	}
	return "", false
}

// guests is for a host on which fewer Windows guests were seen: each that is
// not there any more has a cause of its own, or the host's decrease has none.
func (l *ledger) guests(then, now []string, host string) cause {
	var left []string
	all := true // were seen to be retired
	for _, g := range then {
		if slices.Contains(now, g) {
			continue
		}
		left = append(left, g)
		if m := l.called(g); m != nil { // elsewhere, or no Windows any more: a table says so
			if m.os == "" {
				return unexplained("no hosts table of this month says which system guest " + g + " of " + host + " runs")
			}
			all = false
			continue
		}
		if _, is := l.retired(g); is {
			continue
		}
		return unexplained("guest " + g + " of " + host + " is in no hosts table of this month, and nothing says that it is gone")
	}
	c := because(statement.CauseGuests, fmt.Sprintf("%s of %s", strings.Join(left, ", "), host))
	c.sure = all
	return c
}

// moreMachine is why a machine yields more packs.
func (l *ledger) moreMachine(u *unit, m *statement.Machine) cause {
	via := l.via(u)
	switch {
	case u.Was == 0:
		return certain(statement.CauseNew, m.Host).from(m.First)
	case via == nil:
	case m.Cores > via.Cores:
		return certain(statement.CauseCores, fmt.Sprintf("%d → %d on %s", via.Cores, m.Cores, m.Host))
	case m.Times > via.Times:
		return certain(statement.CauseGuests, m.Host)
	case m.Edition != via.Edition:
		return certain(statement.CauseEdition, fmt.Sprintf("%s → %s on %s", via.Edition, m.Edition, m.Host))
	}
	return certain(statement.CauseCores, m.Host)
}
