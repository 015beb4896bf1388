// Command newcomer writes what a provider of one session host has before
// splameter is there: an export of its directory for each day of October 2026,
// and the host's session log from September to the end of that month.
//
//	newcomer COMPUTER FOLDER
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"splameter/collector/directory/directorytest"
	"splameter/collector/sessions/evtx/evtxtest"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "newcomer COMPUTER FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(computer, dir string) error {
	short, _, _ := strings.Cut(computer, ".")
	users := []string{"anna", "bert", "carla"}
	f := &directorytest.Forest{DNS: "kust.example", NetBIOS: "KUST", SID: "S-1-5-21-1-2-3", Objects: []directorytest.Object{
		{Kind: directorytest.Unit, Name: "Klanten"}, {Kind: directorytest.Unit, Name: "Duin", In: "OU=Klanten"},
		{Kind: directorytest.Group, Name: "RDS-Users", Account: "RDS-Users", Members: users},
		{Kind: directorytest.Computer, Name: strings.ToUpper(short), Account: strings.ToUpper(short) + "$", System: "Windows Server 2022 Standard"},
	}}
	for _, u := range users {
		f.Objects = append(f.Objects, directorytest.Object{Kind: directorytest.User, Name: u, In: "OU=Duin,OU=Klanten", Account: u, UPN: u + "@kust.example", Display: u})
	}
	var b bytes.Buffer
	if err := directorytest.WriteLDIF(&b, f); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "directory"), 0o750); err != nil {
		return err
	}
	for day := range 32 {
		name := time.Date(2026, 10, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly) + ".ldif"
		if err := os.WriteFile(filepath.Join(dir, "directory", name), b.Bytes(), 0o640); err != nil {
			return err
		}
	}
	var events []evtxtest.Event
	for at := time.Date(2026, 9, 1, 12, 0, 0, 0, time.UTC); at.Before(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)); at = at.Add(12 * time.Hour) {
		e := evtxtest.LocalSession(21, `KUST\`+users[len(events)%2], uint32(len(events)+2), "10.0.0.7")
		events = append(events, e.Logged(uint64(len(events)+1), computer, at))
	}
	return os.WriteFile(filepath.Join(dir, "LocalSessionManager.evtx"), evtxtest.Log(events, evtxtest.Options{}), 0o640)
}
