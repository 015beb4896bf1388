package directory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"splameter/collector/directory/ldif"
	"splameter/internal/config"
	"splameter/internal/digest"
	"splameter/internal/snapshot"
)

// ReadLDIF reads one complete export of a directory from r: LDIF as RFC 2849
// has it, plain or in gzip or zstd. The reading stands for the moment taken;
// keep names the further attributes to keep, in any case. An export that is
// not whole, that holds changes, or that lacks what counting needs, is an
// error with the file and the line, and never a part of a directory.
//
// Errors name no person. Notices name groups.
func ReadLDIF(ctx context.Context, r io.Reader, file string, taken time.Time, cfg config.Directory, keep []string, loc *time.Location) (*snapshot.Directory, error) {
	digest := digest.New()
	raw := io.TeeReader(r, digest)
	d, err := newResolver(cfg, "export", keep).readLDIF(ctx, raw, file, taken, loc)
	if err == nil {
		// What the wrapping left unread belongs to the fingerprint all the same.
		_, err = io.Copy(io.Discard, raw)
	}
	if err != nil {
		return nil, fmt.Errorf("read directory export %s: %w", file, err)
	}
	d.Fingerprint = digest.Hex()
	return d, nil
}

func (r *resolver) readLDIF(ctx context.Context, from io.Reader, file string, taken time.Time, loc *time.Location) (*snapshot.Directory, error) {
	open := ldif.NewReader
	if r.in != nil {
		open = r.in.Another
	}
	in, err := open(from)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if r.learning {
		r.in = in
	}
	r.watch(&r.cfg, taken)
	within := false // an entry
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if r.learning && !within {
			p, line, ok, err := in.Ahead()
			if err != nil {
				return nil, err
			}
			if ok && r.retake(in, p, line) {
				continue
			}
		}
		it, err := in.Next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				break
			}
			return nil, err
		}
		switch it.Kind {
		case ldif.Begin:
			within = true
			err = r.begin(it.Value, it.Line)
		case ldif.Attribute:
			err = r.attribute(it.Name, it.Options, it.Value, it.Line)
		case ldif.End:
			within = false
			if _, err = r.end(); err == nil && r.learning {
				r.learn(in.Seen())
			}
		}
		if err != nil {
			return nil, err
		}
	}
	// A domain controller stops an unpaged search at its MaxPageSize, and a
	// tool that ignores the server's word writes a file that looks whole.
	if n := in.Entries(); n == 1000 {
		r.notice(snapshot.Notice{
			Code: CodeRoundCount, Subject: file, At: snapshot.Evidence{File: file},
			Message: fmt.Sprintf("the export holds exactly %d entries, the number at which a domain controller stops an unpaged search; make sure that it was made in pages (ldapsearch -E pr=1000/noprompt)", n),
		})
	}
	return r.finish(file, taken, loc, nil)
}
