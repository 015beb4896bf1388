package config

import (
	"fmt"
	"path/filepath"

	"gopkg.in/yaml.v3"

	"splameter/internal/month"
)

// Exported says up to when copied logs hold everything: one day that stands for
// each file, or a day for the files that a pattern of names means. Only a person
// can state it; a file that no pattern means reaches to its last record.
type Exported struct {
	Date  month.OptionalDay // of each file; not set where Files says it
	Files []ExportedFiles
}

// ExportedFiles is a day for some files.
type ExportedFiles struct {
	Pattern string // of names, without their folder
	Date    month.OptionalDay
}

// Of is the day before which a file holds everything, as stated; not set where
// nobody states it. Of several patterns that mean the file the first counts.
func (e *Exported) Of(path string) month.OptionalDay {
	for i := range e.Files {
		if ok, err := filepath.Match(e.Files[i].Pattern, filepath.Base(path)); ok && err == nil {
			return e.Files[i].Date
		}
	}
	return e.Date
}

// UnmarshalYAML takes a day, or days by pattern.
func (e *Exported) UnmarshalYAML(n *yaml.Node) error {
	*e = Exported{}
	if n.Kind != yaml.MappingNode {
		var text string
		if err := n.Decode(&text); err != nil {
			return err
		}
		return e.Date.UnmarshalText([]byte(text))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f := ExportedFiles{Pattern: n.Content[i].Value}
		if _, err := filepath.Match(f.Pattern, "x"); err != nil || f.Pattern == "" {
			return fmt.Errorf("%q is no pattern of file names; write it like RDSH-01*", f.Pattern)
		}
		if err := f.Date.UnmarshalText([]byte(n.Content[i+1].Value)); err != nil {
			return err
		}
		e.Files = append(e.Files, f)
	}
	return nil
}

// MarshalYAML writes what UnmarshalYAML reads.
func (e Exported) MarshalYAML() (any, error) {
	if len(e.Files) == 0 {
		b, err := e.Date.MarshalText()
		return string(b), err
	}
	out := &yaml.Node{Kind: yaml.MappingNode}
	for i := range e.Files {
		b, err := e.Files[i].Date.MarshalText()
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: e.Files[i].Pattern, Style: yaml.DoubleQuotedStyle},
			&yaml.Node{Kind: yaml.ScalarNode, Value: string(b)})
	}
	return out, nil
}
