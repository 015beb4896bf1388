package snapshot

import "time"

// HostState is what is known of one host that is read by itself: when, by what
// way, and how its logs stood then. It is no fact of a month; by it the next
// reading knows where to go on, and a person sees which host is not heard of.
type HostState struct {
	Source string  `json:"-"`
	Host   string  `json:"host"` // fully qualified, in lower case
	Way    HostWay `json:"way"`
	Site   string  `json:"site,omitempty"`
	// Tried is the last try, and Taken the last one that read the host; zero:
	// none did.
	Tried time.Time `json:"tried,omitzero"`
	Taken time.Time `json:"taken,omitzero"`
	// Installation tells one installation of Windows from another: where it
	// changes, the host was installed anew.
	Installation string         `json:"installation,omitempty"`
	Logs         []HostStateLog `json:"logs,omitempty"`
	Software     time.Time      `json:"software,omitzero"` // when its programs were read last
	// Failure is why the last try read nothing, or not all; empty: it did.
	Failure string `json:"failure,omitempty"`
}

// HostWay is by what way a host is read by itself.
type HostWay string

// The ways.
const (
	WayDrop HostWay = "hands in"
	WayLive HostWay = "is read"
)

// HostStateLog is one of its event logs as it stood.
type HostStateLog struct {
	Channel   string    `json:"channel"`
	Newest    uint64    `json:"newest_record,omitempty"` // the newest record that was read
	At        time.Time `json:"newest,omitzero"`         // and its time
	Oldest    time.Time `json:"oldest,omitzero"`         // of the log on the host
	Size      int64     `json:"size,omitempty"`
	MaxSize   int64     `json:"maximum_size,omitempty"`
	Retention Retention `json:"retention,omitempty"`
	Error     string    `json:"error,omitempty"`
}

// Retention is what Windows does with a log that is full.
type Retention string

// What it does.
const (
	RetentionOverwrite Retention = "overwrite" // the oldest record goes
	RetentionArchive   Retention = "archive"   // the log is put aside as a file
	RetentionKeep      Retention = "keep"      // what comes is not written
)

// Holds is for how long the log holds what is written to it, at the rate at
// which it was written; false where that cannot be told, or where it never
// writes over what it holds.
func (l *HostStateLog) Holds() (time.Duration, bool) {
	const least = time.Hour // of a shorter stretch a rate says nothing
	held := l.At.Sub(l.Oldest)
	if l.Oldest.IsZero() || held < least || l.Size <= 0 || l.MaxSize <= 0 || l.Retention == RetentionArchive || l.Retention == RetentionKeep {
		return 0, false
	}
	if l.Size >= l.MaxSize {
		return held, true
	}
	days := held.Hours() / 24 * float64(l.MaxSize) / float64(l.Size)
	return time.Duration(min(days, 36500) * 24 * float64(time.Hour)), true
}

// Log is the log of a channel; nil where it is not known.
func (s *HostState) Log(channel string) *HostStateLog {
	for i := range s.Logs {
		if s.Logs[i].Channel == channel {
			return &s.Logs[i]
		}
	}
	return nil
}

// Wraps is the log that writes over the first record that nobody has read, at
// the moment at which it does, as far as can be told.
func (s *HostState) Wraps() (channel string, at time.Time) {
	for i := range s.Logs {
		l := &s.Logs[i]
		if holds, ok := l.Holds(); ok {
			if t := l.At.Add(holds); at.IsZero() || t.Before(at) {
				channel, at = l.Channel, t
			}
		}
	}
	return channel, at
}
