package statement

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// Each person is encoded as encoding/json does it: every field empty or filled,
// by chance, so that a field that is added to one only is found.
func TestPersonsAreEncodedAsJSON(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "a", "CN=Bloem\\, Anna,OU=x", `"`, "<&>", "Zoë", "\x00\x7f", "bad\xff", "\u2028", "名前"}
	for range 2000 {
		var p Person
		fill(r, reflect.ValueOf(&p).Elem(), texts)
		var want bytes.Buffer
		_ = json.NewEncoder(&want).Encode(&p)
		if got := appendPerson(nil, &p); string(got) != want.String() {
			t.Fatalf("%s\nwant %s", got, want.String())
		}
	}
}

// fill fills a value with anything that it may hold.
func fill(r *rand.Rand, v reflect.Value, texts []string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(texts[r.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int32:
		v.SetInt(int64(r.IntN(3)) * 20000)
	case reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(r.IntN(3)) * 70000)
	case reflect.Pointer:
		if r.IntN(8) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), texts)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3), 2))
		for i := range v.Len() {
			fill(r, v.Index(i), texts)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			at := []time.Time{{}, time.Date(2026, 10, 2, 3, 4, 5, r.IntN(2)*1000, time.UTC), time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 10, 2, 3, 4, 5, 6, time.FixedZone("x", 3600))}
			v.Set(reflect.ValueOf(at[r.IntN(len(at))]))
			return
		}
		for i := range v.NumField() {
			fill(r, v.Field(i), texts)
		}
	}
}
