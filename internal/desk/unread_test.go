package desk

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The source of programs fails, and no export of it came: what programs on
// hosts could have given is not known, and stands as a dash and never as 0; what
// accounts and machines give without it is a number as ever.
func TestUnreadProductsAreDashes(t *testing.T) {
	w := newWorld(t, func(path string, b []byte) []byte {
		switch {
		case strings.HasPrefix(path, "testdata/inventory/software-"):
			return []byte("no,inventory\n\x00")
		case strings.HasPrefix(path, "testdata/inventory/uninstall-"):
			return nil
		}
		return b
	})
	b := w.approver()
	_, body := b.get(october)
	rows := regexp.MustCompile(`(?s)<tr data-row.*?</tr>`).FindAllString(body, -1)
	cell := regexp.MustCompile(`(?s)<td class="r( big)?">(.*?)</td>`)
	tag := regexp.MustCompile(`<[^>]*>`)
	for part, want := range map[string]string{"EXAMPLE-OFFSTD": "–", "EXAMPLE-OFFPRO": "–", "EXAMPLE-VISSTD": "–", "7JQ-00341": "–", "6WC-00002": "20", "7NQ-00302": "5"} {
		i := slices.IndexFunc(rows, func(r string) bool { return strings.Contains(r, part) })
		if i < 0 {
			t.Errorf("%s is not shown", part)
			continue
		}
		shown := ""
		for _, m := range cell.FindAllStringSubmatch(rows[i], -1) {
			text := strings.TrimSpace(tag.ReplaceAllString(m[2], ""))
			if m[1] != "" {
				shown = text
			}
			if want == "–" && (text == "0" || text == "EUR 0,00") {
				t.Errorf("%s, which was not read, shows %s", part, text)
			}
		}
		if shown != want {
			t.Errorf("%s shows %q, want %q", part, shown, want)
		}
	}
	shows(t, body, "Er is niets gelezen dat een aantal kon geven")
	_, body = b.get(october + "/why/all/office-std")
	shows(t, body, `<span class="hero">–</span>`)
	hides(t, body, `<span class="hero">0</span>`)
}
