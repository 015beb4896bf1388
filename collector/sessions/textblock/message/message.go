// Package message reads the values of session events out of their rendered
// text, for forms of logs that hold nothing else (NXLog, Get-WinEvent exports).
// It goes by position and shape and never by words, since the text is in the
// machine's language; which event it is comes from channel and id.
package message

import (
	"bytes"
	"unicode/utf8"

	"splameter/collector/sessions/record"
)

// The channels whose texts are read.
const (
	lsm = "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational"
	rcm = "Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational"
)

// Known says whether Fields reads the text of that event.
func Known(channel []byte, id uint32) bool {
	switch {
	case fold(channel, lsm), fold(channel, security):
		return Template(channel, id) != nil
	case fold(channel, rcm):
		return id == 1149
	case fold(channel, gateway):
		return Template(channel, id) != nil || id == 202 || id == 304 || id == 307 || id == 309
	}
	return false
}

// NamesUser says that the record's own fields tell already whom it concerns, so that
// nobody need read its text.
func NamesUser(r *record.Record) bool {
	names := Template(r.Channel, r.EventID)
	var who string
	switch {
	case len(names) == 0 || names[0] == "Username" || fold(r.Channel, gateway):
		who = "Username"
	case fold(r.Channel, security):
		who = "TargetUserName"
		if names[0] == "AccountName" {
			who = "AccountName"
		}
	default:
		who = names[0]
	}
	return len(r.Value(who)) > 0 || len(r.Value("User")) > 0
}

// Fields appends the fields of an event to dst, as they stand in its text.
//
// The texts of 21 to 25, 41, 42 and 1149 are a title line, then one line a
// value: a label, a colon, the value. The labels are passed over; the first
// colon of a line ends its label (an IPv6 address has colons of its own, a
// label has none). There must be as many such lines as the event has values,
// the session must be a number, and a user must be there. 40 and 39 are a
// sentence with two numbers; 39 is read only in a language that is written in
// Latin, Greek or Cyrillic letters, as others turn the sentence round.
//
// The texts of Security are sections, each a heading with its values beneath
// it; those of the gateway are sentences with the values in quotes.
//
// ok is false if the text does not have that shape; then nothing is appended.
func Fields(dst []record.Field, channel []byte, id uint32, text []byte) (fields []record.Field, ok bool) {
	switch {
	case !Known(channel, id):
		return dst, false
	case fold(channel, security):
		return securityFields(dst, id, text)
	case fold(channel, gateway):
		return gatewayFields(dst, id, text)
	}
	want := Template(channel, id)
	var values [3][]byte
	if want[0] == "User" || want[0] == "Param1" {
		if labelled(text, values[:]) != len(want) {
			return dst, false
		}
		if len(values[0]) == 0 {
			return dst, false
		}
		if want[0] == "User" && !isNumber(values[1]) {
			return dst, false
		}
	} else {
		if id == 39 && farScript(text) {
			return dst, false
		}
		if numbers(text, values[:]) != len(want) {
			return dst, false
		}
	}
	for i, name := range want {
		dst = append(dst, record.Field{Name: []byte(name), Value: values[i]})
	}
	return dst, true
}

// labelled finds the values behind labels, after the title line. It returns
// how many there are, which may be more than values holds.
func labelled(text []byte, values [][]byte) int {
	_, rest, _ := bytes.Cut(text, []byte{'\n'})
	n := 0
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		value, ok := afterLabel(line)
		if !ok {
			continue
		}
		if n < len(values) {
			values[n] = value
		}
		n++
	}
	return n
}

// numbers finds the numbers of a sentence; it counts on past values.
func numbers(text []byte, values [][]byte) int {
	n := 0
	for i := 0; i < len(text); {
		if text[i]-'0' > 9 {
			i++
			continue
		}
		from := i
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		if n < len(values) {
			values[n] = text[from:i]
		}
		n++
	}
	return n
}

func isNumber(b []byte) bool {
	for _, c := range b {
		if c-'0' > 9 {
			return false
		}
	}
	return len(b) > 0
}

// farScript says whether the text holds letters of a script beyond Cyrillic.
func farScript(text []byte) bool {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r >= 0x530 && (r < 0x2000 || r > 0x206f) {
			return true
		}
		text = text[n:]
	}
	return false
}

// fold compares without regard to ASCII case. Most names are written as Windows
// writes them, which is one comparison.
func fold(b []byte, name string) bool {
	return len(b) == len(name) && (string(b) == name || bytes.EqualFold(b, []byte(name)))
}
