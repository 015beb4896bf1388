package gather

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"splameter/internal/drop"
)

// Local is this computer.
func Local() (System, error) { return local{}, nil }

type local struct{}

func (local) Identity() (Identity, error) {
	host, err := computerName(windows.ComputerNamePhysicalDnsFullyQualified)
	if err != nil || host == "" {
		if host, err = os.Hostname(); err != nil {
			return Identity{}, err
		}
	}
	domain, _ := computerName(windows.ComputerNameDnsDomain)
	who := Identity{Host: host, Domain: domain}
	short, _, _ := strings.Cut(host, ".")
	if sid, _, _, err := windows.LookupSID("", short); err == nil {
		who.SID = sid.String()
	}
	return who, nil
}

func computerName(format uint32) (string, error) {
	n := uint32(256)
	b := make([]uint16, n)
	if err := windows.GetComputerNameEx(format, &b[0], &n); err != nil {
		return "", err
	}
	return windows.UTF16ToString(b[:n]), nil
}

// Log opens a log with full sharing: the service that writes it goes on.
func (local) Log(channel string) (LogFile, error) {
	dir, err := windows.GetSystemDirectory()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "winevt", "Logs", strings.ReplaceAll(channel, "/", "%4")+".evtx")
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	h, err := windows.CreateFile(p, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE|windows.FILE_SHARE_DELETE,
		nil, windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

func (local) Registry() (Key, error) {
	return key{registry.LOCAL_MACHINE}, nil
}

type key struct{ k registry.Key }

// WindowsKey is a key that Windows opened, such as one of another computer.
func WindowsKey(k registry.Key) Key { return key{k} }

func (k key) Open(path string) (Key, error) {
	sub, err := registry.OpenKey(k.k, path, registry.READ|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, fs.ErrNotExist
	}
	if err != nil {
		return nil, err
	}
	return key{sub}, nil
}

func (k key) Subkeys() ([]string, error) { return k.k.ReadSubKeyNames(-1) }

func (k key) Values(names []string) ([]Value, error) {
	if names == nil {
		var err error
		if names, err = k.k.ReadValueNames(-1); err != nil {
			return nil, err
		}
	}
	out := make([]Value, 0, len(names))
	for _, n := range names {
		size, kind, err := k.k.GetValue(n, nil)
		if errors.Is(err, registry.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("value %s: %w", n, err)
		}
		v := Value{Name: n, Kind: Kind(kind)}
		if kind == registry.SZ || kind == registry.EXPAND_SZ {
			if v.Text, _, err = k.k.GetStringValue(n); err != nil {
				return nil, fmt.Errorf("value %s: %w", n, err)
			}
		} else {
			v.Data = make([]byte, size)
			if size, _, err = k.k.GetValue(n, v.Data); err != nil {
				return nil, fmt.Errorf("value %s: %w", n, err)
			}
			v.Data = v.Data[:size]
		}
		out = append(out, v)
	}
	return out, nil
}

func (k key) Close() error {
	if k.k == registry.LOCAL_MACHINE {
		return nil
	}
	return k.k.Close()
}

// Machine reads the processors from Windows, and the system from the registry.
func (l local) Machine() (drop.Machine, error) {
	m := MachineOf(key{registry.LOCAL_MACHINE})
	packages, cores, threads, err := processors()
	if err == nil {
		m.Processors, m.Cores, m.LogicalProcessors = packages, cores, threads
	}
	return m, err
}

var getProcessors = windows.NewLazySystemDLL("kernel32.dll").NewProc("GetLogicalProcessorInformationEx")

// relationAll asks for all relations at once (winnt.h,
// LOGICAL_PROCESSOR_RELATIONSHIP).
const relationAll = 0xffff

// processors counts processor packages, their cores and their threads.
func processors() (packages, cores, threads int, err error) {
	if err := getProcessors.Find(); err != nil {
		return 0, 0, 0, err
	}
	var size uint32
	_, _, _ = getProcessors.Call(relationAll, 0, uintptr(unsafe.Pointer(&size)))
	if size == 0 || size > 1<<24 {
		return 0, 0, 0, errors.New("how many processors there are, Windows does not say")
	}
	b := make([]byte, size)
	if ok, _, err := getProcessors.Call(relationAll, uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&size))); ok == 0 {
		return 0, 0, 0, err
	}
	return countProcessors(b[:size])
}
