package closing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
	"splameter/internal/lazyregexp"
	"splameter/internal/month"
	"splameter/internal/statement"
	"splameter/internal/store"
)

// packMember is what the evidence of a month is called in an auditor's pack,
// beneath its folder; its time stamp stands beside it.
const packMember = "evidence.zip"

// indexMember says which months an auditor's pack has.
const indexMember = "index.json"

// AuditMonth is one revision of a month in an auditor's pack.
type AuditMonth struct {
	Month    string
	Revision int
	State    string
	Manifest string // of the sealed evidence
}

// Audit writes an auditor's pack of months to a file: the sealed evidence of
// every revision as it is, or with mask only what a quantity can be followed
// by, without names. missing are the months that were never sealed.
//
// Masked, the pack holds no directory, session, workbook or review, no text that
// anybody wrote and no name of a file, and each account and person under a mask
// that is the same in every month and every pack of this store. Tenants,
// products, hosts and groups keep their names; what is paid stands in it only
// where prices asks for it. The digest of the sealed evidence and of each of its
// members stands beside it, so that what was left out can be asked for and
// checked. Of each month it holds too what was done to it after its latest seal.
func (d *Desk) Audit(ctx context.Context, from, until month.Month, mask, prices bool, out string) (months []AuditMonth, missing []string, err error) {
	var members []evidence.Member
	key, err := d.Store.MaskKey(ctx)
	if err != nil {
		return nil, nil, err
	}
	k := masker{key, prices, d.Setup.Config.Output}
	defer func() { evidence.CloseAll(members) }()
	for m := from; m.Number() <= until.Number(); m = m.Add(1) {
		l, err := d.Life(ctx, m)
		if err != nil {
			return nil, nil, err
		}
		found := false
		for revision := 0; revision <= l.Revision; revision++ {
			seal := l.sealOf(revision)
			if seal == nil {
				continue
			}
			more, a, err := d.auditMonth(ctx, l, revision, seal, mask, k)
			members = append(members, more...)
			if err != nil {
				return nil, nil, fmt.Errorf("take %s into the auditor's pack: %w", m, err)
			}
			found = true
			months = append(months, a)
		}
		if found {
			more, err := d.laterActs(ctx, l, mask, k)
			if err != nil {
				return nil, nil, fmt.Errorf("take what was done to %s since into the auditor's pack: %w", m, err)
			}
			members = append(members, more...)
		} else {
			missing = append(missing, m.String())
		}
	}
	if len(months) == 0 {
		return nil, missing, fmt.Errorf("no month from %s to %s was ever sealed: there is nothing to show", from, until)
	}
	index, err := indented(struct {
		From, Until string
		Masked      bool
		Months      []AuditMonth
		NotSealed   []string
	}{from.String(), until.String(), mask, months, missing})
	if err != nil {
		return nil, nil, err
	}
	members = append(members, evidence.Member{Name: indexMember, Data: index})
	state := auditState
	if mask {
		state += ", names masked"
	}
	sign, err := d.signKey()
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("%s is there already; give another name, or take it away", out)
	}
	err = atomicfile.Write(out, atomicfile.Normal, func(w io.Writer) error {
		_, err := evidence.Seal(ctx, w, evidence.Manifest{Month: from.String() + ".." + until.String(), State: state, Program: d.Version}, members, sign)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("write the auditor's pack: %w", err)
	}
	return months, missing, nil
}

// laterActs are what was done to a month after its latest seal, which no evidence
// of it holds, such as an invoice that could not be sealed with it; and the
// documents handed in with that.
func (d *Desk) laterActs(ctx context.Context, l *Life, mask bool, k masker) (members []evidence.Member, err error) {
	from := 0
	for i := range l.Acts {
		if l.Acts[i].Manifest != "" {
			from = i + 1
		}
	}
	later := l.Acts[from:]
	if len(later) == 0 {
		return nil, nil
	}
	var tree any = later
	if mask {
		st, err := d.result(ctx, l.Month, l.settledRevision())
		if errors.Is(err, store.ErrNone) {
			st, err = &statement.Statement{}, nil
		}
		if err != nil {
			return nil, err
		}
		if tree, err = k.acts(later, st); err != nil {
			return nil, err
		}
	}
	b, err := indented(tree)
	if err != nil {
		return nil, err
	}
	members = append(members, evidence.Member{Name: l.Month + "-later/" + actsMember, Data: b})
	if mask {
		return members, nil
	}
	for i := range later {
		a := later[i].Attachment
		if a == nil {
			continue
		}
		b, err := os.ReadFile(d.attached(l.Month, a))
		if err != nil || digest.Of(b) != a.SHA256 {
			return nil, fmt.Errorf("the attachment %s is not in the month's folder as it was handed in; put it back from a backup", a.Name)
		}
		name := l.Month + "-later/" + attachFolder + stored(a)
		if !slices.ContainsFunc(members, func(m evidence.Member) bool { return m.Name == name }) {
			members = append(members, evidence.Member{Name: name, Data: b})
		}
	}
	return members, nil
}

// sealOf is the latest seal of a revision.
func (l *Life) sealOf(revision int) *statement.Act { return latestSeals(l.live)[revision] }

// latestSeals are the latest seal of each revision that has one. What retention
// leaves of a pack is one where there was one before: earlier programs gave its
// digest to a revision that was never sealed, too.
func latestSeals(acts []statement.Act) map[int]*statement.Act {
	out := map[int]*statement.Act{}
	for i := range acts {
		if a := &acts[i]; a.Manifest != "" && (a.Action != statement.ActRetain || out[a.Revision] != nil) {
			out[a.Revision] = a
		}
	}
	return out
}

func (d *Desk) auditMonth(ctx context.Context, l *Life, revision int, seal *statement.Act, mask bool, k masker) ([]evidence.Member, AuditMonth, error) {
	path := d.Pack(l.Month, revision)
	p, err := evidence.Open(ctx, path)
	if err != nil {
		return nil, AuditMonth{}, err
	}
	defer p.Close()
	if wrong := l.holds(p, seal); wrong != "" {
		return nil, AuditMonth{}, fmt.Errorf("the evidence %s %s", path, wrong)
	}
	a := AuditMonth{l.Month, revision, p.Manifest.State, p.Digest}
	folder := fmt.Sprintf("%s-r%d/", l.Month, revision)
	if !mask {
		x, err := evidence.FileMember(folder+packMember, path)
		members := []evidence.Member{x}
		if b, ok := stampOn(path, p); ok {
			members = append(members, evidence.Member{Name: StampFile(x.Name), Data: b})
		}
		return members, a, err
	}
	members, err := k.month(p, folder)
	return members, a, err
}

// IsAudit says whether a pack says that it is an auditor's pack of several months.
func IsAudit(p *evidence.Pack) bool { return strings.HasPrefix(p.Manifest.State, auditState) }

// auditFolder is a month's in an auditor's pack: of a revision, or of what was
// done later.
var auditFolder = lazyregexp.New(`^([0-9]{4}-[0-9]{2})-(r[0-9]+|later)/`)

// checkAudit refuses what only calls itself an auditor's pack: one month's
// evidence under that name would be held against nothing.
func checkAudit(p *evidence.Pack) error {
	from, until, ok := strings.Cut(p.Manifest.Month, "..")
	if _, err := month.Parse(from, nil); err != nil || !ok {
		return fmt.Errorf("says that it is an auditor's pack, and is of %s: it is no pack that a seal makes", p.Manifest.Month)
	}
	for _, name := range p.Names("") {
		in := auditFolder().FindStringSubmatch(name)
		if name != indexMember && (in == nil || in[1] < from || in[1] > until) {
			return fmt.Errorf("says that it is an auditor's pack of %s, and holds %s, which none of those months has in one", p.Manifest.Month, name)
		}
	}
	return nil
}

// PacksIn are the packs that an auditor's pack holds whole.
func PacksIn(p *evidence.Pack) []string {
	if !IsAudit(p) {
		return nil
	}
	return slices.DeleteFunc(p.Names(""), func(n string) bool { return !strings.HasSuffix(n, "/"+packMember) })
}
