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
	"syscall"

	"github.com/cloudsoda/go-smb2"

	"splameter/internal/kerberos"
)

// statuses are those of SMB ([MS-ERREF] 2.3) that a person can do something
// about.
var statuses = map[uint32]struct{ what, hint string }{
	0xc000006d: {"the user or the password is wrong", "correct user and password in the config"},
	0xc000006a: {"the password is wrong", "correct the password in the config"},
	0xc0000064: {"there is no such user", "write the user as NAME@DOMAIN or DOMAIN\\NAME"},
	0xc000006e: {"the account may not log on like this", "give the account a password, and let it log on over the network"},
	0xc000006f: {"the account may not log on at this hour", "lift the hours of the account"},
	0xc0000070: {"the account may not log on from this computer", "let it"},
	0xc0000071: {"the password has expired", "set a new one, in the config too"},
	0xc0000072: {"the account is disabled", "enable it, or name another"},
	0xc0000193: {"the account has expired", "prolong it, or name another"},
	0xc0000224: {"the password must be changed first", "change it, in the config too"},
	0xc0000234: {"the account is locked", "unlock it, and see who tries its password"},
	0xc000015b: {"the account may not log on over the network", "give it the right Access this computer from the network"},
	0xc0000133: {"its clock and that of the domain controller differ too much", "set the clock"},
	0xc000018b: {"the computer's own account in the domain is broken", "join it to the domain again"},
	0xc000018c: {"the computer's trust in the domain is broken", "correct it (Test-ComputerSecureChannel -Repair)"},
	0xc00000cc: {"there is no such share", "let the computer share it; ADMIN$ is there unless somebody took it away (AutoShareServer)"},
	0xc00000d0: {"it accepts no more connections", "look at how many it has"},
	0xc00000ac: {"the service does not answer", ""},
	0xc00000bb: {"it does not know what is asked of it", ""},
	0xc0000043: {"another program holds the file", "look which one: the event log service shares it"},
}

// plain is an error without the words that only this program's parts know.
func plain(err error) error {
	var response *smb2.ResponseError
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case err == nil || err == io.EOF:
		return err
	case errors.As(err, &response):
		if s, ok := statuses[response.Code]; ok {
			return errors.New(s.what)
		}
		return fmt.Errorf("the host answers with status 0x%08x", response.Code)
	case errors.Is(err, fs.ErrPermission):
		return errors.New("access is denied")
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("it is not there%w", hidden{fs.ErrNotExist})
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("the connection is refused")
	case errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &op) && op.Timeout():
		return errors.New("no answer in time")
	case errors.As(err, &dns):
		return errors.New("its name is not known")
	case errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE):
		return errors.New("it closed the connection")
	}
	return err
}

// hidden is an error that can be asked for and does not print.
type hidden struct{ error }

func (hidden) Error() string   { return "" }
func (h hidden) Unwrap() error { return h.error }

// logOnError says why a log-on failed.
func logOnError(ctx context.Context, err error, t *Target) error {
	var silent errSilent
	var response *smb2.ResponseError
	var invalid *smb2.InvalidResponseError
	var refused *kerberos.Refusal
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case t.Kerberos != nil && errors.As(kerberos.Explain(err), &refused):
		e := &StepError{Step: StepLogOn, Err: refused}
		if refused.Unknown() {
			e.Hint = "name the host in full, as its account in the directory is called, or give that account the service name (setspn -S HOST/" + t.Name + " ACCOUNT)"
		}
		return e
	case errors.As(err, &silent):
		return &StepError{Step: StepLogOn, Err: err, Hint: "look whether the computer is busy or hangs"}
	case errors.As(err, &response):
		if s, ok := statuses[response.Code]; ok {
			return &StepError{Step: StepLogOn, Err: errors.New(s.what), Hint: s.hint, Refused: true}
		}
	case errors.Is(err, fs.ErrPermission):
		return &StepError{Step: StepLogOn, Err: errors.New("access is denied"), Hint: "let the account log on over the network", Refused: true}
	case errors.As(err, &invalid):
		for _, w := range []string{"guest account", "anonymous account"} {
			if strings.Contains(invalid.Message, w) {
				return &StepError{Step: StepLogOn, Err: errors.New("it lets " + t.User + " in as a guest only, who can prove nothing"), Hint: "create the account there, or use one of the domain; turn the guest account off", Refused: true}
			}
		}
		if strings.Contains(invalid.Message, "NTLM") || strings.Contains(invalid.Message, "got") {
			return &StepError{Step: StepLogOn, Err: fmt.Errorf("it refuses the log-on as %s", t.User), Hint: t.lookAt(), Refused: true}
		}
	case errors.Is(plain(err), io.EOF) || strings.Contains(plain(err).Error(), "closed the connection") || strings.Contains(err.Error(), "EOF"):
		return &StepError{Step: StepLogOn, Err: errors.New("it ended the conversation at once"), Hint: "what answers there is no file server, or speaks SMB 1 only: turn SMB 2 on, and SMB 1 off"}
	}
	return &StepError{Step: StepLogOn, Err: plain(err)}
}

func shareError(err error, name string) error {
	var response *smb2.ResponseError
	if errors.As(err, &response) {
		if s, ok := statuses[response.Code]; ok {
			return &StepError{Step: StepShare, Err: fmt.Errorf("%s: %s", name, s.what), Hint: s.hint}
		}
	}
	if errors.Is(err, fs.ErrPermission) {
		return &StepError{Step: StepShare, Err: fmt.Errorf("%s: access is denied", name), Hint: "ADMIN$ wants an administrator of the computer; or share the logs' folder to the account, and name that share under logs (docs/hosts.md)"}
	}
	return &StepError{Step: StepShare, Err: fmt.Errorf("%s: %w", name, plain(err))}
}

func folderError(err error, logs string) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &StepError{Step: StepLog, Err: fmt.Errorf("there is no System.evtx in %s", logs), Hint: "name the folder of the event logs under logs"}
	}
	return &StepError{Step: StepLog, Err: plain(err), Hint: "let the account read the files in " + logs}
}

// lookAt is what to look at where a host refuses a log-on and does not say why.
func (t *Target) lookAt() string {
	if t.Kerberos != nil {
		return "look whether the name of the host is that of its account in the directory, whether its clock is right, and whether the account may log on over the network"
	}
	return "look whether it allows NTLM, and whether the account may log on over the network"
}
