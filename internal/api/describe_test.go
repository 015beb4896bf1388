package api

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"splameter/internal/repotest"
)

var update = flag.Bool("update", false, "write docs/openapi.json")

// The description in docs is the one that is served.
func TestDescriptionInDocs(t *testing.T) {
	path := filepath.Join(repotest.Root(t), "docs", "openapi.json")
	spec := New(Options{}).spec
	if *update {
		if err := os.WriteFile(path, spec, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), spec) {
		t.Error("docs/openapi.json is not what is served; write it with go test ./internal/api -update")
	}
}
