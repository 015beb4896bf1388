package desk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"splameter/internal/atomicfile"
	"splameter/internal/closing"
	"splameter/internal/statement"
	"splameter/report"
)

// askInvoice is for the reseller's invoice of a month that was submitted.
func askInvoice(_ *Server, r *request, h *head, f *form) error {
	if h.life.Submission == nil {
		return &problem{status: http.StatusConflict, text: "problem.state"}
	}
	f.AskBook, f.AskBookDay, f.On = "act.invoice.file", true, strings.TrimSpace(r.PostFormValue("on"))
	return askBook(r, h, f, statement.ActInvoice)
}

// askBilled is for what customers were charged.
func askBilled(_ *Server, r *request, h *head, f *form) error {
	if h.res == nil {
		return gone(true)
	}
	f.AskBook, f.Several = "act.billed.file", true
	return askBook(r, h, f, statement.ActBilled)
}

func askBook(r *request, h *head, f *form, kind statement.ActKind) error {
	f.Headings, f.Further, f.Back = cleaned(r.PostFormValue("headings")), r.PostFormValue("further") != "", h.Base+"/books"
	for i := range h.life.Acts {
		f.Entered = f.Entered || h.life.Acts[i].Action == kind
	}
	f.Says = []string{r.lang.text("act." + string(f.Act) + ".says")}
	if f.Entered {
		f.Says = append(f.Says, r.lang.text("act.book.again"))
	}
	return nil
}

// headings are what somebody said of a list's columns: name=heading; …
func headings(text string) (map[string]string, error) {
	out := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, heading, ok := strings.Cut(part, "=")
		if !ok {
			return nil, &problem{text: "act.headings.bad"}
		}
		out[strings.TrimSpace(name)] = strings.TrimSpace(heading)
	}
	return out, nil
}

// fields puts the fields of the page in the place of a command's flags.
func (l *language) fields(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.NewReplacer("--column NAME=HEADING", "«"+l.text("act.headings")+"»", "--date", "«"+l.text("act.invoice.on")+"»", "--further", "«"+l.text("act.further")+"»",
		"--column", "«"+l.text("act.headings")+"»", "--file", "«"+l.text("act.invoice.file")+"»").Replace(err.Error()))
}

func readInvoice(_ *Server, r *request, h *head, f *form) (doing, error) {
	on, err := textDate(f.On)
	if err != nil {
		return nil, err
	}
	return readBook(r, f, func(ctx context.Context, d *closing.Desk, path string, columns map[string]string) (string, error) {
		in, err := d.Invoice(ctx, h.m, closing.InvoiceFile{File: path, On: on, Further: f.Further, Columns: columns}, closing.Act{By: f.By})
		if err != nil {
			return "", err
		}
		return r.lang.text("act.invoice.done", r.lang.count("differs", len(in.Differences))), nil
	})
}

func readBilled(_ *Server, r *request, h *head, f *form) (doing, error) {
	return readBook(r, f, func(ctx context.Context, d *closing.Desk, path string, columns map[string]string) (string, error) {
		b, err := d.Billed(ctx, h.m, closing.BilledFile{Path: path, Further: f.Further, Columns: columns}, closing.Act{By: f.By})
		if err != nil {
			return "", err
		}
		said := r.lang.text("act.billed.done", r.lang.number(b.Lines), r.lang.count("differs", len(b.Open())))
		if len(b.Passed) > 0 {
			said += "\n" + r.lang.text("act.billed.passed", strings.Join(b.Passed[:min(len(b.Passed), 5)], ", "))
		}
		return said, nil
	})
}

// readBook reads the files that were sent, and enters them as the command does:
// several are a folder of them.
func readBook(r *request, f *form, enter func(context.Context, *closing.Desk, string, map[string]string) (string, error)) (doing, error) {
	columns, err := headings(f.Headings)
	if err != nil {
		return nil, err
	}
	files, err := allUploaded(r, "books")
	switch {
	case err != nil:
		return nil, err
	case len(files) == 0:
		return nil, &problem{text: "act.nofile"}
	case len(files) > 1 && !f.Several:
		return nil, &problem{text: "act.onefile"}
	}
	return func(ctx context.Context, _ *job, d *closing.Desk) (string, error) {
		dir, err := os.MkdirTemp("", "splameter-desk-")
		if err != nil {
			return "", err
		}
		defer os.RemoveAll(dir)
		path := dir
		for i := range files {
			path = filepath.Join(dir, files[i].name)
			if err := atomicfile.WriteBytes(path, atomicfile.Private, files[i].data); err != nil {
				return "", err
			}
		}
		if len(files) > 1 {
			path = dir
		}
		said, err := enter(ctx, d, path, columns)
		var again *closing.Repeated
		if err != nil && !errors.As(err, &again) {
			err = r.lang.fields(errors.New(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")))
		}
		return said, err
	}, nil
}

// sent is a file that came with a form.
type sent struct {
	name string
	data []byte
}

// allUploaded are all files of a field; two of one name are told apart.
func allUploaded(r *request, field string) (out []sent, err error) {
	if r.MultipartForm == nil {
		return nil, nil
	}
	heads := r.MultipartForm.File[field]
	names := map[string]bool{}
	for i := range heads {
		r.MultipartForm.File[field] = heads[i : i+1]
		name, data, err := uploaded(r, field)
		if err != nil {
			return nil, err
		}
		if name == "" {
			continue
		}
		for names[strings.ToLower(name)] {
			name = "2-" + name
		}
		names[strings.ToLower(name)] = true
		out = append(out, sent{name, data})
	}
	r.MultipartForm.File[field] = heads
	return out, nil
}

// bookFile hands out what the commands write of a month: the lines to bill or the
// tie-out as a workbook, of its newest result, or the end customers, as it was
// approved.
func (s *Server) bookFile(r *request) error {
	h, err := s.counted(r)
	if err != nil {
		return err
	}
	if h.Rev != h.Latest {
		return &problem{status: http.StatusNotFound, text: "problem.old"}
	}
	in, err := s.bookInput(r, h)
	if err != nil {
		return err
	}
	w, err := report.New(in)
	if err != nil {
		return err
	}
	write, name := func(out io.Writer) error { return w.BillingCSV(r.Context(), out) }, "billing-lines-"+h.Month+".csv"
	switch r.PathValue("name") {
	case "billing-lines.csv":
	case "tie-out.xlsx":
		write, name = func(out io.Writer) error { return w.TieOutWorkbook(r.Context(), out) }, "tie-out-"+h.Month+".xlsx"
	case endCustomers:
		write, name = func(out io.Writer) error { return w.EndUserWorkbook(r.Context(), out) }, "end-users-"+h.Month+".xlsx"
	default:
		return notFound()
	}
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return r.download(name, b.Bytes())
}

// endCustomers is the list that Microsoft may ask for through the reseller.
const endCustomers = "end-users.xlsx"

// bookInput is what such a file is made of.
func (s *Server) bookInput(r *request, h *head) (report.Input, error) {
	d := s.desk(r)
	if r.PathValue("name") == endCustomers {
		t, err := d.Issued(r.Context(), h.m, true)
		if err != nil {
			return report.Input{}, err
		}
		defer t.Close()
		return t.Input, nil
	}
	st, err := d.Status(r.Context(), h.m)
	if err != nil {
		return report.Input{}, err
	}
	return d.Input(h.m, st)
}
