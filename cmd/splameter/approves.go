package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"splameter/internal/diag"
	"splameter/internal/statement"
)

// approves prints what somebody signs: each line with last month beside it, the
// total, what was accepted or corrected, and which high findings stay open.
func (a *app) approves(st *statement.Statement) {
	wide := len("product")
	for i := range st.Lines {
		wide = max(wide, len(clean(st.Lines[i].Product)))
	}
	a.printf("%-*s  %-16s %10s %10s %8s %16s\n", wide, "product", "part number", "last month", "quantity", "change", "amount")
	sums, unknown := map[string]decimal.Decimal{}, 0
	for i := range st.Lines {
		l := &st.Lines[i]
		before, change, amount := "n/a", "n/a", "not known"
		if l.Compared {
			before, change = strconv.Itoa(l.Previous), "–"
			if l.Quantity != l.Previous {
				change = signedInt(l.Quantity - l.Previous)
			}
		}
		if d, err := decimal.NewFromString(l.Amount); err == nil {
			amount = l.Currency + " " + d.StringFixed(2)
			sums[l.Currency] = sums[l.Currency].Add(d)
		} else if l.Quantity != 0 {
			unknown++
		}
		quantity := strconv.Itoa(l.Quantity)
		if l.Unread {
			quantity, change, amount = "–", "–", "not read"
		}
		a.printf("%-*s  %-16s %10s %10s %8s %16s\n", wide, clean(l.Product), clean(cmp.Or(l.PartNumber, "to be filled")), before, quantity, change, strings.TrimSpace(amount))
	}
	var codes []string
	for c := range sums {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	for _, c := range codes {
		a.printf("%-*s  %-16s %10s %10s %8s %16s\n", wide, "total", "", "", "", "", strings.TrimSpace(c+" "+sums[c].StringFixed(2)))
	}
	if unknown > 0 {
		a.printf("%s without a price, which no total has.\n", number(unknown, "line", "lines"))
	}
	gaps, corrected := 0, 0
	for i := range st.Coverage.Gaps {
		if st.Coverage.Gaps[i].Accepted != "" {
			gaps++
		}
	}
	for i := range st.Lines {
		if st.Lines[i].Manual != "" {
			corrected++
		}
	}
	if gaps > 0 {
		a.printf("Not read, and accepted: %s.\n", diag.Several(gaps, "gap"))
	}
	if corrected > 0 {
		a.printf("Corrected by hand: %s.\n", diag.Several(corrected, "line"))
	}
	open := map[string]int{}
	for i := range st.Findings {
		if f := &st.Findings[i]; f.Severity == statement.High && f.Accepted == "" {
			open[f.Code]++
		}
	}
	if len(open) == 0 {
		a.printf("No finding of severity high is open.\n")
		return
	}
	codes = codes[:0]
	for c := range open {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	a.printf("High findings that stay open:\n")
	for _, c := range codes {
		a.printf("  %4d %s\n", open[c], clean(c))
	}
}

// signedInt is a number with its sign.
func signedInt(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
