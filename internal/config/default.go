package config

import "time"

// Default is what every key means that a config leaves out: the only place of
// defaults. What a single directory leaves out is in DefaultDirectory.
func Default() Config {
	return Config{
		Provider:  Provider{Language: "en", Currency: "EUR"},
		Store:     "sqlite:var/splameter.db",
		Output:    "out",
		PersonMax: 3,
		Coverage:  Coverage{DirectoryEvery: 1, InventoryEvery: 31, Quiet: 7, Late: 5},
		Report:    Report{History: 12, Columns: DefaultColumns(), Billing: FormCSV{Delimiter: ",", Decimal: "."}},
		Checks: Checks{
			QuantityJump: 25, QuantityFrozen: 6, RightsEnd: 60, AdminMax: 20,
			ServerAdminMax: 2, DemoMax: 50, TrialDays: 60, InternalShare: 50, PersonShrink: 20, IdleMonths: 3, PriceNotice: 10,
			ExclusionsMaxShare: 25, DecreaseLook: 25, ChangeLook: 3,
		},
		Calendar: Calendar{DeadlineDay: 10, CorrectionDays: 60, ObjectionDays: 14, MinimumAmount: "100", MinimumCurrency: "USD", ZeroMonthsMax: 6},
		Evidence: Evidence{KeepNamedMonths: 39},
		Audit:    Audit{MarkUp: 25},
		Agent: Agent{
			Directories: must("daily 05:30"), Sessions: must("daily 05:00"), Inventories: must("weekly mon 04:30"),
			Close: true, CloseAt: 6 * 60,
			Retry:     Retry{First: Duration(5 * time.Minute), Most: Duration(2 * time.Hour)},
			Reminders: Reminders{At: 8 * 60, FromDay: 2},
			Preclose:  Preclose{FromDay: 20, IdleMonths: 2},
		},
		Mail: Mail{Security: "starttls", Timeout: Duration(30 * time.Second)},
		Log:  Log{Level: "info", Format: "text"},
	}
}

// DefaultColumns is what a reseller's form means that is not described.
func DefaultColumns() Columns {
	return Columns{Rows: FormRows{Match: "listed"}, CSV: FormCSV{Delimiter: ",", Decimal: "."}}
}

// SetDefaults lets each agreement in the list begin with no form.
func (a *Agreement) SetDefaults() { *a = Agreement{Columns: DefaultColumns()} }

// DefaultDirectory is what one directory's keys mean that are left out. 1000
// is Active Directory's own limit on a page (MaxPageSize).
func DefaultDirectory() Directory {
	return Directory{
		Bind:     Bind{Method: "simple"},
		PageSize: 1000,
		Timeout:  Duration(2 * time.Minute),
		Metadata: "auto",
	}
}

// SetDefaults lets each directory in the list begin with DefaultDirectory.
func (d *Directory) SetDefaults() { *d = DefaultDirectory() }

// DefaultDatabase is what one database's keys mean that are left out.
func DefaultDatabase() Database { return Database{Timeout: Duration(2 * time.Minute)} }

// SetDefaults lets each database in the list begin with DefaultDatabase.
func (d *Database) SetDefaults() { *d = DefaultDatabase() }

// DefaultHosts is what the keys of hosts mean that are left out.
func DefaultHosts() Hosts {
	return Hosts{Method: "ntlm", Logs: `ADMIN$\System32\winevt\Logs`, Port: 445, Timeout: Duration(10 * time.Second), Limit: Duration(15 * time.Minute), Tries: 3, Parallel: 32}
}

// SetDefaults lets each entry in the list begin with DefaultHosts.
func (h *Hosts) SetDefaults() { *h = DefaultHosts() }
