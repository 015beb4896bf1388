package config

import "splameter/internal/month"

// Calendar holds the dates and limits of the agreement, with the defaults that
// docs/licensing.md 4.2 names. Where an agreement or a reseller says otherwise, that
// goes here.
type Calendar struct {
	DeadlineDay     int               `yaml:"deadline_day"`     // last day of the next month on which the reseller takes the report
	CorrectionDays  int               `yaml:"correction_days"`  // days from the invoice in which a quantity may be corrected downward
	ObjectionDays   int               `yaml:"objection_days"`   // days from the invoice in which the reseller takes an objection to it
	MinimumAmount   string            `yaml:"minimum_amount"`   // what a month must at least come to, decimal; empty or 0: no minimum
	MinimumCurrency string            `yaml:"minimum_currency"` // of the minimum; amounts in another currency are not compared with it
	ZeroMonthsMax   int               `yaml:"zero_months_max"`  // months in a row without use, or under the minimum, that may end the agreement
	AgreementFrom   month.OptionalDay `yaml:"agreement_from"`   // the minimum begins zero_months_max months later; empty: long ago
}

// Evidence is how months are sealed, and how long names are kept.
type Evidence struct {
	SignKey         Secret `yaml:"sign_key"`          // Ed25519 private key, PEM (PKCS #8) or the seed in base64; empty: packs are not signed
	VerifyKey       string `yaml:"verify_key"`        // the public key that packs must be signed with, in base64 or PEM; empty: any
	TimestampURL    string `yaml:"timestamp_url"`     // of a time-stamping authority (RFC 3161), http or https; empty: packs are not stamped
	TimestampRoots  string `yaml:"timestamp_roots"`   // PEM file with the authorities whose stamps are trusted
	KeepNamedMonths int    `yaml:"keep_named_months"` // months for which facts about named persons are kept
}

// Audit is what an audit would ask, as far as the provider's agreement tells.
type Audit struct {
	MarkUp int `yaml:"mark_up"` // percent on what was reported too little
}
