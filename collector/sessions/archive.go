package sessions

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"splameter/collector/forms"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/internal/textfile"
)

// readSheet reads the table in a workbook, of which damage and lines are told by
// its rows.
func readSheet(ctx context.Context, text []byte, size int64, opt Options, h record.Handler) (Info, error) {
	info := Info{Size: size}
	open := func() (*textblock.Stream, error) {
		s, err := textblock.Open(bytes.NewReader(text))
		if err == nil {
			s.Compression = textfile.Archive // it cannot be read at any place
		}
		return s, err
	}
	s, err := open()
	if err != nil {
		return info, fmt.Errorf("read %s: %w", opt.Name, err)
	}
	defer s.Close()
	err = readStream(ctx, nil, size, s, open, opt, h, &info)
	return info, err
}

// readArchive reads the files of an archive one after the other, as one log:
// damage names the member. One that is no session log, or whose dates nothing
// proves, makes the archive none, before anything of the others is handed over.
func readArchive(ctx context.Context, members []textfile.Member, size int64, opt Options, h record.Handler) (Info, error) {
	all := Info{Size: size, Compression: textfile.Archive}
	if len(members) > 1 {
		for _, m := range members {
			err := inArchive(m, opt, func(s *textblock.Stream, open func() (*textblock.Stream, error), one Options) error {
				if s.Form == textblock.EVTX || s.Form == textblock.Empty {
					return nil
				}
				_, _, _, err := told(ctx, s, open, one)
				return err
			})
			if err != nil {
				return all, err
			}
		}
	}
	for _, m := range members {
		info := Info{Size: size}
		err := inArchive(m, opt, func(s *textblock.Stream, open func() (*textblock.Stream, error), one Options) error {
			return readStream(ctx, nil, size, s, open, one, inMember{h, m.Name}, &info)
		})
		if err != nil {
			return all, err
		}
		all.Records += info.Records
		all.Damaged += info.Damaged
		all.LocalTimes += info.LocalTimes
		all.Found = info.Found
		if info.Dates != "" {
			all.Dates = info.Dates
		}
		if all.Form = info.Form; info.Form == textblock.EVTX && len(members) > 1 {
			all.Form = textblock.Unknown // its marks are those of one log of several
		}
		if len(members) == 1 {
			info.Compression = textfile.Archive
			return info, nil
		}
	}
	return all, nil
}

// inArchive opens a member for do, as often as it asks.
func inArchive(m textfile.Member, opt Options, do func(s *textblock.Stream, open func() (*textblock.Stream, error), one Options) error) error {
	one := opt
	one.Name, one.Host = opt.Name+"/"+m.Name, forms.HostOf(m.Name)
	var closers []io.Closer
	open := func() (*textblock.Stream, error) {
		body, err := m.Open()
		if err != nil {
			return nil, err
		}
		closers = append(closers, body)
		s, err := textblock.Open(body)
		if err == nil && s.Compression == textfile.Plain {
			s.Compression = textfile.Archive // it cannot be read at any place
		}
		return s, err
	}
	s, err := open()
	if err == nil {
		err = do(s, open, one)
		s.Close()
	}
	for _, c := range closers {
		c.Close()
	}
	if err != nil {
		return fmt.Errorf("read %s in %s: %w", m.Name, opt.Name, err)
	}
	return nil
}

// inMember names the member where damage lies.
type inMember struct {
	record.Handler
	name string
}

func (m inMember) Damaged(d record.Damage) {
	d.What = m.name + ": " + d.What
	m.Handler.Damaged(d)
}
