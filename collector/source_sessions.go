package collector

import (
	"context"
	"fmt"
	"time"

	"splameter/collector/sessions"
	"splameter/internal/config"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// sessionSource is one set of session logs.
type sessionSource struct{ cfg *config.Sessions }

func (s *sessionSource) Name() string        { return s.cfg.Name }
func (s *sessionSource) Kind() snapshot.Kind { return snapshot.KindSessions }

func (s *sessionSource) Collect(ctx context.Context, env *Env) (Outcome, error) {
	var o Outcome
	began := env.Now()
	job := sessions.Job{
		Config: *s.cfg, Dir: env.Config.Dir, Zone: env.Config.Provider.Location,
		Known: func(file, fingerprint string) (bool, error) {
			return env.Store.Known(ctx, s.cfg.Name, file, fingerprint)
		},
		Workers: env.Workers, Now: env.Now, Log: env.Log,
	}
	if env.Progress != nil {
		job.Progress = func(done, total int64) { env.Progress(s.cfg.Name, done, total) }
	}
	v, read, err := sessions.CollectRows(ctx, job)
	if err != nil {
		return o, env.fail(ctx, s.cfg.Name, snapshot.KindSessions, "", began, err)
	}
	v.Site = env.Config.Site
	var done []store.File
	for _, f := range read {
		file := store.File{Source: s.cfg.Name, Name: f.File, Fingerprint: f.Fingerprint}
		switch {
		case f.Err != nil: // told by a notice; read again next time
			continue
		case f.Known:
			o.Known++
			// A file just read tells the same by its logs.
			file.Until, file.Modified, file.Exported = f.Until, f.Modified, f.Exported
		default:
			o.Read++
			o.Facts += f.Events
			if f.Cut { // to be read again: known, it would be taken for whole up to then
				continue
			}
		}
		done = append(done, file)
	}
	o.Notices = len(v.Notes)
	err = readAtLast(ctx, env, s.cfg.Name, v, read, began)
	if err == nil {
		err = env.Store.PutSessions(ctx, v, done)
	}
	if err != nil {
		return Outcome{Known: o.Known}, err
	}
	return o, nil
}

// lookBack is how long a file is remembered as damaged: beyond the time in
// which a month is corrected.
const lookBack = 400 * 24 * time.Hour

// readAtLast notes which files were read whole that an earlier reading could not
// read, or only in part: what was said of them then is over.
func readAtLast(ctx context.Context, env *Env, source string, v *snapshot.Sessions, read []sessions.FileRead, now time.Time) error {
	whole := map[string]bool{}
	for _, f := range read {
		if f.Err == nil && !f.Known && f.Damaged == 0 {
			whole[f.File] = true
		}
	}
	if len(whole) == 0 {
		return nil
	}
	before, err := env.Store.Readings(ctx, source, now.Add(-lookBack), v.Taken.Add(time.Second))
	if err != nil {
		return fmt.Errorf("look for damaged logs of %s: %w", source, err)
	}
	damaged := map[string]bool{}
	for i := range before {
		for _, n := range before[i].Notes {
			switch n.Code {
			case "log-damaged", "log-unreadable":
				damaged[n.At.File] = whole[n.At.File]
			case "log-mended":
				delete(damaged, n.At.File)
			}
		}
	}
	for _, f := range read {
		if damaged[f.File] {
			v.Notes = append(v.Notes, snapshot.Notice{Code: "log-mended", Subject: f.File, At: snapshot.Evidence{File: f.File},
				Message: "the file was damaged when it was read before, and was read whole now"})
		}
	}
	return nil
}
