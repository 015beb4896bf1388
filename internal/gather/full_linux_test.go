package gather_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"splameter/internal/gather"
)

// A share that fills up while the drop is written: the host says so, leaves
// nothing there, and forgets nothing; once there is room it hands in all that
// it had, from its first record on.
func TestShareFillsUp(t *testing.T) {
	share := t.TempDir()
	if err := syscall.Mount("none", share, "tmpfs", 0, "size=16k"); err != nil {
		t.Skipf("no file system of a given size can be made here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(share, 0); err != nil {
			t.Error(err)
		}
	})
	h := newHost()
	h.log(lsm, 1, 5000)
	opt := options(t)
	opt.To = share
	_, err := gather.Run(t.Context(), h, opt)
	if err == nil || !strings.Contains(err.Error(), "write the drop into "+share) || !strings.Contains(err.Error(), "no space left") {
		t.Fatalf("%v", err)
	}
	left := 0
	_ = filepath.WalkDir(share, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			left++
		}
		return err
	})
	if left != 0 {
		t.Errorf("%d files are left in the share", left)
	}
	if _, err := os.Stat(opt.State); err == nil {
		t.Error("it noted what it could not hand in")
	}
	// There is room while it waits for its second try.
	opt.Tries, opt.Wait = 2, time.Second
	go func() {
		time.Sleep(opt.Wait / 2)
		_ = syscall.Mount("none", share, "tmpfs", syscall.MS_REMOUNT, "size=64m")
	}()
	r, err := gather.Run(t.Context(), h, opt)
	if err != nil {
		t.Fatal(err)
	}
	if c := r.Manifest.Channels[0]; c.OldestID != 1 || c.NewestID != 5000 {
		t.Errorf("%+v", c)
	}
}
