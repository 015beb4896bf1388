package closing

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/evidence"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

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
// Masked, the pack holds no directory, session or review, no free text that
// anybody wrote, and each account and person under a mask that is the same in
// every month and every pack of this store. Tenants, products, hosts and
// groups keep their names. The manifest of the sealed evidence stands beside
// it, so that what was left out can be asked for and checked.
func (d *Desk) Audit(ctx context.Context, from, until month.Month, mask bool, out string) (months []AuditMonth, missing []string, err error) {
	var members []evidence.Member
	key, err := d.Store.MaskKey(ctx)
	if err != nil {
		return nil, nil, err
	}
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
			more, a, err := d.auditMonth(ctx, l, revision, seal, mask, masker{key})
			if err != nil {
				return nil, nil, fmt.Errorf("take %s into the auditor's pack: %w", m, err)
			}
			found = true
			members, months = append(members, more...), append(months, a)
		}
		if !found {
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
	members = append(members, evidence.Member{Name: "index.json", Data: index})
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

// sealOf is the latest seal of a revision.
func (l *Life) sealOf(revision int) *statement.Act {
	for i := len(l.Acts) - 1; i >= 0; i-- {
		if a := &l.Acts[i]; a.Revision == revision && a.Manifest != "" {
			return a
		}
	}
	return nil
}

func (d *Desk) auditMonth(ctx context.Context, l *Life, revision int, seal *statement.Act, mask bool, k masker) ([]evidence.Member, AuditMonth, error) {
	path := d.Pack(l.Month, revision)
	p, err := evidence.Open(ctx, path)
	if err != nil {
		return nil, AuditMonth{}, err
	}
	defer p.Close()
	if p.Digest != seal.Manifest {
		return nil, AuditMonth{}, fmt.Errorf("the evidence %s is whole, but is not what was sealed last; run splameter status, and put it back from a backup", path)
	}
	a := AuditMonth{l.Month, revision, p.Manifest.State, p.Digest}
	folder := fmt.Sprintf("%s-r%d/", l.Month, revision)
	if !mask {
		x, err := evidence.FileMember(folder+"evidence.zip", path)
		return []evidence.Member{x}, a, err
	}
	members, err := k.month(p, folder)
	return members, a, err
}

// masker gives names their masks: a keyed digest, so that nobody without the
// store's key can try names out.
type masker struct{ key []byte }

func (k masker) mask(kind, s string) string {
	if s == "" {
		return ""
	}
	h := hmac.New(sha256.New, k.key)
	h.Write([]byte(kind + "\x00" + s))
	return kind + "-" + hex.EncodeToString(h.Sum(nil)[:8])
}

// maskedPerson is a counted person as an auditor sees it.
type maskedPerson struct {
	Tenant, Product, Person string
	Accounts                []string
	Units                   int
	Excluded                *statement.Exclusion `json:",omitempty"`
	Via                     string
	Groups                  []string `json:",omitempty"`
	Pool, Host, Application string   `json:",omitempty"`
	First, Last             month.Day
	Active                  bool
}

type maskedFinding struct {
	Code     string             `json:"code"`
	Severity statement.Severity `json:"severity"`
	Tenant   string             `json:"tenant"`
	Product  string             `json:"product,omitempty"`
	Subject  string             `json:"subject"`
	Count    int                `json:"count,omitempty"`
	Accepted bool               `json:"accepted,omitempty"`
}

// month is what of a pack an auditor sees.
func (k masker) month(p *evidence.Pack, folder string) (out []evidence.Member, err error) {
	add := func(name string, v any) {
		if err != nil {
			return
		}
		var b []byte
		if b, err = indented(v); err == nil {
			out = append(out, evidence.Member{Name: folder + name, Data: b})
		}
	}
	take := func(name string, v any) {
		if err != nil {
			return
		}
		var b []byte
		if b, err = p.Read(name); err == nil {
			err = json.Unmarshal(b, v)
		}
	}
	add("sealed-manifest.json", struct {
		SHA256   string
		Manifest evidence.Manifest
	}{p.Digest, p.Manifest})
	for _, name := range p.Names("") { // without a name in them by their making
		usage := strings.HasPrefix(name, fileFolder+"usage-report-")
		if usage || name == inputFolder+"rules.yaml" || name == inputFolder+"prices.csv" || name == inputFolder+"catalog.yaml" {
			b, err := p.Read(name)
			if err != nil {
				return nil, err
			}
			out = append(out, evidence.Member{Name: folder + strings.TrimPrefix(name, fileFolder), Data: b})
		}
	}
	var acts []statement.Act
	take("acts.json", &acts)
	for i := range acts {
		a := &acts[i]
		a.By, a.Account = k.mask("staff", strings.ToLower(strings.Join(strings.Fields(a.By), " "))), k.mask("staff-account", strings.ToLower(a.Account))
		a.Reason, a.Attachment = withheld(a.Reason), nil
		if a.Correction != nil {
			a.Correction.By, a.Correction.Reason = k.mask("staff", strings.ToLower(strings.Join(strings.Fields(a.Correction.By), " "))), withheld(a.Correction.Reason)
		}
	}
	add("acts.json", acts)
	if !p.Has(factsMember) { // retention has reduced it: only totals are left
		var t json.RawMessage
		take(totalsMember, &t)
		add(totalsMember, t)
		return out, err
	}
	in, inErr := read(p)
	if inErr != nil {
		return nil, inErr
	}
	who := k.accounts(in.facts)
	st := *in.statement
	st.Findings, st.Coverage.Gaps = []statement.Finding{}, slices.Clone(st.Coverage.Gaps)
	for i := range st.Coverage.Gaps {
		g := &st.Coverage.Gaps[i]
		g.Accepted, g.Message, g.Action = withheld(g.Accepted), "", ""
	}
	add(statementMember, st)
	public := publicSubjects(in)
	var findings []maskedFinding
	for i := range in.statement.Findings {
		f := &in.statement.Findings[i]
		subject := f.Subject
		if m, ok := who[strings.ToLower(subject)]; ok {
			subject = m
		} else if !public[strings.ToLower(subject)] {
			subject = k.mask("subject", strings.ToLower(subject))
		}
		findings = append(findings, maskedFinding{f.Code, f.Severity, f.Tenant, f.Product, subject, f.Count, f.Accepted != ""})
	}
	add("findings.json", findings)
	var counted struct {
		Persons  []statement.Person
		Machines []statement.Machine
	}
	take("counted.json", &counted)
	persons := []maskedPerson{}
	for i := range counted.Persons {
		x := &counted.Persons[i]
		m := maskedPerson{Tenant: x.Tenant, Product: x.Product, Person: k.mask("person", x.Key), Units: x.Units, Excluded: x.Excluded, Via: x.Via.Kind,
			Groups: x.Via.Path, Pool: x.Via.Pool, Host: x.Via.Host, Application: x.Via.Application, First: x.First, Last: x.Last, Active: x.Active}
		for j := range x.Accounts {
			m.Accounts = append(m.Accounts, k.mask("account", x.Accounts[j].ID))
		}
		persons = append(persons, m)
	}
	add("counted.json", struct {
		Persons  []maskedPerson
		Machines []statement.Machine
	}{persons, counted.Machines})
	add("exclusions.json", k.exclusions(in.setup.Register, who))
	return out, err
}

func withheld(s string) string {
	if s == "" {
		return ""
	}
	return "(withheld)"
}

// exclusions are the register's entries; a pattern that is for users is shown
// by its mask, since it may be a name.
func (k masker) exclusions(r *register.Register, who map[string]string) []register.Exclusion {
	out := slices.Clone(r.Exclusions)
	for i := range out {
		if m := &out[i].Match; m.Kind == register.MatchUser && m.Pattern != "*" {
			masked, ok := who[strings.ToLower(m.Pattern)]
			if !ok {
				masked = k.mask("pattern", strings.ToLower(m.Pattern))
			}
			m.Pattern = masked
		}
	}
	return out
}

// accounts are the masks of everything that an account is called by.
func (k masker) accounts(f *snapshot.Facts) map[string]string {
	out := map[string]string{}
	put := func(name, mask string) {
		if name != "" {
			out[strings.ToLower(name)] = mask
		}
	}
	for i := range f.Uses.Len() { // who is in no directory
		u := f.Uses.At(i)
		for _, n := range []string{u.User, u.Name, u.SID} {
			put(n, k.mask("user", strings.ToLower(u.User)))
		}
	}
	for i := range f.Directories {
		d := &f.Directories[i]
		for _, a := range d.Accounts.All() {
			if a.Class == snapshot.Computer {
				continue
			}
			m := k.mask("account", a.ID)
			for _, n := range []string{a.Name, a.UPN, a.DisplayName, a.Mail, a.DN, a.SID, a.ID, d.Domain + `\` + a.Name} {
				put(n, m)
			}
		}
	}
	return out
}

// publicSubjects are the subjects of findings that name nobody: products,
// part numbers, tenants, sources, hosts, pools, groups and exclusions.
func publicSubjects(in *inputs) map[string]bool {
	out := map[string]bool{}
	put := func(names ...string) {
		for _, n := range names {
			out[strings.ToLower(n)] = true
		}
	}
	for i := range in.statement.Products {
		put(in.statement.Products[i].ID, in.statement.Products[i].PartNumber)
	}
	for i := range in.setup.Register.Tenants {
		put(in.setup.Register.Tenants[i].ID)
	}
	for i := range in.setup.Register.Exclusions {
		put(in.setup.Register.Exclusions[i].ID)
	}
	for i := range in.setup.Config.Pools {
		put(in.setup.Config.Pools[i].Name)
	}
	for i := range in.facts.Readings {
		put(in.facts.Readings[i].Source, in.facts.Readings[i].Source+" "+in.facts.Readings[i].Day.String())
	}
	for i := range in.facts.Software {
		put(in.facts.Software[i].Host, snapshot.HostKey(in.facts.Software[i].Host))
	}
	for i := range in.facts.Machines {
		put(in.facts.Machines[i].Host, snapshot.HostKey(in.facts.Machines[i].Host))
	}
	for i := range in.facts.Logs.Len() {
		l := in.facts.Logs.At(i)
		put(l.Host, l.Host+"/"+l.Channel)
	}
	for i := range in.facts.Directories {
		for j := range in.facts.Directories[i].Groups {
			put(in.facts.Directories[i].Groups[j].Name)
		}
	}
	return out
}

// IsAudit says whether a pack is an auditor's pack of several months.
func IsAudit(p *evidence.Pack) bool { return strings.HasPrefix(p.Manifest.State, auditState) }

// PacksIn are the packs that an auditor's pack holds whole.
func PacksIn(p *evidence.Pack) []string {
	if !IsAudit(p) {
		return nil
	}
	return slices.DeleteFunc(p.Names(""), func(n string) bool { return !strings.HasSuffix(n, "/evidence.zip") })
}
