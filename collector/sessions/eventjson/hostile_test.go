package eventjson

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/textblock/synth"
)

func TestSameWithWorkers(t *testing.T) {
	estate := synth.Estate{Users: 50, Tenants: 5, Hosts: 7, Seed: 1}
	data := estate.NDJSON(200)
	data = append(data, []byte("{\"winlog\":{\n"+one(5)+"{\n  \"winlog\" : 1,\n  {\n"+"[\n  {\n    \"Id\": 1,\n    \"x\": {\n \"y\" \n  },\n"+one(6)+"\x00\x00\n")...)
	data = append(data, []byte(strings.ReplaceAll(one(7)+","+one(8), "\n", " "))...)
	data = append(data, estate.NDJSON(20)...)
	data = append(data, `{"winlog":`...)
	sameAsWalker(t, data)
	want := run(t, data, 1, 0)
	if len(want.events) != 224 || len(want.damages) < 4 {
		t.Fatalf("%d events, damages %v; want 224", len(want.events), want.damages)
	}
	for _, block := range []int{100, 1000, 5000, 1 << 16} {
		for workers := range 3 {
			if d := cmp.Diff(want, run(t, data, workers+1, block), cmp.AllowUnexported(collect{})); d != "" {
				t.Fatalf("%d workers, blocks of %d: %s", workers+1, block, d)
			}
		}
	}
}

// Long and deep objects lose themselves alone.
func TestHostile(t *testing.T) {
	for _, tt := range []struct{ name, open, fill, close string }{
		{"a string", `{"a":"`, "x", "\"}\n"},
		{"an open string", `{"a":"`, "x", "\n"},
		{"nested", `{"a":`, "[", "\n"},
		{"objects in objects", "", `{"a":`, "\n"},
		{"objects in objects, line by line", "", "{\"a\":\n", "\n"},
		{"an open array", `{"a":[`, "0,\n", "\n"},
		{"zeros", "", "\x00", "\n"},
		{"brackets", "", "]", "x\n"},
		{"a line", "x", "x", "\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fill := strings.Repeat(tt.fill, 1<<20/len(tt.fill))
			for _, workers := range []int{1, 2} {
				c := &collect{}
				in := io.MultiReader(strings.NewReader(one(1)+tt.open), strings.NewReader(fill), strings.NewReader(fill), strings.NewReader(fill), strings.NewReader(tt.close+one(2)))
				if _, err := Read(t.Context(), in, "f", Options{Workers: workers}, c); err != nil {
					t.Fatal(err)
				}
				if len(c.events) != 2 || len(c.damages) == 0 {
					t.Errorf("%d events, %d damages; want 2 events and some", len(c.events), len(c.damages))
				}
			}
		})
	}
}
