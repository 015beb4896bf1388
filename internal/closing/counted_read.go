package closing

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"splameter/internal/closing/evidence"
	"splameter/internal/statement"
)

// errOtherForm says that a sealed list is not written line by line as
// writeCounted does it, and must be read otherwise.
var errOtherForm = errors.New("it is written in another form")

// tenantCounted adds to a statement the persons and machines of one tenant.
func tenantCounted(p *evidence.Pack, st *statement.Statement, tenant string) error {
	var persons []statement.Person
	var machines []statement.Machine
	err := eachCounted(p, func(of string) bool { return of == tenant },
		func(x *statement.Person) { persons = append(persons, *x) }, func(x *statement.Machine) { machines = append(machines, *x) })
	st.Persons, st.Machines = statement.PersonsOf(persons...), machines
	return err
}

// eachCounted goes through the persons and machines of some tenants in the sealed
// list of all. Of a large month that is a quarter of a gigabyte: it is gone
// through line by line, and only what is asked for is made out.
func eachCounted(p *evidence.Pack, of func(tenant string) bool, person func(*statement.Person), machine func(*statement.Machine)) error {
	m, err := p.Member(countedMember)
	if err != nil {
		return err
	}
	r, err := m.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	err = entriesOf(bufio.NewReaderSize(r, 1<<16), of, func(list string, entry []byte) (err error) {
		switch list {
		case "Persons":
			x := statement.Person{Via: statement.Basis{Way: &statement.Way{}, Installed: &statement.Installed{}}} // as whoever counts makes it
			if err = json.Unmarshal(entry, &x); err == nil {
				person(&x)
			}
		case "Machines":
			var x statement.Machine
			if err = json.Unmarshal(entry, &x); err == nil {
				machine(&x)
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("the sealed %s of %s cannot be read: %w", countedMember, p.Manifest.Month, err)
	}
	return nil
}

// entriesOf goes through lists of objects in the form of writeCounted, to its
// end, and hands on the objects of the tenants that are asked for, as JSON.
func entriesOf(in *bufio.Reader, asked func(tenant string) bool, each func(list string, entry []byte) error) error {
	const name = `   "tenant": `
	var entry, last []byte // the tenant's line of the entry before: they stand by tenant
	list, within, mine, lastMine := "", false, false, false
	for n := 0; ; n++ {
		line, err := in.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		if err == io.EOF && len(line) == 0 {
			if list != "" || within {
				return errOtherForm
			}
			return nil
		}
		if err == io.EOF {
			return errOtherForm
		}
		if err != nil && !long {
			return err
		}
		if within {
			entry = append(entry, line...)
			if long && bytes.HasPrefix(line, []byte(name)) {
				return errOtherForm
			}
			if long { // the rest of it tells nothing
				for long {
					line, err = in.ReadSlice('\n')
					if long = errors.Is(err, bufio.ErrBufferFull); err != nil && !long {
						return err
					}
					entry = append(entry, line...)
				}
				continue
			}
			switch text := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte(",")); {
			case bytes.HasPrefix(text, []byte(name)):
				if !bytes.Equal(text, last) {
					var of string
					if err := json.Unmarshal(text[len(name):], &of); err != nil {
						return err
					}
					last, lastMine = append(last[:0], text...), asked(of)
				}
				mine = lastMine
			case string(text) == "  }":
				if mine {
					if err := each(list, bytes.TrimSuffix(entry, []byte(",\n"))); err != nil {
						return err
					}
				}
				within = false
			}
			continue
		}
		text := string(bytes.TrimSuffix(line, []byte("\n")))
		switch {
		case long:
			return errOtherForm
		case n == 0 && text == "{", list == "" && text == "}":
		case list != "" && text == "  {":
			within, mine, entry = true, false, append(entry[:0], '{')
		case list != "" && (text == " ]" || text == " ],"):
			list = ""
		case list == "" && len(text) > 2 && text[:2] == ` "`:
			end := bytes.IndexByte([]byte(text[2:]), '"')
			if end < 0 {
				return errOtherForm
			}
			switch text[2+end+1:] {
			case ": [":
				list = text[2 : 2+end]
			case ": [],", ": []", ": null,", ": null":
			default:
				return errOtherForm
			}
		default:
			return errOtherForm
		}
	}
}
