// Command splameter meters what a hosting provider owes Microsoft under its
// Services Provider License Agreement, and proves it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"splameter/internal/closing"
	"splameter/internal/diag"
	"splameter/internal/register"
)

// The exit codes, as --help prints them.
const (
	exitComplete   = 0
	exitFailed     = 1
	exitIncomplete = 3
	exitUsage      = 80
)

const exitHelp = `Exit codes: 0 complete, 1 failed, 3 done but the month (or a file) is incomplete or an invoice or bill differs, 80 wrong usage.`

// errIncomplete says that everything asked for was done, and that something
// is missing from it.
var errIncomplete = errors.New("incomplete")

// cli is the command line.
type cli struct {
	Config    string `help:"The configuration file." default:"config.yaml" type:"path" short:"c" env:"SPLAMETER_CONFIG"`
	LogLevel  string `help:"debug, info, warn or error; in place of the config's." placeholder:"LEVEL"`
	LogFormat string `help:"text or json; in place of the config's." placeholder:"FORMAT"`
	Workers   int    `help:"How many cores to use; 0 means all." default:"0"`
	Request   string `help:"By what a repeat of this act is known; the same is done once. Default: by what it asks for." placeholder:"ID"`

	Init          initCmd          `cmd:"" help:"Read each source once and draft a config and its tables. Overwrites nothing."`
	Propose       proposeCmd       `cmd:"" help:"List what the sources show and config, rules and tables do not name yet; take it over."`
	Exclude       excludeCmd       `cmd:"" help:"Write an entry of who or what is not reported, with its ground and document."`
	Assign        assignCmd        `cmd:"" help:"Say which customer a unit of the directory is."`
	Collect       collectCmd       `cmd:"" help:"Read every source into the store. Safe to repeat."`
	Report        reportCmd        `cmd:"" help:"Compute a month and write its usage report, review and annexes."`
	Explain       explainCmd       `cmd:"" help:"Say why a quantity is what it is: persons, group paths, hosts, files and records."`
	Close         closeCmd         `cmd:"" help:"Collect, compute and seal a month: it becomes a draft."`
	Approve       approveCmd       `cmd:"" help:"Record who found a draft right."`
	Submit        submitCmd        `cmd:"" help:"Record that a month was handed to the reseller."`
	Amend         amendCmd         `cmd:"" help:"Begin a new revision of an approved or submitted month."`
	Withdraw      withdrawCmd      `cmd:"" help:"Give up a revision that was begun and not approved."`
	Reopen        reopenCmd        `cmd:"" help:"Make an approved month that was not submitted a draft again."`
	Invoice       invoiceCmd       `cmd:"" help:"Record the reseller's invoice and compare it."`
	Billed        billedCmd        `cmd:"" help:"Compare what customers were charged with their annexes."`
	BillingLines  billingLinesCmd  `cmd:"" help:"Write the lines to bill to customers, so that nothing is typed again."`
	TieOut        tieOutCmd        `cmd:"" help:"Hold what was reported, invoiced and billed against each other."`
	Accept        acceptCmd        `cmd:"" help:"Accept a gap of a month by name."`
	Questions     questionsCmd     `cmd:"" help:"Show what was met in a month and nobody has placed."`
	Decide        decideCmd        `cmd:"" help:"Answer a question, or accept a finding, for the months to come."`
	Correct       correctCmd       `cmd:"" help:"Change a quantity by hand, in sight."`
	Desk          deskCmd          `cmd:"" help:"Serve the page on which months are looked at and signed off, on this machine."`
	Status        statusCmd        `cmd:"" help:"Show where every month stands."`
	Evidence      evidenceCmd      `cmd:"" help:"Make an auditor's pack of sealed months, with names masked if wanted."`
	Retain        retainCmd        `cmd:"" help:"Reduce named facts of old months to counts and digests."`
	ELP           elpCmd           `cmd:"" name:"elp" help:"Make the licence position of past months as auditors build it. Keeps nothing."`
	Drill         drillCmd         `cmd:"" help:"Answer what an auditor asks, from sealed months, without names."`
	Replay        replayCmd        `cmd:"" help:"Count past months with other rules or prices. Keeps nothing."`
	Deliver       deliverCmd       `cmd:"" help:"Make drafts of the mails to customers, or send them, each once."`
	Annex         annexCmd         `cmd:"" help:"Make a copy of an annex that lists the users by name, for a dispute."`
	EndUsers      endUsersCmd      `cmd:"" help:"List end customers with address, products and quantities, of any past month."`
	TenantExport  tenantExportCmd  `cmd:"" help:"Hand out everything that is held about one customer."`
	PersonExport  personExportCmd  `cmd:"" help:"Hand out everything that is held about one person."`
	Timestamp     timestampCmd     `cmd:"" help:"Ask an authority for time stamps on sealed evidence."`
	Verify        verifyCmd        `cmd:"" help:"Check sealed evidence; --recompute counts it again. Needs no config."`
	Check         checkCmd         `cmd:"" help:"Check config, rules and tables, then try every source for real."`
	Gather        gatherCmd        `cmd:"" help:"On a session host itself: hand in its logs and programs as one file. Needs no config."`
	Hosts         hostsCmd         `cmd:"" help:"What hosts hand in, and how."`
	Catalog       catalogCmd       `cmd:"" help:"Show the built-in list of products that rules may take from. Needs no config."`
	Inspect       inspectCmd       `cmd:"" help:"Show what splameter sees in session logs and inventories. Needs no config."`
	Diff          diffCmd          `cmd:"" help:"Show what changed between two months."`
	Export        exportCmd        `cmd:"" help:"Hand over what this site read, as one file."`
	Import        importCmd        `cmd:"" help:"Take over what another site handed over."`
	Mapping       mappingCmd       `cmd:"" help:"Show what belongs to nobody, and what does not exist."`
	Savings       savingsCmd       `cmd:"" help:"Show where less would be owed. Changes no quantity."`
	Prices        pricesCmd        `cmd:"" help:"Take in the reseller's price file; compare the prices of two months."`
	ImportHistory importHistoryCmd `cmd:"" help:"Take in the quantities of months from before splameter."`
	Forms         formsCmd         `cmd:"" help:"List the forms of logs and inventories that are read. Needs no config."`
	Preclose      precloseCmd      `cmd:"" help:"List what can still be done so that next month drops."`
	Forecast      forecastCmd      `cmd:"" help:"Say what the month that runs will come to, and who is off their own line."`
	Agent         agentCmd         `cmd:"" help:"Run by itself: collect, close, list, remind."`
	Service       serviceCmd       `cmd:"" help:"Run the agent as a service of Windows or systemd."`
	Completion    completionCmd    `cmd:"" help:"Print a script by which bash or PowerShell completes commands and flags."`
	Version       versionCmd       `cmd:"" help:"Print the version."`
}

// app is what a command gets: its streams, its clock, and the options that all
// commands share.
type app struct {
	cli    *cli
	stdout *screen
	stderr *screen
	now    func() time.Time
}

func main() {
	limitMemory(startPercent)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, time.Now)
	stop()
	os.Exit(code)
}

// run is main without the process: arguments in, exit code out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, now func() time.Time) (code int) {
	out, told := &screen{w: stdout}, &screen{w: stderr}
	defer out.end()
	defer told.end()
	var c cli
	k, exited, err := c.parse(joinDashed(args), out, told)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintln(told, "splameter:", usageText(err, args))
		fmt.Fprintln(told, "Run splameter --help, or splameter COMMAND --help, for how it is used.")
		return exitUsage
	}
	a := &app{cli: &c, stdout: out, stderr: told, now: now}
	k.BindTo(ctx, (*context.Context)(nil))
	defer time.AfterFunc(startTime, func() { limitMemory(growthPercent) }).Stop()
	return a.exitCode(k.Run(a))
}

// joinDashed lets the ids that stand for no tenant follow their flag as any
// other does: --tenant -shared is --tenant=-shared.
func joinDashed(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		if args[i] == "--tenant" && i+1 < len(args) && (args[i+1] == register.Shared || args[i+1] == register.Unassigned) {
			out = append(out, args[i]+"="+args[i+1])
			i++
			continue
		}
		out = append(out, args[i])
	}
	return out
}

// exitCode turns a command's error into what the shell sees, and prints it.
func (a *app) exitCode(err error) int {
	var usage usageError
	var faults diag.Faults
	var repeated *closing.Repeated
	switch {
	case err == nil:
		return exitComplete
	case errors.Is(err, errIncomplete):
		return exitIncomplete
	case errors.As(err, &repeated):
		fmt.Fprintf(a.stdout, "%s\n", clean(repeated.Error()))
		return exitComplete
	case errors.As(err, &usage):
		fmt.Fprintln(a.stderr, "splameter:", usage.Error())
		return exitUsage
	case errors.As(err, &faults):
		fmt.Fprintln(a.stderr, faults.Error())
		return exitFailed
	}
	fmt.Fprintln(a.stderr, "splameter:", err)
	return exitFailed
}

// usageError is a wrong way of calling a command.
type usageError string

func (e usageError) Error() string { return string(e) }
