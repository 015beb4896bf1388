package gather

import (
	"bytes"
	"embed"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"text/template"
	"unicode/utf16"

	"splameter/internal/atomicfile"
	"splameter/internal/lazyregexp"
)

//go:embed kit/*
var kitFiles embed.FS

// Kit is what an administrator rolls out so that hosts hand in by themselves.
type Kit struct {
	Share     string // \\SERVER\SHARE, where hosts write
	Folder    string // the same folder on the file server itself
	Computers string // the group of the computers that may write
	Reader    string // the account that collects
	Program   string // where the program is on a host
}

// ShareName is the last part of the share.
func (k Kit) ShareName() string { return k.Share[strings.LastIndexByte(k.Share, '\\')+1:] }

var (
	sharePath  = lazyregexp.New(`^\\\\[A-Za-z0-9._-]+\\[A-Za-z0-9._$ -]+$`)
	folderPath = lazyregexp.New(`^[A-Za-z]:\\[^"%<>|*?&^]*$`)
	account    = lazyregexp.New(`^[^"%<>|*?&^/:;,+=\r\n]{1,120}$`)
)

// check refuses what would mean something else in a script.
func (k Kit) check() error {
	switch {
	case !sharePath().MatchString(k.Share):
		return fmt.Errorf(`%q is no share; write \\SERVER\NAME`, k.Share)
	case !folderPath().MatchString(k.Folder):
		return fmt.Errorf(`%q is no folder of a Windows server; write D:\NAME`, k.Folder)
	case !folderPath().MatchString(k.Program):
		return fmt.Errorf(`%q is no path of a program on Windows`, k.Program)
	case !account().MatchString(k.Computers) || !account().MatchString(k.Reader):
		return errors.New(`an account or group is DOMAIN\NAME, or a name`)
	}
	return nil
}

// Write writes the kit into a folder and gives back the names of its files.
// What is there under those names is replaced.
func (k Kit) Write(dir string) ([]string, error) {
	if err := k.check(); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(kitFiles, "kit")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		data, err := kitFiles.ReadFile("kit/" + e.Name())
		if err != nil {
			return nil, err
		}
		t, err := template.New(e.Name()).Funcs(template.FuncMap{"xml": xmlText}).Parse(string(data))
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := t.Execute(&b, k); err != nil {
			return nil, err
		}
		out := []byte(strings.ReplaceAll(b.String(), "\n", "\r\n"))
		if strings.Contains(b.String(), `encoding="UTF-16"`) { // as the task scheduler takes it
			out = []byte{0xff, 0xfe}
			for _, u := range utf16.Encode([]rune(strings.ReplaceAll(b.String(), "\n", "\r\n"))) {
				out = append(out, byte(u), byte(u>>8))
			}
		}
		if err := atomicfile.WriteBytes(filepath.Join(dir, e.Name()), atomicfile.Normal, out); err != nil {
			return nil, err
		}
		names = append(names, e.Name())
	}
	return names, nil
}

func xmlText(s string) (string, error) {
	var b bytes.Buffer
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}
