package collector

import (
	"fmt"
	"io"
	"os"

	"splameter/collector/forms"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sheet"
	"splameter/internal/textfile"
)

// Identify says what a file is, by its first characters and before any reader
// runs.
func Identify(path string) (forms.Found, error) {
	f, err := os.Open(path)
	if err != nil {
		return forms.Found{}, fmt.Errorf("open the file: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return forms.Found{}, fmt.Errorf("open the file: %w", err)
	}
	if text, err := sheet.Text(f, st.Size()); err != nil {
		return forms.Found{}, fmt.Errorf("read %s: %w", path, err)
	} else if text != nil {
		return forms.Detect(text[:min(len(text), forms.HeadSize)]), nil
	}
	members, err := textfile.Members(f, st.Size())
	if err != nil {
		return forms.Found{}, fmt.Errorf("read %s: %w", path, err)
	}
	var body io.Reader = f
	if len(members) > 0 {
		inner, err := members[0].Open()
		if err != nil {
			return forms.Found{}, fmt.Errorf("read %s in %s: %w", members[0].Name, path, err)
		}
		defer inner.Close()
		body = inner
	}
	s, err := textblock.Open(body)
	if err != nil {
		return forms.Found{}, fmt.Errorf("read %s: %w", path, err)
	}
	defer s.Close()
	return forms.Detect(s.Head(forms.HeadSize)), nil
}
