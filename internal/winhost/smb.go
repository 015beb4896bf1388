package winhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/cloudsoda/go-smb2"

	"splameter/internal/gather"
)

// smbAccess is a host over SMB: signed always, and encrypted where the host
// asks for it.
type smbAccess struct {
	target  *Target
	ctx     context.Context
	cancel  context.CancelCauseFunc
	conn    net.Conn
	session *smb2.Session
	mu      sync.Mutex
	shares  map[string]*smb2.Share
}

// dialSMB reaches and logs on to a host.
func dialSMB(ctx context.Context, t *Target) (access, error) {
	where, err := t.place(ctx)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: t.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", where)
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, &StepError{Step: StepPort, Err: fmt.Errorf("no answer at %s: %w", where, plain(err)), Hint: "let the computer be on, and its firewall let this one in (the rule File and Printer Sharing, SMB-In)"}
	}
	a := &smbAccess{target: t, conn: conn, shares: map[string]*smb2.Share{}}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	context.AfterFunc(a.ctx, func() { conn.Close() })
	d := smb2.Dialer{Negotiator: smb2.Negotiator{RequireMessageSigning: true}, Initiator: t.initiator()}
	logOn := func() error {
		return logOnError(ctx, a.wait(func() (err error) {
			defer func() { // the client trusts more of an answer than it should
				if r := recover(); r != nil {
					err = errBroken
				}
			}()
			a.session, err = d.DialConn(a.ctx, conn, where)
			return err
		}), t)
	}
	if t.LogOn != nil {
		err = t.LogOn(logOn)
	} else {
		err = logOn()
	}
	if err != nil {
		a.cancel(context.Canceled)
		return nil, err
	}
	a.session = a.session.WithContext(a.ctx)
	return a, nil
}

// initiator is how a host is proved who logs on.
func (t *Target) initiator() smb2.Initiator {
	if t.Kerberos != nil {
		return &smb2.Krb5Initiator{Client: t.Kerberos, TargetSPN: "cifs/" + strings.ToLower(t.Name)}
	}
	user, domain := t.User, ""
	if d, u, ok := strings.Cut(t.User, `\`); ok {
		user, domain = u, d
	}
	return &smb2.NTLMInitiator{User: user, Domain: domain, Password: t.Password}
}

// errSilent ends what waits for a host that says nothing.
type errSilent struct{ after time.Duration }

func (e errSilent) Error() string { return fmt.Sprintf("it did not answer within %s", e.after) }

// wait lets one question wait for its answer as long as the target has it, and
// no longer: then the connection is closed.
func (a *smbAccess) wait(ask func() error) error {
	timer := time.AfterFunc(a.target.Timeout, func() { a.cancel(errSilent{a.target.Timeout}) })
	err := ask()
	timer.Stop()
	if err != nil && a.ctx.Err() != nil {
		return context.Cause(a.ctx)
	}
	return err
}

func (a *smbAccess) err() error {
	if a.ctx.Err() == nil {
		return nil
	}
	return context.Cause(a.ctx)
}

func (a *smbAccess) close() {
	if a.session != nil && a.ctx.Err() == nil {
		_ = a.wait(a.session.Logoff)
	}
	a.cancel(context.Canceled)
}

func (a *smbAccess) mount(name string) (*smb2.Share, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s := a.shares[strings.ToLower(name)]; s != nil {
		return s, nil
	}
	var s *smb2.Share
	err := a.wait(func() (err error) {
		s, err = a.session.Mount(`\\` + a.target.Name + `\` + name)
		return err
	})
	if err != nil {
		return nil, shareError(err, name)
	}
	s = s.WithContext(a.ctx)
	a.shares[strings.ToLower(name)] = s
	return s, nil
}

func (a *smbAccess) log(name string) (gather.LogFile, error) {
	share, folder := a.target.split()
	s, err := a.mount(share)
	if err != nil {
		return nil, err
	}
	var f *smb2.File
	if err := a.wait(func() (err error) { f, err = s.Open(under(folder, name)); return err }); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		return nil, &StepError{Step: StepLog, Err: plain(err), Hint: "let the account read the files in " + a.target.Logs}
	}
	return &smbLog{a, f}, nil
}

func (a *smbAccess) share() error {
	share, folder := a.target.split()
	s, err := a.mount(share)
	if err != nil {
		return err
	}
	if err := a.wait(func() error { _, err := s.Stat(under(folder, "System.evtx")); return err }); err != nil {
		return folderError(err, a.target.Logs)
	}
	return nil
}

// smbLog is an event log on a host.
type smbLog struct {
	a *smbAccess
	f *smb2.File
}

func (l *smbLog) ReadAt(p []byte, off int64) (n int, err error) {
	err = l.a.wait(func() (err error) { n, err = l.f.ReadAt(p, off); return err })
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, plain(err)
}

func (l *smbLog) Stat() (info fs.FileInfo, err error) {
	err = l.a.wait(func() (err error) { info, err = l.f.Stat(); return err })
	return info, plain(err)
}

func (l *smbLog) Close() error { return l.a.wait(l.f.Close) }

// pipe is a named pipe of a host.
type pipe struct {
	a *smbAccess
	f *smb2.File
}

func (p *pipe) Read(b []byte) (n int, err error) {
	err = p.a.wait(func() (err error) { n, err = p.f.ReadAt(b, 0); return err })
	return n, err
}

func (p *pipe) Write(b []byte) (n int, err error) {
	err = p.a.wait(func() (err error) { n, err = p.f.WriteAt(b, 0); return err })
	return n, err
}

func (p *pipe) Close() error { return p.a.wait(p.f.Close) }

// pipeTries is how often a pipe is asked for: the service behind it may only
// begin to run because somebody asks.
const pipeTries = 3

func (a *smbAccess) service(s service) (*rpc, error) {
	share, err := a.mount("IPC$")
	if err != nil {
		return nil, err
	}
	var f *smb2.File
	for try := range pipeTries {
		err = a.wait(func() (err error) { f, err = share.OpenFile(s.pipe, os.O_RDWR, 0o666); return err })
		if err == nil || try == pipeTries-1 || errors.Is(err, fs.ErrPermission) || a.ctx.Err() != nil {
			break
		}
		select {
		case <-a.ctx.Done():
		case <-time.After(time.Second):
		}
	}
	if err != nil {
		return nil, plain(err)
	}
	c, err := bind(&pipe{a, f}, s)
	if err != nil {
		_ = f.Close()
		return nil, plain(err)
	}
	return c, nil
}

func (a *smbAccess) registry() (gather.Key, error) {
	c, err := a.service(winreg)
	if err != nil {
		return nil, err
	}
	k, err := localMachine(c)
	if err != nil {
		c.Close()
		return nil, err
	}
	return rootKey{k}, nil
}

// rootKey closes its connection with itself.
type rootKey struct{ *registryKey }

func (k rootKey) Close() error { return errors.Join(k.registryKey.Close(), k.c.Close()) }

func (a *smbAccess) now() (time.Time, error) {
	c, err := a.service(srvsvc)
	if err != nil {
		return time.Time{}, err
	}
	defer c.Close()
	return timeOfDay(c)
}
