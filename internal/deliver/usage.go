package deliver

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/report"
)

// UsageOrder says which usage reports go to whom.
type UsageOrder struct {
	Agreement string // the id of one of several; empty: all
	To        string // in place of the address in the config
	At        time.Time
}

// UsageReports writes a draft of the mail with which each usage report goes to
// its reseller, beside the report, and returns the drafts.
func UsageReports(t *closing.Issued, dir string, today *config.Config, order UsageOrder) (out []string, err error) {
	letters, err := UsageLetters(t, today, order)
	if err != nil {
		return nil, err
	}
	for _, l := range letters {
		b, err := l.Unsent(order.At)
		path := filepath.Join(dir, l.EML())
		if err == nil {
			err = atomicfile.WriteBytes(path, atomicfile.Private, b)
		}
		if err != nil {
			return out, fmt.Errorf("write the draft with %s: %w", l.File, err)
		}
		out = append(out, path)
	}
	return out, nil
}

// UsageLetters are the mails with which the usage reports go out. Each names the
// digests of the report and of the sealed evidence behind it: whoever received
// it holds what nobody here can change any more. Only an approved month has
// them; what is attached, the report and the reseller's own form, is what was sealed. Addresses are today's.
func UsageLetters(t *closing.Issued, today *config.Config, order UsageOrder) ([]*Letter, error) {
	if !t.Sealed || !t.Life.Settled(t.Revision) {
		return nil, fmt.Errorf("%s is not approved: its report can still change; approve it first", t.Month)
	}
	w, err := report.New(t.Input)
	if err != nil {
		return nil, err
	}
	reports := w.UsageReports()
	if order.Agreement != "" {
		var ids []string
		for _, r := range reports {
			ids = append(ids, r.ID)
		}
		if reports = slices.DeleteFunc(reports, func(r report.UsageReport) bool { return r.ID != order.Agreement }); len(reports) == 0 {
			return nil, fmt.Errorf("%s was not reported under an agreement %q; write one of %s", t.Month, order.Agreement, strings.Join(ids, ", "))
		}
	}
	if order.To != "" && len(reports) > 1 {
		return nil, fmt.Errorf("%s has %d usage reports, one an agreement, and they would all go to %s; name one with --agreement, or write the resellers' addresses into the config", t.Month, len(reports), order.To)
	}
	var out []*Letter
	several := len(t.Config.Agreements) > 0
	for _, r := range reports {
		data, err := t.File(r.Name + ".xlsx")
		if err != nil {
			return out, fmt.Errorf("read %s.xlsx out of the evidence: %w", r.Name, err)
		}
		to := r.Reseller
		for _, a := range today.AllAgreements() {
			if a.ID == r.ID {
				to = a.Reseller
			}
		}
		l := &Letter{To: cmp.Or(order.To, to.Email), Language: strings.ToLower(t.Config.Provider.Language), Month: t.Month.String(), Revision: t.Revision, Document: r.Name,
			File: r.Name + ".xlsx", SHA256: digest.Of(data), Manifest: t.Manifest(), data: data, provider: t.Config.Provider.Name, toSPLA: true}
		for _, name := range r.Forms { // what the reseller asked for goes along
			data, err := t.File(name)
			if err != nil {
				return out, fmt.Errorf("read %s out of the evidence: %w", name, err)
			}
			l.beside = append(l.beside, attachment{name, digest.Of(data), data})
		}
		l.write(w.MonthName(l.Language), t.Config.Provider.Reporter.Name)
		if number := cmp.Or(r.Agreement.Agreement, r.Enrollment); several && number != "" {
			l.Subject += " (" + number + ")"
		}
		out = append(out, l)
	}
	return out, nil
}
