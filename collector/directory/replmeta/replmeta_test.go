package replmeta_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/directory/replmeta"
)

func at(text string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05", text)
	if err != nil {
		panic(err)
	}
	return t
}

const server = "CN=NTDS Settings,CN=DC2,CN=Servers,CN=Site,CN=Sites,CN=Configuration,DC=hosting,DC=example"

// A link made at ten and removed at three, as a domain controller writes it:
// with an ampersand that is none of XML's, and the line break in the name of an
// object that was deleted meanwhile.
func TestText(t *testing.T) {
	const text = `<DS_REPL_VALUE_META_DATA>
	<pszAttributeName>member</pszAttributeName>
	<pszObjectDn>CN=R&D Müller & Söhne
DEL:01a6da6a-c4b3-4131-2243-01f24f735a44,CN=Deleted Objects,DC=hosting,DC=example</pszObjectDn>
	<cbData>0</cbData>
	<pbData></pbData>
	<ftimeDeleted>2026-10-12T15:40:57Z</ftimeDeleted>
	<ftimeCreated>2026-10-12T10:02:11Z</ftimeCreated>
	<dwVersion>2</dwVersion>
	<ftimeLastOriginatingChange>2026-10-12T15:40:57Z</ftimeLastOriginatingChange>
	<uuidLastOriginatingDsaInvocationID>4F735A44-c4b3-4131-2243-01f201a6da6a</uuidLastOriginatingDsaInvocationID>
	<usnOriginatingChange>12871</usnOriginatingChange>
	<usnLocalChange>12871</usnLocalChange>
	<pszLastOriginatingDsaDN>` + server + `</pszLastOriginatingDsaDN>
</DS_REPL_VALUE_META_DATA>
` + "\x00"
	got, err := replmeta.Link([]byte(text), false)
	want := replmeta.Stamp{
		Attribute: "member", Version: 2, Created: at("2026-10-12 10:02:11"), Deleted: at("2026-10-12 15:40:57"), Changed: at("2026-10-12 15:40:57"),
		Object: "CN=R&D Müller & Söhne\nDEL:01a6da6a-c4b3-4131-2243-01f24f735a44,CN=Deleted Objects,DC=hosting,DC=example",
		Origin: "4f735a44-c4b3-4131-2243-01f201a6da6a", Server: server,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" || !got.Gone() {
		t.Errorf("%v\n%s", err, diff)
	}
}

// What is not understood is refused, with what is wrong.
func TestRefused(t *testing.T) {
	link := replmeta.Stamp{Attribute: "member", Object: "CN=a", Version: 1, Created: at("2026-10-01 00:00:00"), Changed: at("2026-10-01 00:00:00")}
	with := func(change func(*replmeta.Stamp)) string {
		s := link
		change(&s)
		return s.Text()
	}
	for name, c := range map[string]struct{ text, want string }{
		"nothing":           {"", "is no DS_REPL_VALUE_META_DATA"},
		"another structure": {(&replmeta.Stamp{Attribute: "mail", Version: 1, Changed: link.Changed}).Text(), "is no DS_REPL_VALUE_META_DATA"},
		"cut":               {link.Text()[:200], "is no DS_REPL_VALUE_META_DATA"},
		"no version":        {with(func(s *replmeta.Stamp) { s.Version = 0 }), "from before links had metadata"},
		"never made":        {with(func(s *replmeta.Stamp) { s.Created = time.Time{} }), "from before links had metadata"},
		"changed before":    {with(func(s *replmeta.Stamp) { s.Changed = at("2026-09-30 00:00:00") }), "changed before it was made"},
		"removed after":     {with(func(s *replmeta.Stamp) { s.Deleted = at("2026-10-02 00:00:00") }), "after its last change"},
		"a time of ours":    {strings.Replace(link.Text(), "2026-10-01T00:00:00Z", "01.10.2026 00:00", 1), "is no time like"},
		"twice":             {strings.Replace(link.Text(), "<cbData>0</cbData>", "<dwVersion>3</dwVersion>", 1), "two elements dwVersion"},
		"a word for number": {strings.Replace(link.Text(), "<dwVersion>1<", "<dwVersion>many<", 1), "its version is no number"},
		"no time of change": {strings.Replace(link.Text(), "ftimeLastOriginatingChange", "ftimeLastChange", 2), "lacks a version or a time"},
	} {
		if s, err := replmeta.Link([]byte(c.text), false); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v %+v; want %q", name, err, s, c.want)
		}
	}
	b := link.Binary()
	for n := range b { // wherever it is cut
		if s, err := replmeta.Link(b[:n], true); err == nil {
			t.Fatalf("the first %d of %d bytes were read as %+v", n, len(b), s)
		}
	}
	for _, at := range []int{0, 4} { // a name that lies outside, or within the fixed part
		for _, to := range []byte{1, 0xff} {
			c := append([]byte{}, b...)
			c[at], c[at+1] = to, to
			if s, err := replmeta.Link(c, true); err == nil {
				t.Errorf("a name at %x%x was read as %+v", to, to, s)
			}
		}
	}
}

// Both forms tell the same.
func TestForms(t *testing.T) {
	for _, s := range []replmeta.Stamp{
		{Attribute: "userAccountControl", Version: 7, Changed: at("2026-10-12 10:02:11"), Origin: "4f735a44-c4b3-4131-2243-01f201a6da6a", Server: server},
		{Attribute: "accountExpires", Version: 1, Changed: at("1999-12-31 23:59:59")},
		{Attribute: "member", Object: "CN=Ä 😀,DC=x", Version: 1, Created: at("2026-10-12 10:02:11"), Changed: at("2026-10-12 10:02:11")},
		{Attribute: "member", Object: "CN=b,DC=x", Version: 4, Created: at("2026-10-12 10:02:11"), Deleted: at("2026-10-14 10:02:11"), Changed: at("2026-10-14 10:02:11"), Server: server},
	} {
		read := replmeta.Attribute
		if s.Object != "" {
			read = replmeta.Link
		}
		text, err := read([]byte(s.Text()), false)
		if diff := cmp.Diff(s, text); err != nil || diff != "" {
			t.Errorf("text: %v\n%s", err, diff)
		}
		blob, err := read(s.Binary(), true)
		if diff := cmp.Diff(s, blob); err != nil || diff != "" {
			t.Errorf("binary: %v\n%s", err, diff)
		}
	}
}

// Whatever comes, nothing breaks, and what is taken makes sense.
func FuzzStamp(f *testing.F) {
	link := replmeta.Stamp{Attribute: "member", Object: "CN=a", Version: 2, Created: at("2026-10-01 00:00:00"), Deleted: at("2026-10-02 00:00:00"), Changed: at("2026-10-02 00:00:00"), Server: server}
	own := replmeta.Stamp{Attribute: "userAccountControl", Version: 3, Changed: at("2026-10-02 00:00:00")}
	f.Add([]byte(link.Text()), false, true)
	f.Add(link.Binary(), true, true)
	f.Add([]byte(own.Text()), false, false)
	f.Add(own.Binary(), true, false)
	f.Fuzz(func(t *testing.T, v []byte, binary, isLink bool) {
		read := replmeta.Attribute
		if isLink {
			read = replmeta.Link
		}
		s, err := read(v, binary)
		if err != nil {
			return
		}
		if s.Version == 0 || s.Attribute == "" || s.Changed.IsZero() || isLink && (s.Object == "" || s.Changed.Before(s.Created)) || len(s.Object) > 1<<17 {
			t.Fatalf("%+v", s)
		}
	})
}
