package collector_test

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"splameter/collector"
	"splameter/internal/config"
	"splameter/internal/month"
	"splameter/internal/snapshot"
	"splameter/internal/store"
)

const (
	regHead = "Windows Registry Editor Version 5.00\r\n\r\n"
	regWide = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`
	regThin = `HKEY_LOCAL_MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall`
	regSQL  = `HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Microsoft SQL Server`
)

func regKey(path string, values ...string) string {
	return "[" + path + "]\r\n" + strings.Join(values, "\r\n") + "\r\n\r\n"
}

// The registry of one host and day in several files is one inventory: both
// views and SQL Server's keys. A file that comes later joins it. Files of two
// hosts whose names differ by such a word stay two.
func TestRegistryInSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(regHead+text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wide := regKey(regWide) + regKey(regWide+`\7-Zip`, `"DisplayName"="7-Zip 24.08 (x64)"`)
	thin := regKey(regThin) + regKey(regThin+`\Office16.STANDARD`, `"DisplayName"="Microsoft Office Standard 2016"`, `"Publisher"="Microsoft Corporation"`)
	write("RDSH-V01-64-2026-10-30.reg", wide)
	write("RDSH-V01-sql-2026-10-30.reg", regKey(regSQL+`\Instance Names\SQL`, `"MSSQLSERVER"="MSSQL15.MSSQLSERVER"`)+
		regKey(regSQL+`\MSSQL15.MSSQLSERVER\Setup`, `"Edition"="Standard Edition"`, `"Version"="15.0.2000.5"`))
	write("WEB-64-2026-10-30.reg", wide+regKey(regThin))
	write("WEB-32-2026-10-30.reg", wide+regKey(regThin)+"\r\n") // another file, with the same in it

	cfg := config.Default()
	cfg.Dir, cfg.Provider.Location = dir, time.UTC
	cfg.Inventories = []config.Inventory{{Name: "registry", Software: []string{filepath.Join(dir, "*.reg")}}}
	st, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "s.db"), store.Options{Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	env := &collector.Env{Store: st, Config: &cfg, Now: func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	run := func() (programs map[string]string, partial int) {
		t.Helper()
		out, err := collector.Run(t.Context(), env, "registry")
		if err != nil || len(out) != 1 || out[0].Err != nil {
			t.Fatal(out, err)
		}
		f, err := st.Facts(t.Context(), month.New(2026, 10, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		programs = map[string]string{}
		for i := range f.Software {
			s := &f.Software[i]
			var names []string
			for _, in := range s.Installs.All() {
				names = append(names, in.Name)
			}
			programs[s.Host] = strings.Join(names, "; ") // of spans of a day, the later stands last
		}
		for i := range f.Readings {
			if r := &f.Readings[i]; r.Status == snapshot.Partial && r.Taken.Nanosecond() != 0 {
				partial++
			}
		}
		return programs, partial
	}
	const engine = "SQL Server 2019 Database Engine Services (MSSQLSERVER)"
	web := "7-Zip 24.08 (x64)"
	got, partial := run()
	if diff := cmp.Diff(map[string]string{"RDSH-V01": "7-Zip 24.08 (x64); " + engine, "WEB-64": web, "WEB-32": web}, got); diff != "" || partial != 1 {
		t.Errorf("without the 32-bit view: %d partial, %s", partial, diff)
	}
	write("RDSH-V01-wow-2026-10-30.reg", thin)
	got, partial = run()
	if diff := cmp.Diff(map[string]string{"RDSH-V01": "7-Zip 24.08 (x64); Microsoft Office Standard 2016; " + engine, "WEB-64": web, "WEB-32": web}, got); diff != "" || partial != 1 {
		t.Errorf("with it: %d partial, %s", partial, diff)
	}
}
