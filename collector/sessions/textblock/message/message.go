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
	lsm = "microsoft-windows-terminalservices-localsessionmanager/operational"
	rcm = "microsoft-windows-terminalservices-remoteconnectionmanager/operational"
)

// Known says whether Fields reads the text of that event.
func Known(channel []byte, id uint32) bool { return names(channel, id) != nil }

// names are the fields of an event in the order of its text.
func names(channel []byte, id uint32) []string {
	switch {
	case fold(channel, lsm):
		switch id {
		case 21, 22, 24, 25:
			return []string{"User", "SessionID", "Address"}
		case 23, 41, 42:
			return []string{"User", "SessionID"}
		case 39:
			return []string{"TargetSession", "Source"}
		case 40:
			return []string{"Session", "Reason"}
		}
	case fold(channel, rcm) && id == 1149:
		return []string{"Param1", "Param2", "Param3"}
	}
	return nil
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
// ok is false if the text does not have that shape; then nothing is appended.
func Fields(dst []record.Field, channel []byte, id uint32, text []byte) (fields []record.Field, ok bool) {
	want := names(channel, id)
	if want == nil {
		return dst, false
	}
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
		colon, width := bytes.IndexByte(line, ':'), 1
		if wide := bytes.Index(line, []byte("：")); wide >= 0 && (colon < 0 || wide < colon) {
			colon, width = wide, len("：")
		}
		if colon < 0 {
			continue
		}
		if n < len(values) {
			values[n] = bytes.TrimSpace(line[colon+width:])
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

func fold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
