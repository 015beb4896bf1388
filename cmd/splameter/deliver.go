package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"splameter/internal/closing"
	"splameter/internal/deliver"
	"splameter/internal/month"
)

type deliverCmd struct {
	Mails   deliverMailsCmd   `cmd:"" default:"withargs" help:"Make a draft of a mail for each customer, or send them."`
	Report  deliverReportCmd  `cmd:"" help:"Make a draft of the mail with the usage report to the reseller."`
	Confirm deliverConfirmCmd `cmd:"" help:"Record that a customer agreed with its annex."`
	List    deliverListCmd    `cmd:"" help:"List which annexes were sent, and who confirmed."`
}

type deliverMailsCmd struct {
	Month   string   `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Tenant  []string `help:"Only these tenants, or partner:ID." placeholder:"ID"`
	Changed bool     `help:"Of an amended month only whose quantities are not those that they have."`
	Send    bool     `help:"Send them by the mail server of the config. Only an approved month is sent."`
	By      string   `help:"With --send: who sends them." placeholder:"NAME"`
	Again   []string `help:"With --send: send to this tenant, or partner:ID, although it may have got it already." placeholder:"ID"`
}

func (deliverMailsCmd) Help() string {
	return `Writes a draft of a mail for each customer into the month's mail folder, which
opens in Outlook and other programs, in the customer's language, with its annex
attached; and delivery.csv, which lists what goes to whom. Whose annex goes to
whom the resellers table decides: annex_to is partner, customer or both.

With --send the mails go out by the server under mail: in the config, each to
the address in the tenants table and nowhere else. Every mail is recorded
before and after, so that a run that was stopped can be started again: nobody
gets an annex twice, and what failed is tried again. Where the connection broke
after the last byte nobody knows whether the mail arrived: such a one is told
with its message id, and sent again with --again only.

A mail of an amended month names the document that its recipient really has.
--changed makes mails only for those whose quantities the amendment changed, and
who got nothing before.

Exits with 3 where something is left to do.

Examples:
  splameter deliver --month 2026-10
  splameter deliver --month 2026-10 --send --by "C. de Vries"
  splameter deliver --month 2026-10 --tenant bakkerij --tenant partner:kompas
  splameter deliver --month 2026-10 --changed --send --by "C. de Vries"
  splameter deliver list --month 2026-10
  splameter deliver confirm --month 2026-10 --tenant bakkerij --by "C. de Vries" --file reply.eml`
}

func (c *deliverMailsCmd) Run(ctx context.Context, a *app) error {
	if !c.Send && (c.By != "" || len(c.Again) > 0) {
		return usageError("--by and --again belong to --send")
	}
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		t, err := d.Issued(ctx, m, false)
		if err != nil {
			return err
		}
		defer t.Close()
		letters, err := deliver.Of(ctx, d, t)
		if err != nil {
			return err
		}
		if letters, err = c.choose(ctx, d, t, letters); err != nil {
			return err
		}
		dir := d.Dir(m.String(), t.Revision)
		order := deliver.Order{Send: c.Send, By: c.By, Again: c.Again, Whole: len(c.Tenant) == 0}
		all, err := order.Do(ctx, d, t, letters)
		if errors.Is(err, deliver.ErrUnknown) {
			return usageError("--again: " + err.Error())
		}
		for i := range all {
			o := &all[i]
			a.printf("%-12s %-28s %-32s %s\n", o.State, clean(o.Recipient()), clean(o.To), clean(o.Note))
		}
		if err != nil {
			return err
		}
		a.printf("\n%s: %s\nDrafts: %s\nList:   %s\n", m, t.Life.Shown(), deliver.Folder(dir), filepath.Join(dir, "delivery.csv"))
		for i := range all {
			if all[i].Open() {
				return errIncomplete
			}
		}
		return nil
	})
}

// choose keeps the letters that were asked for.
func (c *deliverMailsCmd) choose(ctx context.Context, d *closing.Desk, t *closing.Issued, letters []*deliver.Letter) ([]*deliver.Letter, error) {
	if c.Changed {
		log, err := d.Store.Deliveries(ctx, t.Month.String())
		if err != nil {
			return nil, err
		}
		letters = deliver.OfChanged(letters, t, log)
	}
	for i, id := range c.Tenant {
		c.Tenant[i] = tenantID(d.Setup.Register, id)
	}
	letters, err := deliver.Only(letters, c.Tenant)
	if err != nil {
		return nil, usageError("--tenant: " + err.Error())
	}
	return letters, nil
}

type deliverListCmd struct {
	Month string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Open  bool   `help:"Only who has not confirmed."`
}

func (c *deliverListCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		t, err := d.Issued(ctx, m, false)
		if err != nil {
			return err
		}
		defer t.Close()
		letters, err := deliver.Of(ctx, d, t)
		if err != nil {
			return err
		}
		log, err := d.Store.Deliveries(ctx, m.String())
		if err != nil {
			return err
		}
		all := deliver.Standings(letters, log)
		confirmed := 0
		day := func(at time.Time) string {
			if at.IsZero() {
				return "–"
			}
			return month.DayOf(at, m.Location()).String()
		}
		a.printf("%-28s %-24s %-10s %-10s %s\n", "recipient", "document", "sent", "confirmed", "by")
		for i := range all {
			s := &all[i]
			if !s.Confirmed.IsZero() {
				confirmed++
				if c.Open {
					continue
				}
			}
			a.printf("%-28s %-24s %-10s %-10s %s\n", clean(s.Recipient()), clean(s.Document), day(s.Sent), day(s.Confirmed), strings.TrimSpace(clean(s.By+" "+s.Note)))
		}
		a.printf("\n%s: %d of %d confirmed\n", m, confirmed, len(all))
		return nil
	})
}

type deliverReportCmd struct {
	Month     string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Agreement string `help:"Of several agreements only this one. Default: a draft for each." placeholder:"ID"`
	To        string `help:"The reseller's address. Default: that of the config." placeholder:"ADDRESS"`
}

func (deliverReportCmd) Help() string {
	return `Writes a draft of the mail with which the usage report of an approved month goes
to the reseller, beside the report. It names the digests of the report and of
the sealed evidence behind it, so that either side can prove later what was
reported: splameter verify --against FILE. Send it from your own mailbox, and
record with splameter submit that you did. The address is reseller: of provider
or agreements in the config; with several agreements each gets its own mail.

Examples:
  splameter deliver report --month 2026-10
  splameter deliver report --month 2026-10 --to spla@reseller.example
  splameter deliver report --month 2026-10 --agreement academic`
}

func (c *deliverReportCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		t, err := d.Issued(ctx, m, true)
		if err != nil {
			return err
		}
		defer t.Close()
		drafts, err := deliver.UsageReports(t, d.Dir(m.String(), t.Revision), d.Setup.Config, deliver.UsageOrder{Agreement: c.Agreement, To: c.To, At: a.now()})
		for _, path := range drafts {
			a.printf("Draft: %s\n", path)
		}
		return err
	})
}

type deliverConfirmCmd struct {
	Month   string `help:"The month, as YYYY-MM. Default: the month before the present one." placeholder:"YYYY-MM"`
	Tenant  string `help:"Whose annex it is." xor:"whose" required:"" placeholder:"ID"`
	Partner string `help:"Or the partner whose workbook it is." xor:"whose" required:"" placeholder:"ID"`
	By      string `help:"Who takes it down." required:"" placeholder:"NAME"`
	File    string `help:"The customer's answer; it is kept with the month." placeholder:"FILE" type:"existingfile"`
	Note    string `help:"Anything worth knowing about it, such as who agreed, and how." placeholder:"TEXT"`
}

func (c *deliverConfirmCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, c.Month, func(d *closing.Desk, m month.Month) error {
		t, err := d.Issued(ctx, m, false)
		if err != nil {
			return err
		}
		defer t.Close()
		document, err := deliver.Confirm(ctx, d, t, tenantID(d.Setup.Register, c.Tenant), c.Partner, c.By, c.Note, c.File)
		if err != nil {
			return err
		}
		a.printf("%s: %s is confirmed\n", m, clean(document))
		return nil
	})
}
