package gather

import "golang.org/x/sys/windows/svc/eventlog"

// Report writes one line into the Application event log, where the task's
// owner looks. A system that takes none is no reason to fail.
func Report(ok bool, text string) {
	const source = "splameter"
	_ = eventlog.InstallAsEventCreate(source, eventlog.Error|eventlog.Warning|eventlog.Info)
	l, err := eventlog.Open(source)
	if err != nil {
		return
	}
	defer l.Close()
	if ok {
		_ = l.Info(1, text)
		return
	}
	_ = l.Warning(2, text)
}
