package report

import (
	"reflect"
	"slices"
	"testing"
)

// A customer's annex in Dutch says nothing in English: every label has a word
// of its own in both languages but those that are the same word in both.
func TestDutchIsDutch(t *testing.T) {
	same := []string{"TEST", "Product", "Document", "Account", "Partner"}
	en, nl := reflect.ValueOf(*english()), reflect.ValueOf(*dutch())
	for i := range en.NumField() {
		name, a, b := en.Type().Field(i).Name, en.Field(i), nl.Field(i)
		if a.Kind() == reflect.Map {
			for _, k := range a.MapKeys() {
				if v := b.MapIndex(k); !v.IsValid() || v.String() == "" || v.String() == a.MapIndex(k).String() && v.String() != "Demonstration" {
					t.Errorf("%s of %s is %q in Dutch", name, k, v)
				}
			}
			continue
		}
		if a.Kind() != reflect.String {
			continue
		}
		if a.String() == "" || b.String() == "" || a.String() == b.String() && !slices.Contains(same, a.String()) {
			t.Errorf("%s is %q in English and %q in Dutch", name, a, b)
		}
	}
}
