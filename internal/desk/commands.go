package desk

import "strings"

// commandOf is by which command each act of the page is done as well; what is
// done by none says why. A test of the commands holds it against the program and
// docs/desk.md.
var commandOf = map[string]string{
	"do/" + string(actAcceptGap):     "accept",
	"do/" + string(actAcceptFinding): "accept",
	"do/" + string(actDecide):        "decide",
	"do/" + string(actCorrect):       "correct",
	"do/" + string(actCollect):       "collect",
	"do/" + string(actCount):         "report",
	"do/" + string(actClose):         "close",
	"do/" + string(actApprove):       "approve",
	"do/" + string(actSubmit):        "submit",
	"do/" + string(actAmend):         "amend",
	"do/" + string(actWithdraw):      "withdraw",
	"do/" + string(actReopen):        "reopen",
	"do/" + string(actDrafts):        "deliver mails",
	"do/" + string(actSend):          "deliver mails",
	"do/" + string(actConfirm):       "deliver confirm",
	"do/" + string(actReportMail):    "deliver report",
	"do/" + string(actInvoice):       "invoice",
	"do/" + string(actBilled):        "billed",
	"c/{tenant}/exclude":             "exclude",
	"c/{tenant}/assign":              "assign",
	"setup/try":                      "check",
	"setup/look":                     "propose",
	"setup/take":                     "propose",
	"registers/{table}/paste":        "prices import", // other tables are files that a sheet saves
	// Cells of files that an editor changes as well, and what is no act on a
	// month.
	"setup/provider":         byEditor,
	"registers/{table}/edit": byEditor,
	"c/{tenant}/seen":        byPage,
	"c/{tenant}/note":        byPage,
	"customers/{show}":       byPage,
	"find":                   byPage,
	"language":               byPage,
	"out":                    byPage,
	"in":                     byPage,
}

// What no command does, and why.
const (
	byEditor = "-editor" // it changes a file that is kept by hand
	byPage   = "-page"   // it is about the page itself, and its notes
)

// command is by which command a form of the page is done as well; empty where
// none does it.
func command(pattern string) (name string, known bool) {
	path, form := strings.CutPrefix(pattern, "POST /")
	if !form {
		return "", true
	}
	name, known = commandOf[strings.TrimPrefix(path, "m/{month}/{rev}/")]
	return strings.TrimSuffix(strings.TrimSuffix(name, byEditor), byPage), known
}

// Commands are the commands that do what the page does, and the forms of the page
// of which nothing is said.
func Commands() (commands, unknown []string) {
	for _, r := range (&Server{}).table() {
		name, known := command(r.pattern)
		switch {
		case !known:
			unknown = append(unknown, r.pattern)
		case name != "":
			commands = append(commands, name)
		}
	}
	return commands, unknown
}
