package desk

import (
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// accessible is what a person who does not see the page, or sees it badly, needs
// of it: it lists what lacks.
const accessible = `(() => {
  const wrong = [], say = (what, e) => wrong.push(what + ": " + (e.outerHTML || "").slice(0, 120));
  const shown = (e) => { const s = getComputedStyle(e), r = e.getBoundingClientRect(); return s.display !== "none" && s.visibility !== "hidden" && r.width > 0 && r.height > 0 && r.right > 0; };
  const name = (e) => (e.getAttribute("aria-label") || e.getAttribute("title") || e.textContent || "").trim();
  if (!document.documentElement.lang) wrong.push("the page says no language");
  if (!document.title.trim()) wrong.push("the page has no title");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("the page has not one h1");
  if (document.querySelectorAll("main").length !== 1) wrong.push("the page has not one main");
  let level = 0;
  for (const h of document.querySelectorAll("h1, h2, h3, h4")) {
    const n = +h.tagName[1];
    if (level && n > level + 1) say("a heading skips a level", h);
    level = n;
  }
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!e.labels.length && !e.getAttribute("aria-label")) say("no label", e);
  for (const e of document.querySelectorAll("a[href], button")) if (!name(e)) say("no name", e);
  for (const e of document.querySelectorAll("[role=img]")) if (!(e.getAttribute("aria-label") || "").trim()) say("a picture without words", e);
  for (const e of document.querySelectorAll("thead th")) if (!e.hasAttribute("scope")) say("a heading of a column without scope", e);
  const ids = new Set();
  for (const e of document.querySelectorAll("[id]")) { if (ids.has(e.id)) say("an id twice", e); ids.add(e.id); }
  const rgb = (c) => { const m = c.match(/[\d.]+/g).map(Number); return { r: m[0], g: m[1], b: m[2], a: m.length > 3 ? m[3] : 1 }; };
  const over = (a, b) => ({ r: a.r * a.a + b.r * (1 - a.a), g: a.g * a.a + b.g * (1 - a.a), b: a.b * a.a + b.b * (1 - a.a), a: 1 });
  const light = (c) => { const f = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); }; return 0.2126 * f(c.r) + 0.7152 * f(c.g) + 0.0722 * f(c.b); };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n; (n = walk.nextNode());) {
    const e = n.parentElement;
    if (!n.textContent.trim() || !shown(e) || e.closest("svg, .skip, [hidden]")) continue;
    let back = { r: 255, g: 255, b: 255, a: 0 }, fade = 1;
    const layers = [];
    for (let p = e; p; p = p.parentElement) { const s = getComputedStyle(p); layers.push(rgb(s.backgroundColor)); fade *= +s.opacity; }
    back = { r: 255, g: 255, b: 255, a: 1 };
    for (const l of layers.reverse()) back = over(l, back);
    const ink = rgb(getComputedStyle(e).color);
    const a = light(over({ ...ink, a: ink.a * fade }, back)), b = light(back);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), big = parseFloat(getComputedStyle(e).fontSize) >= 24;
    if (ratio < (big ? 3 : 4.5)) say("contrast " + ratio.toFixed(2), e);
  }
  return wrong.slice(0, 12).join("\n");
})()`

// Every screen can be read and used by who does not see it, or badly, light and
// dark. AXE may name a copy of axe-core, which then finds nothing serious either.
func TestAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a browser")
	}
	w := newWorld(t, broken)
	b := w.approver()
	b.post("/setup/try", nil)
	b.post("/setup/look", nil)
	_, body := b.get(october + "/c/tuinderij")
	b.post(october+"/c/tuinderij/seen", fill(body))
	_, body = b.get(october + "/why/tuinderij/rds")
	person := linkOf(t, body, "/person/")
	_, body = b.get(october + "/questions")
	ctx := chromium(t)
	run(t, ctx, chromedp.Navigate(w.url+w.s.Link(Person{Account: "root", Name: "C. de Vries", Role: Approver})))
	axe := ""
	if path := os.Getenv("AXE"); path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		axe = string(text)
	}
	pages := []string{"/", october, october + "/customers", october + "/customers?show=quiet", october + "/books", october + "/c/tuinderij", october + "/c/tuinderij/annex", october + "/c/tuinderij/exclude", october + "/c/tuinderij/assign",
		october + "/why/tuinderij/rds", october + "/why/all/rds", october + "/why/-shared/win-std", person, october + "/questions", linkOf(t, body, "/do/accept-gap?"), linkOf(t, body, "/do/decide?of"),
		october + "/findings/product-pair", october + "/sources", october + "/sign", october + "/do/approve", october + "/do/correct", "/registers", "/registers/exclusions", "/registers/exclusions/edit?row=0", "/registers/prices/paste", "/setup", "/search", "/keys"}
	for _, scheme := range []string{"light", "dark"} {
		run(t, ctx, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
		for _, p := range pages {
			var wrong string
			run(t, ctx, chromedp.Navigate(w.url+p), chromedp.Evaluate(accessible, &wrong))
			if wrong != "" {
				t.Errorf("%s, %s:\n%s", p, scheme, wrong)
			}
			if axe == "" {
				continue
			}
			run(t, ctx, chromedp.Evaluate(axe+";0", nil), chromedp.Evaluate(`axe.run(document).then(r => r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + " " + v.nodes.map(n => n.target).join(" | ")).join("\n"))`, &wrong,
				func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
			if wrong = strings.TrimSpace(wrong); wrong != "" {
				t.Errorf("%s, %s, axe-core:\n%s", p, scheme, wrong)
			}
		}
	}
}
