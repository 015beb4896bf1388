package closing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"splameter/internal/closing/evidence"
	"splameter/internal/closing/monthend"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
	"splameter/report"
	"splameter/rules"
)

// auditState is what an auditor's pack of several months gives for its state,
// or the beginning of it.
const auditState = "audit"

// Where things are in a pack.
const (
	inputFolder     = "inputs/"
	factsMember     = "facts.json"
	earlierMember   = inputFolder + "earlier.json"
	madeMember      = inputFolder + "made.json"
	optionsMember   = "decisions.json"
	actsMember      = "acts.json"
	statementMember = "statement.json"
	countedMember   = "counted.json"
	coverageMember  = "coverage.json"
	findingsMember  = "findings.json"
	totalsMember    = "totals.json"
	// replacedMember is the statement of the revision that this one replaces,
	// which its workbooks are held against.
	replacedMember = "replaced-statement.json"
	fileFolder     = "files/"
	attachFolder   = "attachments/"
)

// made is what the statement says of its making that no file tells.
type made struct {
	Program    string `json:"program"`
	ConfigHash string `json:"config_sha256"`
}

// decisions are what people decided that a statement depends on.
type decisions struct {
	State       statement.State        `json:"state"`
	Revision    int                    `json:"revision"`
	Corrections []statement.Correction `json:"corrections"`
	Accepted    map[string]string      `json:"accepted_gaps"`
	Findings    map[string]string      `json:"accepted_findings,omitempty"`
	Reason      string                 `json:"reason,omitempty"` // of the amendment
}

func (l *Life) decisions() decisions {
	return decisions{l.onFiles(), l.Revision, append([]statement.Correction{}, l.Corrections()...), l.Accepted(), l.AcceptedFindings(), l.reason()}
}

// reason is why the revision was begun; "" for the first.
func (l *Life) reason() string {
	for i := len(l.Acts) - 1; i >= 0; i-- {
		if a := &l.Acts[i]; a.Action == statement.ActAmend && a.Revision == l.Revision {
			return a.Reason
		}
	}
	return ""
}

// inputs are everything that a month is counted from, in the form in which
// they are sealed, and read from that form.
type inputs struct {
	members []evidence.Member
	digest  string
	made    made
	setup   *monthend.Setup
	facts   *snapshot.Facts
	earlier []statement.Earlier
	// statement is as it was sealed last; nil for inputs that were not yet.
	statement *statement.Statement
	pack      *evidence.Pack
	release   bool // the facts are counted for the last time
}

func (in *inputs) close() {
	if in.pack != nil {
		in.pack.Close()
		in.pack = nil
	}
}

func indented(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(v)
	return b.Bytes(), err
}

// gather takes the month's facts from the store, and the settings that the
// revision is to be counted with: today's for the first, else those sealed
// with the revision before, unless the amendment says otherwise.
func (d *Desk) gather(ctx context.Context, m month.Month, l *Life) (*inputs, error) {
	if l.Revision == 0 || l.Today {
		files, err := d.Setup.Files()
		if err != nil {
			return nil, err
		}
		return d.fresh(ctx, m, files, d.Setup.Config.Digest)
	}
	old, err := d.sealedParts(ctx, l.Month, l.Revision-1, l.Before)
	if err != nil {
		return nil, err
	}
	defer old.close()
	files := old.files()
	for i := range files { // the program that counts reads its own, whichever was sealed
		if files[i].Name == monthend.CatalogFile {
			files[i].Data = rules.CatalogFile()
		}
	}
	return d.fresh(ctx, m, files, old.made.ConfigHash)
}

// files are the settings among the inputs.
func (in *inputs) files() []monthend.File {
	var out []monthend.File
	for _, x := range in.members {
		if name, ok := strings.CutPrefix(x.Name, inputFolder); ok && x.Name != earlierMember && x.Name != madeMember {
			out = append(out, monthend.File{Name: name, Data: x.Data})
		}
	}
	return out
}

// fresh are the store's facts of a month with given settings.
func (d *Desk) fresh(ctx context.Context, m month.Month, files []monthend.File, configHash string) (*inputs, error) {
	facts, err := d.Store.Facts(ctx, m)
	if err != nil {
		return nil, err
	}
	return d.withFacts(ctx, m, facts, files, configHash)
}

func (d *Desk) withFacts(ctx context.Context, m month.Month, facts *snapshot.Facts, files []monthend.File, configHash string) (*inputs, error) {
	earlier, err := d.Store.Earlier(ctx, m, 12)
	if err != nil {
		return nil, err
	}
	in := &inputs{made: made{d.Version, configHash}, facts: facts, earlier: earlier}
	for _, f := range files {
		in.members = append(in.members, evidence.Member{Name: inputFolder + f.Name, Data: f.Data})
	}
	return in, in.load(files)
}

// toSeal puts the facts and the months before into the form in which they are
// sealed, which takes as long as counting them; kept on the disk of dir until the
// members are closed.
func (in *inputs) toSeal(dir string) error {
	x, err := evidence.Spool(dir, factsMember, func(w io.Writer) error { return evidence.EncodeFacts(w, in.facts) })
	if err != nil {
		return err
	}
	in.members = append(in.members, x)
	for name, v := range map[string]any{earlierMember: in.earlier, madeMember: in.made} {
		b, err := indented(v)
		if err != nil {
			return err
		}
		in.members = append(in.members, evidence.Member{Name: name, Data: b})
	}
	in.digest = evidence.InputDigest(in.members)
	return nil
}

func (in *inputs) load(files []monthend.File) error {
	setup, faults := monthend.LoadSealed(files, in.made.ConfigHash)
	in.setup = setup
	return faults.Err()
}

// parse reads inputs from their sealed form alone.
func parse(members []evidence.Member) (*inputs, error) {
	in, err := parseSettings(members)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(members, func(x evidence.Member) bool { return x.Name == factsMember })
	if at < 0 {
		return nil, errors.New("there are no sealed facts")
	}
	if err := in.readFacts(&members[at]); err != nil {
		return nil, err
	}
	if zone := in.setup.Config.Provider.TimeZone; in.facts.Month.Location().String() != zone {
		return nil, fmt.Errorf("the sealed facts are of the time zone %s, and the sealed config says %s", in.facts.Month.Location(), zone)
	}
	return in, nil
}

// parseSettings is parse without the facts.
func parseSettings(members []evidence.Member) (*inputs, error) {
	in := &inputs{members: members, digest: evidence.InputDigest(members)}
	have := map[string]*evidence.Member{}
	for i := range members {
		have[members[i].Name] = &members[i]
	}
	for name, to := range map[string]any{earlierMember: &in.earlier, madeMember: &in.made} {
		x := have[name]
		if x == nil {
			return nil, fmt.Errorf("there is no sealed %s", name)
		}
		if err := json.Unmarshal(x.Data, to); err != nil {
			return nil, fmt.Errorf("the sealed %s cannot be read: %w", name, err)
		}
	}
	return in, in.load(in.files())
}

func (in *inputs) readFacts(x *evidence.Member) error {
	r, err := x.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	in.facts, err = evidence.DecodeFacts(r)
	return err
}

// read takes the inputs out of a pack, which must stay open as long as they are
// used.
func read(p *evidence.Pack) (*inputs, error) {
	in, err := readParts(p, parse)
	if err != nil {
		return nil, err
	}
	if in.facts.Month.String() != p.Manifest.Month {
		return nil, fmt.Errorf("the pack of %s holds the facts of %s", p.Manifest.Month, in.facts.Month)
	}
	return in, in.readStatement()
}

func readParts(p *evidence.Pack, parse func([]evidence.Member) (*inputs, error)) (*inputs, error) {
	facts, err := p.Member(factsMember)
	if err != nil {
		return nil, err
	}
	members := []evidence.Member{facts}
	for _, name := range p.Names(inputFolder) {
		b, err := p.Read(name)
		if err != nil {
			return nil, err
		}
		members = append(members, evidence.Member{Name: name, Data: b})
	}
	in, err := parse(members)
	if err != nil {
		return nil, err
	}
	if in.digest != p.Manifest.Inputs {
		return nil, fmt.Errorf("the inputs in the pack of %s are not those that its manifest names", p.Manifest.Month)
	}
	in.pack = p
	return in, nil
}

// readStatement reads the statement that was sealed with the inputs.
func (in *inputs) readStatement() error {
	in.statement = &statement.Statement{}
	return readJSON(in.pack, statementMember, in.statement)
}

// evaluate counts the inputs with what people decided.
func (in *inputs) evaluate(ctx context.Context, l *Life) (*statement.Statement, error) {
	return in.count(ctx, l.decisions())
}

// lastly is evaluate where the facts are needed no more: they are let go of on
// the way, since proving a large month needs the room.
func (in *inputs) lastly(ctx context.Context, l *Life) (*statement.Statement, error) {
	in.release = true
	st, err := in.evaluate(ctx, l)
	in.facts = nil
	return st, err
}

func (in *inputs) count(ctx context.Context, dec decisions) (*statement.Statement, error) {
	return in.setup.Evaluate(ctx, in.facts, in.earlier, monthend.Options{Release: in.release, Version: in.made.Program, State: dec.State,
		Revision: dec.Revision, Reason: dec.Reason, Corrections: dec.Corrections, Accepted: dec.Accepted, Findings: dec.Findings})
}

// statementJSON is a statement as it is written and sealed.
func statementJSON(st *statement.Statement) ([]byte, error) {
	var b bytes.Buffer
	err := report.StatementJSON(&b, st)
	return b.Bytes(), err
}

// proved counts the inputs, and then what is to be sealed of them. What comes back
// is that second count: whatever shows it shows what anybody will find in the
// evidence. The first is let go of before the second begins, but for its digest,
// since there is no room for two large months.
func (in *inputs) proved(ctx context.Context, l *Life) (*statement.Statement, error) {
	first, err := in.lastly(ctx, l)
	if err != nil {
		return nil, err
	}
	sum, err := statementDigest(first)
	if err != nil {
		return nil, err
	}
	return in.prove(ctx, l, sum)
}

// prove reads the inputs anew from their sealed form and counts them: what is
// about to be sealed must be what anybody will find in it, down to who was counted,
// of which the statement has a digest. sum is that of the statement as it was
// counted from the store.
func (in *inputs) prove(ctx context.Context, l *Life, sum string) (*statement.Statement, error) {
	again, err := parse(in.members)
	if err != nil {
		return nil, fmt.Errorf("read what is to be sealed: %w", err)
	}
	st, err := again.lastly(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("count what is to be sealed: %w", err)
	}
	other, err := statementDigest(st)
	if err != nil {
		return nil, err
	}
	if other != sum {
		return nil, fmt.Errorf("what is to be sealed counts otherwise than the store; nothing was sealed; this is a fault of the program, please report it")
	}
	return st, nil
}

// statementDigest is the digest of statementJSON.
func statementDigest(st *statement.Statement) (string, error) {
	sum := digest.New()
	err := report.StatementJSON(sum, st)
	return sum.Hex(), err
}
