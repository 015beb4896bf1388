// Package atomicfile writes a file whole or not at all: beside its target,
// onto the disk, then renamed into place. It owns that one way and the mode of
// what this program writes; what stands in the files is others' business.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"
)

// The modes of files.
const (
	Keep    fs.FileMode = 0     // the mode of the file that is replaced, Normal where there is none
	Normal  fs.FileMode = 0o640 // the owner's group may read
	Private fs.FileMode = 0o600 // what holds secrets or goes to one reader
)

// FolderMode is that of folders this package makes.
const FolderMode fs.FileMode = 0o750

// Names of what is not whole yet: prefix, target, a random part, suffix.
const (
	prefix = ".splameter-"
	suffix = ".tmp"
)

// abandoned is how much older than a new file its left-over must be, by the
// clock of their disk, so that nobody can still be writing it.
const abandoned = time.Hour

// Write writes one file, and makes its folder where that is missing. Where
// path is a link, the file it leads to is replaced. After an error the target
// is as it was. What a killed run left of the same file is removed.
func Write(path string, mode fs.FileMode, fill func(io.Writer) error) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, FolderMode); err != nil {
		return err
	}
	if err := write(path, mode, fill, true); err != nil {
		return err
	}
	syncFolder(dir)
	return nil
}

// WriteBytes is Write for what is in memory.
func WriteBytes(path string, mode fs.FileMode, data []byte) error {
	return Write(path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// Folder is a folder that one run owns, for many files: left-overs are looked
// for once, and the renames are brought to the disk once.
type Folder struct{ dir string }

// OpenFolder makes the folder where it is missing, and removes every
// left-over: the caller holds the lock on what stands in it.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, FolderMode); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if n := e.Name(); strings.HasPrefix(n, prefix) && strings.HasSuffix(n, suffix) {
			_ = os.RemoveAll(filepath.Join(dir, n)) // a later run tries again
		}
	}
	return &Folder{dir}, nil
}

// Write writes one file of the folder.
func (f *Folder) Write(name string, mode fs.FileMode, fill func(io.Writer) error) error {
	return write(filepath.Join(f.dir, name), mode, fill, false)
}

// Sync makes the renames last.
func (f *Folder) Sync() { syncFolder(f.dir) }

// WriteFolder puts a folder of files in place of dir, as a whole.
func WriteFolder(dir string, mode fs.FileMode, files map[string][]byte) error {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, FolderMode); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(parent, prefix+short(filepath.Base(dir))+"-*"+suffix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	clear(temporary, filepath.Base(dir))
	for name, data := range files {
		if err := WriteBytes(filepath.Join(temporary, name), mode, data); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return inPlace(dir, err)
	}
	if err := os.Rename(temporary, dir); err != nil {
		return inPlace(dir, err)
	}
	syncFolder(parent)
	return nil
}

func write(path string, mode fs.FileMode, fill func(io.Writer) error, alone bool) (err error) {
	name := filepath.Base(path)
	f, err := os.CreateTemp(filepath.Dir(path), prefix+short(name)+"-*"+suffix)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if alone {
		clear(f.Name(), name)
	}
	if mode == Keep {
		mode = Normal
		if info, err := os.Stat(path); err == nil {
			mode = info.Mode().Perm()
		}
	}
	b := bufio.NewWriterSize(f, 1<<16)
	if err := fill(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil && runtime.GOOS != "windows" { // there rights come from the folder
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return inPlace(path, err)
	}
	return nil
}

// inPlace is the error of a target that cannot be replaced: on Windows, as a
// rule, because somebody has it open.
func inPlace(path string, err error) error {
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err // the name of the temporary file helps nobody
	}
	return fmt.Errorf("put %s in place (close it where it is open, then run again): %w", filepath.Base(path), err)
}

// short keeps the name of a temporary file within what a file system takes.
func short(name string) string {
	const most = 100
	if len(name) > most {
		return strings.ToValidUTF8(name[:most], "")
	}
	return name
}

// clear removes the left-overs of a target beside its new temporary file.
func clear(temporary, name string) {
	now, err := os.Stat(temporary)
	if err != nil {
		return
	}
	dir := filepath.Dir(temporary)
	entries, _ := os.ReadDir(dir)
	for _, e := range slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		rest, ok := strings.CutPrefix(e.Name(), prefix+short(name)+"-")
		random, ok2 := strings.CutSuffix(rest, suffix)
		return !ok || !ok2 || strings.Trim(random, "0123456789") != ""
	}) {
		if info, err := e.Info(); err == nil && now.ModTime().Sub(info.ModTime()) > abandoned {
			_ = os.RemoveAll(filepath.Join(dir, e.Name())) // a later run tries again
		}
	}
}

// syncFolder makes renames last. Not every system can; where it cannot, there
// is nothing to be done.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
