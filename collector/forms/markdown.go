package forms

import (
	"fmt"
	"strings"
)

// Markdown is the table of forms for the docs.
func Markdown() string {
	var b strings.Builder
	titles := map[Kind]string{Sessions: "Session logs", Software: "Programs", Machines: "Machines", Directory: "Directories"}
	var last Kind
	for _, f := range All() {
		if f.Kind != last {
			fmt.Fprintf(&b, "\n## %s\n\n| form | id | grammar | what it proves | documented |\n|---|---|---|---|---|\n", titles[f.Kind])
			last = f.Kind
		}
		shapes := make([]string, len(f.Shapes))
		for i, s := range f.Shapes {
			shapes[i] = string(s)
		}
		sources := make([]string, 0, len(f.Source))
		for i, s := range f.Source {
			if strings.HasPrefix(s, "https://") {
				sources = append(sources, fmt.Sprintf("[%d](%s)", i+1, s))
			}
		}
		for _, s := range f.Unconfirmed {
			sources = append(sources, fmt.Sprintf("[not confirmed](%s)", s))
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", f.Name, f.ID, strings.Join(shapes, ", "), f.Proves, strings.Join(sources, " "))
	}
	return b.String()
}
