package desk

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// chromium starts a real browser, and fails the test for each script error that
// it tells, such as one that the policy refused.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("the browser is not installed: apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1280, 800), chromedp.UserDataDir(profile(t)))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	chromedp.ListenTarget(ctx, func(ev any) {
		if x, ok := ev.(*runtime.EventExceptionThrown); ok {
			t.Errorf("script error: %s", x.ExceptionDetails.Text)
		}
	})
	return ctx
}

// profile is a folder for the browser's own files. Its processes go on writing
// for a moment after the one that was started has ended: the folder is removed as
// soon as that is over.
func profile(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "splameter-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 100 {
			if err = os.RemoveAll(dir); err == nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Errorf("the browser goes on writing: %v", err)
	})
	return dir
}

// run drives the browser.
func run(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// Pictures of each screen, light and dark, in both languages, for whoever wants
// to look at them: DESK_PICTURES names the folder.
func TestPictures(t *testing.T) {
	dir := os.Getenv("DESK_PICTURES")
	if dir == "" || testing.Short() {
		t.Skip("DESK_PICTURES names no folder for pictures")
	}
	w := newWorld(t, nil)
	ctx := chromium(t)
	run(t, ctx, chromedp.Navigate(w.url+w.s.Link(Person{Account: "root", Name: "C. de Vries", Role: Approver})))
	b := w.approver()
	finding := ""
	for _, p := range crawl(t, b, october+"/questions", 150) {
		if len(p) > 40 && p[:len(october)+18] == october+"/do/accept-finding" {
			finding = p
		}
	}
	pages := map[string]string{"months": "/", "month": october, "customers": october + "/customers", "customer": october + "/c/tuinderij", "annex": october + "/c/tuinderij/annex",
		"why": october + "/why/tuinderij/rds", "whyall": october + "/why/all/rds", "machines": october + "/why/-shared/win-std", "questions": october + "/questions",
		"sources": october + "/sources", "sign": october + "/sign", "approve": october + "/do/approve", "accept": finding, "correct": october + "/do/correct", "finding": october + "/findings/product-pair", "keys": "/keys",
		"registers": "/registers", "register": "/registers/exclusions", "edit": "/registers/exclusions/edit?row=0", "submit": october + "/do/correct"}
	for _, lang := range []string{"nl", "en"} {
		run(t, ctx, chromedp.Navigate(w.url+"/keys"))
		var have string
		run(t, ctx, chromedp.AttributeValue("html", "lang", &have, nil))
		if have != lang {
			run(t, ctx, chromedp.Click("form.lang button"), chromedp.WaitVisible(`html[lang="`+lang+`"]`))
		}
		for _, scheme := range []string{"light", "dark"} {
			run(t, ctx, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
			for name, path := range pages {
				var png []byte
				run(t, ctx, chromedp.Navigate(w.url+path), chromedp.FullScreenshot(&png, 100))
				if err := os.WriteFile(filepath.Join(dir, name+"-"+lang+"-"+scheme+".png"), png, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}
