package desk

import (
	"net/http"
	"strings"
	"testing"
)

// All open findings of a code are accepted in one act, and each keeps its own
// key: what comes next month is not among them. The page is headed by what the
// code means. Here two entries have lost their documents.
func TestAcceptAllOfACode(t *testing.T) {
	w := newWorld(t, func(path string, b []byte) []byte {
		if strings.HasSuffix(path, "exclusions.csv") {
			return []byte(strings.NewReplacer("Lijst SPLA-beheerders 2026-01-05", "", "Beoordeling dienstaccounts 2026-02-01", "").Replace(string(b)))
		}
		return b
	})
	b := w.approver()
	before := w.openOf(t, "exclusion-without-document")
	if before < 2 {
		t.Fatalf("the example has %d findings of the code", before)
	}
	_, body := b.get(october + "/findings/exclusion-without-document")
	shows(t, body, "<code>exclusion-without-document</code>", "do/accept-finding?kind=code:exclusion-without-document", "do/decide?kind=code:exclusion-without-document")
	hides(t, body, "<h1>exclusion-without-document")
	status, body := b.get(october + "/do/accept-finding?kind=code:exclusion-without-document")
	if status != http.StatusOK || strings.Count(body, " · ") < before {
		t.Fatalf("the form answers %d and does not say all that it is about", status)
	}
	_, body = b.post(october+"/do/accept-finding", fill(body, "by", "C. de Vries", "reason", "cleaned up in November"))
	shows(t, body, "Gedaan.")
	if n := w.openOf(t, "exclusion-without-document"); n != 0 {
		t.Errorf("%d are open still", n)
	}
	accepted := 0
	for _, act := range w.did() {
		if strings.HasPrefix(act, "accept-finding") {
			accepted++
		}
	}
	if accepted != before {
		t.Errorf("%d acts for %d findings", accepted, before)
	}
	// What was done in one go stands in one row of the month.
	_, body = b.get(october)
	if n := strings.Count(body, "cleaned up in November"); n != 1 {
		t.Errorf("the month tells %d rows of it", n)
	}
	shows(t, body, "en nog 1")
	if status, _ := b.get(october + "/do/accept-finding?kind=code:exclusion-without-document"); status != http.StatusNotFound {
		t.Errorf("nothing is left to accept, and the form answers %d", status)
	}
}

// openOf is how many findings of a code nobody accepted in October.
func (w *world) openOf(t *testing.T, code string) (n int) {
	t.Helper()
	res, err := w.s.result(t.Context(), "2026-10", 0)
	if err != nil || res == nil {
		t.Fatal(err)
	}
	for i := range res.Findings {
		if f := &res.Findings[i]; f.Code == code && f.Accepted == "" {
			n++
		}
	}
	return n
}

// A gap of a customer leads to its row of the register, for whom may change it.
func TestGapLeadsToItsCustomersRow(t *testing.T) {
	w := newWorld(t, func(path string, b []byte) []byte {
		if strings.HasSuffix(path, "tenants.csv") {
			return []byte(strings.Replace(string(b), "OU=tuinderij,", "OU=tuinderij-nieuw,", 1))
		}
		return b
	})
	_, body := w.approver().get(october)
	shows(t, body, "/registers/tenants/edit?row=")
	_, body = w.as(Person{Role: Viewer}).get(october)
	hides(t, body, "/registers/tenants/edit?row=")
}
