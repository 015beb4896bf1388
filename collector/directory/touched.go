package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"splameter/collector/directory/ldif"
	"splameter/internal/config"
	"splameter/internal/dn"
	"splameter/internal/snapshot"
)

// Touched says when the objects with these IDs were changed last, as the
// controller that answers says (whenChanged); one that it does not have, or does
// not tell of, is not in the answer.
func Touched(ctx context.Context, cfg config.Directory, ids []string) (map[string]time.Time, error) {
	s, err := connect(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("read directory %s: %w", cfg.Name, err)
	}
	defer s.close()
	out := map[string]time.Time{}
	for _, id := range ids {
		e, err := s.one("<GUID="+id+">", "(objectClass=*)", []string{"whenChanged"})
		var refused *ldap.Error
		if errors.As(err, &refused) && refused.ResultCode == ldap.LDAPResultNoSuchObject {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read directory %s: when an account was changed last: %w", cfg.Name, err)
		}
		if e == nil {
			continue
		}
		if t := generalizedTime([]byte(e.GetAttributeValue("whenChanged"))); !t.IsZero() {
			out[id] = t
		}
	}
	return out, nil
}

// TouchedInLDIF says the same as an export does, if it holds whenChanged.
func TouchedInLDIF(r io.Reader, ids []string) (map[string]time.Time, error) {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	in, err := ldif.NewReader(r)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	out := map[string]time.Time{}
	var id string
	var at time.Time
	for {
		it, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, err
		case it.Kind == ldif.Begin:
			id, at = "", time.Time{}
		case it.Kind == ldif.End:
			if wanted[id] && !at.IsZero() {
				out[id] = at
			}
		case string(it.Name) == "whenchanged":
			at = generalizedTime(it.Value)
		case string(it.Name) == "objectguid":
			if guid, err := appendGUID(nil, it.Value); err == nil {
				id = string(guid)
			}
		}
	}
}

// clocks is by how much those of a controller and of the reader may differ.
const clocks = 5 * time.Minute

// Older says why a reading shows an older state of its directory: accounts are
// there that the readings before showed as deleted, and nothing says that somebody
// restored them. touched says when objects were changed last, where that is told.
func Older(back []snapshot.Returned, touched func(ids []string) (map[string]time.Time, error)) error {
	var proved []*snapshot.Returned
	var ids []string
	for i := range back {
		if r := &back[i]; r.Told || r.Left && !listedStill(r) {
			proved, ids = append(proved, r), append(ids, r.ID)
		}
	}
	if len(proved) == 0 {
		return nil
	}
	at, err := touched(ids)
	if err != nil {
		return err
	}
	var first *snapshot.Returned
	n := 0
	for _, r := range proved {
		t, told := at[r.ID]
		if told && t.Add(clocks).After(r.Gone) || !told && r.Moved {
			continue // somebody restored it
		}
		if n++; first == nil || r.Gone.Before(first.Gone) {
			first = r
		}
	}
	if first == nil {
		return nil
	}
	how := "a reading"
	if first.Told {
		how = "the directory itself"
	}
	return fmt.Errorf("accounts are there again that were deleted, %d of them, as %s showed on %s (such as the one with objectGUID %s), and nothing tells that they were restored on purpose: it shows an older state, such as a restored copy, and was not read; read another domain controller, or let an administrator look at this one. An account that was restored is known by whenChanged, which the reader must see or the export hold",
		n, how, first.Gone.UTC().Format(time.DateOnly), first.ID)
}

// listedStill says that a group went on naming an account that a reading had no
// more: it was there, and could not be seen.
func listedStill(r *snapshot.Returned) bool {
	key, err := dn.Key(r.DN)
	if err != nil {
		return true
	}
	name := snapshot.KeyDN + dn.Text(key)
	for _, n := range r.Names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
