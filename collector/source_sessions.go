package collector

import (
	"context"

	"splameter/collector/sessions"
	"splameter/config"
	"splameter/snapshot"
	"splameter/store"
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
		switch {
		case f.Err != nil: // told by a notice; read again next time
			continue
		case f.Known:
			o.Known++
		default:
			o.Read++
			o.Facts += f.Events
		}
		done = append(done, store.File{Source: s.cfg.Name, Name: f.File, Fingerprint: f.Fingerprint, Until: f.Until})
	}
	o.Notices = len(v.Notes)
	return o, env.Store.PutSessions(ctx, v, done)
}
