package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"splameter/month"
	"splameter/snapshot"
)

// factsFile is the form in which a month's facts are sealed: each with its
// source, file and line or record, as the store gave them.
type factsFile struct {
	Month       string
	TimeZone    string
	Directories []snapshot.DirectoryMonth
	Uses        []snapshot.Use
	Logs        []snapshot.Log
	Software    []snapshot.SoftwareMonth
	Machines    []snapshot.MachineMonth
	Known       []string
	Readings    []snapshot.Reading
}

// EncodeFacts writes facts. Equal facts give equal bytes.
func EncodeFacts(f *snapshot.Facts) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(factsFile{f.Month.String(), f.Month.Location().String(), f.Directories, f.Uses, f.Logs, f.Software, f.Machines, f.Known, f.Readings})
	return b.Bytes(), err
}

// DecodeFacts reads what EncodeFacts wrote.
func DecodeFacts(b []byte) (*snapshot.Facts, error) {
	var f factsFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("the sealed facts cannot be read: %w", err)
	}
	loc, err := time.LoadLocation(f.TimeZone)
	if err != nil || f.TimeZone == "Local" {
		return nil, fmt.Errorf("the sealed facts are of no time zone that is known here: %q", f.TimeZone)
	}
	m, err := month.Parse(f.Month, loc)
	if err != nil {
		return nil, fmt.Errorf("the sealed facts are of no month: %w", err)
	}
	return &snapshot.Facts{Month: m, Directories: f.Directories, Uses: f.Uses, Logs: f.Logs, Software: f.Software,
		Machines: f.Machines, Known: f.Known, Readings: f.Readings}, check(&f)
}

// check finds indices that would lead outside, since sealed facts come from a
// file that anybody may have made.
func check(f *factsFile) error {
	for i := range f.Directories {
		d := &f.Directories[i]
		n := int32(len(d.Taken))
		ok := func(s snapshot.Span) bool { return s.First >= 0 && s.First <= s.Last && s.Last < n }
		for j := range d.Accounts {
			if !ok(d.Accounts[j].Span) || d.Accounts[j].Class > snapshot.Contact {
				return fmt.Errorf("the sealed facts of directory %q are not whole: account %d", d.Source, j)
			}
		}
		for j := range d.Groups {
			if !ok(d.Groups[j].Span) {
				return fmt.Errorf("the sealed facts of directory %q are not whole: group %d", d.Source, j)
			}
		}
		for j := range d.Members {
			if !ok(d.Members[j].Span) {
				return fmt.Errorf("the sealed facts of directory %q are not whole: membership %d", d.Source, j)
			}
		}
	}
	return nil
}
