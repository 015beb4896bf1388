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
// it was saved again since, it must name the same evidence. Either way a usage
// report must report what the pack's statement comes to: anybody can put a
// genuine file into a pack of other numbers. how says in which way it holds;
// without proof it is an error that wraps evidence.ErrUnproved.
func Against(p *evidence.Pack, name string, file []byte) (how string, err error) {
	x, err := reportsOf(p)
	if err != nil {
		return "", err
	}
	if m, e := sealedAs(p, digest.Of(file)); e != nil {
		member := strings.TrimPrefix(e.Name, fileFolder)
		if m.Quantities != p.Manifest.Quantities {
			return "", fmt.Errorf("%s is %s of %s as it was sealed in the state %s, and the pack presented comes to other quantities", name, member, m.Month, m.State)
		}
		if anchor := keywords(file); anchor != "" && anchor != m.Anchor() {
			return "", fmt.Errorf("%s is %s of %s revision %d and names other evidence, %s, than that has", name, member, m.Month, m.Revision, anchor)
		}
		if isUsageReport(e.Name) {
			if err := x.check(name, file); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("%s is, to the byte, %s of %s revision %d as it was sealed (%s)", name, member, m.Month, m.Revision, m.State), nil
	}
	got, err := readReported(file)
	if err != nil {
		return "", fmt.Errorf("%s is none of the files that the pack of %s has, and no usage report: %w", name, p.Manifest.Month, err)
	}
	if got.anchor != "" && p.Manifest.Anchor() != "" && got.anchor != p.Manifest.Anchor() {
		return "", fmt.Errorf("%s names other evidence, %s, than the pack of %s revision %d, %s", name, got.anchor, p.Manifest.Month, p.Manifest.Revision, p.Manifest.Anchor())
	}
	if err := x.check(name, file); err != nil {
		return "", err
	}
	if got.anchor == "" || p.Manifest.Anchor() == "" {
		return "", fmt.Errorf("%s reports the quantities of the pack of %s, and names no evidence: it is not the file that was sealed: %w", name, p.Manifest.Month, evidence.ErrUnproved)
	}
	other, err := x.nearest(file)
	if err != nil {
		return "", err
	}
	if len(other) > 0 {
		return "", fmt.Errorf("%s was saved again since it was sealed, names the same evidence and has the same quantities as %s revision %d in its cells, and does not show what was sealed: %s: %w",
			name, p.Manifest.Month, p.Manifest.Revision, safetext.Clip(strings.Join(other, "; "), 1000), evidence.ErrUnproved)
	}
	return fmt.Sprintf("%s was saved again since it was sealed, names the same evidence, and has the same in every cell, as %s revision %d", name, p.Manifest.Month, p.Manifest.Revision), nil
}

// nearest says where a file shows something else than that usage report of the
// pack which it is most like; nothing where it is one of them.
func (x *reports) nearest(file []byte) (least []string, err error) {
	for _, name := range x.pack.Names(fileFolder) {
		if !isUsageReport(name) {
			continue
		}
		b, err := x.pack.Read(name)
		if err != nil {
			return nil, err
		}
		other, err := shownOtherwise(b, file)
		if err != nil || len(other) == 0 {
			return nil, err
		}
		if least == nil || len(other) < len(least) {
			least = other
		}
	}
	if least == nil {
		return []string{"the pack has no usage report to hold it against"}, nil
	}
	return least, nil
}

// sealedAs is the file with a digest among those of the pack and of the seals
// that it replaces, with the manifest that has it; nil where none has.
func sealedAs(p *evidence.Pack, sum string) (*evidence.Manifest, *evidence.Entry) {
	manifests := []*evidence.Manifest{&p.Manifest}
	for _, d := range p.Manifest.Replaces {
		if m := p.Replaced(d); m != nil {
			manifests = append(manifests, m)
		}
	}
	for _, m := range manifests {
		for i := range m.Members {
			if e := &m.Members[i]; e.SHA256 == sum && strings.HasPrefix(e.Name, fileFolder) {
				return m, e
			}
		}
	}
	return nil, nil
}

// isUsageReport says whether a member is a usage report: that of all, or of one
// of several agreements.
func isUsageReport(name string) bool {
	return strings.HasPrefix(name, fileFolder+"usage-report-") && strings.HasSuffix(name, ".xlsx")
}

// reports are what a pack comes to, by part number.
type reports struct {
	pack       *evidence.Pack
	sealed     map[string]int   // as the statement has it
	agreements []map[string]int // as the usage report of each of several agreements has it
}

// reportsOf takes them out of a pack, whose parts must agree on them.
func reportsOf(p *evidence.Pack) (*reports, error) {
	member := statementMember
	if !p.Has(member) {
		member = totalsMember
	}
	var st statement.Statement
	if err := readJSON(p, member, &st); err != nil {
		return nil, err
	}
	if p.Manifest.Quantities != "" && quantitiesDigest(&st) != p.Manifest.Quantities {
		return nil, fmt.Errorf("the statement in the pack of %s has other quantities than its manifest says", p.Manifest.Month)
	}
	x := &reports{pack: p, sealed: map[string]int{}}
	for part, n := range byPart(st.Lines) {
		if strings.HasPrefix(part, "(") {
			part = noPartNumber
		}
		x.sealed[part] += n.quantity
	}
	sum, all := map[string]int{}, fileFolder+"usage-report-"+p.Manifest.Month+".xlsx"
	for _, name := range p.Names(fileFolder) {
		if !isUsageReport(name) {
			continue
		}
		b, err := p.Read(name)
		if err != nil {
			return nil, err
		}
		got, err := readReported(b)
		if err != nil {
			return nil, fmt.Errorf("%s in the pack of %s: %w", name, p.Manifest.Month, err)
		}
		if name == all {
			if wrong := otherwise(x.sealed, got.quantities, name); wrong != "" {
				return nil, fmt.Errorf("the usage report in the pack of %s reports other quantities than its statement: %s", p.Manifest.Month, wrong)
			}
			continue
		}
		x.agreements = append(x.agreements, got.quantities)
		for part, n := range got.quantities {
			sum[part] += n
		}
	}
	if wrong := otherwise(x.sealed, sum, "them"); len(x.agreements) > 0 && wrong != "" {
		return nil, fmt.Errorf("the usage reports of the agreements in the pack of %s do not add up to its statement: %s", p.Manifest.Month, wrong)
	}
	return x, nil
}

// check holds a usage report against what the pack comes to.
func (x *reports) check(name string, file []byte) error {
	got, err := readReported(file)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	wrong := otherwise(x.sealed, got.quantities, name)
	for _, one := range x.agreements {
		if otherwise(one, got.quantities, name) == "" {
			wrong = ""
		}
	}
	if wrong == "" {
		return nil
	}
	return fmt.Errorf("%s reports other quantities than the pack of %s revision %d: %s", name, x.pack.Manifest.Month, x.pack.Manifest.Revision, safetext.Clip(wrong, 1000))
}

// otherwise says where a report has other quantities than were sealed; a part
// number that stands on one side alone has none on the other.
func otherwise(sealed, reported map[string]int, name string) string {
	var wrong []string
	for part, n := range sealed {
		if got := reported[part]; got != n {
			wrong = append(wrong, fmt.Sprintf("%s: sealed %d, in %s %d", part, n, name, got))
		}
	}
	for part, n := range reported {
		if _, ok := sealed[part]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s: sealed none, in %s %d", part, name, n))
		}
	}
	slices.Sort(wrong)
	return strings.Join(wrong, "; ")
}

// noPartNumber is under which everything is added up whose part number is to be
// filled in, as usage reports begin to say so.
const noPartNumber = "TO BE FILLED IN"

// reported is what a usage report says: the quantities by part number, and the
// evidence that it names.
type reported struct {
	quantities map[string]int
	anchor     string
}

func readReported(file []byte) (*reported, error) {
	f, err := openBook(file)
	if err != nil {
		return nil, fmt.Errorf("it is no workbook: %w", err)
	}
	defer f.Close()
	x := &reported{}
	if x.quantities, x.anchor, err = reportedIn(f); err != nil {
		return nil, err
	}
	if x.anchor == "" {
		x.anchor = keywords(file)
	}
	return x, nil
}

// reportedIn are the quantities by part number on a usage report, and the
// evidence that it names.
func reportedIn(f *excelize.File) (map[string]int, string, error) {
	rows, err := f.GetRows(f.GetSheetName(0), excelize.Options{RawCellValue: true})
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
			name := row[part]
			if strings.HasPrefix(name, noPartNumber) { // in other languages besides
				name = noPartNumber
			}
			out[name] += n
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
