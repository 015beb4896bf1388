package gather

import (
	"encoding/binary"
	"os"
	"strings"
	"time"

	"splameter/internal/drop"
	"splameter/internal/snapshot"
)

// logSettings adds to each channel how large its log may grow and what becomes
// of old records, where the registry says so.
func logSettings(root Key, channels []drop.Channel) {
	for i := range channels {
		c := &channels[i]
		for _, path := range []string{`SYSTEM\CurrentControlSet\Services\EventLog\` + c.Name, `SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels\` + c.Name} {
			key, err := root.Open(path)
			if err != nil {
				continue
			}
			values, _ := key.Values([]string{"MaxSize", "Retention", "AutoBackupLogFiles"})
			key.Close()
			keep, archive := false, false
			for j := range values {
				v := &values[j]
				if v.Kind != Number || len(v.Data) != 4 {
					continue
				}
				n := binary.LittleEndian.Uint32(v.Data)
				switch strings.ToLower(v.Name) {
				case "maxsize":
					c.MaxSize = int64(n)
				case "retention":
					keep = n != 0
				case "autobackuplogfiles":
					archive = n != 0
				}
			}
			switch {
			case archive:
				c.Retention = snapshot.RetentionArchive
			case keep:
				c.Retention = snapshot.RetentionKeep
			case c.MaxSize > 0:
				c.Retention = snapshot.RetentionOverwrite
			}
		}
	}
}

// clockDifference is how many seconds the clock of the folder's server is ahead
// of this one, by the time that it gives a new file.
func clockDifference(dir string, now func() time.Time) (float64, error) {
	f, err := os.CreateTemp(dir, ".splameter-clock-*.tmp")
	if err != nil {
		return 0, err
	}
	defer os.Remove(f.Name())
	at := now()
	_, err = f.WriteString("clock")
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(f.Name())
	if err != nil {
		return 0, err
	}
	return info.ModTime().Sub(at).Round(100 * time.Millisecond).Seconds(), nil
}
