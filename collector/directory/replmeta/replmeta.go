// Package replmeta reads the replication metadata that a domain controller
// tells of an object: when an attribute, or one link of an attribute such as
// member, was changed last, how often, and where. It reads both forms in which
// msDS-ReplAttributeMetaData and msDS-ReplValueMetaData come over LDAP: the
// text that looks like XML, and the structure under the option binary
// ([MS-ADTS] 2.2.7 and 2.2.8). What it does not understand it refuses: a guess
// at a time or a version would be evidence of something that never happened.
package replmeta

import (
	"errors"
	"fmt"
	"time"
)

// Stamp is the metadata of one attribute, or of one link.
type Stamp struct {
	Attribute string // lDAPDisplayName, as the server writes it
	// Object is the distinguished name of the link's other end; empty in the
	// metadata of an attribute.
	Object string
	// Version is how many originating changes there were. A link is made by its
	// first, so an odd number is a link that is there, and an even one a link
	// that is not.
	Version uint32
	// Created is when a link was made first of all; zero in the metadata of an
	// attribute.
	Created time.Time
	// Deleted is when a link that is not there was removed; zero where it is there.
	Deleted time.Time
	Changed time.Time // the last originating change
	Origin  string    // invocation id of the controller that changed it, as 8-4-4-4-12 in lower case
	Server  string    // the name of that controller's settings object; empty where it is gone
}

// Gone says that a link was removed.
func (s *Stamp) Gone() bool { return !s.Deleted.IsZero() }

// errLegacy: the link is from before links had metadata of their own, or its
// first stamp is gone.
var errLegacy = errors.New("it does not tell when the link was made: it is from before links had metadata of their own")

// Legacy says of an error that nothing is wrong with the value, but that it is of
// a link of which the directory knows no change.
func Legacy(err error) bool { return errors.Is(err, errLegacy) }

// Bounds on one value.
const (
	maxValue = 256 << 10
	maxName  = 32 << 10
	maxTexts = 1 << 10 // that a Reader keeps
)

// Reader reads many values: of what they have in common it keeps one copy. The
// zero value is ready; it is used by one goroutine.
type Reader struct{ texts map[string]string }

// Link reads one value of msDS-ReplValueMetaData.
func Link(v []byte, binary bool) (Stamp, error) {
	var r Reader
	return r.Link(v, binary)
}

// Attribute reads one value of msDS-ReplAttributeMetaData.
func Attribute(v []byte, binary bool) (Stamp, error) {
	var r Reader
	return r.Attribute(v, binary)
}

// Link reads one value of msDS-ReplValueMetaData.
func (r *Reader) Link(v []byte, binary bool) (Stamp, error) {
	s, err := r.parse(v, binary, true)
	if err != nil {
		return Stamp{}, fmt.Errorf("the metadata of a link: %w", err)
	}
	return s, nil
}

// Attribute reads one value of msDS-ReplAttributeMetaData.
func (r *Reader) Attribute(v []byte, binary bool) (Stamp, error) {
	s, err := r.parse(v, binary, false)
	if err != nil {
		return Stamp{}, fmt.Errorf("the metadata of an attribute: %w", err)
	}
	return s, nil
}

func (r *Reader) parse(v []byte, binary, link bool) (s Stamp, err error) {
	if len(v) > maxValue {
		return s, fmt.Errorf("it is longer than %d bytes", maxValue)
	}
	if binary {
		s, err = parseBinary(v, link)
	} else {
		s, err = r.parseText(v, link)
	}
	if err != nil {
		return s, err
	}
	return s, s.check(link)
}

// check refuses what cannot be.
func (s *Stamp) check(link bool) error {
	switch {
	case s.Attribute == "":
		return errors.New("it names no attribute")
	case link && s.Version == 0, link && s.Created.IsZero():
		return errLegacy
	case s.Version == 0:
		return errors.New("its version is 0, and the first change makes it 1")
	case s.Changed.IsZero():
		return errors.New("it does not tell when it was changed")
	case len(s.Attribute) > 256 || len(s.Object) > maxName || len(s.Server) > maxName:
		return errors.New("a name in it is too long")
	case !link:
		return nil
	case s.Object == "":
		return errors.New("it names no object")
	case s.Changed.Before(s.Created):
		return errors.New("the link was changed before it was made")
	case s.Gone() && (s.Deleted.Before(s.Created) || s.Deleted.After(s.Changed)):
		return errors.New("the link was removed before it was made, or after its last change")
	}
	return nil
}
