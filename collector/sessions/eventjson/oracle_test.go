package eventjson

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"sort"
	"testing"

	"github.com/goccy/go-json"
	"github.com/google/go-cmp/cmp"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
)

// oracle reads one object by goccy/go-json and says what Winlogbeat 7 means
// by it. ok is false where it is no such object, or a name stands there twice.
func oracle(data []byte) (want string, ok bool) {
	if !stdjson.Valid(data) || twice(data) {
		return "", false
	}
	var top map[string]any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&top); err != nil {
		return "", false
	}
	w, isMap := top["winlog"].(map[string]any)
	if !isMap {
		return "", false
	}
	text := func(v any) (string, bool) {
		switch v := v.(type) {
		case string:
			return v, true
		case json.Number:
			return v.String(), true
		case nil:
			return "", true
		}
		return "", false
	}
	id, ok1 := text(w["event_id"])
	stamp, ok2 := text(top["@timestamp"])
	ch, ok3 := text(w["channel"])
	host, ok4 := text(w["computer_name"])
	n, ok5 := textblock.Uint([]byte(id))
	ticks, _, ok6 := textblock.Stamp([]byte(stamp))
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || n > 1<<32-1 {
		return "", false
	}
	data2, _ := w["user_data"].(map[string]any)
	var fields []string
	for k, v := range data2 {
		s, ok := text(v)
		if !ok {
			return "", false
		}
		if v != nil && k != "xml_name" {
			fields = append(fields, k+"="+s)
		}
	}
	if _, both := w["event_data"].(map[string]any); both {
		return "", false
	}
	if _, both := top["user_data"].(map[string]any); both {
		return "", false
	}
	if _, both := top["event_data"].(map[string]any); both {
		return "", false
	}
	sort.Strings(fields)
	return fmt.Sprintf("%d %d %q %q %q", n, ticks, ch, host, fields), true
}

// twice says whether a name stands twice in one object.
func twice(data []byte) bool {
	d := stdjson.NewDecoder(bytes.NewReader(data))
	var read func() bool
	read = func() bool {
		tok, err := d.Token()
		if err != nil {
			return true
		}
		switch tok {
		case stdjson.Delim('{'):
			seen := map[string]bool{}
			for d.More() {
				k, err := d.Token()
				name, _ := k.(string)
				if err != nil || seen[name] {
					return true
				}
				seen[name] = true
				if read() {
					return true
				}
			}
			_, err = d.Token()
		case stdjson.Delim('['):
			for d.More() {
				if read() {
					return true
				}
			}
			_, err = d.Token()
		}
		return err != nil
	}
	return read()
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(one(1)))
	f.Add([]byte(one(1) + `{"@timestamp":"2026-10-01T05:11:08Z","winlog":{"chan` + "\n" + one(3)))
	f.Add([]byte(`{"@timestamp":"2026-10-01T05:11:08Z","winlog":{"channel":"\u0043","event_id":21,"computer_name":"H","user_data":{"User":"\ud83d\ude00\\\"\/\u00e9\n","N":1.5e3,"Z":null}}}`))
	f.Add([]byte("[\n  {\n    \"Id\": 21,\n    \"LogName\": \"C\",\n    \"TimeCreated\": \"\\/Date(1790831468123)\\/\",\n    \"Properties\": [\n      {\n        \"Value\": 1\n      }\n    ]\n  }\n]"))
	f.Add([]byte(`{"EventID":21,"Channel":"C","EventTime":"2020-09-04 03:07:18","Message":"x","User":"y"}`))
	f.Add([]byte(`{"log_name":"C","event_id":21,"@timestamp":"2026-10-01T05:11:08Z","event_data":{"a":[1,{"b":"]"}]}}`))
	f.Add([]byte("{\"@timestamp\":\"2000-10-01 00:00:00\",\"winlog\":{\"event_id\":0,\"user_data\":{\"\x89\xb2\":\"\"}}}")) // found by fuzzing: two broken bytes became one mark
	f.Fuzz(func(t *testing.T, data []byte) {
		got := run(t, data, 1, 0)
		if d := cmp.Diff(got, run(t, data, 2, 48), cmp.AllowUnexported(collect{})); d != "" {
			t.Errorf("small blocks are read otherwise: %s", d)
		}
		if len(data) > 4096 {
			return
		}
		want, ok := oracle(data)
		if !ok {
			return
		}
		// Twice, so that the second is read by what is known of the first.
		twice := append(append(append([]byte{}, data...), '\n'), data...)
		var have []string
		h := &tally{f: func(r *record.Record) {
			var fields []string
			for _, f := range r.Fields {
				fields = append(fields, string(f.Name)+"="+string(f.Value))
			}
			sort.Strings(fields)
			have = append(have, fmt.Sprintf("%d %d %q %q %q", r.EventID, r.Ticks, r.Channel, r.Computer, fields))
		}}
		if _, err := Read(t.Context(), bytes.NewReader(twice), "f", Options{}, h); err != nil {
			t.Fatal(err)
		}
		if len(have) != 2 || have[0] != want || have[1] != want {
			t.Errorf("got  %q\nwant %q twice", have, want)
		}
	})
}
