package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/monthend"
	"splameter/internal/month"
	"splameter/report"
)

type drillCmd struct {
	Question string `arg:"" optional:"" help:"The question, by its name. Default: the list of them."`
	On       string `help:"The day, for a question of a day." placeholder:"YYYY-MM-DD"`
	Months   string `help:"The months, for the other questions, as YYYY-MM..YYYY-MM. Default: the month before the present one." placeholder:"A..B"`
	Out      string `help:"The workbook to write. Default: drill-QUESTION-SPAN.xlsx in the folder of output." placeholder:"FILE"`
}

func (drillCmd) Help() string {
	return `Answers the questions that an auditor asks, from sealed months alone: each as a
workbook in which persons stand under masks, the same in every month, with a sheet
of what the answer lacks. Without a question it lists them, and what each needs.

Examples:
  splameter drill
  splameter drill accounts --on 2026-10-15
  splameter drill cores --months 2026-01..2026-10
  splameter drill first-use --months 2024-01..2026-12 --out first.xlsx`
}

func (c *drillCmd) Run(ctx context.Context, a *app) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	drills := report.Drills()
	if c.Question == "" {
		for i := range drills {
			a.drill(&drills[i])
		}
		return nil
	}
	at := slices.IndexFunc(drills, func(d report.Drill) bool { return d.Name == c.Question })
	if at < 0 {
		var names []string
		for i := range drills {
			names = append(names, drills[i].Name)
		}
		return usageError(fmt.Sprintf("%q is no question; write %s", c.Question, strings.Join(names, ", ")))
	}
	q := &drills[at]
	from, until, on, span, err := c.span(a, s.Setup, q)
	if err != nil {
		return err
	}
	answer, err := s.Desk.Drill(ctx, q, from, until, on)
	if err != nil {
		return err
	}
	path := c.Out
	if path == "" {
		path = filepath.Join(s.Config.Output, "drill-"+q.Name+"-"+span+".xlsx")
	}
	if err := atomicfile.Write(path, atomicfile.Normal, func(out io.Writer) error {
		return report.WriteDrill(ctx, out, s.Config, s.Register, answer)
	}); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	for _, sheet := range q.Sheets {
		a.printf("%s: %s\n", report.DrillWord("sheet", sheet.Name, "en"), number(len(answer.Rows[sheet.Name]), "row", "rows"))
	}
	for _, m := range answer.Missing {
		a.printf("missing: %s %s\n", m.Month, strings.Join(strings.Fields(clean(report.DrillWord("missing", m.What, "en")+" "+m.Subject+" "+m.From+" "+m.Until)), " "))
	}
	a.printf("%s\n", path)
	if len(answer.Missing) > 0 {
		return errIncomplete
	}
	return nil
}

// span is what a question is asked of.
func (c *drillCmd) span(a *app, s *monthend.Setup, q *report.Drill) (from, until month.Month, on month.Day, text string, err error) {
	if !q.OfDay {
		if c.On != "" {
			return from, until, on, "", usageError(q.Name + " is asked of months: write --months in place of --on")
		}
		if c.Months == "" {
			from, err = a.month(s, "")
			return from, from, on, from.String(), err
		}
		from, until, err = a.monthRange(s, c.Months)
		text = from.String()
		if until.Number() != from.Number() {
			text += "-" + until.String()
		}
		return from, until, on, text, err
	}
	if c.Months != "" || c.On == "" {
		return from, until, on, "", usageError(q.Name + " is asked of a day: write --on YYYY-MM-DD")
	}
	d, err := date("--on", c.On)
	if err != nil {
		return from, until, on, "", err
	}
	year, m, _ := d.Day.Civil()
	from = month.New(year, m, s.Config.Provider.Location)
	return from, from, d.Day, d.Day.String(), nil
}

// drill prints one question and what it needs.
func (a *app) drill(d *report.Drill) {
	span := "--months"
	if d.OfDay {
		span = "--on"
	}
	a.printf("%-14s %s (%s)\n%-14s   %s\n", d.Name, d.Title("en"), span, "", d.Needs("en"))
}
