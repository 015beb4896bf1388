// Package winhost reads one Windows host over the network, as package gather
// reads it on the host itself: its event logs over SMB, and the registry keys
// that say what is installed over the remote registry. On Windows it does so
// as the account that it runs as, elsewhere, or where a user is named, by
// clients of its own. It writes nothing on the host, and believes nothing that
// the host answers further than it can be held against bounds.
package winhost

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path"
	"strings"
	"time"

	"github.com/jcmturner/gokrb5/v8/client"

	"splameter/internal/drop"
	"splameter/internal/gather"
	"splameter/internal/safetext"
)

// Target is a host, and how it is asked.
type Target struct {
	Name     string // fully qualified where that is known
	Address  string // where it answers, as HOST or HOST:PORT; empty: at its name
	Port     int    // of SMB
	User     string // NAME@DOMAIN or DOMAIN\NAME; empty: who runs the program, on Windows
	Password string //
	// Kerberos logs on with tickets of its account; nil: NTLM with User and
	// Password. It may serve many hosts at once.
	Kerberos *client.Client
	Logs     string        // share and folder of its event logs
	Timeout  time.Duration // without an answer
	// LogOn is let do the log-on itself, such as not to try a wrong password
	// at many hosts at once; nil: at once.
	LogOn func(func() error) error
}

// Host is a host that answered. Close it.
type Host struct {
	target Target
	access access
	who    *gather.Identity
}

// access is a way to a host's parts.
type access interface {
	// log opens a file in the folder of the logs.
	log(name string) (gather.LogFile, error)
	// share looks whether the folder of the logs can be read.
	share() error
	registry() (gather.Key, error)
	// now is what time the host says it is.
	now() (time.Time, error)
	err() error
	close()
}

// Step is one of the steps by which a host is read.
type Step string

// The steps, as errors and checks name them.
const (
	StepName     Step = "name"
	StepPort     Step = "port"
	StepLogOn    Step = "log-on"
	StepShare    Step = "share"
	StepLog      Step = "log"
	StepRegistry Step = "registry"
	StepClock    Step = "clock"
)

// StepError is a step that failed, and what somebody can do about it.
type StepError struct {
	Step Step
	Err  error
	Hint string
	// Refused says that the account was refused, so that trying again may lock
	// it.
	Refused bool
}

func (e *StepError) Error() string {
	s := string(e.Step) + ": " + e.Err.Error()
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

func (e *StepError) Unwrap() error { return e.Err }

// Open reaches a host and logs on to it. What it is asked for later ends when
// ctx does.
func Open(ctx context.Context, t Target) (*Host, error) {
	a, err := reach(ctx, &t)
	if err != nil {
		return nil, err
	}
	return &Host{target: t, access: a}, nil
}

// place finds where a host answers.
func (t *Target) place(ctx context.Context) (string, error) {
	where := t.Address
	if where == "" {
		where = t.Name
	}
	host, port, err := net.SplitHostPort(where)
	if err != nil {
		host, port = where, fmt.Sprint(t.Port)
	}
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	if _, err := net.DefaultResolver.LookupHost(ctx, host); err != nil {
		return "", &StepError{Step: StepName, Err: fmt.Errorf("nobody knows the address of %s", host), Hint: "look whether the computer is still there (disable its account if it is not), or name its address under addresses"}
	}
	return net.JoinHostPort(host, port), nil
}

// Err is why the host answers no more; nil: it does, as far as is known.
func (h *Host) Err() error { return h.access.err() }

// Close ends the connection.
func (h *Host) Close() { h.access.close() }

// What the registry says of who the host is.
const (
	keyName    = `SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName`
	keyNetwork = `SYSTEM\CurrentControlSet\Services\Tcpip\Parameters`
	keyInstall = `SOFTWARE\Microsoft\Cryptography`
	keyThreads = `HARDWARE\DESCRIPTION\System\CentralProcessor`
)

// Identity implements gather.System. A host that says that it is another one
// than was asked for is an error; one whose registry cannot be asked is taken
// for the one that it was asked as.
func (h *Host) Identity() (gather.Identity, error) {
	if h.who != nil {
		return *h.who, nil
	}
	who := gather.Identity{Host: strings.ToLower(h.target.Name)}
	root, err := h.access.registry()
	if err == nil {
		defer root.Close()
		name := valueAt(root, keyName, "ComputerName")
		full, domain := valueAt(root, keyNetwork, "Hostname"), valueAt(root, keyNetwork, "Domain")
		short, suffix, _ := strings.Cut(who.Host, ".")
		if name != "" && net.ParseIP(who.Host) == nil && !sameComputer(short, name) && !strings.EqualFold(short, full) {
			return who, &StepError{Step: StepName, Err: fmt.Errorf("the computer that answers there says that it is %s", name),
				Hint: "correct the DNS record of " + h.target.Name + ", or name the computer as it is called now; nothing was read"}
		}
		if suffix == "" || net.ParseIP(who.Host) != nil {
			who.Host = strings.ToLower(strings.Trim(or(full, name, who.Host)+"."+domain, "."))
		}
		_, who.Domain, _ = strings.Cut(who.Host, ".")
		who.SID = valueAt(root, keyInstall, "MachineGuid")
	}
	if !safetext.IsHostName(who.Host) {
		return who, &StepError{Step: StepName, Err: fmt.Errorf("%.80q is no name of a computer", who.Host)}
	}
	h.who = &who
	return who, nil
}

func or(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// sameComputer compares a name with one as NetBIOS has it, which holds no more
// than fifteen characters.
func sameComputer(name, netbios string) bool {
	return strings.EqualFold(name, netbios) || len(name) > 15 && len(netbios) == 15 && strings.EqualFold(name[:15], netbios)
}

// valueAt is one text of one key; empty where it cannot be had.
func valueAt(root gather.Key, key, name string) string {
	k, err := root.Open(key)
	if err != nil {
		return ""
	}
	defer k.Close()
	values, err := k.Values([]string{name})
	if err != nil || len(values) == 0 {
		return ""
	}
	return strings.TrimSpace(values[0].Text)
}

// Machine implements gather.System. How many cores a processor has, a registry
// does not say.
func (h *Host) Machine() (drop.Machine, error) {
	root, err := h.access.registry()
	if err != nil {
		return drop.Machine{}, err
	}
	defer root.Close()
	m := gather.MachineOf(root)
	if k, err := root.Open(keyThreads); err == nil {
		defer k.Close()
		if names, err := k.Subkeys(); err == nil {
			m.LogicalProcessors = len(names)
		}
	}
	return m, nil
}

// Registry implements gather.System.
func (h *Host) Registry() (gather.Key, error) {
	root, err := h.access.registry()
	if err != nil {
		return nil, registryError(err)
	}
	return root, nil
}

func registryError(err error) error {
	var step *StepError
	if errors.As(err, &step) {
		return err
	}
	return &StepError{Step: StepRegistry, Err: err, Hint: "let the service Remote Registry start by its trigger or by itself, and let the account read (docs/hosts.md)"}
}

// Log implements gather.System.
func (h *Host) Log(channel string) (gather.LogFile, error) {
	return h.access.log(strings.ReplaceAll(channel, "/", "%4") + ".evtx")
}

// Clock is how many seconds the host's clock is ahead of now.
func (h *Host) Clock(now func() time.Time) (float64, error) {
	at, err := h.access.now()
	if err != nil {
		return 0, err
	}
	return at.Sub(now()).Round(time.Second).Seconds(), nil
}

// split parts the share of a place from the folder in it.
func (t *Target) split() (share, folder string) {
	share, folder, _ = strings.Cut(strings.Trim(strings.ReplaceAll(t.Logs, "/", `\`), `\`), `\`)
	return share, folder
}

// under is a file in a folder of a share, as Windows writes it.
func under(folder, name string) string {
	return strings.ReplaceAll(path.Join(strings.ReplaceAll(folder, `\`, "/"), name), "/", `\`)
}
