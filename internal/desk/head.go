package desk

import (
	"fmt"
	"strconv"
	"strings"

	"splameter/internal/closing"
	"splameter/internal/digest"
	"splameter/internal/month"
	"splameter/internal/statement"
)

// head is what every page about a month shows at its top.
type head struct {
	m        month.Month
	Month    string
	Rev      int
	Base     string          // the address of the revision
	State    statement.State // of this revision
	Latest   int             // the revision being worked on
	Deadline month.Day
	DaysLeft int
	Late     bool // and it was not submitted
	Waiting  bool // it is the latest revision and not submitted
	Due      bool // and has a deadline
	Newer    int  // readings of it that were kept after it was counted
	Counted  bool
	Complete bool
	Token    string // what was shown: changes with anything done to the month
	Gaps     int
	Open     int
	Errors   int
	Pending  bool
	Sealed   bool
	Unlike   bool // what the store keeps of it is not what was sealed, and is not shown
	Unheld   bool // the evidence is not here to hold it against

	life *closing.Life
	res  *result
	prev *result // of the month before
}

// acts are those up to the revision.
func (h *head) acts() (out []statement.Act) {
	for i := range h.life.Acts {
		if h.life.Acts[i].Revision <= h.Rev {
			out = append(out, h.life.Acts[i])
		}
	}
	return out
}

// at reads the month and revision of an address.
func (s *Server) at(r *request) (*head, error) {
	m, err := month.Parse(r.PathValue("month"), s.loc)
	if err != nil {
		return nil, notFound()
	}
	text, ok := strings.CutPrefix(r.PathValue("rev"), "r")
	rev, err := strconv.Atoi(text)
	if !ok || err != nil || rev < 0 || strconv.Itoa(rev) != text {
		return nil, notFound()
	}
	return s.head(r, m, rev)
}

func (s *Server) head(r *request, m month.Month, rev int) (*head, error) {
	st, err := s.desk(r).Standing(r.Context(), m)
	if err != nil {
		return nil, err
	}
	if rev > st.Revision {
		return nil, notFound()
	}
	h := &head{m: m, Month: m.String(), Rev: rev, Latest: st.Revision, Base: fmt.Sprintf("/m/%s/r%d", m, rev), Deadline: st.Deadline, DaysLeft: st.DaysLeft,
		State: stateOf(st.Life, rev), life: st.Life, Pending: st.Pending}
	h.Waiting = rev == st.Revision && h.State != statement.Submitted
	h.Due = h.Waiting && (st.Submission == nil || h.DaysLeft >= 0) // a revision of what was submitted has no deadline that has passed
	h.Late = h.Waiting && h.DaysLeft < 0 && st.Submission == nil
	if h.res, err = s.result(r.Context(), h.Month, rev); err != nil {
		return nil, err
	}
	if rev == st.Revision && st.Restarted { // what is kept is that of a revision that was withdrawn
		h.res = nil
	}
	if h.Unlike, h.Unheld = s.unlike(r, st.Life, rev, h.res); h.Unlike {
		h.res = nil
	}
	sum := ""
	if h.res != nil {
		sum = h.res.digest
		h.Counted, h.Complete = true, h.res.Status == statement.Complete
		h.Gaps, h.Open, h.Errors = h.res.gaps, h.res.open, h.res.errors
		if before := h.res.Made.Previous; before != "" {
			if h.prev, err = s.newest(r, before); err != nil {
				return nil, err
			}
		}
	}
	h.Token = digest.Of(fmt.Sprint(len(st.Acts), " ", sum))[:16]
	for i := range st.Acts {
		h.Sealed = h.Sealed || st.Acts[i].Revision == rev && st.Acts[i].Manifest != ""
	}
	return h, nil
}

// stateOf is the state of one revision.
func stateOf(l *closing.Life, rev int) statement.State {
	if rev == l.Revision {
		return l.State
	}
	state := statement.Open
	for i := range l.Live() {
		if a := &l.Live()[i]; a.Revision == rev {
			switch a.Action {
			case statement.ActClose, statement.ActReopen:
				state = statement.Draft
			case statement.ActApprove:
				state = statement.Approved
			case statement.ActSubmit:
				state = statement.Submitted
			}
		}
	}
	return state
}

// newest is a month's newest result; nil where it was never counted.
func (s *Server) newest(r *request, name string) (*result, error) {
	m, err := month.Parse(name, s.loc)
	if err != nil {
		return nil, nil
	}
	l, err := s.desk(r).Life(r.Context(), m)
	if err != nil {
		return nil, err
	}
	for rev := l.Revision; rev >= 0; rev-- {
		if res, err := s.result(r.Context(), name, rev); err != nil || res != nil {
			if unlike, _ := s.unlike(r, l, rev, res); unlike {
				return nil, nil
			}
			return res, err
		}
	}
	return nil, nil
}

// counted is the head of a month that was counted.
func (s *Server) counted(r *request) (*head, error) {
	h, err := s.at(r)
	if err == nil && h.Unlike {
		return h, &problem{status: 409, text: "unlike"}
	}
	if err == nil && h.res == nil {
		return h, &problem{status: 404, text: "problem.uncounted"}
	}
	return h, err
}

// customerOf is how each screen and act of one customer begins: the head of a
// month that was counted, and the customer of the address.
func (s *Server) customerOf(r *request) (*head, *statement.Tenant, error) {
	h, err := s.counted(r)
	if err != nil {
		return nil, nil, err
	}
	t, err := s.tenantOf(r, h)
	return h, t, err
}

// tenantOf is the customer of an address, if the one who asks may see it.
func (s *Server) tenantOf(r *request, h *head) (*statement.Tenant, error) {
	id := r.PathValue("tenant")
	t := h.res.tenants[id]
	if t == nil {
		return nil, notFound()
	}
	if !r.who.sees(id) {
		return nil, &problem{status: 403, text: "problem.theirs"}
	}
	return t, nil
}
