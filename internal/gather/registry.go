package gather

import (
	"bufio"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf16"
)

// Key is one open registry key.
type Key interface {
	// Open opens a key beneath; fs.ErrNotExist where there is none.
	Open(path string) (Key, error)
	Subkeys() ([]string, error)
	// Values are the values of those names, in their order, as far as they are
	// there; nil names all.
	Values(names []string) ([]Value, error)
	Close() error
}

// Kind is a type of registry value.
type Kind uint32

// The types that are exported; of others only their bytes are.
const (
	Text   Kind = 1
	Expand Kind = 2
	Binary Kind = 3
	Number Kind = 4
	Multi  Kind = 7
	Long   Kind = 11
)

// Value is one value of a key.
type Value struct {
	Name string
	Kind Kind
	Text string // Text and Expand
	Data []byte // others; Number and Long in little-endian order
}

// wanted is a key of which values are exported: those named, or all of them,
// from it or from the keys beneath it. Product keys, passwords of instances
// and whatever else stands there is not read.
type wanted struct {
	path   string
	each   bool     // the keys directly beneath it, not itself
	beyond string   // of each of those, this key beneath it
	values []string // nil: all
}

// registryKeys are the keys that say which host it is, what is installed on it
// and what it runs on, under HKEY_LOCAL_MACHINE. Both views of the uninstall
// keys are named by their full path, as a 64-bit program sees them.
var registryKeys = []wanted{
	{path: `SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName`, values: []string{"ComputerName"}},
	{path: `SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName`, values: []string{"ComputerName"}},
	{path: `SOFTWARE\Microsoft\Windows NT\CurrentVersion`, values: []string{"ProductName", "EditionID", "InstallationType", "CurrentBuild", "DisplayVersion", "ReleaseId", "UBR"}},
	{path: `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`, each: true, values: uninstallValues},
	{path: `SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall`, each: true, values: uninstallValues},
	{path: `SOFTWARE\Microsoft\Office\ClickToRun\Configuration`, values: []string{"ProductReleaseIds", "VersionToReport", "Platform", "UpdateChannel", "CDNBaseUrl", "SharedComputerLicensing", "ClientCulture"}},
	{path: `SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\SQL`},
	{path: `SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\OLAP`},
	{path: `SOFTWARE\Microsoft\Microsoft SQL Server\Instance Names\RS`},
	{path: `SOFTWARE\Microsoft\Microsoft SQL Server`, each: true, beyond: "Setup", values: []string{"Edition", "Version", "PatchLevel", "EditionType"}},
	{path: `SOFTWARE\WOW6432Node\Microsoft\Microsoft SQL Server\Instance Names\SQL`},
	{path: `SOFTWARE\WOW6432Node\Microsoft\Microsoft SQL Server`, each: true, beyond: "Setup", values: []string{"Edition", "Version", "PatchLevel", "EditionType"}},
	{path: `SOFTWARE\Microsoft\Virtual Machine\Guest\Parameters`, values: []string{"PhysicalHostNameFullyQualified", "PhysicalHostName", "VirtualMachineName"}},
	{path: `HARDWARE\DESCRIPTION\System\BIOS`, values: []string{"SystemManufacturer", "SystemProductName"}},
}

var uninstallValues = []string{"DisplayName", "DisplayVersion", "Publisher", "InstallDate", "SystemComponent", "ParentKeyName", "ReleaseType", "WindowsInstaller", "UninstallString"}

// export writes the wanted keys as Windows' own registry editor writes them:
// UTF-16 with a mark. A key that is not there is left out; one that cannot be
// read is an error.
func export(out io.Writer, root Key, keys []wanted) error {
	w := &regWriter{w: bufio.NewWriter(out)}
	w.text("\ufeffWindows Registry Editor Version 5.00\r\n")
	for _, k := range keys {
		if err := k.export(w, root); err != nil {
			return fmt.Errorf(`read the registry key HKEY_LOCAL_MACHINE\%s: %w`, k.path, err)
		}
	}
	w.text("\r\n")
	return w.w.Flush()
}

func (k *wanted) export(w *regWriter, root Key) error {
	key, err := root.Open(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer key.Close()
	if !k.each {
		return w.key(k.path, key, k.values)
	}
	names, err := key.Subkeys()
	if err != nil {
		return err
	}
	for _, n := range names {
		path := n
		if k.beyond != "" {
			path += `\` + k.beyond
		}
		sub, err := key.Open(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		err = w.key(k.path+`\`+path, sub, k.values)
		sub.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// regWriter writes UTF-16, the lower byte first.
type regWriter struct{ w *bufio.Writer }

func (w *regWriter) text(s string) {
	for _, u := range utf16.Encode([]rune(s)) {
		_ = w.w.WriteByte(byte(u)) // Flush tells
		_ = w.w.WriteByte(byte(u >> 8))
	}
}

func (w *regWriter) key(path string, k Key, only []string) error {
	values, err := k.Values(only)
	if err != nil {
		return err
	}
	w.text("\r\n[HKEY_LOCAL_MACHINE\\" + oneLine(path) + "]\r\n")
	for i := range values {
		v := &values[i]
		w.text(quoted(v.Name) + "=" + v.regText() + "\r\n")
	}
	return nil
}

func (v *Value) regText() string {
	switch {
	case v.Kind == Text:
		return quoted(v.Text)
	case v.Kind == Number && len(v.Data) == 4:
		return "dword:" + hex.EncodeToString([]byte{v.Data[3], v.Data[2], v.Data[1], v.Data[0]})
	case v.Kind == Expand:
		b := make([]byte, 0, 2*len(v.Text)+2)
		for _, u := range append(utf16.Encode([]rune(v.Text)), 0) {
			b = append(b, byte(u), byte(u>>8))
		}
		return "hex(2):" + commas(b)
	case v.Kind == Binary:
		return "hex:" + commas(v.Data)
	}
	return fmt.Sprintf("hex(%x):%s", uint32(v.Kind), commas(v.Data))
}

func commas(b []byte) string {
	parts := make([]string, len(b))
	for i, x := range b {
		parts[i] = hex.EncodeToString([]byte{x})
	}
	return strings.Join(parts, ",")
}

// quoted is a text in quotes as a registry export has it.
func quoted(s string) string {
	s = strings.ReplaceAll(oneLine(s), `\`, `\\`)
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}

// oneLine takes out what would end the line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\r' || r == '\n' || r == 0 {
			return ' '
		}
		return r
	}, s)
}

// Programs is how many programs the uninstall keys of both views name.
func Programs(root Key) (n int, err error) {
	for _, w := range registryKeys {
		if !w.each || w.beyond != "" {
			continue
		}
		k, err := root.Open(w.path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return n, err
		}
		names, err := k.Subkeys()
		k.Close()
		if err != nil {
			return n, err
		}
		n += len(names)
	}
	return n, nil
}
