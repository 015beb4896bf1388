package notify

import (
	"context"

	"splameter/internal/safetext"
)

// SystemLog is the log of the operating system's services, such as the
// Windows event log.
type SystemLog interface {
	Error(v ...any) error
	Warning(v ...any) error
	Info(v ...any) error
}

// EventLog writes messages to the system's log of services.
type EventLog struct{ Log SystemLog }

// Name implements Sink.
func (e EventLog) Name() string { return "event log" }

// Send implements Sink. The body, which may name persons, stays out: others
// read that log.
func (e EventLog) Send(_ context.Context, m Message) error {
	text := m.Subject
	if m.Detail != "" {
		text += "\n\n" + m.Detail
	}
	text = safetext.ClipUnits(safetext.Block(text), 30000) // Windows takes 31839 characters
	switch m.Kind {
	case Failure:
		return e.Log.Error(text)
	case Reminder:
		return e.Log.Warning(text)
	}
	return e.Log.Info(text)
}
