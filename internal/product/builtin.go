package product

import (
	"bytes"
	"encoding/json"

	"splameter/internal/diag"
)

// builtinFiles are the files that the program knows titles by, by name.
func builtinFiles() map[string]string {
	files := map[string]string{}
	list, _ := data.ReadDir("data") // embedded: it is there
	for _, f := range list {
		name := "data/" + f.Name()
		text, _ := data.ReadFile(name)
		files[name] = string(text)
	}
	return files
}

// Files are what the program knows titles by, as one text, for evidence: a
// sealed month can be counted again with what it was counted with, by whatever
// version of the program.
func Files() []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	_ = e.Encode(builtinFiles()) // texts by name: there is nothing that could fail
	return b.Bytes()
}

// From is With, but by what Files gave when a month was sealed.
func From(sealed []byte, own []Source) (*Catalog, diag.Faults) {
	if bytes.Equal(sealed, Files()) {
		return With(own)
	}
	var files map[string]string
	if err := json.Unmarshal(sealed, &files); err != nil {
		return nil, diag.Faults{{File: "the sealed titles", What: "it is not what a seal writes: " + err.Error(), Instead: "take the pack as it was sealed"}}
	}
	return build(files, own)
}
