package rules

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"splameter/internal/product"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

func readDoc(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\r\n", "\n")
}

// Every example of docs/rules.md is a rule file without a fault.
func TestExamplesOfTheDocument(t *testing.T) {
	blocks := yamlBlock.FindAllStringSubmatch(readDoc(t, "rules.md"), -1)
	if len(blocks) < 10 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, b := range blocks {
		set, faults := Parse("rules.yaml", []byte(b[1]))
		if err := faults.Err(); err != nil {
			t.Errorf("%s\n%v", b[1], err)
			continue
		}
		if err := set.Meaning([]byte(b[1])).Err(); err != nil {
			t.Errorf("%s\n%v", b[1], err)
		}
	}
}

// Every key of a rule file, and of a file of titles, stands in its document.
func TestEveryKeyIsDocumented(t *testing.T) {
	for doc, types := range map[string][]reflect.Type{
		"rules.md":    {reflect.TypeFor[Set](), reflect.TypeFor[Product](), reflect.TypeFor[Entitled](), reflect.TypeFor[Program](), reflect.TypeFor[Hosts](), reflect.TypeFor[Minimum]()},
		"products.md": {reflect.TypeFor[product.File](), reflect.TypeFor[product.Entry](), reflect.TypeFor[product.Except]()},
	} {
		text := readDoc(t, doc)
		for _, typ := range types {
			for i := range typ.NumField() {
				key := typ.Field(i).Tag.Get("yaml")
				if key == "" || key == "-" {
					continue
				}
				if !strings.Contains(text, "`"+key+"`") && !strings.Contains(text, "."+key+"`") {
					t.Errorf("docs/%s does not tell of %s", doc, key)
				}
			}
		}
	}
}

// The example of docs/products.md is a file of titles without a fault, and the
// document names every family.
func TestExampleOfTitles(t *testing.T) {
	text := readDoc(t, "products.md")
	for _, b := range yamlBlock.FindAllStringSubmatch(text, -1) {
		if _, faults := product.With([]product.Source{{Name: "products.yaml", Data: []byte(b[1])}}); faults.Err() != nil {
			t.Errorf("%s\n%v", b[1], faults.Err())
		}
	}
	for _, e := range product.Builtin().Entries() {
		if e.Family != "" && !strings.Contains(text, "`"+string(e.Family)+"`") {
			t.Errorf("docs/products.md does not name the family %s", e.Family)
		}
	}
}
