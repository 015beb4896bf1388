package report

import (
	"os"
	"testing"
)

// TestWriteOut writes the fixture to a folder, to be looked at.
func TestWriteOut(t *testing.T) {
	dir := os.Getenv("REPORT_OUT")
	if dir == "" {
		t.Skip("REPORT_OUT names no folder")
	}
	in := fixture(t)
	in.Register.Tenants[0].Named = true
	w, err := Write(t.Context(), dir, in)
	t.Log(w, err)
	if err != nil {
		t.Fatal(err)
	}
}
