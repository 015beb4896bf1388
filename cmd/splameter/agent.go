package main

import (
	"context"

	"splameter/internal/agent"
	"splameter/internal/closing/monthend"
	"splameter/internal/notify"
)

type agentCmd struct{}

func (agentCmd) Help() string {
	return `Runs until it is stopped: collects each source on its schedule, closes the month
that ended on the first, makes the pre-close list from the 20th, and reminds of
the deadline until the month is submitted. What was missed while it was off is
caught up, once. Only one agent runs on a store. The section agent: of the
config says when; docs/agent.md says what each setting is for. To run it as a
service, see splameter service --help.

Examples:
  splameter agent
  splameter --config /etc/splameter/config.yaml --log-format json agent`
}

func (agentCmd) Run(ctx context.Context, a *app) error { return a.runAgent(ctx) }

// runAgent runs the agent until ctx ends. more are places to tell things to
// besides the log and the mail.
func (a *app) runAgent(ctx context.Context, more ...notify.Sink) error {
	s, err := a.begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	if m := notify.NewMail(s.Config.Mail, s.Config.Provider.Name); m != nil && len(s.Config.Mail.To) > 0 {
		more = append(more, m)
	}
	x, err := agent.New(agent.Options{Store: s.Store, Setup: s.Setup, Reload: func() (*monthend.Setup, error) { return a.load() },
		Log: s.Log, Sinks: more, Version: programVersion(), Account: account(), Workers: a.workers()})
	if err != nil {
		return err
	}
	return x.Run(ctx)
}
