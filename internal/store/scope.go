package store

// scope is what a writer keeps for itself while it writes.
type scope string

// The scopes: a source's readings and spans are its own; sessions are merged
// by host and user, whatever source they come from. everything shuts all
// others out.
const (
	everything  scope = ""
	ofSessions  scope = "sessions"
	ofMonths    scope = "months"
	ofHosts     scope = "hosts"
	ofDelivery  scope = "delivery"
	sourceScope       = "source "
)

func ofSource(name string) scope { return scope(sourceScope + name) }
