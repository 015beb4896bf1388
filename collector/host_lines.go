package collector

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
)

// HostLine is how one host that is read by itself stands.
type HostLine struct {
	Source, Host string
	Way          snapshot.HostWay
	Taken        time.Time // when it was read last; zero: never
	Software     time.Time // when its programs were
	Back         time.Time // how far back the log goes that goes back least
	Holds        int       // days that it holds at its present rate; 0: not known
	Trouble      string    // what is wrong, and what to do; empty: nothing
	Grade        int       // how bad: 0 good, 1 look at it, 2 not read, 3 about to be lost
}

// Live says that the host is read, and does not hand in.
func (l HostLine) Live() bool { return l.Way == snapshot.WayLive }

// silent is how long a host that is read by itself may be silent before somebody
// looks.
const silent = 3 * 24 * time.Hour

// HostLines are the hosts of the configured sources, the worst first.
func HostLines(cfg *config.Config, states []snapshot.HostState, now time.Time) []HostLine {
	known, seen := map[string]bool{}, map[[2]string]bool{}
	for i := range cfg.Drops {
		known[cfg.Drops[i].Name] = true
	}
	for i := range cfg.Hosts {
		known[cfg.Hosts[i].Name] = true
	}
	var out []HostLine
	for i := range states {
		if s := &states[i]; known[s.Source] {
			seen[[2]string{s.Source, s.Host}] = true
			out = append(out, hostLine(s, now, cfg.Provider.Location))
		}
	}
	for i := range cfg.Hosts {
		for _, n := range cfg.Hosts[i].Names {
			n = strings.ToLower(n)
			if !seen[[2]string{cfg.Hosts[i].Name, n}] {
				out = append(out, HostLine{Source: cfg.Hosts[i].Name, Host: n, Way: snapshot.WayLive, Grade: 2, Trouble: "nobody has tried to read it yet: collect"})
			}
		}
	}
	slices.SortFunc(out, func(x, y HostLine) int {
		return cmp.Or(cmp.Compare(y.Grade, x.Grade), x.Taken.Compare(y.Taken), strings.Compare(x.Host, y.Host), strings.Compare(x.Source, y.Source))
	})
	return out
}

func hostLine(s *snapshot.HostState, now time.Time, loc *time.Location) HostLine {
	l := HostLine{Source: s.Source, Host: s.Host, Way: s.Way, Taken: s.Taken, Software: s.Software}
	for i := range s.Logs {
		if x := &s.Logs[i]; !x.Oldest.IsZero() && x.Oldest.After(l.Back) {
			l.Back = x.Oldest
		}
	}
	day := func(t time.Time) month.Day { return month.DayOf(t, loc) }
	channel, wraps := s.Wraps()
	var holds time.Duration
	if x := s.Log(channel); x != nil {
		holds, _ = x.Holds()
		l.Holds = max(1, int(holds.Hours()/24))
	}
	switch {
	case !wraps.IsZero() && !now.Before(wraps):
		l.Grade, l.Trouble = 3, fmt.Sprintf("at its present rate its log %s began on %s to write over what nobody has read: read it, and let the log be larger (splameter hosts kit)", channel, day(wraps))
	case !wraps.IsZero() && wraps.Sub(now) < holds/4:
		l.Grade, l.Trouble = 3, fmt.Sprintf("at its present rate its log %s writes from %s on over what nobody has read: read it before, and let the log be larger (splameter hosts kit)", channel, day(wraps))
	case s.Failure != "" && s.Taken.Before(s.Tried):
		l.Grade = 2
	case s.Failure != "":
		l.Grade = 1
	case now.Sub(s.Taken) > silent:
		l.Grade, l.Trouble = 2, fmt.Sprintf("nothing was heard of it since %s", day(s.Taken))
		if s.Way == snapshot.WayDrop {
			l.Trouble += ": look at its scheduled task"
		}
	case s.Software.IsZero():
		l.Grade, l.Trouble = 1, "its programs were never read"
	}
	if s.Failure != "" {
		l.Trouble = strings.TrimPrefix(l.Trouble+"; "+s.Failure, "; ")
	}
	return l
}
