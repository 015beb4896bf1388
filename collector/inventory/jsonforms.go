package inventory

import (
	"errors"
	"fmt"
	"regexp"

	"splameter/collector/forms"
	"splameter/internal/lazyregexp"
	"splameter/internal/safetext"
	"splameter/internal/snapshot"
)

// errForeign keeps objects of another kind from passing for a host of which
// was read that it has no programs.
var errForeign = errors.New("none of its objects has a field with a program's name; name the right one under columns in the config")

func readSoftwareJSON(in *input, b *builder, opt Options, form *forms.Form) error {
	text, err := in.all(maxJSON)
	if err != nil {
		return err
	}
	named, unnamed, foreign := false, false, false
	seen := func() {
		if named && unnamed && b.fallback != "" {
			b.notes.damage(0, "some objects name their host and others do not; the first of these were taken as %s's", b.fallback)
			b.fallback = "" // the next ones are damaged rows
		}
	}
	j := &jsonReader{in: in, b: text, fields: newFieldSet(softwareColumns(), opt.Columns, form), intern: b.intern, nested: true}
	j.changes = form != nil && form.ID == "osquery"
	whole, partial := map[string]bool{}, ""
	j.read = func(host string) { named = true; b.host(host) }
	j.emit = func(o *object, host string) error {
		if !o.any {
			foreign = true
			return nil
		}
		if o.values[colHost] == "" {
			o.values[colHost] = host
		}
		if itself(o.values[colHost]) {
			o.values[colHost] = ""
		}
		fixed(form, softwareColumns(), o.values)
		if o.values[colHost] != "" {
			named = true
			if !unnamed {
				b.fallback = ""
			}
		} else {
			unnamed = true
		}
		seen()
		if j.changes {
			if h := o.values[colHost]; !o.partial {
				whole[h] = true
			} else if !whole[h] {
				partial = h
			}
			if o.removed {
				b.remove(o)
				return nil
			}
		}
		return b.object(o)
	}
	if err := j.run(); err != nil {
		return err
	}
	if unnamed {
		same := numbered()
		if form != nil && form.Same != "" {
			same = regexp.MustCompile(`"(` + regexp.QuoteMeta(form.Same) + `)"\s*:\s*"?([^",}\s]{1,64})`)
		}
		if name, two := differing(text, same); two != nil {
			return byNumber(name, two)
		}
	}
	if partial != "" {
		b.notes.damage(0, "the log tells of %s only what changed: export a snapshot, or the log from its first run on (counter 0)", safetext.Brief(partial))
	}
	if foreign && !named && !unnamed && b.notes.count[CodeDamaged] == 0 {
		return errForeign
	}
	if len(b.hosts) == 0 && b.fallback != "" && b.notes.count[CodeDamaged] == 0 {
		b.host(b.fallback) // an empty list is a host that was read
	}
	return in.done()
}

// numbered is a member that says by a number or an id which host an object is of.
var numbered = lazyregexp.New(`(?i)"((?:device|agent|computer|host|machine|asset|node|endpoint|server)[ _-]?id)"\s*:\s*"?([^",}\s]{1,64})`)

// byNumber says that a file lists several hosts without their names.
func byNumber(name string, two []string) error {
	return fmt.Errorf("it lists the programs of several hosts and says whose by number alone (%s %s, %s, …): export the name of the host also, or one file a host, named after it, such as software-RDSH01-2026-10-30.json", name, two[0], two[1])
}

// differing are two values of one member that differ, anywhere in a text, with
// its name; nil where it has none or only one.
func differing(text []byte, member *regexp.Regexp) (string, []string) {
	first := map[string]string{}
	for at := 0; ; {
		m := member.FindSubmatchIndex(text[at:])
		if m == nil {
			return "", nil
		}
		name, v := string(text[at+m[2]:at+m[3]]), string(text[at+m[4]:at+m[5]])
		switch old, ok := first[name]; {
		case !ok:
			first[name] = v
		case v != old:
			return name, []string{safetext.Brief(old), safetext.Brief(v)}
		}
		at += m[1]
	}
}

func readHostsJSON(in *input, notes *notices, opt Options, form *forms.Form) ([]snapshot.Machine, error) {
	text, err := in.all(maxJSON)
	if err != nil {
		return nil, err
	}
	var out []snapshot.Machine
	j := &jsonReader{in: in, b: text, fields: newFieldSet(hostColumns(), opt.Columns, form),
		intern: func(v []byte) string { return safetext.Value(string(v)) }}
	j.read = func(string) {}
	j.emit = func(o *object, _ string) error {
		if !fixed(form, hostColumns(), o.values) {
			return nil
		}
		if m, ok := machineOf(o.values, o.line, notes); ok {
			out = append(out, m)
		} else if !o.any {
			notes.damage(o.line, "object without a host; it is left out")
		}
		if len(out) > maxRows {
			return tooManyRows()
		}
		return nil
	}
	if err := j.run(); err != nil {
		return nil, err
	}
	return out, in.done()
}
