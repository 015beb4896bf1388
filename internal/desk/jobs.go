package desk

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"splameter/internal/closing"
)

// job is something that takes a while: it goes on when the browser does not
// wait for it, and ends with the desk.
type job struct {
	ID      string
	What    string // a key of the texts
	Month   string
	By      string
	Started time.Time

	mu   sync.Mutex
	step string
	err  error
	said string // what came of it
	link string // where to look
	over bool
	done chan struct{}
}

// Step is what it is about just now.
func (j *job) Step() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.step
}

func (j *job) at(step string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.step = step
}

func (j *job) failed() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.over && j.err != nil
}

// jobs are those of the last day.
type jobs struct {
	mu   sync.Mutex
	by   map[string]*job
	list []*job
}

func (x *jobs) running() (out []*job) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, j := range x.list {
		j.mu.Lock()
		if !j.over {
			out = append(out, j)
		}
		j.mu.Unlock()
	}
	return out
}

// start begins a job, once for a request: a form that is sent again finds what
// its first sending began.
func (s *Server) start(r *request, id, what, month, link string, f func(ctx context.Context, j *job) (said string, err error)) *job {
	x := &s.jobs
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.by == nil {
		x.by = map[string]*job{}
	}
	if j := x.by[id]; j != nil && !j.failed() {
		return j
	}
	j := &job{ID: id, What: what, Month: month, By: r.who.by(), Started: s.opt.Now(), link: link, done: make(chan struct{})}
	x.by[id] = j
	x.list = append(x.list, j)
	if len(x.list) > 100 {
		delete(x.by, x.list[0].ID)
		x.list = x.list[1:]
	}
	s.waiting.Go(func() {
		defer close(j.done)
		said, err := f(s.ctx, j)
		var again *closing.Repeated
		if errors.As(err, &again) {
			said, err = again.Error(), nil
		}
		j.mu.Lock()
		defer j.mu.Unlock()
		j.said, j.err, j.over = said, err, true
	})
	return j
}

// soon gives a job a moment. What failed by then is its error: the form is
// shown again, with what was filled in.
func (s *Server) soon(r *request, j *job) error {
	wait, stop := context.WithTimeout(r.Context(), 2*time.Second)
	defer stop()
	select {
	case <-j.done:
		j.mu.Lock()
		defer j.mu.Unlock()
		return j.err
	case <-wait.Done():
		return nil
	}
}

// begun is the job of a request that was sent before; nil where it is new, or
// failed, so that it may be tried again.
func (s *Server) begun(id string) *job {
	s.jobs.mu.Lock()
	j := s.jobs.by[id]
	s.jobs.mu.Unlock()
	if j == nil {
		return nil
	}
	if j.failed() {
		return nil
	}
	return j
}

type jobData struct {
	J     *job
	Over  bool
	Error string
	Said  string
	Link  string
	Took  time.Duration
}

// job shows what became of a job.
func (s *Server) job(r *request) error {
	s.jobs.mu.Lock()
	j := s.jobs.by[r.PathValue("job")]
	s.jobs.mu.Unlock()
	if j == nil {
		return notFound()
	}
	j.mu.Lock()
	d := jobData{J: j, Over: j.over, Said: j.said, Link: j.link}
	if j.err != nil {
		d.Error = j.err.Error()
	}
	j.mu.Unlock()
	p := page{Title: j.What, Data: &d}
	if !d.Over {
		p.Refresh = 2
	}
	status := http.StatusOK
	if d.Error != "" {
		status = http.StatusConflict
	}
	s.show(r, status, "job", p)
	return nil
}
