package winhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"splameter/internal/gather"
)

// reach goes as who runs the program, unless somebody else is named: by the
// clients of Windows itself.
func reach(ctx context.Context, t *Target) (access, error) {
	if t.User != "" || t.Address != "" {
		return dialSMB(ctx, t)
	}
	where, err := t.place(ctx)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: t.Timeout}
	conn, err := dialer.DialContext(ctx, "tcp", where)
	if err != nil {
		return nil, &StepError{Step: StepPort, Err: fmt.Errorf("no answer at %s: %w", where, plain(err)), Hint: "let the computer be on, and its firewall let this one in (the rule File and Printer Sharing, SMB-In)"}
	}
	conn.Close()
	return &native{ctx: ctx, t: t}, nil
}

// native is a host by UNC paths and the remote registry of Windows.
type native struct {
	ctx context.Context
	t   *Target
}

// wait does what Windows may hang in, and leaves it alone when it does.
func wait[T any](n *native, f func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	c := make(chan answer, 1)
	go func() {
		v, err := f()
		c <- answer{v, err}
	}()
	var none T
	timer := time.NewTimer(n.t.Timeout)
	defer timer.Stop()
	select {
	case a := <-c:
		return a.value, a.err
	case <-timer.C:
		return none, errSilent{n.t.Timeout}
	case <-n.ctx.Done():
		return none, context.Cause(n.ctx)
	}
}

func (n *native) log(name string) (gather.LogFile, error) {
	return wait(n, func() (gather.LogFile, error) {
		path := `\\` + n.t.Name + `\` + under(n.t.Logs, name)
		p, err := windows.UTF16PtrFromString(path)
		if err != nil {
			return nil, err
		}
		h, err := windows.CreateFile(p, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
			nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if err != nil {
			return nil, &StepError{Step: StepLog, Err: err, Hint: "let the account read the files in " + n.t.Logs}
		}
		return &nativeLog{n, os.NewFile(uintptr(h), path)}, nil
	})
}

// nativeLog is an event log that Windows may hang in.
type nativeLog struct {
	n *native
	f *os.File
}

func (l *nativeLog) ReadAt(p []byte, off int64) (int, error) {
	own := make([]byte, len(p)) // what hangs must not write into p later
	got, err := wait(l.n, func() (int, error) { return l.f.ReadAt(own, off) })
	copy(p, own[:got])
	return got, err
}

func (l *nativeLog) Stat() (fs.FileInfo, error) { return wait(l.n, l.f.Stat) }
func (l *nativeLog) Close() error               { return l.f.Close() }

func (n *native) share() error {
	_, err := wait(n, func() (fs.FileInfo, error) { return os.Stat(`\\` + n.t.Name + `\` + under(n.t.Logs, "System.evtx")) })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission):
		return shareError(err, n.t.Logs)
	}
	return folderError(err, n.t.Logs)
}

func (n *native) registry() (gather.Key, error) {
	return wait(n, func() (gather.Key, error) {
		k, err := registry.OpenRemoteKey(n.t.Name, registry.LOCAL_MACHINE)
		if err != nil {
			return nil, err
		}
		return gather.WindowsKey(k), nil
	})
}

var remoteTOD = windows.NewLazySystemDLL("netapi32.dll").NewProc("NetRemoteTOD")
var bufferFree = windows.NewLazySystemDLL("netapi32.dll").NewProc("NetApiBufferFree")

func (n *native) now() (time.Time, error) {
	return wait(n, func() (time.Time, error) {
		server, err := windows.UTF16PtrFromString(`\\` + n.t.Name)
		if err != nil {
			return time.Time{}, err
		}
		if err := remoteTOD.Find(); err != nil {
			return time.Time{}, err
		}
		var info *struct{ elapsed uint32 } // TIME_OF_DAY_INFO begins with it
		if r, _, _ := remoteTOD.Call(uintptr(unsafe.Pointer(server)), uintptr(unsafe.Pointer(&info))); r != 0 || info == nil {
			return time.Time{}, Code(r)
		}
		at := time.Unix(int64(info.elapsed), 0).UTC()
		_, _, _ = bufferFree.Call(uintptr(unsafe.Pointer(info)))
		return at, nil
	})
}

func (n *native) err() error {
	if n.ctx.Err() == nil {
		return nil
	}
	return context.Cause(n.ctx)
}

func (n *native) close() {}
