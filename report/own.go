package report

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// removeStale deletes the workbooks in a folder that this program made for this
// month, of the kinds that mine knows, and did not make now: annexes of customers
// who went, usage reports of agreements that ended. A workbook that somebody else made, or saved
// again with changes, is left alone, whatever its name.
func (w *Workbooks) removeStale(dir string, keep []string, mine func(kind string) bool) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	kept := map[string]bool{}
	for _, p := range keep {
		kept[foldName(filepath.Base(p))] = true
	}
	var removed []string
	for _, e := range entries {
		if !e.Type().IsRegular() || kept[foldName(e.Name())] || !strings.Contains(e.Name(), "-"+w.Month.String()) || !strings.HasSuffix(e.Name(), ".xlsx") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		if !w.madeHere(path, mine) {
			continue
		}
		if err := os.Remove(path); err != nil {
			return removed, fmt.Errorf("remove %s, which nobody gets any more: %w", e.Name(), err)
		}
		removed = append(removed, path)
	}
	slices.Sort(removed)
	return removed, nil
}

// isAnnex and isAgreement are kinds of workbooks, by their identifiers.
func isAnnex(kind string) bool     { return kind == "annex" || kind == "partner" }
func isAgreement(kind string) bool { return strings.HasPrefix(kind, agreementKind) }

// madeHere says whether a file is a workbook of such a kind and of this month,
// as this program writes them. A spreadsheet program that saves the file
// puts its own name in, and then the file is somebody's work.
func (w *Workbooks) madeHere(path string, mine func(kind string) bool) bool {
	z, err := zip.OpenReader(path)
	if err != nil {
		return false
	}
	defer z.Close()
	var app struct {
		Application string `xml:"Application"`
	}
	var core struct {
		Identifier string `xml:"identifier"`
	}
	if !readPart(&z.Reader, "docProps/app.xml", &app) || !readPart(&z.Reader, "docProps/core.xml", &core) || app.Application != application {
		return false
	}
	rest, ok := strings.CutPrefix(core.Identifier, application+"/")
	kind, rest, _ := strings.Cut(rest, "/")
	return ok && mine(kind) && strings.HasPrefix(rest, w.Month.String()+"/")
}

// readPart reads a small part of a workbook; a large one is not ours.
func readPart(z *zip.Reader, name string, into any) bool {
	f, err := z.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<16))
	return err == nil && len(b) < 1<<16 && xml.Unmarshal(b, into) == nil
}
