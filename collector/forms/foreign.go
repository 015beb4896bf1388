package forms

import (
	"bytes"
	"fmt"
	"regexp"
	"sync"

	"gopkg.in/yaml.v3"
)

// Foreign is a table that looks like an inventory or a log by its columns, and
// proves nothing: read as one, it would show hosts without programs.
type Foreign struct {
	What    string `yaml:"what"`    // it is …
	Instead string `yaml:"instead"` // why not, and what would do
}

type foreignForm struct {
	Foreign `yaml:",inline"`
	Has     []string `yaml:"has"`
	Begins  string   `yaml:"begins"`
	Lacks   []string `yaml:"lacks"`
	form    Form
}

func (f *foreignForm) fits(names map[string]bool, under string) bool {
	return f.form.fits(names, under)
}

// foreign are the tables that are refused by what they are.
var foreign = sync.OnceValue(func() []*foreignForm {
	text, err := data.ReadFile("foreign.yaml")
	if err != nil {
		panic(err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	var list []*foreignForm
	if err := d.Decode(&list); err != nil {
		panic(fmt.Sprintf("foreign.yaml: %v", err))
	}
	for _, f := range list {
		f.form = Form{Has: folded(f.Has), Lacks: folded(f.Lacks)}
		if f.Begins != "" {
			f.form.begins = regexp.MustCompile(f.Begins)
		}
	}
	return list
})
