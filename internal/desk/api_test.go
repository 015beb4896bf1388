package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"splameter/internal/month"
)

// What the programs of this test know.
var apiTokens = map[string]string{
	"viewer":          "a-token-of-the-viewer-0123456789",
	"account-manager": "a-token-of-a-manager-0123456789",
	"reviewer":        "a-token-of-a-reviewer-0123456789",
	"gone":            "a-token-that-has-ended-0123456789",
}

// apiWorld is the world with four tokens: one of each role, the account
// manager's of tuinderij, and a reviewer's that ended on 2 November.
func apiWorld(t *testing.T) *world {
	return newWorld(t, func(path string, b []byte) []byte {
		if path != "config.yaml" {
			return b
		}
		sum := func(name string) string {
			x := sha256.Sum256([]byte(apiTokens[name]))
			return hex.EncodeToString(x[:])
		}
		list := fmt.Sprintf(`  tokens:
    - {name: bi, role: viewer, sha256: %s}
    - {name: smit, role: account-manager, sha256: %s, customers: [tuinderij]}
    - {name: boekhouding, role: reviewer, sha256: %s}
    - {name: oud, role: reviewer, sha256: %s, until: 2026-11-02}
`, sum("viewer"), sum("account-manager"), sum("reviewer"), sum("gone"))
		return regexp.MustCompile(`(?m)^  tokens: \[\].*\n`).ReplaceAll(b, []byte(list))
	})
}

// ask asks with a token, in words of its own.
func (w *world) ask(method, path, token string) (int, string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	x, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer x.Body.Close()
	b, err := io.ReadAll(x.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if x.StatusCode == http.StatusUnauthorized && x.Header.Get("WWW-Authenticate") == "" {
		w.t.Error("401 does not say how to come in")
	}
	return x.StatusCode, string(b)
}

// description is the description that is served.
type description struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name, In string
			Required bool
		}
		Responses map[string]struct {
			Content map[string]struct{ Schema map[string]any }
		}
	}
	Components struct{ Schemas map[string]map[string]any }
}

// fits says where a value is not as its schema has it.
func (d *description) fits(at string, schema map[string]any, v any) (out []string) {
	if r, ok := schema["$ref"].(string); ok {
		return d.fits(at, d.Components.Schemas[r[strings.LastIndexByte(r, '/')+1:]], v)
	}
	wrong := func(format string, args ...any) { out = append(out, at+": "+fmt.Sprintf(format, args...)) }
	if v == nil {
		if schema["nullable"] != true {
			wrong("null")
		}
		return out
	}
	switch schema["type"] {
	case "object":
		m, ok := v.(map[string]any)
		if !ok {
			wrong("no object")
			return out
		}
		properties := schema["properties"].(map[string]any)
		for _, name := range schema["required"].([]any) {
			if _, ok := m[name.(string)]; !ok {
				wrong("%s is missing", name)
			}
		}
		for name, x := range m {
			p, ok := properties[name].(map[string]any)
			if !ok {
				wrong("%s is not described", name)
				continue
			}
			out = append(out, d.fits(at+"/"+name, p, x)...)
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			wrong("no array")
		}
		for i, x := range list {
			out = append(out, d.fits(fmt.Sprintf("%s/%d", at, i), schema["items"].(map[string]any), x)...)
		}
	case "integer":
		if f, ok := v.(float64); !ok || f != math.Trunc(f) {
			wrong("%v is no integer", v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			wrong("%v is no boolean", v)
		}
	case "string":
		s, ok := v.(string)
		if !ok {
			wrong("%v is no string", v)
			break
		}
		if e, ok := schema["enum"].([]any); ok && !slices.Contains(e, any(s)) {
			wrong("%q is none of %v", s, e)
		}
		if p, ok := schema["pattern"].(string); ok && !regexp.MustCompile(p).MatchString(s) {
			wrong("%q does not match %s", s, p)
		}
		if schema["format"] == "date" {
			if _, err := time.Parse(time.DateOnly, s); err != nil {
				wrong("%q is no date", s)
			}
		}
	default:
		wrong("a schema of no type: %v", schema)
	}
	return out
}

// Every address of the description is asked by every role, and in the ways that
// are refused: each answer has a status that the description names, and is made
// as it says. No answer names a person, and none but a reviewer's has a price.
func TestAPIAnswersAsDescribed(t *testing.T) {
	w := apiWorld(t)
	status, text := w.ask("GET", "/api/v1/openapi.json", "")
	var d description
	if err := json.Unmarshal([]byte(text), &d); err != nil || status != 200 || len(d.Paths) < 7 {
		t.Fatalf("%d, %v, %d addresses", status, err, len(d.Paths))
	}
	people := w.people()
	seen := map[string]bool{}
	for path, methods := range d.Paths {
		op, ok := methods["get"]
		if !ok || len(methods) != 1 {
			t.Fatalf("%s does more than read", path)
		}
		queries := []string{""}
		for _, p := range op.Parameters {
			switch p.Name {
			case "revision":
				queries = append(queries, "?revision=0", "?revision=7")
			case "customer":
				queries = append(queries, "?customer=tuinderij", "?customer=ijzer")
			case "from":
				queries = []string{"?from=2026-09&until=2026-10", "?from=2026-10&until=2026-09", "?from=x&until=2026-10"}
			}
		}
		for _, m := range []string{"2026-10", "2026-09", "2020-01", "october"} {
			for _, q := range queries {
				for role, token := range apiTokens {
					status, text := w.ask("GET", strings.Replace(path, "{month}", m, 1)+q, token)
					answer, ok := op.Responses[fmt.Sprint(status)]
					var v any
					if err := json.Unmarshal([]byte(text), &v); !ok || err != nil {
						t.Errorf("%s%s of %s for %s: %d is not described, or no JSON: %s", path, q, m, role, status, text)
						continue
					}
					for _, f := range d.fits(path, answer.Content["application/json"].Schema, v) {
						t.Errorf("%s for %s: %s", m, role, f)
					}
					seen[fmt.Sprint(path, status)] = true
					if role != "reviewer" && strings.Contains(text, "4.1") {
						t.Errorf("%s shows a price to %s", path, role)
					}
					for _, name := range people {
						if strings.Contains(text, name) {
							t.Errorf("%s names %s", path, name)
						}
					}
				}
			}
		}
		// Without its evidence October is not answered from the store.
		pack := filepath.Join(w.dir, "out/2026-10/evidence-2026-10.zip")
		if err := os.Rename(pack, pack+".away"); err != nil {
			t.Fatal(err)
		}
		status, _ := w.ask("GET", strings.Replace(path, "{month}", "2026-10", 1)+queries[0], apiTokens["reviewer"])
		seen[fmt.Sprint(path, status)] = true
		if err := os.Rename(pack+".away", pack); err != nil {
			t.Fatal(err)
		}
		for answer := range op.Responses {
			if !seen[path+answer] {
				t.Errorf("%s was never answered by %s: the description says too much, or the test asks too little", path, answer)
			}
		}
	}
}

// people are the names of the example's accounts, as long as a word.
func (w *world) people() (out []string) {
	set, err := w.s.setup()
	if err != nil {
		w.t.Fatal(err)
	}
	f, err := w.st.Facts(w.t.Context(), month.New(2026, 10, set.Config.Provider.Location))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range f.Directories {
		for _, a := range f.Directories[i].Accounts.All() {
			for _, s := range []string{a.Name, a.DisplayName, a.UPN, a.DN} {
				if a.Class == 0 && len(s) > 5 {
					out = append(out, s)
				}
			}
		}
	}
	if len(out) < 20 {
		w.t.Fatal("the example has no people: the test sees nothing")
	}
	return out
}

// The figures are the example's: 20 RDS SALs of October at 4.10, 4 of them
// tuinderij's; 18 packs of Windows Datacenter on each day from the 2nd to the
// 20th, between the two readings of the hosts table, which are 19 days. September
// was counted and not sealed, so nothing is known of its days.
func TestAPIFigures(t *testing.T) {
	w := apiWorld(t)
	get := func(role, path string, to any) int {
		t.Helper()
		status, text := w.ask("GET", "/api/v1/"+path, apiTokens[role])
		if status == 200 {
			if err := json.Unmarshal([]byte(text), to); err != nil {
				t.Fatal(err)
			}
		}
		return status
	}
	type line struct {
		Month, Product string
		Quantity       *int
		Unit_Price     *string
	}
	var m struct {
		State string
		Lines []line
	}
	find := func(lines []line, month, product string) line {
		for _, l := range lines {
			if l.Product == product && l.Month == month {
				return l
			}
		}
		t.Fatalf("no line of %s %s", month, product)
		return line{}
	}
	if get("reviewer", "months/2026-10", &m) != 200 || m.State != "draft" {
		t.Fatalf("%+v", m)
	}
	if l := find(m.Lines, "", "rds"); *l.Quantity != 20 || l.Unit_Price == nil || *l.Unit_Price != "4.1" && *l.Unit_Price != "4.10" {
		t.Errorf("%+v", l)
	}
	if get("viewer", "months/2026-10", &m); find(m.Lines, "", "rds").Unit_Price != nil {
		t.Error("a viewer sees a price")
	}
	var many struct{ Lines []line }
	if get("viewer", "lines?from=2026-09&until=2026-10", &many); *find(many.Lines, "2026-09", "rds").Quantity != 21 || *find(many.Lines, "2026-10", "rds").Quantity != 20 {
		t.Errorf("%+v", many)
	}
	var c struct {
		Customers []struct {
			ID    string
			Lines []line
		}
	}
	if get("account-manager", "months/2026-10/customers", &c); len(c.Customers) != 1 || c.Customers[0].ID != "tuinderij" || *find(c.Customers[0].Lines, "", "rds").Quantity != 4 {
		t.Errorf("%+v", c)
	}
	var days struct {
		Days []struct {
			Day, Product string
			Quantity     int
		}
	}
	// Of the 20, one is own use and one is nobody's; no invoice and no bills were
	// entered, and that is no zero.
	var tie struct {
		Rows []struct {
			Part_Number                    string
			Reported, Own_Use, Not_Charged int
			Invoiced                       *int
			Billed                         *string
		}
	}
	tied := false
	if get("viewer", "months/2026-10/tie-out", &tie); len(tie.Rows) > 0 {
		for _, x := range tie.Rows {
			if x.Part_Number == "6WC-00002" {
				tied = x.Reported == 20 && x.Own_Use == 1 && x.Not_Charged == 1 && x.Invoiced == nil && x.Billed == nil
			}
		}
	}
	if !tied {
		t.Errorf("%+v", tie)
	}
	windows := 0
	if get("viewer", "months/2026-10/days", &days); len(days.Days) > 0 {
		for _, x := range days.Days {
			if x.Product == "win-dc" {
				windows++
				if x.Quantity != 18 {
					t.Errorf("%+v", x)
				}
			}
		}
	}
	if windows != 19 {
		t.Errorf("%d days of Windows", windows)
	}
	if status := get("viewer", "months/2026-09/days", &days); status != 404 {
		t.Errorf("the days of a month that is not sealed: %d", status)
	}
}

// Who has no token, another, one that ended or a part of one is refused; who
// may see some customers sees no others; nobody writes.
func TestAPIRefuses(t *testing.T) {
	w := apiWorld(t)
	for _, token := range []string{"", "x", "a-token-that-nobody-knows-0123456789", apiTokens["gone"], apiTokens["reviewer"][:20], apiTokens["reviewer"] + "x"} {
		if status, text := w.ask("GET", "/api/v1/months", token); status != 401 || strings.Contains(text, "2026") {
			t.Errorf("%q is answered %d %s", token, status, text)
		}
	}
	for path, want := range map[string]int{
		"months": 200, "months/2026-10": 403, "months/2026-10/gaps": 403, "months/2026-10/coverage": 403, "months/2026-10/tie-out": 403, "lines?from=2026-09&until=2026-10": 403,
		"months/2026-10/customers": 200, "months/2026-10/customers?customer=ijzer": 403, "months/2026-10/days?customer=ijzer": 403, "nothing": 404,
	} {
		if status, text := w.ask("GET", "/api/v1/"+path, apiTokens["account-manager"]); status != want {
			t.Errorf("an account manager gets %d for %s: %s", status, path, text)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH"} {
		if status, _ := w.ask(method, "/api/v1/months", apiTokens["reviewer"]); status != 405 {
			t.Errorf("%s is answered %d", method, status)
		}
	}
}
