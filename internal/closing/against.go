package closing

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"splameter/internal/closing/evidence"
	"splameter/internal/digest"
	"splameter/internal/safetext"
	"splameter/internal/statement"
)

// Against holds a file that somebody received, such as the usage report that
// the reseller has, against a pack. It is proved where it is, to the byte, one
// of the files that the pack, or one of the seals that it replaces, has; where
// it was saved again since, it must name the same evidence and report the same
// quantities. how says in which way it holds; without proof it is an error that
// wraps evidence.ErrUnproved.
func Against(p *evidence.Pack, name string, file []byte) (how string, err error) {
	sum := digest.Of(file)
	manifests := []*evidence.Manifest{&p.Manifest}
	for _, d := range p.Manifest.Replaces {
		if m := p.Replaced(d); m != nil {
			manifests = append(manifests, m)
		}
	}
	for _, m := range manifests {
		for _, e := range m.Members {
			if e.SHA256 != sum || !strings.HasPrefix(e.Name, fileFolder) {
				continue
			}
			if m != &p.Manifest && m.Quantities != p.Manifest.Quantities {
				return "", fmt.Errorf("%s is %s of %s as it was sealed in the state %s, and the pack presented comes to other quantities", name, strings.TrimPrefix(e.Name, fileFolder), m.Month, m.State)
			}
			return fmt.Sprintf("%s is, to the byte, %s of %s revision %d as it was sealed (%s)", name, strings.TrimPrefix(e.Name, fileFolder), m.Month, m.Revision, m.State), nil
		}
	}
	f, err := openBook(file)
	if err != nil {
		return "", fmt.Errorf("%s is none of the files that the pack of %s has, and no workbook: %w", name, p.Manifest.Month, err)
	}
	defer f.Close()
	reported, anchor, err := reportedIn(f)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	if anchor == "" {
		anchor = keywords(file)
	}
	if anchor != "" && p.Manifest.Anchor() != "" && anchor != p.Manifest.Anchor() {
		return "", fmt.Errorf("%s names other evidence, %s, than the pack of %s revision %d, %s", name, safetext.Clip(anchor, 64), p.Manifest.Month, p.Manifest.Revision, p.Manifest.Anchor())
	}
	var st statement.Statement
	member := statementMember
	if !p.Has(member) {
		member = totalsMember
	}
	if err := readJSON(p, member, &st); err != nil {
		return "", err
	}
	if quantitiesDigest(&st) != p.Manifest.Quantities && p.Manifest.Quantities != "" {
		return "", fmt.Errorf("the statement in the pack of %s has other quantities than its manifest says", p.Manifest.Month)
	}
	var wrong []string
	for part, x := range byPart(st.Lines) {
		if got, ok := reported[part]; x.quantity != got && (ok || x.quantity > 0) && !strings.HasPrefix(part, "(") {
			wrong = append(wrong, fmt.Sprintf("%s: sealed %d, in %s %d", part, x.quantity, name, got))
		}
		delete(reported, part)
	}
	for part, got := range reported {
		wrong = append(wrong, fmt.Sprintf("%s: sealed none, in %s %d", part, name, got))
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		return "", fmt.Errorf("%s reports other quantities than the pack of %s revision %d: %s", name, p.Manifest.Month, p.Manifest.Revision, safetext.Clip(strings.Join(wrong, "; "), 1000))
	}
	if anchor == "" || p.Manifest.Anchor() == "" {
		return "", fmt.Errorf("%s reports the quantities of the pack of %s, and names no evidence: it is not the file that was sealed: %w", name, p.Manifest.Month, evidence.ErrUnproved)
	}
	return fmt.Sprintf("%s was saved again since it was sealed, names the same evidence, and reports the same quantities as %s revision %d", name, p.Manifest.Month, p.Manifest.Revision), nil
}

// reportedIn are the quantities by part number on a usage report, and the
// evidence that it names.
func reportedIn(f *excelize.File) (map[string]int, string, error) {
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, "", errors.New("it has no sheet")
	}
	rows, err := f.GetRows(sheets[0], excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, "", err
	}
	out, named := map[string]int{}, ""
	part, quantity := -1, -1
	for _, row := range rows {
		if part < 0 {
			for i, v := range row {
				switch low := strings.ToLower(v); {
				case strings.HasPrefix(low, "part number"):
					part = i
				case strings.HasPrefix(low, "quantity"):
					quantity = i
				case isDigest(v):
					named = v
				}
			}
			if quantity < 0 {
				part = -1
			}
			continue
		}
		if len(row) <= max(part, quantity) {
			continue
		}
		if n, err := strconv.Atoi(row[quantity]); err == nil && row[part] != "" {
			out[row[part]] += n
		}
	}
	if part < 0 {
		return nil, "", errors.New("it has no columns of part numbers and quantities: it is no usage report")
	}
	return out, named, nil
}

// isDigest says whether a cell can be a digest.
func isDigest(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// keywords are a workbook's, where we name the evidence besides.
func keywords(file []byte) string {
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return ""
	}
	r, err := z.Open("docProps/core.xml")
	if err != nil {
		return ""
	}
	defer r.Close()
	var core struct {
		Keywords string `xml:"keywords"`
	}
	if xml.NewDecoder(io.LimitReader(r, 1<<16)).Decode(&core) != nil || !isDigest(core.Keywords) {
		return ""
	}
	return core.Keywords
}
