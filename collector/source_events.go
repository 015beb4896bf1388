package collector

import (
	"context"
	"errors"
	"fmt"
	"os"

	"splameter/collector/directory/dcevents"
	"splameter/collector/forms"
	"splameter/collector/sessions"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// events reads the domain controllers' Security logs of a directory, as far as they
// are not known. What is wrong with one is told by the reading of the logs, which
// bears the directory's name with "events" after it.
func (s *directorySource) events(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	if len(s.cfg.Events) == 0 {
		return o, nil
	}
	began := env.Now()
	source := s.cfg.Name + " events"
	paths, err := files(s.cfg.Events)
	if err != nil {
		return o, env.fail(ctx, source, snapshot.KindSessions, "", began, err)
	}
	reading := &snapshot.Sessions{Reading: snapshot.Reading{Source: source, Kind: snapshot.KindSessions, Site: env.Config.Site, Taken: began.UTC(), Day: env.day(began), Status: snapshot.Complete}}
	var done []store.File
	var failed failures
	for _, path := range paths {
		name := env.Name(path)
		known, file, err := s.logFile(ctx, env, source, path, reading)
		switch {
		case ctx.Err() != nil:
			return o, ctx.Err()
		case err != nil:
			failed.add(env.fail(ctx, source, snapshot.KindSessions, path, began, fmt.Errorf("read %s: %w", name, err)))
		case known:
			o.Known++
		default:
			o.Read++
			done = append(done, file)
		}
	}
	o.Notices = len(reading.Notes)
	if len(done) > 0 {
		if err := env.Store.PutSessions(ctx, reading, done); err != nil {
			return o, err
		}
	}
	return o, failed.err()
}

// logFile reads one of them and keeps its events.
func (s *directorySource) logFile(ctx context.Context, env *Env, source, path string, reading *snapshot.Sessions) (known bool, file store.File, err error) {
	name := env.Name(path)
	f, err := os.Open(path)
	if err != nil {
		return false, file, err
	}
	defer f.Close()
	print, err := fingerprint(f)
	if err != nil {
		return false, file, err
	}
	file = store.File{Source: source, Name: name, Fingerprint: print}
	if known, err = env.Store.Known(ctx, source, name, print); err != nil || known {
		return known, file, err
	}
	log := dcevents.Log{File: name}
	info, err := sessions.ReadFile(ctx, path, sessions.Options{Name: name, Zone: env.Config.Provider.Location, Workers: env.Workers, Filter: dcevents.Wanted, Host: forms.HostOf(path)}, &log)
	if err != nil {
		return false, file, err
	}
	note := func(code, message string) {
		reading.Notes = append(reading.Notes, snapshot.Notice{Code: code, Subject: name, Message: message, At: snapshot.Evidence{File: name}})
		reading.Status = snapshot.Partial
	}
	if log.Damages > 0 {
		note("log-damaged", fmt.Sprintf("%d damages, the first: %s; who came and went in what is lost is not told", log.Damages, log.Damage))
	}
	if log.Unread > 0 {
		note("directory-events", fmt.Sprintf("%d events of groups and accounts could not be read and were left out (the first: %s)", log.Unread, log.Why))
	}
	if info.Records > 0 && len(log.Events)+log.Unread == 0 {
		note("directory-events", fmt.Sprintf("the file holds %d events, and none that tells of groups and accounts; is it the Security log of a domain controller, and does that record account management?", info.Records))
	}
	return false, file, env.Store.PutEvents(ctx, s.cfg.Name, log.Events)
}

// both is a directory's own reading and that of its controllers' logs.
func (s *directorySource) both(ctx context.Context, env *Env, o Outcome, err error) (Outcome, error) {
	if ctx.Err() != nil {
		return o, err
	}
	logs, also := s.events(ctx, env)
	o.Read, o.Known, o.Notices = o.Read+logs.Read, o.Known+logs.Known, o.Notices+logs.Notices
	return o, errors.Join(err, also)
}
