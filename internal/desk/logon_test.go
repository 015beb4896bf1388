package desk

import (
	"context"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"splameter/collector/directory"
	"splameter/internal/config"
)

// A directory's groups are roles, the highest counts; who is in none, or an
// account manager of no customer, is not let on.
func TestRolesByGroup(t *testing.T) {
	c := &config.Config{Directories: []config.Directory{{Name: "d", Domain: "D"}}, Desk: config.Desk{Directory: "d", Viewers: []string{"V"}, AccountManagers: []string{"A"}, Reviewers: []string{"R"}, Approvers: []string{"S"},
		Customers: map[string][]string{"J.Smit": {"bakkerij"}}}}
	groups := map[string][]string{"j.smit": {"A", "V"}, "boss": {"V", "S"}, "r": {"R"}, "none": nil}
	on := ByDirectory(c, func(_ context.Context, d config.Directory, user, password string, asked []string) (*directory.Member, error) {
		if strings.Join(asked, "") != "SRAV" {
			t.Errorf("asked about %v", asked)
		}
		if password != "p" {
			return nil, directory.ErrRefused
		}
		return &directory.Member{Account: `D\` + user, Name: "N", Groups: groups[user]}, nil
	})
	for user, want := range map[string]Role{"j.smit": AccountManager, "boss": Approver, "r": Reviewer} {
		p, err := on(t.Context(), user, "p")
		if err != nil || p.Role != want || p.Account != `D\`+user {
			t.Errorf("%s is %+v: %v", user, p, err)
		}
		if user == "j.smit" && strings.Join(p.Tenants, "") != "bakkerij" {
			t.Errorf("the customers are %v", p.Tenants)
		}
	}
	for _, x := range [][2]string{{"none", "p"}, {"boss", "q"}} {
		if _, err := on(t.Context(), x[0], x[1]); !errors.Is(err, ErrRefused) {
			t.Errorf("%v: %v", x, err)
		}
	}
}

// Who logs on lands on the page that was asked for, and on none elsewhere;
// after five failures the account and the address wait a minute, the right
// password too.
func TestLogOnByPassword(t *testing.T) {
	w := newWorld(t, nil)
	w.s.opt.LogOn = func(_ context.Context, user, password string) (Person, error) {
		if password != "right" {
			return Person{}, ErrRefused
		}
		return Person{Account: user, Role: Approver}, nil
	}
	fresh := func() *browser {
		jar, _ := cookiejar.New(nil)
		return &browser{w, &http.Client{Jar: jar}}
	}
	try := func(password, back string) (int, string) {
		return fresh().post("/in", url.Values{"account": {"anna"}, "password": {password}, "back": {back}})
	}
	if status, body := fresh().get(october); status != http.StatusUnauthorized || !strings.Contains(body, `name="password"`) {
		t.Errorf("without a session: %d", status)
	}
	if status, body := try("right", october); status != 200 || !strings.Contains(body, "6WC-00002") {
		t.Errorf("the right password answers %d", status)
	}
	if status, body := try("right", "https://evil.example/"); status != 200 || !strings.Contains(body, "tiles") {
		t.Errorf("sent elsewhere: %d", status)
	}
	for range mostFailures {
		if status, _ := try("wrong", ""); status != http.StatusForbidden {
			t.Errorf("a wrong password answers %d", status)
		}
	}
	if status, _ := try("right", ""); status != http.StatusTooManyRequests {
		t.Errorf("after five failures: %d", status)
	}
	w.pass(61 * time.Second)
	if status, _ := try("right", ""); status != 200 {
		t.Errorf("a minute later: %d", status)
	}
}
