package deliver

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/digest"
	"splameter/report"
)

// UsageReports writes a draft of the mail with which each usage report goes to
// the reseller, beside the report, and returns the drafts. The mail names the
// digests of the report and of the sealed evidence behind it: whoever received
// it holds what nobody here can change any more. Only an approved month has
// them; what is attached is what was sealed.
func UsageReports(t *closing.Issued, dir, to string, at time.Time) ([]string, error) {
	if !t.Sealed || !t.Life.Settled(t.Revision) {
		return nil, fmt.Errorf("%s is not approved: its report can still change; approve it first", t.Month)
	}
	w, err := report.New(t.Input)
	if err != nil {
		return nil, err
	}
	names := []string{"usage-report-" + t.Month.String()}
	for i := range t.Config.Agreements {
		names = append(names, names[0]+"-"+t.Config.Agreements[i].ID)
	}
	var out []string
	for _, name := range names {
		data, err := t.File(name + ".xlsx")
		if err != nil {
			return out, fmt.Errorf("read %s.xlsx out of the evidence: %w", name, err)
		}
		l := &Letter{To: to, Language: strings.ToLower(t.Config.Provider.Language), Month: t.Month.String(), Revision: t.Revision, Document: name,
			File: name + ".xlsx", SHA256: digest.Of(data), Manifest: t.Manifest(), data: data, provider: t.Config.Provider.Name, toSPLA: true}
		l.write(w.MonthName(l.Language), t.Config.Provider.Reporter.Name)
		b, err := l.draft(at)
		if err != nil {
			return out, fmt.Errorf("write the draft with %s.xlsx: %w", name, err)
		}
		path := filepath.Join(dir, l.EML())
		if err := atomicfile.WriteBytes(path, atomicfile.Private, b); err != nil {
			return out, fmt.Errorf("write the draft with %s.xlsx: %w", name, err)
		}
		out = append(out, path)
	}
	return out, nil
}
