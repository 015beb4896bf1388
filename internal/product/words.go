package product

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// A title is a display name as the patterns see it: its words in lower case
// and without accents, without Microsoft's name, bitness, version numbers,
// years and the language at its end, which are noted apart.
type title struct {
	words    []string // letters that an encoding lost stand as lost
	year     string   // the first one named
	language bool     // it ends in a language's name, or in one that cannot be read
	culture  bool     // it ends as Click-to-Run names end: " - nl-nl"
	lost     bool     // some word holds letters that were lost
}

// lost stands in a word for letters that an encoding lost: none, one or two.
const lost = '?'

// Limits that no name in an inventory reaches.
const (
	maxName  = 1024
	maxWords = 48
)

// titleOf folds a display name.
func (v *vocabulary) titleOf(name string) title { return v.fold(repaired(name)) }

func (v *vocabulary) fold(name string) (t title) {
	if len(name) > maxName {
		name = name[:maxName]
	}
	name = strings.TrimSpace(name)
	for _, mark := range [...]string{"®", "™", "©", "(R)", "(TM)", "(r)", "(tm)"} {
		if strings.Contains(name, mark) {
			name = strings.ReplaceAll(name, mark, " ")
		}
	}
	name, t.language, t.culture = v.tail(name)
	words := split(name)
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	for i := 0; i < len(words); i++ {
		w := words[i]
		switch {
		case (w == "64" || w == "32") && i+1 < len(words) && v.bits(words[i+1]):
			i++
			continue
		case v.neutral[w], len(w) > 1 && w[0] == 'v' && version(w[1:]), version(w) && strings.Contains(w, "."):
			continue
		}
		if y := yearIn(w); y != "" && len(w) == 4 {
			if t.year == "" {
				t.year = y
			}
			continue
		}
		t.lost = t.lost || strings.ContainsRune(w, lost)
		t.words = append(t.words, w)
	}
	return t
}

// tail takes off the language that a name ends in.
func (v *vocabulary) tail(name string) (rest string, language, isCulture bool) {
	for _, sep := range [...]string{" - ", " – ", "?- ", ": ", " -- ", " | "} {
		i := strings.LastIndex(name, sep)
		if i <= 0 {
			continue
		}
		end := strings.TrimSpace(name[i+len(sep):])
		if culture(strings.ToLower(end)) {
			return name[:i], false, true
		}
		if v.isLanguage(end) {
			return name[:i], true, false
		}
	}
	if i := strings.LastIndexByte(name, '('); i > 0 && strings.HasSuffix(name, ")") && v.isLanguage(strings.TrimSuffix(name[i+1:], ")")) {
		return name[:i], false, false // Microsoft Visio Viewer 2016 (English): of any product, and tells nothing
	}
	return name, false, false
}

// isLanguage says that a text is a language's name, in English or its own, or
// both with a stroke between, or none of it can be read.
func (v *vocabulary) isLanguage(s string) bool {
	if i := strings.IndexByte(s, '('); i > 0 {
		s = s[:i] // português (Brasil)
	}
	if i := strings.IndexAny(s, "/"); i > 0 {
		s = s[:i]
	}
	words := split(s)
	if len(words) == 0 || len(words) > 3 {
		return false
	}
	whole := strings.Join(words, " ")
	if v.languages[whole] || v.languages[words[0]] {
		return true
	}
	if strings.ContainsRune(whole, lost) {
		for l := range v.languages {
			if fits(l, whole) {
				return true
			}
		}
		return strings.Trim(whole, string(lost)+" ") == ""
	}
	return false
}

// culture: nl-nl, sr-latn-rs, x-none.
func culture(s string) bool {
	if len(s) < 4 || len(s) > 11 || strings.IndexByte(s, '-') < 1 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// version: digits with dots between.
func version(s string) bool {
	for i := range len(s) {
		if !digit(s[i]) && s[i] != '.' {
			return false
		}
	}
	return s != "" && digit(s[0])
}

// split makes words of a text: runs of letters and digits, of one kind of
// script each, and of what stands for a lost letter; a dot between digits
// belongs to the number.
func split(s string) []string {
	var words []string
	var b strings.Builder
	script := 0
	flush := func() {
		if w := b.String(); w != "" && w != string(lost) {
			words = append(words, w)
		}
		b.Reset()
		script = 0
	}
	s = foldText(s)
	for i, r := range s {
		switch {
		case r == '.':
			if b.Len() > 0 && digit(last(b.String())) && i+1 < len(s) && digit(s[i+1]) {
				b.WriteByte('.')
				continue
			}
			flush()
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			k := scriptOf(r)
			if script != 0 && k != 0 && script != k {
				flush()
			}
			script = max(script, k)
			b.WriteRune(r)
		case r == '+' || r == '#':
			if b.Len() > 0 {
				b.WriteRune(r)
			}
		case separator(r):
			flush()
		default: // a sign within a word is a letter that an encoding lost
			b.WriteByte(lost)
		}
	}
	flush()
	return words
}

func last(s string) byte { return s[len(s)-1] }

// patternStar stands for the star of a pattern while it is made words of; no
// name has it.
const patternStar = 'ĸ'

// scriptOf tells writing without blanks between words (2) from any other (1);
// the star of a pattern goes with either.
func scriptOf(r rune) int {
	if r == patternStar {
		return 0
	}
	if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) || r == 'ー' {
		return 2
	}
	return 1
}

// separator says which signs stand between words.
func separator(r rune) bool {
	if unicode.IsSpace(r) {
		return true
	}
	return strings.ContainsRune("-–—‐‑−/\\()[]{}<>:;,&'’‘`\"“”_|·•・、。（）「」：＆*!=@«»^~$%§", r)
}

// foldText lowers a text and takes its accents off.
func foldText(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if plain, ok := plainLetters[r]; ok {
			b.WriteString(plain)
			continue
		}
		b.WriteRune(r)
	}
	return norm.NFC.String(b.String())
}

// plainLetters have no decomposition of their own.
var plainLetters = map[rune]string{'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'ı': "i", 'þ': "th", 'ŋ': "n", '\u00ad': "", '\u200b': "", '\ufeff': ""}

// repaired undoes the two mistakes of encodings that leave a trace: UTF-8
// read as a code page of Windows or DOS, and Cyrillic read as Western.
func repaired(name string) string {
	foreign := 0
	for i := range len(name) {
		if name[i] >= utf8.RuneSelf {
			foreign++
		}
	}
	if foreign < 2 {
		return name
	}
	for _, page := range [...]*charmap.Charmap{charmap.Windows1252, charmap.CodePage850, charmap.CodePage437} {
		if s, ok := bytesOf(name, page); ok && utf8.ValidString(s) && len(s) < len(name) {
			return s
		}
	}
	// Three letters that all carry accents are no word of a Western language.
	run, most := 0, 0
	for _, r := range name {
		if r >= 0xC0 && r <= 0xFF {
			run++
			most = max(most, run)
		} else {
			run = 0
		}
	}
	if most >= 5 {
		if s, ok := bytesOf(name, charmap.Windows1252); ok {
			if t, err := charmap.Windows1251.NewDecoder().String(s); err == nil {
				return t
			}
		}
	}
	return name
}

// bytesOf is a text as it was before a code page was read into it.
func bytesOf(s string, page *charmap.Charmap) (string, bool) {
	var b strings.Builder
	for _, r := range s {
		c, ok := page.EncodeRune(r)
		if !ok {
			if r >= 0x80 && r < 0xA0 {
				c, ok = byte(r), true // what the page leaves undefined
			}
			if !ok {
				return "", false
			}
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

// unsure is a title whose foreign letters are all taken for lost: what was
// written in one code page and read in another still shows its plain letters.
func unsure(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x80 && !separator(r) && r != '®' && r != '™' {
			return lost
		}
		return r
	}, name)
}

// fits says whether a word with lost letters can be that one.
func fits(want, have string) bool {
	if !strings.ContainsRune(have, lost) {
		return want == have
	}
	w, h := []rune(want), []rune(have)
	letters := 0
	for _, r := range h {
		if r != lost {
			letters++
		}
	}
	if letters < 2 { // too little to tell
		return false
	}
	return fitsRunes(w, h)
}

// fitsRunes: each lost letter stands for none, one or two. The states are
// which places of want can be reached, so that the work is bounded.
func fitsRunes(w, h []rune) bool {
	at := make([]bool, len(w)+1)
	at[0] = true
	for _, r := range h {
		next := make([]bool, len(w)+1)
		for i, ok := range at {
			if !ok {
				continue
			}
			if r == lost {
				for k := i; k <= i+2 && k <= len(w); k++ {
					next[k] = true
				}
			} else if i < len(w) && w[i] == r {
				next[i+1] = true
			}
		}
		at = next
	}
	return at[len(w)]
}

// Plain is a display name without version numbers and the language of a
// Click-to-Run product: what stays the same from month to month.
func Plain(name string) string {
	if i := strings.LastIndex(name, " - "); i > 0 && culture(strings.ToLower(strings.TrimSpace(name[i+3:]))) {
		name = name[:i]
	}
	fields := strings.Fields(name)
	out := fields[:0]
	for _, f := range fields {
		bare := strings.Trim(f, "()[],v-–")
		if version(bare) && strings.Contains(bare, ".") {
			continue
		}
		out = append(out, f)
	}
	for len(out) > 0 && (out[len(out)-1] == "-" || out[len(out)-1] == "–") {
		out = out[:len(out)-1]
	}
	if len(out) == 0 {
		return strings.TrimSpace(name)
	}
	return strings.Join(out, " ")
}
