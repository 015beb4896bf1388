package closing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// KeepFrom is the first month whose named facts are still to be kept.
func (d *Desk) KeepFrom() month.Month {
	c := d.Setup.Config
	return month.Of(d.Now(), c.Provider.Location).Add(-c.Evidence.KeepNamedMonths)
}

// Retain reduces what is known of named persons in the months before a month
// to counts and digests: in the evidence, in the months' files, and in the
// store. Totals, submitted reports and annexes stay, and so does the digest of
// everything that went. It can be run again at any time; what was interrupted
// goes on. It returns the months that it reduced now.
func (d *Desk) Retain(ctx context.Context, before month.Month) (months []string, counts store.Reduced, err error) {
	if before.Number() > d.KeepFrom().Number() {
		return nil, counts, fmt.Errorf("names are to be kept for %d months, so nothing from %s on may be reduced; correct evidence.keep_named_months if that is too long",
			d.Setup.Config.Evidence.KeepNamedMonths, d.KeepFrom())
	}
	unlock, err := lock(d.Setup.Config.Output)
	if err != nil {
		return nil, counts, err
	}
	defer unlock()
	all, err := d.Store.Months(ctx)
	if err != nil {
		return nil, counts, err
	}
	acts, err := d.Store.Acts(ctx, "")
	if err != nil {
		return nil, counts, err
	}
	for i := range acts {
		all = append(all, acts[i].Month)
	}
	slices.Sort(all)
	for _, name := range slices.Compact(all) {
		m, err := d.monthOf(name)
		if err != nil {
			return months, counts, err
		}
		if m.Number() >= before.Number() {
			continue
		}
		for revision := range highest(acts, name) + 1 {
			if err := d.dropDrafts(name, revision); err != nil {
				return months, counts, fmt.Errorf("reduce %s: %w", m, err)
			}
		}
		done, err := d.retain(ctx, m)
		if err != nil {
			return months, counts, fmt.Errorf("reduce %s: %w", m, err)
		}
		if done {
			months = append(months, name)
		}
	}
	counts, err = d.Store.Reduce(ctx, before)
	return months, counts, err
}

// retain reduces one month; false where that was done before.
func (d *Desk) retain(ctx context.Context, m month.Month) (bool, error) {
	l, err := d.Life(ctx, m)
	if err != nil || l.Retained != nil {
		return false, err
	}
	if l.Pending {
		r, err := d.finish(ctx, m, l)
		if err != nil {
			return false, err
		}
		l = r.Life
	}
	act := d.act(l, statement.ActRetain, Act{})
	facts, err := d.Store.Facts(ctx, m)
	if err != nil {
		return false, err
	}
	sum := digest.New()
	if err := evidence.EncodeFacts(sum, facts); err != nil {
		return false, err
	}
	act.Facts, act.Counts = sum.Hex(), map[string]int{"uses": facts.Uses.Len(), "readings": len(facts.Readings)}
	for i := range facts.Directories {
		act.Counts["account states"] += facts.Directories[i].Accounts.Len()
		act.Counts["memberships"] += facts.Directories[i].Members.Len()
	}
	seals := latestSeals(l.Acts) // those of revisions that were withdrawn too: their files hold the same names
	for revision := range highest(l.Acts, l.Month) + 1 {
		if seal := seals[revision]; seal != nil {
			sum, err := d.reducePack(ctx, m.String(), revision, seal)
			if err != nil {
				return false, err
			}
			if revision == l.Revision && l.Sealed != nil {
				act.Manifest, act.Inputs, act.Program = sum, seal.Inputs, d.Version
			}
		}
		if err := d.reduceFiles(m.String(), revision); err != nil {
			return false, err
		}
	}
	return true, d.Store.Record(ctx, []statement.Act{act}, nil, false)
}

// highest is the highest revision of a month that was ever begun.
func highest(acts []statement.Act, m string) (n int) {
	for i := range acts {
		if acts[i].Month == m {
			n = max(n, acts[i].Revision)
		}
	}
	return n
}

// named says which members of a pack hold names of persons.
func named(name string) bool {
	switch name {
	case factsMember, countedMember, findingsMember, statementMember, replacedMember, earlierMember, inputFolder + "shared_accounts.csv", inputFolder + "decisions.csv",
		inputFolder + "exclusions.csv", inputFolder + "tenants.csv": // patterns for users, documents, and whom to ask at a customer
		return true
	}
	return strings.HasPrefix(name, fileFolder+"review-")
}

// reducePack reduces a revision's evidence, and returns the digest of what is
// left. Only what the store knows to have been sealed is reduced: else whatever
// lies there would have its digest in the store from then on.
func (d *Desk) reducePack(ctx context.Context, m string, revision int, seal *statement.Act) (string, error) {
	path := d.Pack(m, revision)
	p, err := evidence.Open(ctx, path)
	if err != nil {
		return "", err
	}
	defer p.Close()
	switch {
	case p.Digest == seal.Manifest:
	case p.Whole() != nil && p.Manifest.Reduced.Manifest == seal.Manifest: // it was interrupted before
		if err := checkReduced(p); err != nil {
			return "", err
		}
		return p.Digest, nil
	default:
		return "", notSealed(path, m)
	}
	var more []evidence.Member
	if !p.Has(totalsMember) { // an earlier version sealed it without
		b, err := p.Read(statementMember)
		if err != nil {
			return "", err
		}
		totals, err := totalsOf(b)
		if err != nil {
			return "", err
		}
		more = []evidence.Member{{Name: totalsMember, Data: totals}}
	}
	key, err := d.signKey()
	if err != nil {
		return "", err
	}
	var digest string
	// The pack is read while its successor is written beside it, and closed
	// before that takes its place: not every system replaces an open file.
	err = atomicfile.Write(path, atomicfile.Normal, func(w io.Writer) error {
		digest, err = p.Reduce(ctx, w, func(name string) bool { return !named(name) }, more, d.Version, key)
		return errors.Join(err, p.Close())
	})
	return digest, err
}

// totalsOf is a statement's JSON without what names persons.
func totalsOf(b []byte) ([]byte, error) {
	var st statement.Statement
	if err := json.Unmarshal(b, &st); err != nil {
		return nil, fmt.Errorf("the statement cannot be read: %w", err)
	}
	return statementJSON(st.Totals())
}

// reduceFiles takes the review workbook and the persons beside it away, and leaves of the statement its
// totals.
func (d *Desk) reduceFiles(m string, revision int) error {
	dir := d.Dir(m, revision)
	for _, name := range []string{"review-" + m + ".xlsx", "review-persons-" + m + ".csv"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	path := filepath.Join(dir, "statement-"+m+".json")
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	totals, err := totalsOf(b)
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, atomicfile.Normal, totals)
}
