package report

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing/preclose"
	"splameter/internal/month"
)

// precloseLabels are the words of the pre-close list.
type precloseLabels struct {
	title, still, next, saves, costs, unpriced, gone, blind, gaps, made string
	why, do, accounts, products, groups, licences, amount, seen, until  string
	reasons, actions                                                    map[preclose.Reason]string
}

func precloseWords(language string) precloseLabels {
	if strings.EqualFold(language, "nl") {
		return precloseLabels{
			title: "Lijst vóór de maandafsluiting",
			still: "Wie in %s toegang had, telt voor %s nog mee. Wat vóór %s gedaan is, telt voor %s.",
			next:  "Licenties waarmee %s daalt", saves: "Bespaart per maand", costs: "Uitsluitingen die aflopen: licenties erbij", unpriced: "Licenties zonder prijs",
			gone: "Personen die hun toegang al kwijt zijn (dalen vanzelf)", made: "Opgemaakt op",
			blind: "Wie niets doet, is niet te zeggen: %s", gaps: "Let op: in %d van de %d maanden ontbreken sessielogs; geen sessie kan ook geen log zijn.",
			why: "Waarom", do: "Wat te doen", accounts: "Accounts", products: "Producten", groups: "Groepen die toegang geven", licences: "Licenties", amount: "Bedrag per maand", seen: "Laatste aanmelding (±14 dagen)", until: "Uitsluiting tot en met",
			reasons: map[preclose.Reason]string{preclose.Idle: "geen sessie in %d maanden", preclose.Leaver: "al lang niet aangemeld", preclose.Expiring: "uitsluiting loopt af", preclose.Disabled: "uitgeschakeld, nog in een groep"},
			actions: map[preclose.Reason]string{preclose.Idle: "vraag de klant; schakel het account uit of haal het uit de groepen", preclose.Leaver: "vraag de klant of deze persoon er nog is; schakel het account uit", preclose.Expiring: "verleng met een document, of laat tellen", preclose.Disabled: "haal het account uit de groep; het telt niet, en zo blijft dat"},
		}
	}
	return precloseLabels{
		title: "Pre-close list",
		still: "Whoever had access in %s still counts for %s. What is done before %s counts for %s.",
		next:  "Licences by which %s drops", saves: "Saves a month", costs: "Exclusions that end: licences more", unpriced: "Licences without a price",
		gone: "Persons who have lost their access already (drop by themselves)", made: "Made on",
		blind: "Who is idle cannot be told: %s", gaps: "Mind: in %d of the %d months session logs are missing; no session may also mean no log.",
		why: "Why", do: "What to do", accounts: "Accounts", products: "Products", groups: "Groups that give access", licences: "Licences", amount: "Amount a month", seen: "Last logon (±14 days)", until: "Excluded until",
		reasons: map[preclose.Reason]string{preclose.Idle: "no session in %d months", preclose.Leaver: "no logon for long", preclose.Expiring: "exclusion ends", preclose.Disabled: "disabled, still in a group"},
		actions: map[preclose.Reason]string{preclose.Idle: "ask the customer; disable the account, or take it out of the groups", preclose.Leaver: "ask the customer whether this person is still there; disable the account", preclose.Expiring: "renew it with a document, or let it count", preclose.Disabled: "take the account out of the group; it does not count, and so it stays"},
	}
}

// PrecloseReason and PrecloseAction say in a language why something is on the
// pre-close list, and what to do about it.
func PrecloseReason(l *preclose.List, r preclose.Reason, language string) string {
	s := precloseWords(language).reasons[r]
	if strings.Contains(s, "%d") {
		return fmt.Sprintf(s, l.Months)
	}
	return s
}

// PrecloseAction is what to do about a row.
func PrecloseAction(r preclose.Reason, language string) string {
	return precloseWords(language).actions[r]
}

// PrecloseNote is the sentence that stands over every pre-close list: it may
// not be read as though access could be taken back for the month itself.
func (w *Workbooks) PrecloseNote(l *preclose.List) string {
	lk, next := w.own(), l.Month.Add(1)
	return fmt.Sprintf(precloseWords(w.Config.Provider.Language).still, lk.monthName(l.Month), lk.monthName(l.Month), next.FirstDay(), lk.monthName(next))
}

// WritePreclose writes the pre-close list into a month's folder, beside its
// target and then renamed.
func WritePreclose(ctx context.Context, dir string, in Input, l *preclose.List) (string, error) {
	w, err := New(in)
	if err != nil {
		return "", err
	}
	path := PreclosePath(dir, l)
	if err := atomicfile.Write(path, atomicfile.Normal, func(f io.Writer) error { return w.Preclose(ctx, f, l) }); err != nil {
		return "", fmt.Errorf("write the pre-close list of %s: %w", l.Month, err)
	}
	return path, nil
}

// PreclosePath is where beneath a month's folder its pre-close list is.
func PreclosePath(dir string, l *preclose.List) string {
	return filepath.Join(dir, "preclose-"+l.Month.String()+".xlsx")
}

// Preclose writes the pre-close list as a workbook. It names persons: it stays
// in the house.
func (w *Workbooks) Preclose(ctx context.Context, out io.Writer, l *preclose.List) error {
	lk, x := w.own(), precloseWords(w.Config.Provider.Language)
	title := x.title + " " + lk.monthName(l.Month)
	b, err := lk.newBook(properties{title: title, day: l.On, identifier: w.identifier("preclose", "")}, w.Config.Provider.Name)
	if err != nil {
		return err
	}
	r := review{w: w, book: b, words: &lk.review, maxRows: 1 << 20}
	err = r.precloseSummary(l, &x, title)
	if err == nil {
		err = r.table(ctx, r.precloseTable(l, &x))
	}
	if err != nil {
		b.drop()
		return fmt.Errorf("make the pre-close list: %w", err)
	}
	if err := b.write(out); err != nil {
		return fmt.Errorf("make the pre-close list: %w", err)
	}
	return nil
}

// precloseSummary is the first sheet: what it is about, and what it comes to.
func (r *review) precloseSummary(l *preclose.List, x *precloseLabels, title string) error {
	var g grid
	g.add(30, wide(styleTitle, title, 2))
	g.add(44, wide(styleStrong, r.w.PrecloseNote(l), 2))
	g.add(0, text(styleLabel, x.made), day(styleDayLeft, l.On))
	g.add(0, text(styleLabel, fmt.Sprintf(x.next, r.monthName(l.Month.Add(1)))), number(styleLink, l.Licences))
	for _, s := range l.Saves {
		g.add(0, text(styleLabel, x.saves), text(styleText, s.Currency+" "+s.Amount))
	}
	if l.Added > 0 {
		g.add(0, text(styleLabel, x.costs), number(styleLink, l.Added))
		for _, s := range l.Costs {
			g.add(0, text(styleLabel, ""), text(styleText, s.Currency+" "+s.Amount))
		}
	}
	if l.Unpriced > 0 {
		g.add(0, text(styleLabel, x.unpriced), number(styleLink, l.Unpriced))
	}
	g.add(0, text(styleLabel, x.gone), number(styleLink, l.Gone))
	for _, reason := range preclose.Reasons() {
		if n := l.Count(reason); n > 0 {
			g.add(0, text(styleLabel, PrecloseReason(l, reason, r.language)), number(styleLink, n))
		}
	}
	if l.Blind != "" {
		g.add(30, wide(styleMark, fmt.Sprintf(x.blind, l.Blind), 2))
	}
	if l.Gaps > 0 {
		g.add(30, wide(styleMark, fmt.Sprintf(x.gaps, l.Gaps, l.Months), 2))
	}
	return g.put(r.book, "Summary", layout{widths: []float64{60, 40}, reference: title}, nil)
}

func (r *review) precloseTable(l *preclose.List, x *precloseLabels) table {
	return table{
		name: "Pre-close", print: 8,
		columns: []column{
			{x.why, 26, false}, {r.customer, 24, false}, {r.words.person, 26, false}, {x.accounts, 22, false}, {x.products, 34, false},
			{x.licences, 10, true}, {x.amount, 14, true}, {x.do, 44, false}, {x.groups, 50, false}, {x.until, 14, false}, {x.seen, 16, false},
		},
		n: len(l.Rows),
		fill: func(i int, row *row) {
			p := &l.Rows[i]
			row.long(PrecloseReason(l, p.Reason, r.language))
			row.long(r.tenantName(p.Tenant))
			row.long(p.Name)
			row.long(strings.Join(p.Accounts, ", "))
			var names []string
			for _, id := range p.Products {
				names = append(names, r.product(id))
			}
			row.long(strings.Join(names, ", "))
			row.int(p.Units)
			switch {
			case p.Units == 0:
				row.blank()
			case p.Amount == "":
				row.none()
			case r.look.money[p.Currency].amount == 0: // a currency that no amount of the month has
				row.text(p.Currency + " " + p.Amount)
			default:
				row.decimal(r.look.money[p.Currency].amount, p.Amount)
			}
			row.long(PrecloseAction(p.Reason, r.language))
			row.long(strings.Join(p.Groups, "; "))
			for _, d := range []month.Day{p.Until, p.Logon} {
				if d == 0 {
					row.blank()
				} else {
					row.day(d)
				}
			}
		},
	}
}

// PrecloseText is the list as lines of plain text, for a terminal or a mail.
// Without names it says only how many.
func (w *Workbooks) PrecloseText(l *preclose.List, names bool) string {
	language := w.Config.Provider.Language
	x, lk := precloseWords(language), w.own()
	var b strings.Builder
	put := func(label, value string) { fmt.Fprintf(&b, "%s: %s\n", label, value) }
	b.WriteString(w.PrecloseNote(l) + "\n\n")
	put(fmt.Sprintf(x.next, lk.monthName(l.Month.Add(1))), strconv.Itoa(l.Licences))
	for _, s := range l.Saves {
		put(x.saves, s.Currency+" "+s.Amount)
	}
	if l.Added > 0 {
		put(x.costs, strconv.Itoa(l.Added))
	}
	for _, s := range l.Costs {
		put("  ", s.Currency+" "+s.Amount)
	}
	if l.Unpriced > 0 {
		put(x.unpriced, strconv.Itoa(l.Unpriced))
	}
	put(x.gone, strconv.Itoa(l.Gone))
	if l.Blind != "" {
		fmt.Fprintf(&b, x.blind+"\n", l.Blind)
	}
	if l.Gaps > 0 {
		fmt.Fprintf(&b, x.gaps+"\n", l.Gaps, l.Months)
	}
	r := review{w: w, book: &book{look: lk}, words: &lk.review}
	for _, reason := range preclose.Reasons() {
		n := l.Count(reason)
		if n == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n%s: %d\n  → %s\n", PrecloseReason(l, reason, language), n, PrecloseAction(reason, language))
		for i := range l.Rows {
			p := &l.Rows[i]
			if !names || p.Reason != reason {
				continue
			}
			fmt.Fprintf(&b, "  %s | %s", line(r.tenantName(p.Tenant)), line(p.Name))
			if a := strings.Join(p.Accounts, ", "); a != "" && a != p.Name {
				fmt.Fprintf(&b, " (%s)", line(a))
			}
			if p.Units > 0 {
				fmt.Fprintf(&b, " | %d × %s", p.Units, line(strings.Join(p.Products, ", ")))
			}
			if p.Amount != "" {
				fmt.Fprintf(&b, " | %s %s", p.Currency, p.Amount)
			}
			if p.Until != 0 {
				fmt.Fprintf(&b, " | %s", p.Until)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}
