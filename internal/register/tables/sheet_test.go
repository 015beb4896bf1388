package tables

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// One row changes, and the rest of the file stays byte for byte: marks, line
// ends, quotes nobody needs, blanks, and letters of an old code page.
func TestSheet(t *testing.T) {
	for _, c := range []struct {
		name, before string
		row          int
		values       map[string]string // nil: taken away
		after        string
	}{
		{"a cell", "id,name,until\n\"a\", A ,\n\nb,\"B, b\",2026-01-01\n", 1, map[string]string{"until": "2027-01-01"}, "id,name,until\n\"a\", A ,\n\nb,\"B, b\",2027-01-01\n"},
		{"the quotes of others stay", "id,name,until\n\"a\",A,\n", 0, map[string]string{"name": `a "b", c`, "id": "a"}, "id,name,until\n\"a\",\"a \"\"b\"\", c\",\n"},
		{"mark, semicolons, CRLF", "\ufeffid;name\r\na;A\r\nb;B\r\n", 0, map[string]string{"name": "x;y"}, "\ufeffid;name\r\na;\"x;y\"\r\nb;B\r\n"},
		{"sep=", "sep=;\nid;name\na;A\n", 0, map[string]string{"name": "B"}, "sep=;\nid;name\na;B\n"},
		{"one more", "id,name\na,A", -1, map[string]string{"id": "b", "name": "=B"}, "id,name\na,A\nb,=B\n"},
		{"one less", "id,name\r\na,A\r\nb,B\r\nc,C\r\n", 1, nil, "id,name\r\na,A\r\nc,C\r\n"},
		{"the last one", "id,name\na,A\nb,B", 1, nil, "id,name\na,A\n"},
		{"code page", "id,name\na,caf\xe9 ol\xe9\nb,B\n", 1, map[string]string{"name": "Zoë"}, "id,name\na,caf\xe9 ol\xe9\nb,Zo\xeb\n"},
		{"a short row", "id,name,until\na\nb,B\n", 0, map[string]string{"until": "2026-01-01"}, "id,name,until\na,,2026-01-01\nb,B\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.csv")
			if err := os.WriteFile(path, []byte(c.before), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := ReadSheet(path)
			if err != nil {
				t.Fatal(err)
			}
			var got *Change
			if c.values == nil {
				got, err = s.Remove(c.row)
			} else {
				got, err = s.Set(c.row, c.values)
			}
			if err != nil || string(got.Data) != c.after {
				t.Errorf("%v\n%q\nwant\n%q", err, got.Data, c.after)
			}
		})
	}
}

// Whatever a file holds, setting what is there changes nothing, and a changed
// row leaves all before it as it was.
func FuzzSheet(f *testing.F) {
	for _, s := range []string{"id,name\na,A\n", "\ufeffid;name\r\n\"a\";A\r\n\r\n", "id\tname\n\"a\n b\"\tA", "id,name\na,caf\xe9\n", "sep=;\na;b\n1;2"} {
		f.Add([]byte(s), 0)
	}
	f.Fuzz(func(t *testing.T, data []byte, row int) {
		path := filepath.Join(t.TempDir(), "t.csv")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := ReadSheet(path)
		if err != nil || len(s.Rows) == 0 {
			return
		}
		row = int(uint(row) % uint(len(s.Rows)))
		if c, err := s.Set(row, map[string]string{}); err == nil && !bytes.Equal(c.Data, data) {
			t.Errorf("changing nothing made\n%q of\n%q", c.Data, data)
		}
		if c, err := s.Remove(row); err == nil && len(c.Data) > len(data) {
			t.Errorf("taking away made %q of %q", c.Data, data)
		}
	})
}

// Rows and columns are added; what was there stays as it was written.
func TestSheetGrows(t *testing.T) {
	for in, want := range map[string]string{
		"id;name\r\n\"a\";A;\r\nb\r\n":     "id;name;suspended_from\r\n\"a\";A;\r\nb;;\r\nc;\"C;D\";2026-11-01\r\ne;;\r\n",
		"id,name\n a ,\"A, B\"":            "id,name,suspended_from\n a ,\"A, B\",\nc,C;D,2026-11-01\ne,,\n",
		"id,name,suspended_from\nx,X,\n\n": "id,name,suspended_from\nx,X,\n\nc,C;D,2026-11-01\ne,,\n",
	} {
		s, err := ParseSheet("t.csv", []byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if s, err = s.With("suspended_from"); err != nil {
			t.Fatal(err)
		}
		c, err := s.Add([]map[string]string{{"id": "c", "name": "C;D", "suspended_from": "2026-11-01"}, {"id": "e"}})
		if err != nil {
			t.Fatal(err)
		}
		if string(c.Data) != want {
			t.Errorf("got\n%q\nwant\n%q", c.Data, want)
		}
	}
}
