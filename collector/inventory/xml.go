package inventory

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"splameter/internal/safetext"
)

// maxElements bounds how deep the elements of an inventory lie.
const maxElements = 16

// readSoftwareXML reads what FusionInventory, OCS Inventory and the GLPI agent
// send: one host a document, a SOFTWARES element a program.
func readSoftwareXML(in *input, b *builder) error {
	text, err := in.all(maxJSON)
	if err != nil {
		return err
	}
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8 by now
	d.Strict = true
	var path []string
	var rows []heldRow
	var at row
	host, programs := "", false
	under := func(names ...string) bool {
		if len(path) < len(names) {
			return false
		}
		for i, n := range names {
			if path[len(path)-len(names)+i] != n {
				return false
			}
		}
		return true
	}
	for step := 0; ; step++ {
		if step&1023 == 0 {
			if err := in.ctx.Err(); err != nil {
				return err
			}
		}
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		line, _ := d.InputPos()
		if err != nil {
			in.notes.damage(line, "broken XML (%v): what follows is not read; export it again", safetext.Brief(err.Error()))
			break
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(path) == maxElements {
				return fmt.Errorf("its elements lie more than %d deep; it is no inventory", maxElements)
			}
			path = append(path, t.Name.Local)
			if under("CONTENT", "SOFTWARES") {
				programs, at = true, row{}
			}
		case xml.EndElement:
			if under("CONTENT", "SOFTWARES") {
				if rows = append(rows, heldRow{at, line}); len(rows) > maxRows {
					return tooManyRows()
				}
			}
			path = path[:max(0, len(path)-1)]
		case xml.CharData:
			switch v := b.intern(bytes.TrimSpace(t)); {
			case v == "":
			case under("CONTENT", "HARDWARE", "NAME"):
				host += v
			case under("SOFTWARES", "NAME"):
				at[colName] += v
			case under("SOFTWARES", "VERSION"):
				at[colVersion] += v
			case under("SOFTWARES", "PUBLISHER"):
				at[colPublisher] += v
			case under("SOFTWARES", "GUID"):
				at[colKey] += v
			}
		}
	}
	if !programs && host == "" {
		return errors.New("its elements are those of no inventory; known are FusionInventory, OCS Inventory and the GLPI agent (REQUEST, CONTENT, SOFTWARES)")
	}
	if host == "" {
		host = b.fallback
	}
	if host == "" {
		return errors.New("it does not say of which host it is: HARDWARE has no NAME; export it again, or name the file after the host")
	}
	b.host(host)
	for i := range rows {
		rows[i].row[colHost] = host
		if err := b.add(&rows[i].row, rows[i].line); err != nil {
			return err
		}
	}
	return in.done()
}
