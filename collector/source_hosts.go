package collector

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/client"
	"golang.org/x/sync/errgroup"

	"splameter/collector/directory"
	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/gather"
	"splameter/internal/kerberos"
	"splameter/internal/snapshot"
	"splameter/internal/winhost"
)

// hostSource are hosts that are read over the network, each by itself: one that
// cannot be read holds up no other.
type hostSource struct {
	cfg  *config.Hosts
	open func(context.Context, winhost.Target) (host, error)
	wait time.Duration // before hosts that were not read are tried again; longer each time
}

// host is a host that answered.
type host interface {
	gather.System
	Err() error // why it answers no more; nil: it does
	Close()
}

func newHostSource(cfg *config.Hosts) *hostSource {
	return &hostSource{cfg: cfg, wait: 5 * time.Second, open: func(ctx context.Context, t winhost.Target) (host, error) {
		h, err := winhost.Open(ctx, t)
		if err != nil {
			return nil, err
		}
		return h, nil
	}}
}

func (s *hostSource) Name() string        { return s.cfg.Name }
func (s *hostSource) Kind() snapshot.Kind { return snapshot.KindSessions }

// fresh is how new a host's reading must be for it not to be read once more:
// when others are tried again, those that were read are let alone.
const fresh = 15 * time.Minute

func (s *hostSource) Collect(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	began := env.Now()
	names, err := s.list(ctx, env)
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, snapshot.KindSessions, "", began, err)
	}
	account, err := s.credentials()
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, snapshot.KindSessions, "", began, err)
	}
	defer account.close()
	states, err := newStates(ctx, env, s.cfg.Name)
	if err != nil {
		return o, err
	}
	r := &round{s: s, env: env, account: account, states: states, gate: &gate{}}
	for _, n := range names {
		if st := states.of(n); st.Failure == "" && st.Taken.After(began.Add(-fresh)) && !st.Taken.After(began) {
			o.Known++
			continue
		}
		r.todo = append(r.todo, n)
	}
	asked := len(r.todo)
	err = r.run(ctx, &o)
	if e := s.tell(ctx, env, r, asked, &o); err == nil {
		err = e
	}
	return o, err
}

// credentials are by what hosts are logged on to. Close them.
type credentials struct {
	password string
	kerberos *client.Client
}

// credentials opens the password, or logs on to the realm: once for all hosts.
func (s *hostSource) credentials() (c credentials, err error) {
	if !s.cfg.Password.IsZero() {
		if c.password, err = s.cfg.Password.Open(); err != nil {
			return c, fmt.Errorf("the password for the hosts: %w", err)
		}
	}
	if s.cfg.Method != "kerberos" {
		return c, nil
	}
	c.kerberos, err = kerberos.LogOn(kerberos.Account{User: s.cfg.User, Realm: s.cfg.Realm, Password: c.password, Keytab: s.cfg.Keytab, CCache: s.cfg.CCache, KDC: s.cfg.KDC, Krb5Conf: s.cfg.Krb5Conf})
	if err != nil {
		return c, fmt.Errorf("log on for the hosts as %s: %w", s.cfg.User, err)
	}
	return c, nil
}

func (c credentials) close() {
	if c.kerberos != nil {
		c.kerberos.Destroy()
	}
}

// tell keeps which hosts were not read, and gives them back as one error.
func (s *hostSource) tell(ctx context.Context, env *Env, r *round, asked int, o *Outcome) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if len(r.failed) == 0 {
		return r.faults.err()
	}
	hosts := make([]string, 0, len(r.failed))
	for h := range r.failed {
		hosts = append(hosts, h)
	}
	slices.Sort(hosts)
	v := &snapshot.Sessions{Reading: snapshot.Reading{Source: s.cfg.Name, Kind: snapshot.KindSessions, Site: env.Config.Site, Taken: env.Now().UTC(), Status: snapshot.Partial}}
	v.Day = env.day(v.Taken)
	errs := []error{r.faults.err()}
	for _, h := range hosts {
		cause := r.failed[h]
		r.states.failed(h, snapshot.WayLive, env.Now(), cause)
		v.Notes = append(v.Notes, snapshot.Notice{Code: "host-unread", Subject: h, Message: fmt.Sprintf("host %s could not be read: %v", h, cause), At: snapshot.Evidence{File: h}})
		errs = append(errs, fmt.Errorf("%s: %w", h, cause))
	}
	o.Notices += len(v.Notes)
	err := errors.Join(errs...)
	if e := r.states.put(ctx, env); e != nil {
		return errors.Join(err, e)
	}
	if len(r.failed) == asked && o.Known == 0 {
		_ = env.fail(ctx, s.cfg.Name, snapshot.KindSessions, "", env.Now(), fmt.Errorf("none of %s could be read; %s: %w", diag.Several(asked, "host"), hosts[0], r.failed[hosts[0]]))
		return err
	}
	return errors.Join(err, env.Store.PutSessions(ctx, v, nil))
}

// list are the hosts to read, sorted.
func (s *hostSource) list(ctx context.Context, env *Env) ([]string, error) {
	var out []string
	for _, n := range s.cfg.Names {
		out = append(out, strings.ToLower(n))
	}
	if s.cfg.Directory != "" {
		i := slices.IndexFunc(env.Config.Directories, func(d config.Directory) bool { return d.Name == s.cfg.Directory })
		if i < 0 {
			return nil, fmt.Errorf("there is no directory %q", s.cfg.Directory)
		}
		log := env.Log
		if log == nil {
			log = slog.New(slog.DiscardHandler)
		}
		all, err := directory.Computers(ctx, env.Config.Directories[i], env.Now, env.Config.Provider.Location, log)
		if err != nil {
			return nil, err
		}
		if len(s.cfg.Units) > 0 {
			if all, err = directory.Beneath(all, s.cfg.Units); err != nil {
				return nil, err
			}
		} else {
			fits := ofPools(env.Config.Pools)
			all = slices.DeleteFunc(all, func(c directory.Computer) bool { return !fits(c.Name) })
		}
		for _, c := range all {
			out = append(out, c.Name)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) == 0 {
		return nil, fmt.Errorf("no enabled computer of directory %s is one of the hosts that are asked for; correct units, or the pools' hosts", s.cfg.Directory)
	}
	return out, nil
}

// ofPools says whether a host fits the patterns of any pool, by its short or
// full name.
func ofPools(pools []config.Pool) func(string) bool {
	var patterns []*regexp.Regexp
	for i := range pools {
		for _, h := range pools[i].Hosts {
			p := strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(regexp.QuoteMeta(strings.ToLower(h)))
			patterns = append(patterns, regexp.MustCompile(`^`+p+`$`))
		}
	}
	return func(name string) bool {
		short, _, _ := strings.Cut(name, ".")
		return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(name) || p.MatchString(short) })
	}
}

// target is how a host is reached.
func (s *hostSource) target(name string, account credentials, logOn func(func() error) error) winhost.Target {
	t := winhost.Target{Name: name, Port: s.cfg.Port, User: s.cfg.User, Password: account.password, Kerberos: account.kerberos, Logs: s.cfg.Logs, Timeout: time.Duration(s.cfg.Timeout), LogOn: logOn}
	for n, a := range s.cfg.Addresses {
		if strings.EqualFold(n, name) {
			t.Address = a
		}
	}
	return t
}

// round reads the hosts of one collection.
type round struct {
	s        *hostSource
	env      *Env
	account  credentials
	states   *hostStates
	gate     *gate
	channels []string // nil: all that gather reads
	todo     []string
	failed   map[string]error // of those not read: why
	faults   failures         // what the store did not take
}

// run tries all hosts, and those that were not read again.
func (r *round) run(ctx context.Context, o *Outcome) error {
	r.failed = map[string]error{}
	total, wait := int64(len(r.todo)), r.s.wait
	for try := range r.s.cfg.Tries {
		if len(r.todo) == 0 {
			return nil
		}
		if try > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(wait):
			}
			wait *= 3
		}
		again, err := r.once(ctx, o, total)
		if err != nil {
			return err
		}
		r.todo = again
	}
	return nil
}

// answer is what became of one host.
type answer struct {
	name string
	h    *handed
	err  error
}

// once tries the hosts side by side, and gives back which are worth another
// try. What they told is stored a batch at a time, while others are still read.
func (r *round) once(ctx context.Context, o *Outcome, total int64) (again []string, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, err := os.MkdirTemp("", "splameter-hosts-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder for hosts: %w", err)
	}
	defer os.RemoveAll(work)
	answers := make(chan answer, batch)
	names := slices.Clone(r.todo)
	before := map[string]snapshot.HostState{} // as it stands now: the states change meanwhile
	for _, n := range names {
		before[n] = *r.states.of(n)
	}
	var g errgroup.Group
	g.SetLimit(r.s.cfg.Parallel)
	go func() {
		for _, n := range names {
			g.Go(func() error {
				st := before[n]
				h, err := r.read(ctx, n, &st, work)
				answers <- answer{n, h, err}
				return nil
			})
		}
		_ = g.Wait()
		close(answers)
	}()
	defer func() { // nobody is left behind, whatever failed
		cancel()
		for range answers {
		}
	}()
	var ready []handed
	store := func() error {
		if len(ready) == 0 {
			return nil
		}
		slices.SortFunc(ready, func(x, y handed) int { return strings.Compare(x.name, y.name) })
		err := keep(ctx, r.env, r.s.cfg.Name, work, ready, r.states, snapshot.WayLive, o, &r.faults)
		for i := range ready {
			_ = os.RemoveAll(filepath.Join(work, ready[i].name))
		}
		ready = nil
		return err
	}
	for a := range answers {
		switch {
		case a.err == nil:
			delete(r.failed, a.name)
			ready = append(ready, *a.h)
		default:
			r.failed[a.name] = a.err
			if worthAnotherTry(a.err) {
				again = append(again, a.name)
			}
		}
		if len(ready) == batch {
			if err := store(); err != nil {
				return nil, err
			}
		}
		if r.env.Progress != nil {
			r.env.Progress(r.s.cfg.Name, int64(o.Read), total)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.Sort(again)
	return again, store()
}

// worthAnotherTry says whether a host that was not read may be read a moment
// later, as it is.
func worthAnotherTry(err error) bool {
	var step *winhost.StepError
	if errors.As(err, &step) {
		return step.Step == winhost.StepPort || step.Step == winhost.StepLogOn && !step.Refused
	}
	return !errors.Is(err, errNotAsked)
}

// read reads one host as a drop of its own making.
func (r *round) read(ctx context.Context, name string, st *snapshot.HostState, work string) (*handed, error) {
	limit := time.Duration(r.s.cfg.Limit)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("it was not read within %s", limit))
	defer cancel()
	sys, err := r.s.open(ctx, r.s.target(name, r.account, r.gate.logOn))
	if err != nil {
		return nil, err
	}
	defer sys.Close()
	who, err := sys.Identity()
	if err != nil {
		return nil, err
	}
	before := map[string]gather.Known{}
	if who.SID == "" || st.Installation == "" || who.SID == st.Installation {
		for i := range st.Logs {
			before[st.Logs[i].Channel] = gather.Known{ID: st.Logs[i].Newest, At: st.Logs[i].At}
		}
	}
	h := &handed{name: who.Host, path: filepath.Join(work, name+".zip"), live: true}
	m, err := gather.Write(ctx, sys, who, before, h.path, gather.Options{Now: r.env.Now, Plain: true, Channels: r.channels})
	defer os.Remove(h.path)
	if e := sys.Err(); e != nil {
		return nil, e
	}
	if err != nil {
		return nil, err
	}
	unread := 0
	for i := range m.Channels {
		if m.Channels[i].Error != "" {
			unread++
			err = errors.New(m.Channels[i].Error)
		}
	}
	if unread == len(m.Channels) {
		if err == nil {
			err = &winhost.StepError{Step: winhost.StepLog, Err: fmt.Errorf("there is no event log in %s", r.s.cfg.Logs), Hint: "name the folder of the event logs under logs"}
		}
		return nil, err
	}
	return h, h.unpack(work, r.env.Now())
}
