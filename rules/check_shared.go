package rules

import (
	"fmt"

	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// checkShared looks at the shared accounts: at rows that name no account, that
// ended without a newer one, or that no document shows.
func checkShared(e *evaluation) {
	used := map[*register.SharedAccount]bool{}
	for n := range e.persons {
		if s := e.persons[n].shared; s != nil {
			used[s] = true
		}
	}
	for i := range e.Register.Shared {
		s := &e.Register.Shared[i]
		tenant := s.Tenant
		if tenant == "*" {
			tenant = ""
		}
		say := func(code string, sev statement.Severity, message, action string) {
			e.finding(statement.Finding{Code: code, Severity: sev, Tenant: tenant, Subject: s.Account, Count: s.Persons, Message: message, Action: action,
				At: &snapshot.Evidence{File: e.Config.SharedAccounts, Line: s.Line}})
		}
		ended := s.Until.Set && s.Until.Day < e.w.m.FirstDay()
		switch {
		case s.From.Set && s.From.Day > e.w.m.LastDay():
			continue
		case ended && used[s]:
			say("shared-account-lapsed", statement.High,
				fmt.Sprintf("what says that shared account %s is used by %d ended on %s; it was counted as %d all the same", s.Account, s.Persons, s.Until.Day, s.Persons),
				"have the customer say how many use it now, and enter that as a new row")
		case ended:
			continue
		case !used[s] && len(e.w.accounts) > 0 && !e.knows(s):
			say("shared-account-unknown", statement.High,
				fmt.Sprintf("shared account %s, said to be used by %d, is in no snapshot of this month: nobody was counted by that row", s.Account, s.Persons),
				"correct the name and the tenant in shared_accounts.csv, or end the row where the account is gone")
		}
		if s.Document == "" {
			say("shared-account-without-document", statement.Medium,
				fmt.Sprintf("shared account %s counts as %d persons and no document says who they are", s.Account, s.Persons), "have the customer confirm the number")
		}
	}
}

// knows says whether any person's account of the row's tenant answers to it.
func (e *evaluation) knows(s *register.SharedAccount) bool {
	name := NewGlob(s.Account)
	for n := range e.persons {
		if p := &e.persons[n]; (s.Tenant == "*" || s.Tenant == p.tenant) && e.w.bears(p, name) {
			return true
		}
	}
	return false
}
