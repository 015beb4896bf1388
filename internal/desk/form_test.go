package desk

import (
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
	linkTo      = regexp.MustCompile(`href="([^"]*)"`)
)

// fill is the form of a page, with what a person fills in.
func fill(body string, more ...string) url.Values {
	form := url.Values{}
	if i := strings.Index(body, `<main`); i >= 0 {
		body = body[i:]
	}
	for _, m := range hiddenInput.FindAllStringSubmatch(body, -1) {
		form.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	for i := 0; i+1 < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// linkOf is the first address on a page that holds a text.
func linkOf(t *testing.T, body, text string) string {
	t.Helper()
	for _, m := range linkTo.FindAllStringSubmatch(body, -1) {
		if l := html.UnescapeString(m[1]); strings.Contains(l, text) {
			return l
		}
	}
	t.Fatalf("no link on the page holds %q", text)
	return ""
}

func pathOf(address string) string { p, _, _ := strings.Cut(address, "?"); return p }
