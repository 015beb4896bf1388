package closing

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Mailer is what a mail of this program says that it was made by.
const Mailer = "splameter"

// MailFolder is where the drafts of a month's mails are, beneath the folder of
// its files; DeliveryList, what goes to whom, lies beside that.
const (
	MailFolder   = "mail"
	DeliveryList = "delivery.csv"
)

// IsDraft says whether a file is a draft that this program made.
func IsDraft(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<14))
	head, _, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	return err == nil && ok && bytes.Contains(append(head, "\r\n"...), []byte("X-Mailer: "+Mailer+"\r\n"))
}

// dropDrafts takes the drafts of a revision's mails away, and the list of what
// goes to whom: they hold addresses of persons, and are made anew when they are
// asked for.
func (d *Desk) dropDrafts(m string, revision int) error {
	dir := d.Dir(m, revision)
	drop := []string{filepath.Join(dir, DeliveryList)}
	for _, folder := range []string{dir, filepath.Join(dir, MailFolder)} {
		for _, name := range namesIn(folder) {
			if path := filepath.Join(folder, name); isDraft(name) && IsDraft(path) {
				drop = append(drop, path)
			}
		}
	}
	for _, path := range drop {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
