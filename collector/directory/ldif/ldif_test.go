package ldif

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"
)

// read is the whole export as text, one item a line, and the error. Whether each
// entry is looked at ahead must make no difference.
func read(r io.Reader) (string, error) {
	data, broken := io.ReadAll(r)
	again := func() io.Reader {
		if broken == nil {
			broken = io.EOF
		}
		return io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken))
	}
	plain, err := items(again(), false)
	if looked, err2 := items(again(), true); looked != plain || fmt.Sprint(err2) != fmt.Sprint(err) {
		return "", fmt.Errorf("looked at ahead it is\n%s%v\nand otherwise\n%s%v", looked, err2, plain, err)
	}
	return plain, err
}

func items(r io.Reader, ahead bool) (string, error) {
	in, err := NewReader(r)
	if err != nil {
		return "", err
	}
	defer in.Close()
	var b strings.Builder
	for {
		if ahead {
			if _, _, _, err := in.Ahead(); err != nil {
				return b.String(), err
			}
		}
		it, err := in.Next()
		if errors.Is(err, io.EOF) {
			return b.String(), nil
		}
		if err != nil {
			return b.String(), err
		}
		switch it.Kind {
		case Begin:
			fmt.Fprintf(&b, "%d dn %s\n", it.Line, it.Value)
		case Attribute:
			fmt.Fprintf(&b, "%d %s[%s] %q\n", it.Line, it.Name, it.Options, it.Value)
		case End:
			b.WriteString("end\n")
		}
	}
}

// Entries that were read before are passed over: the same export again gives no
// items, the count of its entries and the line of each as before; and one entry
// larger than the room that is looked at first is passed over too.
func TestPass(t *testing.T) {
	large := "dn: DC=z\n" + strings.Repeat("member: CN=somebody,DC=x\n", 3*bufferSize/10) + "\n"
	for name, text := range map[string]string{"plain": small, "crlf": strings.ReplaceAll(small, "\n", "\r\n"), "large": small + large + "# x\n\ndn: DC=a\ncn: b\n\n"} {
		known := map[Print]bool{}
		lines := []int{}
		for round := range 2 {
			in, err := NewReader(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			at, passed := 0, 0
			for open := false; ; {
				if !open {
					if p, line, ok, err := in.Ahead(); err != nil {
						t.Fatal(name, err)
					} else if ok && known[p] && in.Pass(false) {
						if lines[at] != line {
							t.Errorf("%s: entry %d begins in line %d, and began in %d", name, at, line, lines[at])
						}
						at++
						passed++
						continue
					}
				}
				it, err := in.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(name, err)
				}
				switch it.Kind {
				case Begin:
					open = true
					if round == 0 {
						lines = append(lines, it.Line)
					}
					at++
				case End:
					open = false
					if p, _, ok := in.Seen(); ok {
						known[p] = true
					}
				}
			}
			want := 2
			if name == "large" {
				want = 4
			}
			if in.Entries() != want || round == 1 && passed != want-1 { // the first comes after version, and is read as ever
				t.Errorf("%s, round %d: %d entries, %d passed", name, round, in.Entries(), passed)
			}
			in.Close()
		}
	}
}

func TestRead(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":          {"version: 1\n\ndn: DC=x\ncn: a\n\n", "3 dn DC=x\n4 cn[] \"a\"\nend\n"},
		"no version":     {"dn: DC=x\ncn: a\n\n", "1 dn DC=x\n2 cn[] \"a\"\nend\n"},
		"crlf":           {"dn: DC=x\r\ncn: a\r\n\r\n", "1 dn DC=x\n2 cn[] \"a\"\nend\n"},
		"folded":         {"dn: DC=x\ncn: a\n b\n  c\nsn: d\n\n", "1 dn DC=x\n2 cn[] \"ab c\"\n5 sn[] \"d\"\nend\n"},
		"folded name":    {"dn: DC\n =x\n\n", "1 dn DC=x\nend\n"},
		"base64":         {"dn:: REM9eA==\ncn:: w6s=\n\n", "1 dn DC=x\n2 cn[] \"ë\"\nend\n"},
		"folded base64":  {"dn: DC=x\ncn:: w6\n s=\n\n", "1 dn DC=x\n2 cn[] \"ë\"\nend\n"},
		"comments":       {"# a: b\n#folded\n dn: no\ndn: DC=x\n# within\ncn: a\n\n#end\n", "4 dn DC=x\n6 cn[] \"a\"\nend\n"},
		"options":        {"dn: DC=x\nmember;Range=0-1499: a\ncn;lang-nl;x: b\n\n", "1 dn DC=x\n2 member[range=0-1499] \"a\"\n3 cn[lang-nl;x] \"b\"\nend\n"},
		"case":           {"DN: DC=x\nCN: A\n\n", "1 dn DC=x\n2 cn[] \"A\"\nend\n"},
		"empty value":    {"dn: DC=x\ncn:\nsn:: \n\n", "1 dn DC=x\n2 cn[] \"\"\n3 sn[] \"\"\nend\n"},
		"colons":         {"dn: DC=x\ncn: a:b: c\n\n", "1 dn DC=x\n2 cn[] \"a:b: c\"\nend\n"},
		"many blanks":    {"\n\ndn: DC=x\ncn: a\n\n\n\ndn: DC=y\n\n", "3 dn DC=x\n4 cn[] \"a\"\nend\n8 dn DC=y\nend\n"},
		"mark":           {"\ufeffdn: DC=x\n\n", "1 dn DC=x\nend\n"},
		"ldapsearch":     {"# extended LDIF\n#\n\n# x\ndn: DC=x\n\n# search reference\nref: ldap://x/\n\n# search result\nsearch: 2\nresult: 0 Success\n\n# numResponses: 2\n# numEntries: 1\n", "5 dn DC=x\nend\n"},
		"ldbsearch":      {"# record 1\ndn: DC=x\n\n# Referral\nref: ldap://x/\n\n# returned 2 records\n# 1 entries\n# 1 referrals\n", "2 dn DC=x\nend\n"},
		"pages of it":    {"# extended LDIF\n\ndn: DC=x\n\n# search result\nsearch: 2\nresult: 0 Success\ncontrol: 1.2 false MA==\npagedresults: cookie=AA==\n\n# numEntries: 1\ndn: DC=y\n\n# search result\nsearch: 3\nresult: 0 Success\n\n# numEntries: 1\n", "3 dn DC=x\nend\n12 dn DC=y\nend\n"},
		"ldifde":         {"dn: DC=x\r\nchangetype: add\r\ncn: a\r\n\r\ndn: DC=y\r\nchangetype: add\r\n\r\n", "1 dn DC=x\n3 cn[] \"a\"\nend\n5 dn DC=y\nend\n"},
		"nothing at all": {"", ""},
	} {
		got, err := read(strings.NewReader(c.in))
		if err != nil || got != c.want {
			t.Errorf("%s:\n%s%v\nwant\n%s", name, got, err, c.want)
		}
	}
}

func TestRefuse(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		line int
		text string
		cut  bool
	}{
		"a name in two":        {"dn: DC=x\ncn: a\n\ndn: DC=y\nc", 5, "middle of a line", true},
		"a value in two":       {"dn: DC=x\ncn: ab", 2, "middle of a line", true},
		"a fold in two":        {"dn: DC=x\ncn: ab\n ", 3, "middle of a line", true},
		"between two lines":    {"dn: DC=x\ncn: a\n", 2, "within an entry", true},
		"no closing lines":     {"# extended LDIF\n\ndn: DC=x\n\n", 4, "numEntries", true},
		"no closing line":      {"# record 1\ndn: DC=x\n\n", 3, "ldbsearch", true},
		"fewer than counted":   {"dn: DC=x\n\n# numEntries: 2\n", 3, "counts 2 entries, but 1 are", true},
		"more than returned":   {"# record 1\ndn: DC=x\n\n# returned 3 records\n# 3 entries\n", 5, "counts 3 entries, but 1 are", true},
		"size limit":           {"dn: DC=x\n\n# search result\nsearch: 2\nresult: 4 Size limit exceeded\n\n", 5, "Size limit exceeded", true},
		"size limit, comment":  {"dn: DC=x\n\n# search result\n# result: 4 Size limit exceeded\n\n", 4, "Size limit exceeded", true},
		"changes":              {"dn: DC=x\nchangetype: modify\nreplace: cn\ncn: a\n-\n\n", 2, "changetype", false},
		"changes with control": {"dn: DC=x\ncontrol: 1.2.3\nchangetype: delete\n\n", 2, "changetype", false},
		"adds and not":         {"dn: DC=x\nchangetype: add\n\ndn: DC=y\n\n", 5, "with and without changetype", false},
		"not and adds":         {"dn: DC=x\n\ndn: DC=y\nchangetype: add\n\n", 5, "with and without changetype", false},
		"a dash":               {"dn: DC=x\nreplace: cn\n-\n\n", 3, "changetype", false},
		"a file's address":     {"dn: DC=x\njpegPhoto:< file:///etc/passwd\n\n", 2, "not opened", false},
		"bad base64":           {"dn: DC=x\ncn:: w6s\n\n", 2, "base64", false},
		"two dn":               {"dn: DC=x\ndn: DC=y\n\n", 2, "second dn", false},
		"no dn":                {"cn: a\ndn: DC=x\n\n", 1, "begin with dn", false},
		"another version":      {"version: 2\n\ndn: DC=x\n\n", 1, "version: 1", false},
		"no colon":             {"dn: DC=x\nhello\n\n", 2, "LDIF file", false},
		"something else":       {"PK\x03\x04", 1, "middle of a line", true},
		"csv":                  {"name;mail\nx;y\n", 1, "LDIF file", false},
		"a name not in UTF-8":  {"dn:: /w==\n\n", 1, "UTF-8", false},
		"no gzip":              {"\x1f\x8bxxxxxxxxx", 1, "gzip", true},
		"a space of its own":   {"dn: DC=x\n\n cn: a\n\n", 3, "attribute's name", false},
	} {
		got, err := read(strings.NewReader(c.in))
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s: read as\n%s%v; want an Error", name, got, err)
			continue
		}
		if e.Line != c.line || !strings.Contains(e.Text, c.text) || errors.Is(err, ErrCut) != c.cut {
			t.Errorf("%s: %v (cut: %v); want line %d, %q, cut: %v", name, err, errors.Is(err, ErrCut), c.line, c.text, c.cut)
		}
	}
}

func TestLongValue(t *testing.T) {
	_, err := read(io.MultiReader(strings.NewReader("dn: DC=x\ncn: "), bytes.NewReader(make([]byte, maxLine+1))))
	if err == nil || !strings.Contains(err.Error(), "longer than 16 MiB") {
		t.Errorf("a value beyond the bound: %v", err)
	}
	long := strings.Repeat("a", 3*bufferSize)
	got, err := read(strings.NewReader("dn: DC=x\ncn: " + long + "\n " + long + "\n\n"))
	if want := fmt.Sprintf("1 dn DC=x\n2 cn[] %q\nend\n", long+long); err != nil || got != want {
		t.Errorf("a value longer than the buffer: %d bytes, %v; want %d", len(got), err, len(want))
	}
}

// forms are the wrappings that an export may come in.
func forms(t testing.TB, text string) map[string][]byte {
	t.Helper()
	var gz, zs bytes.Buffer
	g := gzip.NewWriter(&gz)
	z, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{g, z} {
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"plain": []byte(text), "gzip": gz.Bytes(), "zstd": zs.Bytes(), "utf-16": wide}
}

const small = "version: 1\n\ndn: CN=Zoë,DC=x\ncn: Zoë\nmember: CN=a,\n DC=x\n\ndn:: REM9eQ==\ncn: b\n\n"

func TestForms(t *testing.T) {
	want, err := read(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range forms(t, small) {
		if got, err := read(bytes.NewReader(data)); err != nil || got != want {
			t.Errorf("%s:\n%s%v\nwant\n%s", name, got, err, want)
		}
	}
}

// An export cut at any byte is an error, except where the cut falls exactly
// behind an entry's empty line, or leaves nothing: then nothing shows it.
func TestCutAnywhere(t *testing.T) {
	whole := map[int]bool{0: true, len(small): true}
	for i := range small {
		if strings.HasSuffix(small[:i], "\n\n") {
			whole[i] = true
		}
		if small[:i] == "version: 1\n" {
			whole[i] = true
		}
	}
	for i := range len(small) + 1 {
		_, err := read(strings.NewReader(small[:i]))
		if (err == nil) != whole[i] {
			t.Errorf("cut after %d bytes (…%q): %v", i, small[max(0, i-10):i], err)
		}
	}
	for name, data := range forms(t, small) {
		if name != "gzip" && name != "zstd" {
			continue
		}
		for i := 4; i < len(data); i++ {
			if _, err := read(bytes.NewReader(data[:i])); !errors.Is(err, ErrCut) {
				t.Errorf("%s cut after %d of %d bytes: %v", name, i, len(data), err)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, data := range forms(f, small) {
		f.Add(data)
	}
	f.Add([]byte("# extended LDIF\n\ndn: DC=x\na;b;c: d\n\nsearch: 2\nresult: 0\n\n# numEntries: 1\n"))
	f.Add([]byte("# record 1\ndn: DC=x\nchangetype: add\n-\n\nref: x\n"))
	f.Add([]byte("dn: DC=x\r\na: b\r\n c\r\nd: e\r\n\r\n f: g\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		// Where the reader's buffer ends changes nothing: byte by byte, no
		// line is ever whole in it.
		all, err := read(bytes.NewReader(data))
		bytewise, again := read(iotest.OneByteReader(bytes.NewReader(data)))
		if all != bytewise || fmt.Sprint(err) != fmt.Sprint(again) {
			t.Fatalf("at once:\n%s%v\nbyte by byte:\n%s%v", all, err, bytewise, again)
		}
		in, err := NewReader(bytes.NewReader(data))
		if err != nil {
			return
		}
		defer in.Close()
		open, begun, line := false, 0, 0
		for {
			it, err := in.Next()
			if err != nil {
				if errors.Is(err, io.EOF) && (open || begun != in.Entries()) {
					t.Fatal("the export ended well within an entry")
				}
				return
			}
			if it.Line < line || it.Line < 1 {
				t.Fatalf("line %d after line %d", it.Line, line)
			}
			line = it.Line
			if (it.Kind == Begin) == open {
				t.Fatalf("item of kind %d while open is %v", it.Kind, open)
			}
			switch it.Kind {
			case Begin:
				open, begun = true, begun+1
			case End:
				open = false
			}
		}
	})
}
