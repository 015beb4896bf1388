package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"splameter/collector/forms"
	"splameter/collector/sessions/eventcsv"
	"splameter/collector/sessions/eventjson"
	"splameter/collector/sessions/eventtext"
	"splameter/collector/sessions/eventxml"
	"splameter/collector/sessions/evtx"
	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sheet"
	"splameter/internal/lazyregexp"
	"splameter/internal/textfile"
)

// Options of reading one file.
type Options struct {
	Name    string            // what evidence and damages call the file; empty: its path
	Zone    *time.Location    // of times without offset; nil: UTC
	Columns map[string]string // for CSV: our name to the file's
	Dates   textblock.Order   // of times of which the file proves no order of day and month
	Host    string            // of a form that names no computer; see forms.HostOf
	Workers int               // cores to parse on
	Filter  record.Filter     // of the events to hand over; nil: Wanted
	// Extent asks for what tells how far the file reaches, too: forms of text
	// then hand over every event, an event log its first one; otherwise only
	// the wanted ones come.
	Extent bool
	// Progress is told how many more bytes of the file were read.
	Progress func(n int64)
}

// Info is what a file turned out to be.
type Info struct {
	Form        textblock.Form
	Found       forms.Found
	Dates       string // how the order of day and month is known, where it matters
	Compression textfile.Compression
	Size        int64 // in bytes, at the time of opening
	Records     int   // events seen, wanted or not
	Damaged     int   // damages told of
	LocalTimes  int   // events whose time has no offset, taken for local time of Options.Zone
	// First and Last are, of an event log, the records with the lowest and
	// the highest number, wanted or not.
	First, Last evtx.Mark
	Spans       []evtx.Span // of an event log: its runs of consecutive numbers
}

// ErrUnknownForm says that a file is no session log in a form that is read.
var ErrUnknownForm = errors.New("no session log in a form that is read")

// ReadFile reads a session log in whatever form it has, and hands its events
// to h in the order of the file (of an event log, in the order of writing).
// The file is opened for reading only, while others write to it; what is
// appended after the opening is left for the next time. Damage goes to h; an
// error means that the file could not be opened or read, or is no session log.
func ReadFile(ctx context.Context, path string, opt Options, h record.Handler) (Info, error) {
	f, err := os.Open(path)
	if err != nil {
		return Info{}, fmt.Errorf("open the session log: %w", err)
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return Info{}, fmt.Errorf("open the session log: %w", err)
	}
	if !st.Mode().IsRegular() {
		return Info{}, fmt.Errorf("%s is a folder or a device, no file; name the logs in it", path)
	}
	if opt.Name == "" {
		opt.Name = path
	}
	return Read(ctx, f, st.Size(), opt, h)
}

// Read is ReadFile for size bytes of r.
func Read(ctx context.Context, r io.ReaderAt, size int64, opt Options, h record.Handler) (Info, error) {
	info := Info{Size: size}
	if text, err := sheet.Text(r, size); err != nil {
		return info, fmt.Errorf("read %s: %w", opt.Name, err)
	} else if text != nil {
		return readSheet(ctx, text, size, opt, h)
	}
	counted := &counter{r: r, progress: opt.Progress}
	members, err := textfile.Members(r, size)
	if err != nil {
		return info, fmt.Errorf("read %s: %w", opt.Name, err)
	}
	if members != nil {
		return readArchive(ctx, members, size, opt, h)
	}
	s, err := textblock.Open(io.NewSectionReader(counted, 0, size))
	if err != nil {
		var corrupt *textfile.CorruptError
		if errors.As(err, &corrupt) { // nothing at all is whole
			info.Compression, info.Damaged = corrupt.Compression, 1
			h.Damaged(record.Damage{File: opt.Name, What: corrupt.Error()})
			return info, nil
		}
		return info, fmt.Errorf("read %s: %w", opt.Name, err)
	}
	defer s.Close()
	open := func() (*textblock.Stream, error) { return textblock.Open(io.NewSectionReader(r, 0, size)) }
	err = readStream(ctx, counted, size, s, open, opt, h, &info)
	return info, err
}

// told is what a text says that it is, and in which order its dates stand; an
// error where it is no session log, or nothing proves the order.
func told(ctx context.Context, s *textblock.Stream, open func() (*textblock.Stream, error), opt Options) (found forms.Found, dates textblock.Order, proof string, err error) {
	found = forms.Detect(s.Head(forms.HeadSize))
	if err = foreign(&found, s.Form, len(opt.Columns)); err != nil {
		return found, dates, "", fmt.Errorf("read %s: %w: %w", opt.Name, ErrUnknownForm, err)
	}
	if dates, proof, err = order(ctx, s, open, opt, &found); err != nil {
		err = fmt.Errorf("read %s: %w", opt.Name, err)
	}
	return found, dates, proof, err
}

func readStream(ctx context.Context, counted *counter, size int64, s *textblock.Stream, open func() (*textblock.Stream, error), opt Options, h record.Handler, info *Info) (err error) {
	info.Form, info.Compression = s.Form, s.Compression
	switch s.Form {
	case textblock.EVTX:
		err = readEVTX(ctx, counted, size, s, opt, h, info)
	case textblock.Empty:
		info.Damaged = 1
		h.Damaged(record.Damage{File: opt.Name, What: "the file is empty"})
	default:
		if info.Found, opt.Dates, info.Dates, err = told(ctx, s, open, opt); err != nil {
			return err
		}
		err = readText(ctx, s, opt, h, info)
	}
	return err
}

// filter is that of the events that are handed over.
func (o *Options) filter() record.Filter {
	if o.Filter != nil {
		return o.Filter
	}
	return Wanted
}

func readEVTX(ctx context.Context, r io.ReaderAt, size int64, s *textblock.Stream, opt Options, h record.Handler, info *Info) error {
	o := evtx.Options{Filter: opt.filter(), Workers: opt.Workers}
	if opt.Extent {
		first := &firstRecordFilter{h: h}
		o.Filter, h = first.filter, first
	}
	var (
		in  evtx.Info
		err error
	)
	if s.Compression == textfile.Plain {
		in, err = evtx.Read(ctx, r, size, opt.Name, o, h)
	} else {
		in, err = evtx.ReadStream(ctx, s, opt.Name, o, h)
		var corrupt *textfile.CorruptError
		if errors.As(err, &corrupt) {
			h.Damaged(record.Damage{File: opt.Name, Offset: -1, What: corrupt.Error()})
			in.Damaged++
			err = nil
		}
	}
	info.Records, info.Damaged, info.First, info.Last, info.Spans = in.Records, in.Damaged, in.First, in.Last, in.Spans
	return err
}

// firstRecordFilter lets the first record of a log pass whatever it is, and after it
// only the wanted ones. Workers may decode more before the first is delivered;
// those are dropped again, so that their number changes nothing.
type firstRecordFilter struct {
	h    record.Handler
	seen atomic.Bool
}

func (f *firstRecordFilter) filter(channel []byte, id uint32) bool {
	return !f.seen.Load() || Wanted(channel, id)
}

// Record implements record.Handler.
func (f *firstRecordFilter) Record(r *record.Record) {
	if f.seen.Load() && !Wanted(r.Channel, r.EventID) {
		return
	}
	f.seen.Store(true)
	f.h.Record(r)
}

// Damaged implements record.Handler.
func (f *firstRecordFilter) Damaged(d record.Damage) { f.h.Damaged(d) }

// foreign says that a text is no session log, by what it is instead.
func foreign(found *forms.Found, form textblock.Form, own int) error {
	f := found.Form
	switch {
	case found.Foreign != nil:
		return errors.New(found.Refusal())
	case f != nil && f.Kind == forms.Directory:
		return errors.New("it is a directory export; name it under directories in the config")
	case f != nil && f.Kind != forms.Sessions && (found.Certain || own == 0 && !found.LooksLikeLog()):
		return fmt.Errorf("it is an inventory (%s); name it under inventories in the config", f.Name)
	case form == textblock.XML && f == nil && !found.HasEvents():
		return errors.New(found.Refusal())
	case form == textblock.Unknown && (f == nil || f.Kind != forms.Sessions):
		return errors.New(found.Refusal())
	}
	return nil
}

// order finds which of day and month stands first in a file's times, where
// they are written so that it matters: a look at the head tells that, and then
// all of it is gone through.
func order(ctx context.Context, s *textblock.Stream, open func() (*textblock.Stream, error), opt Options, found *forms.Found) (textblock.Order, string, error) {
	text := found.Form != nil && (found.Form.ID == "wevtutil-text" || found.Form.ID == "quser")
	if s.Form != textblock.CSV && s.Form != textblock.JSON && !text {
		return opt.Dates, "", nil
	}
	look := func(r io.Reader) (*textblock.Dates, error) {
		var d textblock.Dates
		var err error
		switch {
		case text:
			_, err = eventtext.Read(ctx, r, found.Form.ID, opt.Name, eventtext.Options{Zone: time.UTC, Host: opt.Host, Dates: &d}, discard{})
		case s.Form == textblock.CSV:
			_, err = eventcsv.Read(ctx, r, opt.Name, eventcsv.Options{Workers: opt.Workers, Zone: time.UTC, Columns: opt.Columns, Form: found.Form, Host: opt.Host, Polled: polled(opt.Name), Dates: &d}, discard{})
		default:
			_, err = eventjson.Read(ctx, r, opt.Name, eventjson.Options{Workers: opt.Workers, Zone: time.UTC, Form: found.Form, Dates: &d}, discard{})
		}
		return &d, err
	}
	d, err := look(bytes.NewReader(s.Head(forms.HeadSize)))
	if err != nil || !d.Any() {
		return opt.Dates, "", err
	}
	again, err := open()
	if err != nil {
		return opt.Dates, "", err
	}
	defer again.Close()
	var corrupt *textfile.CorruptError
	if d, err = look(again); err != nil && !errors.As(err, &corrupt) {
		return opt.Dates, "", err
	}
	proved, err := d.Order(opt.Dates)
	return proved, d.Proof(), err
}

// polled is the time in a file's name, as ticks of the clock on the wall: the
// day and the time of day, 2026-10-05T0811 or 20261005-081100.
func polled(name string) int64 {
	m := polledAt().FindStringSubmatch(name[strings.LastIndexAny(name, `/\`)+1:])
	if m == nil {
		return 0
	}
	seconds := m[6]
	if seconds == "" {
		seconds = "00"
	}
	ticks, _, _ := textblock.Stamp([]byte(m[1] + "-" + m[2] + "-" + m[3] + " " + m[4] + ":" + m[5] + ":" + seconds))
	return ticks
}

var polledAt = lazyregexp.New(`(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])[T_ -]([0-2][0-9])[-:.h]?([0-5][0-9])(?:[-:.]?([0-5][0-9]))?(?:[^0-9]|$)`)

// discard takes records and damages, and does nothing with them.
type discard struct{}

func (discard) Record(*record.Record) {}
func (discard) Damaged(record.Damage) {}

func readText(ctx context.Context, s *textblock.Stream, opt Options, h record.Handler, info *Info) error {
	filter := opt.filter()
	if opt.Extent {
		filter = nil
	}
	zone := opt.Zone
	if f := info.Found.Form; f != nil && (f.ID == "wevtutil-text" || f.ID == "quser") {
		if zone == nil {
			zone = time.UTC
		}
		in, err := eventtext.Read(ctx, s, f.ID, opt.Name, eventtext.Options{Filter: filter, Zone: zone, Order: opt.Dates, Host: opt.Host, Polled: polled(opt.Name)}, h)
		info.Records, info.Damaged, info.LocalTimes = in.Records, in.Damaged, in.LocalTimes
		return err
	}
	if zone == nil {
		zone = time.UTC // LocalTimes tells; that the zone is not known is no damage of the file
	}
	switch s.Form {
	case textblock.XML:
		in, err := eventxml.Read(ctx, s, opt.Name, eventxml.Options{Filter: filter, Workers: opt.Workers}, h)
		info.Records, info.Damaged = in.Records, in.Damaged
		return err
	case textblock.CSV:
		in, err := eventcsv.Read(ctx, s, opt.Name, eventcsv.Options{Filter: filter, Workers: opt.Workers, Zone: zone, Columns: opt.Columns, Order: opt.Dates, Form: sessionForm(info), Host: opt.Host, Polled: polled(opt.Name)}, h)
		info.Records, info.Damaged, info.LocalTimes = in.Records, in.Damaged, in.LocalTimes
		return err
	case textblock.JSON:
		in, err := eventjson.Read(ctx, s, opt.Name, eventjson.Options{Filter: filter, Workers: opt.Workers, Zone: zone, Order: opt.Dates, Form: sessionForm(info), Polled: polled(opt.Name)}, h)
		info.Records, info.Damaged, info.LocalTimes = in.Records, in.Damaged, in.LocalTimes
		if err == nil && in.Records == 0 && in.Foreign > 0 && info.Found.Form == nil {
			err = fmt.Errorf("read %s: %w: none of its %d objects is a Windows event: %s", opt.Name, ErrUnknownForm, in.Foreign, info.Found.Refusal())
		}
		return err
	}
	return fmt.Errorf("read %s: %w: the form %s", opt.Name, ErrUnknownForm, s.Form)
}

// sessionForm is the form that was found, where it is one of session logs.
func sessionForm(info *Info) *forms.Form {
	if f := info.Found.Form; f != nil && f.Kind == forms.Sessions {
		return f
	}
	return nil
}

// counter tells how much was read. An event log's head is read twice; what is
// told stays a hint.
type counter struct {
	r        io.ReaderAt
	progress func(int64)
}

func (c *counter) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	if c.progress != nil && n > 0 {
		c.progress(int64(n))
	}
	return n, err
}
