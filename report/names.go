package report

import (
	"strconv"
	"strings"
	"unicode"

	"splameter/internal/digest"
	"splameter/internal/safetext"

	"golang.org/x/text/unicode/norm"
)

// maxName is how many bytes of an id go into a file's name.
const maxName = 120

// SafeName is an id as part of a file's name: the id itself where every system
// can have it, else a likeness with a suffix made from the id, so that
// different ids never share a name and the same id always has the same. It
// holds no separator, no control character, no name that Windows keeps for a
// device, and ends neither in a dot nor in a space.
func SafeName(id string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToValidUTF8(id, "_")) {
		switch {
		case strings.ContainsRune(`<>:"/\|?*`, r),
			unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.IsSpace(r) && r != ' ', !unicode.IsPrint(r):
			r = '_'
		}
		if b.Len()+len(string(r)) > maxName {
			break
		}
		b.WriteRune(r)
	}
	name := strings.Trim(strings.TrimRight(b.String(), ". "), " ")
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") {
		name = "_" + name[1:]
	}
	if device(name) {
		name = "_" + name
	}
	if name == "" {
		name = "_"
	}
	if name != id {
		name += "-" + suffix(id)
	}
	return name
}

// device says whether Windows takes the name, up to its first dot, for a
// device, whatever follows.
func device(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	for _, p := range []string{"COM", "LPT"} {
		if n, ok := strings.CutPrefix(base, p); ok && len([]rune(n)) == 1 && strings.ContainsAny(n, "0123456789¹²³") {
			return true
		}
	}
	return false
}

func suffix(id string) string {
	return digest.Of(id)[:10]
}

// names gives each id its own file name, also on systems that do not tell
// case: the first keeps its name, so that a newcomer never renames an older
// one.
type names struct{ taken map[string]bool }

func (n *names) give(prefix, id string) string {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	name := prefix + SafeName(id)
	for try := 0; n.taken[foldName(name)]; try++ {
		name = prefix + SafeName(id) + "-" + suffix(prefix+id+strings.Repeat("+", try))
	}
	n.taken[foldName(name)] = true
	return name
}

func foldName(s string) string {
	return strings.ToLower(strings.ToUpper(norm.NFKC.String(s)))
}

// sheetNames gives each sheet of one workbook a name that Excel takes: at most
// 31 units, none of its forbidden characters, unique without regard to case.
type sheetNames struct{ taken map[string]bool }

func (n *sheetNames) give(want string) string {
	if n.taken == nil {
		n.taken = map[string]bool{"history": true} // Excel keeps this name for itself
	}
	base := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]`, r) {
			return ' '
		}
		if r == '\'' { // legal inside, but a trap in every reference
			return '’'
		}
		return r
	}, line(want))
	base = strings.Join(strings.Fields(base), " ")
	if base == "" {
		base = "-"
	}
	name := safetext.ClipUnits(base, 31)
	for i := 2; n.taken[foldName(name)]; i++ {
		suffix := " (" + strconv.Itoa(i) + ")"
		name = safetext.ClipUnits(base, 31-len(suffix)) + suffix
	}
	n.taken[foldName(name)] = true
	return name
}
