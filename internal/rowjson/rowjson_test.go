package rowjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// day writes itself as text and reads itself from it.
type day int

func (d day) MarshalText() ([]byte, error) {
	if d < 0 {
		return nil, errors.New("no day")
	}
	return []byte(strings.Repeat("<", int(d)%40)), nil
}

func (d *day) UnmarshalText(b []byte) error {
	*d = day(len(b))
	if strings.Trim(string(b), "<") != "" {
		return errors.New("no day")
	}
	return nil
}

func (d day) IsZero() bool { return d == 7 }

type Base struct {
	ID   string
	Line int `json:"line,omitempty"`
}

type Way struct {
	Path []string `json:"path,omitempty"`
	Pool string   `json:"pool"`
}

type inner struct {
	At   time.Time `json:",omitzero"`
	Days []day     `json:"days"`
	None struct{}
}

// row has what rows have, and what encoding/json must be asked about.
type row struct {
	Base
	*Way
	Name   string
	Small  int8
	Count  uint32
	Yes    bool
	Time   time.Time
	Until  time.Time `json:"until,omitzero"`
	Day    day       `json:"day,omitzero"`
	Inner  inner
	Some   *inner `json:",omitempty"`
	Inners []inner
	Free   map[string]int `json:",omitempty"`
	Share  float64
	Bytes  []byte
	Kept   string `json:"-"`
}

func made(r *rand.Rand) row {
	texts := []string{"", "a", `d\ann`, `say "x"`, "R&D <all>", "ü€😀", "line\u2028end", "\x00\x1f\x7f", "bad\xff", "rdsh-00001"}
	s := func() string { return texts[r.IntN(len(texts))] }
	when := func() time.Time {
		return []time.Time{{}, time.Unix(r.Int64N(1e10), r.Int64N(3)*1e8).UTC(), time.Unix(1, 5).In(time.FixedZone("x", 3600)), time.Unix(7, 0).In(time.Local)}[r.IntN(4)]
	}
	in := func() (x inner) {
		x.At = when()
		for range r.IntN(3) {
			x.Days = append(x.Days, day(r.IntN(9)))
		}
		return x
	}
	x := row{Base: Base{s(), r.IntN(3) - 1}, Name: s(), Small: int8(r.IntN(256) - 128), Count: r.Uint32(), Yes: r.IntN(2) == 0, Time: when(), Until: when(), Day: day(r.IntN(9)), Inner: in(), Share: r.Float64()}
	if r.IntN(2) == 0 {
		x.Way = &Way{Pool: s()}
		if r.IntN(2) == 0 {
			x.Path = []string{s(), s()}
		}
	}
	if r.IntN(2) == 0 {
		y := in()
		x.Some, x.Inners, x.Free, x.Bytes = &y, []inner{in(), in()}, map[string]int{s(): 1, "b": 2}, []byte(s())
	}
	if r.IntN(4) == 0 {
		x.Inners = []inner{}
	}
	return x
}

func encoded(t *testing.T, v any, prefix, indent string) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent(prefix, indent)
	if err := e.Encode(v); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// What is written is what encoding/json writes, in one line and in many.
func TestAppendIsEncodingJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		x := made(r)
		for _, form := range [][2]string{{"", ""}, {"", " "}, {"  ", " "}, {"", "\t"}} {
			got, err := Append([]byte("before"), &x, form[0], form[1])
			if want := "before" + encoded(t, &x, form[0], form[1]); err != nil || string(got) != want {
				t.Fatalf("%q: %v\n%s\nwant\n%s", form, err, got, want)
			}
		}
	}
	bad := row{Day: -1}
	if _, err := Append(nil, &bad, "", ""); err == nil {
		t.Error("what cannot be written was")
	}
	if got, err := Append(nil, nil, "", ""); string(got) != "null" || err != nil {
		t.Errorf("nothing is %s, %v", got, err)
	}
}

// plainRow is a row of which nothing is left to encoding/json.
type plainRow struct {
	Base
	Name  string
	Small int8
	Count uint32
	Yes   bool
	Time  time.Time
	Day   day `json:"day,omitzero"`
	In    inner
	More  []inner `json:",omitempty"`
	Some  *Base
}

func read(t *testing.T, r *Reader[plainRow], text string) (fast bool) {
	t.Helper()
	var got, want plainRow
	n, fast := r.Read([]byte(text), &got)
	err := json.Unmarshal([]byte(text), &want)
	if fast && n == len(text) {
		if err != nil {
			t.Errorf("%s is read, and encoding/json says %v", text, err)
		} else if d := cmp.Diff(want, got); d != "" || !reflect.DeepEqual(want, got) {
			t.Errorf("%s is read otherwise:\n%s", text, d)
		}
	}
	if fast && n < len(text) && json.Valid([]byte(text[:n])) == false {
		t.Errorf("the beginning of %s is read, and is no JSON", text)
	}
	got = plainRow{}
	if err2 := r.Unmarshal([]byte(text), &got); (err == nil) != (err2 == nil) || err == nil && !reflect.DeepEqual(want, got) {
		t.Errorf("%s: %v, want %v", text, err2, err)
	}
	return fast && n == len(text)
}

// What is read is what encoding/json reads; what it writes itself is read without
// its help, and nothing else is.
func TestReadIsEncodingJSON(t *testing.T) {
	r, rows := rand.New(rand.NewPCG(3, 4)), NewReader[plainRow]()
	for range 2000 {
		m := made(r)
		x := plainRow{m.Base, "plain ü \\ \"", m.Small, m.Count, m.Yes, m.Time.UTC(), m.Day, m.Inner, m.Inners, nil}
		x.ID = "h-1"
		if m.Yes {
			x.Some = &m.Base
			x.Some.ID = "e"
		}
		b, err := Append(nil, &x, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if !read(t, rows, string(b)) {
			t.Fatalf("%s is left to encoding/json", b)
		}
		for range 5 { // torn, and with a byte changed
			read(t, rows, string(b[:r.IntN(len(b))]))
			c := bytes.Clone(b)
			c[r.IntN(len(c))] = `"\,:{}[]0-9.eE tnufx`[r.IntN(20)]
			read(t, rows, string(c))
		}
	}
	for _, s := range []string{`{"ID":"a","ID":"b"}`, `{"id":"a"}`, `{"ID":"\u0041"}`, `{"ID": "a"}`, `{"Small":300}`, `{"Small":01}`, `{"Small":1e1}`, `{"Count":-1}`, `{"ID":null}`,
		`{"Name":"a","ID":"b"}`, `{"ID":"a",}`, `{"other":1}`, `{"Time":"x"}`, `{"day":"x"}`, `{"In":{"days":[,]}}`, "{\"ID\":\"\xff\"}", "{\"ID\":\"\n\"}", `{"Small":1`, `{`, ``} {
		if read(t, rows, s) {
			t.Errorf("%s was not left to encoding/json", s)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"ID":"a","line":1,"Name":"n","Small":-1,"Count":7,"Yes":true,"Time":"2026-10-01T00:57:20.477Z","day":"<<","In":{"days":[],"None":{}},"Some":null}`)
	f.Add(`{"ID":"\\\"","Time":"0001-01-01T00:00:00Z","In":{"At":"2026-10-01T00:00:00+02:00","days":["<",""]},"Some":{"ID":""}}`)
	rows := NewReader[plainRow]()
	f.Fuzz(func(t *testing.T, text string) { read(t, rows, text) })
}

// A list, an object and a text end where encoding/json says that they do, in
// whatever pieces they come. (It takes two values that touch apart, which nothing
// in JSON may: 00.)
func FuzzScanner(f *testing.F) {
	for _, s := range []string{` {"a":[1,"]}\\\""]} ,`, `"x":`, `12]`, `null`, `[[],{}] `, `tru`, `"\`, ``} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := NewScanner(iotest.OneByteReader(strings.NewReader(text)))
		got, err := s.Value()
		var want json.RawMessage
		if json.NewDecoder(strings.NewReader(text)).Decode(&want) == nil && strings.IndexByte("{[\"", want[0]) >= 0 && (err != nil || !bytes.Equal(got, want)) {
			t.Errorf("of %q the value is %q, %v; want %q", text, got, err, want)
		}
	})
}

func FuzzText(f *testing.F) {
	f.Add("R&D <all>\u2028\x00\xff")
	f.Fuzz(func(t *testing.T, text string) {
		x := Way{[]string{text}, text}
		if got, err := Append(nil, &x, "", ""); err != nil || string(got) != encoded(t, &x, "", "") {
			t.Errorf("%q is written %s, %v", text, got, err)
		}
	})
}
