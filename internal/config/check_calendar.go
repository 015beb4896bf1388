package config

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"splameter/internal/safetext"

	"github.com/shopspring/decimal"
)

// calendar checks the agreement's dates and limits, and the evidence.
func (k *checker) calendar() {
	c, e := &k.config.Calendar, &k.config.Evidence
	for _, n := range []struct {
		value, min, max int
		path            []any
	}{
		{c.DeadlineDay, 1, 28, []any{"calendar", "deadline_day"}},
		{c.CorrectionDays, 0, 366, []any{"calendar", "correction_days"}},
		{c.ObjectionDays, 0, 366, []any{"calendar", "objection_days"}},
		{c.ZeroMonthsMax, 0, 120, []any{"calendar", "zero_months_max"}},
		{k.config.Audit.MarkUp, 0, 200, []any{"audit", "mark_up"}},
		// An auditor looks back over 36 months: names may not go before that.
		{e.KeepNamedMonths, 36, 120, []any{"evidence", "keep_named_months"}},
	} {
		if n.value < n.min || n.value > n.max {
			k.fault(fmt.Sprintf("%s cannot be %d", n.path[len(n.path)-1], n.value), fmt.Sprintf("write a number from %d to %d", n.min, n.max), n.path...)
		}
	}
	if e.TimestampURL != "" {
		if u, err := url.Parse(e.TimestampURL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
			k.fault("the time-stamping authority's address is none", "write it like https://SERVER/PATH, without a user in it", "evidence", "timestamp_url")
		}
	}
	k.minimum(c.MinimumAmount, c.MinimumCurrency, "calendar")
	if c.MinimumCurrency == "" {
		k.fault("the minimum has no currency", "write its three letters, such as USD", "calendar", "minimum_currency")
	}
}

// minimum checks what a month must at least come to.
func (k *checker) minimum(amount, currency string, path ...any) {
	at := func(key string) []any { return append(slices.Clone(path), key) }
	if amount != "" {
		if d, err := decimal.NewFromString(amount); err != nil || len(amount) > 20 || strings.ContainsAny(amount, "eE") || d.IsNegative() {
			k.fault(fmt.Sprintf("%q is no amount", safetext.Clip(amount, 60)), "write it like 100 or 100.00, or leave it empty for none", at("minimum_amount")...)
		}
	}
	if currency != "" && (!letters(currency, 3) || strings.ToUpper(currency) != currency) {
		k.fault(fmt.Sprintf("%q is no currency", safetext.Clip(currency, 60)), "write its three letters, such as USD", at("minimum_currency")...)
	}
}
