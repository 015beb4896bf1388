package desk

import "net/http"

// Role is what somebody may see and do.
type Role string

// The roles. A viewer sees no names and no money; an account manager the
// customers that are theirs, and never what the provider pays; a reviewer
// everything, and does everything but sign; an approver signs as well.
const (
	Viewer         Role = "viewer"
	AccountManager Role = "account-manager"
	Reviewer       Role = "reviewer"
	Approver       Role = "approver"
)

// Roles are all roles, the one that may least first.
func Roles() []Role { return []Role{Viewer, AccountManager, Reviewer, Approver} }

// names says whether a role sees persons.
func (r Role) names() bool { return r != Viewer }

// money says whether a role sees what the provider pays.
func (r Role) money() bool { return r == Reviewer || r == Approver }

// reviews says whether a role decides on what a month holds.
func (r Role) reviews() bool { return r == Reviewer || r == Approver }

// signs says whether a role approves and submits.
func (r Role) signs() bool { return r == Approver }

type roles map[Role]bool

func all(list ...Role) roles {
	out := roles{}
	for _, r := range list {
		out[r] = true
	}
	return out
}

// route is one address, and who may call it.
type route struct {
	pattern string
	roles   roles
	handle  func(*request) error
	open    func(http.ResponseWriter, *http.Request) // in place of handle: for anybody, such as the style sheet
}

// table is every address of the desk.
func (s *Server) table() []route {
	everybody := all(Viewer, AccountManager, Reviewer, Approver)
	whole := all(Viewer, Reviewer, Approver) // sees all customers together
	customer := all(AccountManager, Reviewer, Approver)
	review := all(Reviewer, Approver)
	const rev = "/m/{month}/{rev}"
	return append(s.actRoutes(), []route{
		{pattern: "GET /ui/{file}", open: s.asset},
		{pattern: "GET /in/{token}", open: s.enter},
		{pattern: "POST /in", open: s.logOn},
		{pattern: "POST /out", roles: everybody, handle: s.leave},
		{pattern: "POST /language", roles: everybody, handle: s.language},
		{pattern: "GET /{$}", roles: everybody, handle: s.months},
		{pattern: "GET /keys", roles: everybody, handle: s.keys},
		{pattern: "POST /find", roles: everybody, handle: s.find},
		{pattern: "GET /search", roles: customer, handle: s.search},
		{pattern: "GET /job/{job}", roles: everybody, handle: s.job},
		{pattern: "GET /m/{month}", roles: everybody, handle: s.latest},
		{pattern: "GET " + rev, roles: whole, handle: s.month},
		{pattern: "GET " + rev + "/pulse", roles: everybody, handle: s.pulse},
		{pattern: "GET " + rev + "/customers", roles: everybody, handle: s.customers},
		{pattern: "GET " + rev + "/c/{tenant}", roles: everybody, handle: s.customer},
		{pattern: "GET " + rev + "/c/{tenant}/annex", roles: customer, handle: s.annex},
		{pattern: "GET " + rev + "/c/{tenant}/annex.xlsx", roles: customer, handle: s.annexFile},
		{pattern: "GET " + rev + "/why/{tenant}/{product}", roles: customer, handle: s.why},
		{pattern: "GET " + rev + "/person/{person}", roles: customer, handle: s.person},
		{pattern: "GET " + rev + "/questions", roles: review, handle: s.questions},
		{pattern: "GET " + rev + "/findings/{code}", roles: review, handle: s.finding},
		{pattern: "GET " + rev + "/books", roles: review, handle: s.books},
		{pattern: "GET " + rev + "/books/{name}", roles: review, handle: s.bookFile},
		{pattern: "GET " + rev + "/sources", roles: whole, handle: s.sources},
		{pattern: "GET " + rev + "/file/{name}", roles: review, handle: s.file},
		{pattern: "GET " + rev + "/mails.zip", roles: review, handle: s.mails},
		{pattern: "GET " + rev + "/c/{tenant}/mail.eml", roles: review, handle: s.mail},
		{pattern: "GET /setup", roles: review, handle: s.setUp},
		{pattern: "POST /setup/try", roles: review, handle: s.setUpTry},
		{pattern: "POST /setup/look", roles: review, handle: s.setUpLook},
		{pattern: "POST /setup/take", roles: review, handle: s.setUpTake},
		{pattern: "POST /setup/provider", roles: review, handle: s.setUpProvider},
		{pattern: "GET /registers", roles: review, handle: s.registerList},
		{pattern: "GET /registers/{table}", roles: review, handle: s.register},
		{pattern: "GET /registers/{table}/paste", roles: review, handle: s.pastePage},
		{pattern: "POST /registers/{table}/paste", roles: review, handle: s.paste},
		{pattern: "GET /registers/{table}/edit", roles: review, handle: s.edit},
		{pattern: "POST /registers/{table}/edit", roles: review, handle: s.change},
		{pattern: "GET " + rev + "/sign", roles: review, handle: s.sign},
		{pattern: "GET " + rev + "/c/{tenant}/exclude", roles: review, handle: s.excludePage},
		{pattern: "POST " + rev + "/c/{tenant}/exclude", roles: review, handle: s.exclude},
		{pattern: "GET " + rev + "/c/{tenant}/assign", roles: review, handle: s.assignPage},
		{pattern: "POST " + rev + "/c/{tenant}/assign", roles: review, handle: s.assign},
		{pattern: "POST " + rev + "/customers/{show}", roles: review, handle: s.tickAll},
		{pattern: "POST " + rev + "/c/{tenant}/seen", roles: review, handle: s.tick},
		{pattern: "POST " + rev + "/c/{tenant}/note", roles: review, handle: s.writeNote},
	}...)
}
