package config

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CheckName says what keeps a name from standing in file names on every
// system: names of sources and pools, ids of tenants and partners. The error
// reads on after the quoted name, and says what to write instead after its
// last "; ".
func CheckName(s string) error {
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) {
		return errors.New("does not begin with a letter or a digit; begin it with one")
	}
	if len(s) > 100 {
		return errors.New("is longer than 100 bytes; shorten it")
	}
	for _, r := range s {
		switch {
		case strings.ContainsRune(`/\`, r):
			return errors.New("holds a path separator; use letters, digits, - and _")
		case strings.ContainsRune(`:*?"<>|`, r):
			return errors.New("holds a character that no file name may hold; use letters, digits, - and _")
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			return errors.New("holds a character that cannot be seen; use letters, digits, - and _")
		}
	}
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, " ") {
		return errors.New("ends in a dot or a space; leave that out")
	}
	base, _, _ := strings.Cut(strings.ToUpper(s), ".")
	base = strings.TrimRight(base, " ")
	port, isPort := strings.CutPrefix(base, "COM")
	if !isPort {
		port, isPort = strings.CutPrefix(base, "LPT")
	}
	switch {
	case slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}, base),
		isPort && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port):
		return errors.New("is the name of a device on Windows; choose another")
	}
	return nil
}
