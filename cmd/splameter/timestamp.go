package main

import (
	"context"

	"splameter/internal/closing"
	"splameter/internal/month"
)

type timestampCmd struct{}

func (timestampCmd) Help() string {
	return `Asks the authority under evidence.timestamp_url for a time stamp (RFC 3161) on
the manifest of every sealed month that has none. The agent does so by itself. A
stamp stands beside the evidence, as FILE.zip.tst, with the certificates that it
is checked by: splameter verify --roots checks it without asking anybody.

Examples:
  splameter timestamp`
}

func (timestampCmd) Run(ctx context.Context, a *app) error {
	return a.at(ctx, "", func(d *closing.Desk, _ month.Month) error {
		if d.Setup.Config.Evidence.TimestampURL == "" {
			return usageError("no authority is configured: write evidence: {timestamp_url: https://…} in the config")
		}
		n, err := d.Stamp(ctx)
		a.printf("%d time-stamped.\n", n)
		return err
	})
}
