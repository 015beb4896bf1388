package winhost

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"splameter/internal/gather"
)

// Tried is what became of one step of trying a host.
type Tried struct {
	Step Step
	Said string // what was found
	Err  error
}

// maxSkew is from where on a difference of clocks puts a log's times in doubt.
const maxSkew = 5 * time.Minute

// Try tries every step that reading the host takes, after the log-on, and goes
// on to the next one where one fails. It reads no log whole.
func (h *Host) Try(now func() time.Time) []Tried {
	var out []Tried
	add := func(step Step, said string, err error) { out = append(out, Tried{step, said, err}) }
	who, err := h.Identity()
	add(StepName, "it is "+who.Host, err)
	if err := h.access.share(); err != nil {
		var step *StepError
		name := StepShare
		if errors.As(err, &step) {
			name = step.Step
		}
		add(name, "", err)
	} else {
		add(StepShare, h.target.Logs+" can be read", nil)
		add(StepLog, "", nil)
		out[len(out)-1].Said, out[len(out)-1].Err = h.tryLogs()
	}
	root, err := h.Registry()
	if err == nil {
		defer root.Close()
		var n int
		n, err = gather.Programs(root)
		add(StepRegistry, fmt.Sprintf("%d programs are installed", n), err)
	} else {
		add(StepRegistry, "", err)
	}
	if d, err := h.Clock(now); err == nil {
		off := time.Duration(d * float64(time.Second)).Abs()
		add(StepClock, fmt.Sprintf("differs by %s", off), nil)
		if off > maxSkew {
			out[len(out)-1].Err = &StepError{Step: StepClock, Err: fmt.Errorf("it differs by %s from the clock here", off), Hint: "set the clocks by one time server"}
		}
	}
	return out
}

// tryLogs looks at each log that is read: whether it is there, and how large.
func (h *Host) tryLogs() (string, error) {
	said := ""
	for _, c := range gather.Channels() {
		f, err := h.Log(c)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return said, err
		}
		info, err := f.Stat()
		p := make([]byte, 8)
		if err == nil {
			_, err = f.ReadAt(p, 0)
		}
		f.Close()
		if err != nil {
			return said, &StepError{Step: StepLog, Err: fmt.Errorf("%s: %w", c, err)}
		}
		if string(p[:7]) != "ElfFile" {
			return said, &StepError{Step: StepLog, Err: fmt.Errorf("%s is no event log", c)}
		}
		if said != "" {
			said += ", "
		}
		said += fmt.Sprintf("%s of %.1f MB", c, float64(info.Size())/1e6)
	}
	if said == "" {
		return "", &StepError{Step: StepLog, Err: errors.New("there is none of the logs that prove sessions")}
	}
	return said, nil
}
