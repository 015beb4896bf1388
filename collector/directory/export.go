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
	d, err := readLDIF(ctx, r, file, taken, cfg, keep, loc)
	if err != nil {
		return nil, fmt.Errorf("read directory export %s: %w", file, err)
	}
	return d, nil
}

func readLDIF(ctx context.Context, r io.Reader, file string, taken time.Time, cfg config.Directory, keep []string, loc *time.Location) (*snapshot.Directory, error) {
	digest := digest.New()
	raw := io.TeeReader(r, digest)
	in, err := ldif.NewReader(raw)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	res := newResolver(cfg, "export", keep)
	res.watch(&cfg, taken)
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
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
			err = res.begin(it.Value, it.Line)
		case ldif.Attribute:
			err = res.attribute(it.Name, it.Options, it.Value, it.Line)
		case ldif.End:
			_, err = res.end()
		}
		if err != nil {
			return nil, err
		}
	}
	// What the wrapping left unread belongs to the fingerprint all the same.
	if _, err := io.Copy(io.Discard, raw); err != nil {
		return nil, err
	}
	// A domain controller stops an unpaged search at its MaxPageSize, and a
	// tool that ignores the server's word writes a file that looks whole.
	if n := in.Entries(); n == 1000 {
		res.notice(snapshot.Notice{
			Code: CodeRoundCount, Subject: file, At: snapshot.Evidence{File: file},
			Message: fmt.Sprintf("the export holds exactly %d entries, the number at which a domain controller stops an unpaged search; make sure that it was made in pages (ldapsearch -E pr=1000/noprompt)", n),
		})
	}
	d, err := res.finish(file, taken, loc, nil)
	if err != nil {
		return nil, err
	}
	d.Fingerprint = digest.Hex()
	return d, nil
}
