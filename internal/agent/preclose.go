package agent

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"splameter/internal/closing/monthend"
	"splameter/internal/closing/preclose"
	"splameter/internal/month"
	"splameter/internal/notify"
	"splameter/internal/statement"
	"splameter/internal/store"
	"splameter/report"
)

// Preclose makes the pre-close list of a month from what the store has today.
// The input is what its workbook is made with.
func Preclose(ctx context.Context, st store.Store, s *monthend.Setup, m month.Month, today month.Day, opt monthend.Options) (*preclose.List, report.Input, error) {
	settings := s.Config.Agent.Preclose
	in := preclose.Input{Month: m, Today: today, IdleMonths: settings.IdleMonths, LastLogon: settings.LastLogon, Prices: s.Prices}
	in.Sessions = s.Config.ReadsLogs() != ""
	for i := range s.Config.Databases {
		in.Sessions = in.Sessions || s.Config.Databases[i].Reads("sessions")
	}
	names, err := st.Months(ctx)
	if err != nil {
		return nil, report.Input{}, err
	}
	known := map[string]bool{}
	for _, n := range names {
		known[n] = true
	}
	var earlier []statement.Earlier
	for i := range settings.IdleMonths {
		at := m.Add(-i)
		if i > 0 && !known[at.String()] {
			break
		}
		result, before, err := monthend.Compute(ctx, st, s, at, opt)
		if err != nil {
			return nil, report.Input{}, fmt.Errorf("make the pre-close list of %s: %w", m, err)
		}
		if i == 0 {
			earlier = before
		}
		in.Statements = append(in.Statements, result)
	}
	if in.LastLogon {
		if in.Facts, err = st.Facts(ctx, m); err != nil {
			return nil, report.Input{}, fmt.Errorf("make the pre-close list of %s: %w", m, err)
		}
	}
	l := preclose.Make(in)
	return l, report.Input{Statement: in.Statements[0], Config: s.Config, Register: s.Register, Sales: s.Sales, Earlier: earlier, Month: m, Workers: opt.Workers}, nil
}

// preclose makes the present month's forecast daily, and its pre-close list from
// its set day on, and tells of that once: when its file is not there yet.
func (a *Agent) preclose(ctx context.Context) error {
	today := month.DayOf(a.now(), a.loc)
	setup, err := a.current()
	if err != nil {
		return fmt.Errorf("make the pre-close list: %w", err)
	}
	m := month.Of(a.now(), a.loc)
	if err := a.forecast(ctx, setup, m); err != nil {
		return err
	}
	if _, _, day := today.Civil(); day < a.cfg.Agent.Preclose.FromDay {
		return nil
	}
	l, in, err := Preclose(ctx, a.opt.Store, setup, m, today, monthend.Options{Version: a.opt.Version, Workers: a.opt.Workers})
	if err != nil {
		return err
	}
	dir := setup.Dir(m, false)
	_, err = os.Stat(report.PreclosePath(dir, l))
	first := errors.Is(err, fs.ErrNotExist)
	path, err := report.WritePreclose(ctx, dir, in, l)
	if err != nil || !first {
		return err
	}
	w, err := report.New(in)
	if err != nil {
		return err
	}
	a.notify.Post(notify.Message{Kind: notify.Notice, Subject: fmt.Sprintf("the pre-close list of %s is there", m), Detail: path,
		Body: w.PrecloseText(l, setup.Config.Agent.Preclose.NamesInMail)})
	return nil
}

// forecast keeps what the present month will come to, for the desk: of a month
// of which no directory was read yet there is none.
func (a *Agent) forecast(ctx context.Context, setup *monthend.Setup, m month.Month) error {
	f, err := monthend.Forecast(ctx, a.opt.Store, setup, m, monthend.Options{Version: a.opt.Version, Workers: a.opt.Workers})
	if err != nil || f.Until == "" {
		return err
	}
	return setup.PutForecast(m, f)
}
