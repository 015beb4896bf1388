package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/digest"
	"splameter/internal/edits"
	"splameter/internal/setup"
)

type proposeCmd struct {
	Take       []string `help:"What to take: ids, or a kind for all of it." placeholder:"ID|KIND"`
	Customers  string   `help:"An export of your customers from the CRM, CSV." placeholder:"FILE" type:"existingfile"`
	Document   string   `help:"What proves it: for exclusion and restriction." placeholder:"TEXT"`
	From       string   `help:"From when: for suspended and restriction." placeholder:"YYYY-MM-DD"`
	Until      string   `help:"Until when: for exclusion." placeholder:"YYYY-MM-DD"`
	Control    string   `help:"What keeps others out: for restriction." placeholder:"applocker-enforced"`
	Users      []string `help:"Groups that may log on: for pool." placeholder:"GROUP" sep:"none"`
	Product    string   `help:"The product: for group." placeholder:"ID"`
	Pool       string   `help:"The pool that a group may log on to: for group." placeholder:"NAME"`
	PartNumber string   `help:"The reseller's part number: for part and product." placeholder:"NUMBER"`
	writing
}

func (proposeCmd) Help() string {
	return `Reads every configured source once, as init does, and lists what config, rules
and tables do not name yet: units with accounts that are no customer's, customers
that look like your own people or suspended, hosts of no pool, programs that no
rule counts, machines whose cores no rule counts, products without a part number
(and the number, where the price list names it plainly), groups whose names speak of a
licence, restrictions, administrators and service accounts, accounts that are one
person. --take shows what would change in the files; --write writes it, checked
first, and keeps who and why in table-changes.csv. The desk's screen Set-up does
the same.

Examples:
  splameter propose
  splameter propose --take tenant --customers crm.csv --write --by "C. de Vries" --reason "first day"
  splameter propose --take exclusion-1a2b3c4d5e6f --document "Beheer 2026-01" --until 2027-01-01`
}

func (c *proposeCmd) Run(ctx context.Context, a *app) error {
	s, err := a.load()
	if err != nil {
		return err
	}
	log, err := a.logger(s)
	if err != nil {
		return err
	}
	customers, err := setup.ReadCustomers(c.Customers)
	if err != nil {
		return err
	}
	seen, err := setup.ReadConfigured(ctx, s.Config, setup.Env{Now: a.now, Workers: a.workers(), Log: log})
	if err != nil {
		return err
	}
	have := setup.Have{Config: s.Config, Rules: s.Rules, Register: s.Register, Prices: s.Prices}
	all, err := setup.Propose(seen, have, customers)
	if err != nil {
		return err
	}
	for _, n := range seen.Notes {
		a.printf("Not read: %s\n", clean(n))
	}
	if len(c.Take) == 0 {
		a.proposals(all)
		return nil
	}
	var list []setup.Proposal
	for _, what := range c.Take {
		n := len(list)
		for i := range all {
			if all[i].ID == what || string(all[i].Kind) == what {
				list = append(list, all[i])
			}
		}
		if len(list) == n {
			return fmt.Errorf("nothing proposed is called %s; splameter propose lists what is", clean(what))
		}
	}
	edit, err := setup.Take(have, list, setup.Answers{From: c.From, Until: c.Until, Document: c.Document, Control: c.Control, Users: c.Users, Product: c.Product, PartNumber: c.PartNumber, Pool: c.Pool})
	if err != nil {
		return err
	}
	return a.edit(s, edit, c.writing, c)
}

// writing is who writes a change of files, and why.
type writing struct {
	Write  bool   `help:"Write it; else only show what would change."`
	By     string `help:"Who writes it." placeholder:"NAME"`
	Reason string `help:"Why." placeholder:"TEXT"`
}

// edit shows what changes in files kept by hand, checks it, and writes it where
// that is asked for. asked is the command with all that it was given, by which a
// repeat is known.
func (a *app) edit(s *monthend.Setup, list []edits.Edit, w writing, asked any) error {
	request := a.cli.Request
	if request == "" {
		b, err := json.Marshal(asked)
		if err != nil {
			return err
		}
		request = fmt.Sprintf("content %.32s", digest.Of(fmt.Sprintf("%T %s", asked, b)))
	}
	if w.Write {
		before, err := edits.Done(s.Config, list, request)
		if err != nil {
			return err
		}
		if before != nil {
			return &closing.Repeated{What: fmt.Sprintf("%s was changed by %s at %s", before.File, before.By, before.At.UTC().Format("2006-01-02 15:04:05Z"))}
		}
	}
	for i := range list {
		a.printf("%s\n", list[i].Name())
		for _, h := range list[i].Hunks() {
			for _, l := range h.Was {
				a.printf("  - %s\n", clean(l))
			}
			for _, l := range h.Is {
				a.printf("  + %s\n", clean(l))
			}
		}
	}
	wrong, err := edits.Check(s.Config, list)
	if err != nil {
		return err
	}
	if wrong != "" {
		return fmt.Errorf("nothing was written, since the program would refuse the files:\n%s", wrong)
	}
	if !w.Write {
		a.printf("Nothing was written; --write writes it.\n")
		return nil
	}
	if strings.TrimSpace(w.By) == "" || strings.TrimSpace(w.Reason) == "" {
		return usageError("--write needs --by NAME and --reason TEXT")
	}
	return edits.Write(s.Config, list, edits.Who{At: a.now(), Account: account(), By: w.By, Reason: w.Reason, Request: request})
}

// proposals lists them by kind.
func (a *app) proposals(all []setup.Proposal) {
	if len(all) == 0 {
		a.printf("Config, rules and tables name everything that the sources show.\n")
		return
	}
	for _, k := range setup.Kinds() {
		n := 0
		for i := range all {
			p := &all[i]
			if p.Kind != k {
				continue
			}
			if n == 0 {
				asks := ""
				if list := k.Asks(); len(list) > 0 {
					asks = " (asks for " + strings.Join(list, ", ") + ")"
				}
				a.printf("\n%s: %s%s\n", k, k.Says(), asks)
			}
			n++
			words := []string{p.Subject}
			for _, w := range []string{p.Product, p.Pool, p.Why} {
				if w != "" && !slices.Contains(words, w) {
					words = append(words, w)
				}
			}
			count := ""
			if p.Count > 0 {
				count = fmt.Sprintf("  %d", p.Count)
			}
			a.printf("  %s  %s%s\n", p.ID, clean(strings.Join(words, "; ")), count)
			if k == setup.PricedPart || k == setup.NewProduct {
				a.printf("    %s\n", clean(strings.Join(p.Names, ", ")))
			}
			if len(p.Hints) > 0 {
				a.printf("    perhaps %s\n", clean(strings.Join(p.Hints, ", ")))
			}
		}
	}
}
