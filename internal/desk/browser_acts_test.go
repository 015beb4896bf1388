package desk

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// By keyboard alone, in a real browser: the first customer is ticked, the
// filter and the help are reached, and a number opens its why.
func TestKeyboard(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	w := newWorld(t, nil)
	ctx := chromium(t)
	var first, focus, left, here, title string
	run(t, ctx, chromedp.Navigate(w.url+w.s.Link(Person{Account: "root", Name: "C. de Vries", Role: Approver})),
		chromedp.Navigate(w.url+october+"/customers"),
		chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("k"),
		chromedp.Text(".at th", &first),
		chromedp.KeyEvent("/"), chromedp.Evaluate(`document.activeElement.name`, &focus),
		chromedp.KeyEvent(kb.Escape),
		chromedp.KeyEvent(" "), chromedp.WaitVisible("tr.seen"), chromedp.Text(".left", &left))
	if !strings.HasPrefix(first, "IJzerwerf") || focus != "q" || !strings.HasPrefix(left, "6 ") {
		t.Errorf("row %q, focus %q, %q", first, focus, left)
	}
	run(t, ctx, chromedp.KeyEvent("j"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("form[data-tick]"), chromedp.WaitVisible("table.lines"),
		chromedp.KeyEvent("j"), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".hero"), chromedp.Location(&here),
		chromedp.KeyEvent("?"), chromedp.WaitVisible("kbd"), chromedp.Title(&title))
	if !strings.Contains(here, "/why/") || !strings.Contains(title, "Toetsen") {
		t.Errorf("went to %s, then %s", here, title)
	}
}

// A month with a gap and a question goes to the end by clicks, with script and
// without.
func TestBrowserActs(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	for _, without := range []bool{false, true} {
		t.Run(map[bool]string{false: "with script", true: "without"}[without], func(t *testing.T) {
			w := newWorld(t, broken)
			ctx := chromium(t)
			done := chromedp.WaitVisible(".notice.good")
			open := func(path string) chromedp.Action { return chromedp.Navigate(w.url + path) }
			run(t, ctx, emulation.SetScriptExecutionDisabled(without),
				open(w.s.Link(Person{Account: "desk-a", Name: "C. de Vries", Role: Approver})),
				open(october+"/questions"), chromedp.Click(`a[href*="accept-gap"]`), chromedp.WaitVisible("textarea"),
				chromedp.SendKeys("textarea", "domeincontroller vervangen"), chromedp.Click("button.first"), done,
				open(october+"/questions"), chromedp.Click(`a[href*="/do/decide?of"]`), chromedp.WaitVisible("textarea"),
				chromedp.Click(`input[value="accepted"]`), chromedp.SendKeys("textarea", "alleen printer"), chromedp.Click("button.first"), done,
				open(october+"/do/report"), chromedp.Click("button.first"), done,
				open(october+"/do/approve"), chromedp.Click("button.first"), done)
			var typed string
			run(t, ctx, open(october+"/do/submit"), chromedp.SendKeys(`input[name="part:6WC-00002"]`, "3"), chromedp.SendKeys(`input[name="reference"]`, "PO-4711"),
				chromedp.Click("button.first"), chromedp.WaitVisible("tr.wrong"), chromedp.Value(`input[name="reference"]`, &typed),
				chromedp.SendKeys(`input[name="part:6WC-00002"]`, kb.End+kb.Backspace), chromedp.Click("button.first"), done)
			if typed != "PO-4711" {
				t.Errorf("what was filled in became %q", typed)
			}
			if l := w.life(); l.Shown() != "submitted" || l.Approval.By != "C. de Vries" {
				t.Errorf("the month is %s", l.Shown())
			}
		})
	}
}

// At 1280 points no page is wider than the window, also where names are long.
func TestNothingSpills(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	w := newWorld(t, func(path string, b []byte) []byte {
		if path == "testdata/tenants.csv" {
			return []byte(strings.Replace(string(b), "Tuinderij De Kas B.V.", strings.Repeat("Tuinderij", 25), 1))
		}
		return b
	})
	ctx := chromium(t)
	run(t, ctx, chromedp.Navigate(w.url+w.s.Link(Person{Account: "root", Name: strings.Repeat("Naam", 20), Role: Approver})))
	for _, wide := range []int64{1280, 640} { // 640: at a zoom of 200 %
		run(t, ctx, chromedp.EmulateViewport(wide, 800))
		for _, p := range []string{"/", october, october + "/customers", october + "/c/tuinderij", october + "/c/tuinderij/annex", october + "/why/tuinderij/rds", october + "/questions", october + "/sources", october + "/sign", "/registers/tenants", "/registers/tenants/edit?row=0", "/registers/tenants/paste", "/setup", october + "/c/tuinderij/exclude", october + "/c/tuinderij/assign", october + "/do/submit"} {
			var spills int
			run(t, ctx, chromedp.Navigate(w.url+p), chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &spills))
			if spills > 0 {
				t.Errorf("%s at %d spills by %d", p, wide, spills)
			}
		}
	}
}
