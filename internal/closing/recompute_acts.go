package closing

import (
	"bytes"
	"fmt"
	"slices"

	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// checkDecisions holds what the month was counted with against the acts, by
// which people decided it.
func (r *recount) checkDecisions(l *Life) error {
	want, err := indented(l.decisions())
	if err != nil {
		return err
	}
	if err := r.compare(optionsMember, want); err != nil {
		return fmt.Errorf("the sealed decisions of %s are not those of its acts: %w", r.pack.Manifest.Month, err)
	}
	if r.pack.Manifest.State != string(l.onFiles()) || r.pack.Manifest.Revision != l.Revision {
		return fmt.Errorf("the manifest of %s says %s, revision %d, and its acts say %s, revision %d", r.pack.Manifest.Month,
			safetext.Clip(r.pack.Manifest.State, 40), r.pack.Manifest.Revision, l.onFiles(), l.Revision)
	}
	return nil
}

// attachments must be those of the acts.
func (r *recount) attachments(l *Life) error {
	for _, a := range l.attachments() {
		name := attachFolder + stored(a)
		r.expected[name] = true
		b, err := r.pack.Read(name)
		if err != nil {
			return err
		}
		if digest.Of(b) != a.SHA256 || int64(len(b)) != a.Size {
			return fmt.Errorf("the attachment %s in the pack of %s is not the one that was handed in", safetext.Clip(a.Name, 80), r.pack.Manifest.Month)
		}
	}
	return nil
}

// checkActs checks that the acts are one chain: numbered one by one, and each
// seal among them the seal of exactly the acts before it, as far as the pack
// carries the manifests that tell.
func checkActs(p *evidence.Pack, l *Life) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("the acts of %s do not hold: %s", p.Manifest.Month, fmt.Sprintf(format, args...))
	}
	last := p.Manifest.Revision // a revision that was withdrawn may have come after it
	for i := range l.Acts {
		if a := &l.Acts[i]; a.Action == statement.ActWithdraw {
			last = max(last, a.Revision)
		}
	}
	for i := range l.Acts {
		a := &l.Acts[i]
		if a.Seq != i+1 || a.Month != p.Manifest.Month || a.Revision < 0 || a.Revision > last {
			return wrong("number %d is of another place or month", i+1)
		}
	}
	if !slices.Equal(l.replaces(), p.Manifest.Replaces) {
		return wrong("the seals among them are not those that the manifest says to replace")
	}
	whole, err := indented(l.Acts)
	if err != nil {
		return err
	}
	if b, err := p.Read(actsMember); err != nil || !bytes.Equal(b, whole) {
		return wrong("they are not written as a seal writes them")
	}
	for i := range l.Acts {
		a := &l.Acts[i]
		m := p.Replaced(a.Manifest)
		if a.Manifest == "" || m == nil {
			continue
		}
		if m.Inputs != a.Inputs || m.Revision != a.Revision || m.Program != a.Program {
			return wrong("number %d names a seal with other inputs, of another revision or by another program than that seal has", a.Seq)
		}
		then := slices.Clone(l.Acts[:i])
		if a.Action == statement.ActClose { // its own seal shows it without what it sealed
			c := *a
			c.Manifest, c.Inputs, c.Program = "", "", ""
			then = append(then, c)
		}
		b, err := indented(then)
		if err != nil {
			return err
		}
		if e := entryOf(m, actsMember); e == nil || e.SHA256 != digest.Of(b) {
			return wrong("those up to number %d are not what was sealed with number %d: one was changed, added or left out since", i, a.Seq)
		}
	}
	return nil
}

// entryOf is a member in a manifest; nil where it has none of that name.
func entryOf(m *evidence.Manifest, name string) *evidence.Entry {
	for i := range m.Members {
		if m.Members[i].Name == name {
			return &m.Members[i]
		}
	}
	return nil
}
