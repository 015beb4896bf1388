package edits

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"splameter/internal/config"
)

func TestHunks(t *testing.T) {
	for _, c := range [][3]string{
		{"a\nb\nc\n", "a\nc\n", "2 -b"},
		{"a\nb\nc\n", "a\nB\nc\nd\n", "2 -b +B, 4 +d"},
		{"", "x\ny\n", "1 +x +y"},
		{"a\r\nb\r\n", "a\r\nb\r\nc\r\n", "3 +c"},
		{"a\n", "a\n", ""},
	} {
		var got []string
		e := Edit{Was: []byte(c[0]), Is: []byte(c[1])}
		for _, h := range e.Hunks() {
			s := fmt.Sprint(h.Line)
			for _, l := range h.Was {
				s += " -" + l
			}
			for _, l := range h.Is {
				s += " +" + l
			}
			got = append(got, s)
		}
		if strings.Join(got, ", ") != c[2] {
			t.Errorf("%q to %q: %v, want %s", c[0], c[1], got, c[2])
		}
	}
}

// A file that somebody else wrote meanwhile is not overwritten, and nothing of
// it is kept.
func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "tenants.csv")
	if err := os.WriteFile(path, []byte("id,name\na,A\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &config.Config{Dir: dir}
	list := []Edit{{Key: "tenants", Path: path, Was: []byte("id,name\na,A\n"), Is: []byte("id,name\na,B\nc,C\n")}}
	who := Who{At: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC), Account: "x", By: "C. de Vries", Reason: "=renamed", Request: "r1"}
	if err := Write(c, list, who); err != nil {
		t.Fatal(err)
	}
	if err := Write(c, list, who); !errors.Is(err, ErrChanged) {
		t.Errorf("the second time: %v", err)
	}
	log, err := Changes(c)
	if err != nil || len(log) != 1 || log[0].Was != "a,A" || log[0].Is != "a,B\nc,C" || log[0].Line != 2 || log[0].Reason != "'=renamed" || !log[0].At.Equal(who.At) {
		t.Errorf("%v %+v", err, log)
	}
	if b, _ := os.ReadFile(path); string(b) != "id,name\na,B\nc,C\n" {
		t.Errorf("%s", b)
	}
}

// A request that was done is known, whatever was written since; one that was
// interrupted before its first file is done, and one that was interrupted between
// two is named.
func TestDone(t *testing.T) {
	dir := t.TempDir()
	c := &config.Config{Dir: dir}
	file := func(name string) string { return filepath.Join(dir, name) }
	read := func(name string) []byte {
		b, err := Read(file(name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	// edit is a row more in two tables, as the files are now.
	edit := func() (list []Edit) {
		for _, name := range []string{"tenants", "exclusions"} {
			was := read(name + ".csv")
			list = append(list, Edit{Key: name, Path: file(name + ".csv"), Was: was, Is: append(was[:len(was):len(was)], "row\n"...)})
		}
		return append(list, Edit{Key: Document, Path: file("paper.pdf"), Was: read("paper.pdf"), Is: []byte("paper")})
	}
	done := func(request string) (bool, error) {
		x, err := Done(c, edit(), request)
		return x != nil, err
	}
	who := Who{At: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC), By: "C", Reason: "x", Request: "r1"}
	if did, err := done("r1"); did || err != nil {
		t.Errorf("nothing was written: %v, %v", did, err)
	}
	if err := Write(c, edit(), who); err != nil {
		t.Fatal(err)
	}
	who.Request = "r2"
	for _, request := range []string{"r1", "r2"} {
		if did, err := done(request); did != (request == "r1") || err != nil {
			t.Errorf("%s: %v, %v", request, did, err)
		}
	}
	if did, err := done(""); did || err != nil {
		t.Errorf("no request: %v, %v", did, err)
	}
	before := map[string][]byte{"tenants.csv": read("tenants.csv"), "exclusions.csv": read("exclusions.csv")}
	if err := Write(c, edit(), who); err != nil {
		t.Fatal(err)
	}
	if did, err := done("r1"); !did || err != nil {
		t.Errorf("something was written since: %v, %v", did, err)
	}
	put := func(name string) {
		if err := os.WriteFile(file(name), before[name], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("exclusions.csv") // the power went between the two
	if did, err := done("r2"); did || err == nil || !strings.Contains(err.Error(), "tenants.csv is written, and exclusions.csv is not") {
		t.Errorf("interrupted between two: %v, %v", did, err)
	}
	put("tenants.csv") // or before the first
	if did, err := done("r2"); did || err != nil {
		t.Errorf("interrupted before the first: %v, %v", did, err)
	}
}
