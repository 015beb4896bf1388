package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// A list that is written as it comes has the bytes of the whole at once, with no
// entry, with one and with several; what stops it is told.
func TestRowsAreWrittenAsTheyCome(t *testing.T) {
	type row struct {
		Name string
		Days []int
	}
	for _, list := range [][]row{{}, {{"ann", nil}}, {{"ann", []int{1, 2}}, {"<bob>", []int{}}}} {
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		e.SetIndent("", " ")
		if err := e.Encode(struct {
			Rows  []row
			After []row
		}{list, list}); err != nil {
			t.Fatal(err)
		}
		of := struct {
			Rows  Rows
			After []row // filled while the rows are written
		}{After: []row{}}
		of.Rows = func(each func(any) error) error {
			for i := range list {
				if err := each(&list[i]); err != nil {
					return err
				}
				of.After = append(of.After, list[i])
			}
			return nil
		}
		var got strings.Builder
		if err := WriteObject(&got, " ", &of); err != nil || got.String() != want.String() {
			t.Errorf("%v\n%s\nwant\n%s", err, got.String(), want.String())
		}
	}
	broken := errors.New("the pack cannot be read")
	of := struct{ Rows Rows }{func(func(any) error) error { return broken }}
	if err := WriteObject(&strings.Builder{}, " ", &of); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}
