package desk

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"splameter/collector/directory"
	"splameter/internal/config"
)

// ErrRefused: whoever it is, they do not get in.
var ErrRefused = errors.New("not let on")

// mostFailures is after how many failures in a row the next try waits.
const (
	mostFailures = 5
	waitAfter    = time.Minute
	mostTried    = 10_000 // names and addresses that are remembered
)

// ByDirectory lets on whom the config's directory lets on, by a bind of their
// own, and gives the role that their groups have.
func ByDirectory(c *config.Config, ask func(ctx context.Context, d config.Directory, user, password string, groups []string) (*directory.Member, error)) func(ctx context.Context, user, password string) (Person, error) {
	return func(ctx context.Context, user, password string) (Person, error) {
		i := slices.IndexFunc(c.Directories, func(d config.Directory) bool { return d.Name == c.Desk.Directory })
		if i < 0 {
			return Person{}, errors.New("the desk's directory is not in the config any more")
		}
		byRole := []struct {
			role   Role
			groups []string
		}{{Approver, c.Desk.Approvers}, {Reviewer, c.Desk.Reviewers}, {AccountManager, c.Desk.AccountManagers}, {Viewer, c.Desk.Viewers}}
		var groups []string
		for _, r := range byRole {
			groups = append(groups, r.groups...)
		}
		m, err := ask(ctx, c.Directories[i], user, password, groups)
		if errors.Is(err, directory.ErrRefused) {
			return Person{}, ErrRefused
		}
		if err != nil {
			return Person{}, err
		}
		for _, r := range byRole {
			if !slices.ContainsFunc(r.groups, func(g string) bool { return slices.Contains(m.Groups, g) }) {
				continue
			}
			p := Person{Account: m.Account, Name: m.Name, Role: r.role}
			_, name, _ := strings.Cut(m.Account, `\`)
			for account, tenants := range c.Desk.Customers {
				if strings.EqualFold(account, name) || strings.EqualFold(account, m.Account) {
					p.Tenants = append(p.Tenants, tenants...)
				}
			}
			return p, nil
		}
		return Person{}, ErrRefused
	}
}

// tries counts failed log-ons by account and by address.
type tries struct {
	mu sync.Mutex
	by map[string]*tried
}

type tried struct {
	failed int
	last   time.Time
}

// waits says whether one of the keys has to wait.
func (x *tries) waits(now time.Time, keys ...string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, k := range keys {
		if t := x.by[k]; t != nil && t.failed >= mostFailures && now.Sub(t.last) < waitAfter {
			return true
		}
	}
	return false
}

// note records how a try ended.
func (x *tries) note(now time.Time, ok bool, keys ...string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.by == nil {
		x.by = map[string]*tried{}
	}
	if len(x.by) >= mostTried {
		for k, t := range x.by {
			if now.Sub(t.last) > time.Hour || len(x.by) >= 2*mostTried {
				delete(x.by, k)
			}
		}
	}
	for _, k := range keys {
		if ok {
			delete(x.by, k)
			continue
		}
		t := x.by[k]
		if t == nil {
			t = &tried{}
			x.by[k] = t
		}
		t.failed, t.last = t.failed+1, now
	}
}

// logOn takes an account and its password.
func (s *Server) logOn(w http.ResponseWriter, r *http.Request) {
	if s.opt.LogOn == nil {
		s.outside(w, http.StatusForbidden, "in.link")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<14)
	user, password, back := strings.TrimSpace(r.PostFormValue("account")), r.PostFormValue("password"), local(r.PostFormValue("back"))
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	account := "account " + strings.ToLower(strings.TrimPrefix(user[strings.LastIndex(user, `\`)+1:], `\`))
	account, _, _ = strings.Cut(account, "@")
	keys := []string{account, "address " + host}
	if s.tries.waits(s.opt.Now(), keys...) {
		s.logOnPage(w, http.StatusTooManyRequests, "in.wait", back)
		return
	}
	who, err := s.opt.LogOn(r.Context(), user, password)
	if err == nil && who.Role == AccountManager && len(who.Tenants) == 0 {
		err = ErrRefused
	}
	switch {
	case errors.Is(err, ErrRefused):
		s.tries.note(s.opt.Now(), false, keys...)
		s.logOnPage(w, http.StatusForbidden, "in.wrong", back)
		return
	case err != nil:
		s.opt.Log.Error("nobody can log on to the desk", "error", err)
		s.logOnPage(w, http.StatusBadGateway, "in.failed", back)
		return
	}
	s.tries.note(s.opt.Now(), true, keys...)
	s.begin(w, r, who, s.own(), back)
}

// own is the provider's language.
func (s *Server) own() string {
	if set, err := s.setup(); err == nil && s.names[strings.ToLower(set.Config.Provider.Language)] != nil {
		return strings.ToLower(set.Config.Provider.Language)
	}
	return "en"
}
