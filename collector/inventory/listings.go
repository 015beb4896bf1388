package inventory

import (
	"bytes"
	"errors"
	"strings"

	"splameter/internal/lazyregexp"
	"splameter/internal/safetext"
)

// readSoftwareQuery reads what reg query prints.
func readSoftwareQuery(in *input, b *builder) error {
	s := newRegSoftware(b)
	if err := s.readQuery(in); err != nil {
		return err
	}
	if err := in.done(); err != nil {
		return err
	}
	return s.finish(b)
}

// readQuery reads what reg query prints: a key at the margin, and its values
// beneath, each a name, a type and what is kept.
func (s *regSoftware) readQuery(in *input) error {
	g := &regReader{in: in}
	for {
		line := in.next()
		if line == nil {
			break
		}
		switch text := bytes.TrimSpace(line); {
		case len(text) == 0:
		case bytes.HasPrefix(line, []byte("HKEY_")):
			s.flush()
			g.key, g.keyLine, g.gone = safetext.Value(string(text)), in.line, false
			s.begin(g)
		case g.key != "" && (line[0] == ' ' || line[0] == '\t'):
			m := queried().FindSubmatch(text)
			if m == nil {
				in.notes.damage(in.line, "a line that is no value as reg query prints it; it is left out")
				continue
			}
			s.take(string(m[1]), string(m[3]), in.line)
			if len(s.rows) > maxRows {
				return tooManyRows()
			}
		}
	}
	s.flush()
	return nil
}

var queried = lazyregexp.New(`^(.+?)(?: {4}|\t)(REG_[A-Z_]+)(?:(?: {4}|\t)(.*))?$`)

// readSoftwareOSPP reads what ospp.vbs /dstatus prints: the licences of Office
// on one host, each in a few lines. Only one with a product key is installed.
func readSoftwareOSPP(in *input, b *builder) error {
	if b.fallback == "" {
		return errors.New("it does not say of which host it is: name the file after the host, such as software-RDSH01-2026-10-30.txt")
	}
	host := b.fallback
	b.host(host)
	var r row
	at := 0
	flush := func() error {
		defer func() { r, at = row{}, 0 }()
		if r[colFamily] == "" {
			return nil
		}
		r[colHost] = host
		return b.add(&r, at)
	}
	for {
		line := in.next()
		if line == nil {
			break
		}
		name, value, ok := strings.Cut(string(bytes.TrimSpace(line)), ":")
		if !ok {
			if strings.HasPrefix(name, "-----") {
				if err := flush(); err != nil {
					return err
				}
			}
			continue
		}
		value = strings.TrimSpace(value)
		switch name = strings.ToUpper(name); {
		case name == "LICENSE NAME": // Office 21, Office21ProPlus2021VL_KMS_Client_AE edition
			if err := flush(); err != nil {
				return err
			}
			_, family, _ := strings.Cut(value, ",")
			r[colFamily], at = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(family), "edition")), in.line
		case name == "LICENSE STATUS":
			r[colStatus] = "0"
			if strings.Contains(strings.ToUpper(value), "-LICENSED-") {
				r[colStatus] = "1"
			}
		case strings.HasPrefix(name, "LAST 5 CHARACTERS"):
			r[colPartialKey] = value
		}
	}
	if err := flush(); err != nil {
		return err
	}
	return in.done()
}
