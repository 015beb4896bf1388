package config

import (
	"os"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
)

// The example of docs/delivery.md has no fault, and says what the document
// says of it: the 8th is earlier than the calendar's 10th.
func TestAgreementsOfTheDocument(t *testing.T) {
	b, err := os.ReadFile("../../docs/delivery.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, ok := strings.Cut(strings.ReplaceAll(string(b), "\r\n", "\n"), "```yaml\nagreements:")
	if !ok {
		t.Fatal("docs/delivery.md has no example of agreements")
	}
	block, _, _ = strings.Cut(block, "```")
	c, faults := Parse("c.yaml", []byte(small+"store: sqlite:x.db\nagreements:"+block))
	for _, f := range faults {
		if strings.Contains(f.Error(), "agreement") {
			t.Error(f)
		}
	}
	m := month.New(2026, time.October, time.UTC)
	all := c.AllAgreements()
	if len(all) != 2 || all[0].ID != MainAgreement || all[1].Reseller.Email != "spla@other.example" || all[1].Columns.CSV.Delimiter != "," {
		t.Errorf("%+v", all)
	}
	if d := c.Deadline(m); d != month.Date(2026, time.November, 8) {
		t.Errorf("the deadline is %s", d)
	}
	if d := c.Deadlines(m); d != "main 2026-11-10, academic 2026-11-08" {
		t.Errorf("deadlines are %q", d)
	}
}

func TestAgreementFaults(t *testing.T) {
	for entry, want := range map[string]string{
		"{id: main}":                                       "main is the agreement of provider:",
		"{id: a, deadline_day: 29}":                        "deadline_day cannot be 29",
		"{id: a, deadline_day: -1}":                        "deadline_day cannot be -1",
		"{id: a, reseller: {email: nobody}}":               `"nobody" is no mail address`,
		"{id: a, reseller: {email: \"N <a@b.example>\"}}":  "is no mail address",
		"{id: a}, {id: A}":                                 `the agreement "A" is named here again`,
		"{id: a, columns: {template: f.xls}}":              `"f.xls" is no workbook that can be filled in`,
		"{id: a, columns: {cells: {month: B2}}}":           "the reseller's form is described, and no template is named",
		"{id: a, columns: {csv: {columns: [{value: x}]}}}": `a form cannot show "x"`,
	} {
		_, faults := Parse("c.yaml", []byte(small+"agreements: ["+entry+"]\n"))
		if err := faults.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", entry, err, want)
		}
	}
	if _, faults := Parse("c.yaml", []byte("provider: {name: P, time_zone: Europe/Amsterdam, reseller: {email: x}}\n")); faults.Err() == nil || !strings.Contains(faults.Err().Error(), `"x" is no mail address`) {
		t.Errorf("the provider's reseller: %v", faults)
	}
}
