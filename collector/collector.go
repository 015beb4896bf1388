// Package collector reads every configured source into the store: one
// complete reading after the other, each visible only when it is whole. It
// knows sources and nothing of licences; how each kind of source is read is
// the work of the packages beneath it.
package collector

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/paths"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

// Source is one configured source.
type Source interface {
	Name() string
	Kind() snapshot.Kind
	// Place is where it is read, files without dir where they lie beneath it, and
	// the account that it is read as, if the config names one. Neither holds a
	// password: the config refuses an address that does.
	Place(dir string) (at, account string)
	// Collect reads what the store does not have yet, and puts it there. An
	// error means that something was not read; what was read before it, or
	// beside it, is in the store all the same.
	Collect(ctx context.Context, env *Env) (Outcome, error)
	// Probe tries the source for real and says what it found, a sentence a
	// line. It writes nothing: env has no store.
	Probe(ctx context.Context, env *Env) ([]string, error)
}

// Env is what every source needs.
type Env struct {
	Store    store.Store
	Config   *config.Config
	Keep     []string         // directory attributes to keep, lower case
	Now      func() time.Time // the clock
	Workers  int
	Log      *slog.Logger
	Progress func(source string, done, total int64) // may be nil
}

// Outcome is what one source's collection did.
type Outcome struct {
	Source   string
	Kind     snapshot.Kind
	Read     int // files, or live readings, that are new in the store
	Known    int // files that were read before
	Facts    int // accounts, events or programs in what was read
	Notices  int // oddities and damage, told in the report
	Duration time.Duration
	Err      error
}

// Probed is what trying one source showed.
type Probed struct {
	Source string
	Kind   snapshot.Kind
	Lines  []string
	Err    error
}

// Probe tries every source for real, in their order, and tells each as it comes.
func Probe(ctx context.Context, env *Env, each func(Probed)) error {
	for _, src := range Sources(env.Config) {
		lines, err := src.Probe(ctx, env)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		each(Probed{src.Name(), src.Kind(), lines, err})
	}
	return nil
}

// Sources are all configured sources, in the order of the config.
func Sources(cfg *config.Config) []Source {
	var out []Source
	for i := range cfg.Directories {
		out = append(out, &directorySource{cfg: &cfg.Directories[i]})
	}
	for i := range cfg.Sessions {
		out = append(out, &sessionSource{cfg: &cfg.Sessions[i]})
	}
	for i := range cfg.Drops {
		out = append(out, &dropSource{cfg: &cfg.Drops[i]})
	}
	for i := range cfg.Hosts {
		out = append(out, newHostSource(&cfg.Hosts[i]))
	}
	for i := range cfg.Inventories {
		out = append(out, &inventorySource{cfg: &cfg.Inventories[i]})
	}
	for i := range cfg.Databases {
		out = append(out, &databaseSource{cfg: &cfg.Databases[i]})
	}
	return out
}

// Run collects from all sources, or only from the named one. One that fails
// does not hold up the others: its error is in its outcome, and in the store,
// where the report finds it.
func Run(ctx context.Context, env *Env, only string) ([]Outcome, error) {
	var out []Outcome
	found := false
	var names []string
	for _, s := range Sources(env.Config) {
		names = append(names, s.Name())
		if only != "" && s.Name() != only {
			continue
		}
		found = true
		o := collect(ctx, env, s)
		out = append(out, o)
		if err := ctx.Err(); err != nil {
			return out, err
		}
		if o.Err != nil {
			env.Log.Error("source not read", "source", o.Source, "kind", o.Kind, "error", o.Err)
		} else {
			env.Log.Info("source read", "source", o.Source, "kind", o.Kind, "new", o.Read, "known", o.Known, "facts", o.Facts, "notices", o.Notices)
		}
	}
	if only != "" && !found {
		return nil, fmt.Errorf("no source is called %q; the config names %s", only, strings.Join(names, ", "))
	}
	return out, nil
}

// collect runs one source and keeps its failure in the store.
func collect(ctx context.Context, env *Env, s Source) Outcome {
	began := env.Now()
	o, err := s.Collect(ctx, env)
	o.Source, o.Kind, o.Err, o.Duration = s.Name(), s.Kind(), err, env.Now().Sub(began)
	return o
}

// fail keeps the record of a reading that failed. taken is the moment that the
// reading would have stood for.
func (env *Env) fail(ctx context.Context, source string, kind snapshot.Kind, file string, taken time.Time, cause error) error {
	if ctx.Err() != nil {
		return cause // a collection that was cancelled is no failed source
	}
	if errors.As(cause, new(*store.SiteError)) {
		return cause // it is no failure of that source, which is another site's
	}
	r := snapshot.Reading{Source: source, Kind: kind, Site: env.Config.Site, Taken: taken.UTC(), Day: env.day(taken), Status: snapshot.Failed, File: env.Name(file),
		Notes: []snapshot.Notice{{Code: "reading-failed", Subject: source, Message: cause.Error(), At: snapshot.Evidence{File: env.Name(file)}}}}
	if err := env.Store.PutFailure(ctx, r); err != nil {
		return errors.Join(cause, err)
	}
	return cause
}

// failures are what a source's files failed of, one after the other.
type failures struct{ errs []error }

// add keeps an error, and says whether it is that of the file before, word for
// word: then it is no file's own fault (the store is damaged, or its disk
// full), the files that are left would meet it too, and once is enough.
func (f *failures) add(err error) (again bool) {
	if n := len(f.errs); n > 0 && f.errs[n-1].Error() == err.Error() {
		return true
	}
	f.errs = append(f.errs, err)
	return false
}

func (f *failures) err() error { return errors.Join(f.errs...) }

// Name is a file as it is shown: relative to the config's folder where it lies
// beneath it, with slashes, so that the same month gives the same bytes
// wherever the folder stands.
func (env *Env) Name(path string) string { return paths.Shown(env.Config.Dir, path) }

// files are those that the patterns name; none is an error.
func files(patterns []string) ([]string, error) {
	out, err := paths.GlobAll(patterns)
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("no file matches %s; collect the exports there, or correct the pattern in the config", strings.Join(patterns, ", "))
	}
	return out, err
}

// fingerprint is the SHA-256 of a file's content, in hex.
func fingerprint(f *os.File) (string, error) {
	sum, err := digest.Reader(f)
	if err != nil {
		return "", err
	}
	_, err = f.Seek(0, io.SeekStart)
	return sum, err
}
