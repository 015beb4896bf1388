package rules

import (
	"strings"
	"testing"

	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// By hand. Alpha has somebody with Office Professional (20.00) and with RDS
// (5.00) and another with Office Standard (15.00), of the same family. Two of its
// accounts lived between two readings of the 12th alone: 2 accounts times 2
// products at most, 2 x 25.00. One that was disabled, one that is counted by its
// membership and one of September are not asked about.
func TestAccountsThatNobodySaw(t *testing.T) {
	deleted := func(n int, name string, change func(*snapshot.Deleted)) snapshot.Deleted {
		x := snapshot.Deleted{Account: snapshot.Account{ID: id(n), Name: name, DN: "CN=" + name + ",OU=alpha,DC=h"}, Made: at12(10, 0, 0), Gone: at12(15, 0, 0)}
		if change != nil {
			change(&x)
		}
		return x
	}
	scene := func(answer register.Answer) *statement.Statement {
		s := newScene(t)
		for part, price := range map[string]string{"PRO-1": "20.00", "STD-1": "15.00", "RDS-1": "5.00"} {
			s.price(part, price)
		}
		d := s.dir()
		d.user(5, "ann", "OU=alpha,DC=h", always)
		d.user(6, "bob", "OU=alpha,DC=h", always)
		d.group(1, "LIC-Pro", id(5))
		d.group(2, "LIC-Std", id(6))
		d.group(3, "RDS-Users", id(5), id(6))
		d.d.Deleted = []snapshot.Deleted{
			deleted(11, "cyd", nil), deleted(12, "dan", nil),
			deleted(13, "off", func(x *snapshot.Deleted) { x.Disabled = true }),
			deleted(14, "old", func(x *snapshot.Deleted) { x.Made, x.Gone = x.Made.AddDate(0, -1, 0), x.Gone.AddDate(0, -1, 0) }),
			deleted(15, "in", nil),
		}
		d.tell(13, link(1, 15, 2, at12(10, 1, 0), at12(15, 0, 0)))
		if answer != "" {
			for _, q := range s.run().Questions {
				s.decide(q.Key, answer)
			}
		}
		return s.run()
	}
	st := scene("")
	var q *statement.Question
	for _, x := range st.OpenQuestions() {
		if x.Kind == statement.AskMember {
			q = x
		}
	}
	if q == nil || strings.Join(q.About, " ") != "cyd dan" || q.Count != 2 || q.Units != 4 || q.Amount != "50.00" || q.Currency != "EUR" || q.Tenant != "alpha" {
		t.Fatalf("%+v", q)
	}
	if st.Status != statement.Incomplete || quantity(st, "alpha", "office-pro")[0] != 2 {
		t.Errorf("%s, %v of office-pro", st.Status, quantity(st, "alpha", "office-pro"))
	}
	if st := scene(register.Accepted); len(st.OpenQuestions()) > 0 || quantity(st, "alpha", "office-pro")[0] != 2 {
		t.Errorf("decided, and open are %+v", st.OpenQuestions()[0])
	}
	if st := scene("nonsense"); len(st.OpenQuestions()) == 0 {
		t.Error("a word that is no answer answers")
	}
}
