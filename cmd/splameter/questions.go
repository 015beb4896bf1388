package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/config"
	"splameter/internal/diag"
	"splameter/internal/month"
	"splameter/internal/register"
	"splameter/internal/statement"
)

type questionsCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	All   bool   `help:"Show those that were decided, too."`
	JSON  bool   `help:"Print them as JSON." name:"json"`
}

func (questionsCmd) Help() string {
	return `Shows what was met in a month and nobody has placed: each with what it could
cost at most, what was counted meanwhile, and the answers that settle it. They
are those of the month's last result (report or close), dearest first.

Examples:
  splameter questions --month 2026-10
  splameter decide "question|domain|oldcorp" foreign --by "C. de Vries" --reason "guests of our supplier, ticket 123"`
}

func (c *questionsCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		s, err := d.Status(ctx, m)
		if err != nil {
			return err
		}
		if s.Result == nil {
			return fmt.Errorf("%s was not counted yet: splameter report --month %s does that", m, m)
		}
		list := []*statement.Question{}
		for i := range s.Result.Questions {
			if q := &s.Result.Questions[i]; c.All || q.Open() {
				list = append(list, q)
			}
		}
		if c.JSON {
			return a.json(list)
		}
		for _, q := range list {
			a.question(q)
		}
		a.printf("\n%s: %s open\n", m, diag.Several(len(s.Result.OpenQuestions()), "question"))
		return nil
	})
}

// question prints one question with all that a decision needs.
func (a *app) question(q *statement.Question) {
	a.printf("\nquestion %s\n  %s\n  %s\n", clean(q.Key), clean(q.Message), clean(q.Action))
	if len(q.About) > 0 {
		few := q.About[:min(len(q.About), 5)]
		more := ""
		if n := q.Count - len(few); n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		a.printf("  about: %s%s\n", clean(strings.Join(few, ", ")), more)
	}
	switch {
	case q.Amount != "":
		a.printf("  at most: %d licences, %s %s\n", q.Units, q.Amount, q.Currency)
	case q.Units > 0:
		a.printf("  at most: %d licences\n", q.Units)
	}
	if q.Assumed != "" {
		a.printf("  counted meanwhile: %s\n", clean(q.Assumed))
	}
	if q.Open() {
		a.printf("  answers: %s\n", diag.Listed(q.Answers))
	} else {
		a.printf("  decided: %s (%s)\n", q.Answer, clean(q.Decided))
	}
}

type decideCmd struct {
	Key    string `arg:"" help:"The question's key, or a finding's, as splameter questions, status or the review shows it."`
	Answer string `arg:"" optional:"" help:"The answer; default: accepted, what was counted stands."`
	By     string `help:"Who decides." required:"" placeholder:"NAME"`
	Reason string `help:"Why." required:"" placeholder:"TEXT"`
	Until  string `help:"The last day on which the decision holds. Default: until the thing changes." placeholder:"YYYY-MM-DD"`
	Month  string `help:"The month whose questions are meant, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
}

func (decideCmd) Help() string {
	return `Writes a decision into the table that the config names under decisions: it holds
for this month and those that follow, until its day has passed or the thing
changes. Count the month again to see what it does (report, or close).

Examples:
  splameter decide "question|title|contoso viewer" free --by "C. de Vries" --reason "freeware, see the maker's page"
  splameter decide "question|domain|oldcorp" foreign --by "C. de Vries" --reason "supplier" --until 2027-12-31`
}

func (c *decideCmd) Run(ctx context.Context, a *app) error {
	// The first decision makes the table that the config names.
	if cfg, _ := config.Load(a.cli.Config); cfg != nil {
		if err := closing.MakeTable(cfg); err != nil {
			return err
		}
	}
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		x := register.Decision{Key: c.Key, Decision: register.Answer(c.Answer), By: c.By, Reason: c.Reason}
		if c.Until != "" {
			var err error
			if x.Until, err = date("--until", c.Until); err != nil {
				return err
			}
		}
		list, err := d.Answer(ctx, m, []register.Decision{x})
		var misused closing.Misused
		if errors.As(err, &misused) {
			return usageError(misused.Error())
		}
		if err != nil {
			return err
		}
		x = list[0]
		again := "Count the month again: splameter report --month " + m.String()
		if x.IsArticle() || x.IsCustomer() || x.IsBilled() {
			again = "What was entered is read by it when it is entered again"
		}
		a.printf("%s: %s, by %s; written into %s. %s\n", clean(x.Key), clean(string(x.Decision)), clean(x.By), filepath.Base(d.Setup.Config.Decisions), again)
		return nil
	})
}
