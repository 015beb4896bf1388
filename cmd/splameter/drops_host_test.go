package main

import (
	"io/fs"
	"strings"
	"time"

	"splameter/collector/sessions/evtx/evtxtest"
	"splameter/collector/sessions/record"
	"splameter/internal/drop"
	"splameter/internal/gather"
	"splameter/internal/gather/gathertest"
)

// standIn is a session host as splameter gather meets it: a log that is written
// to every half hour from 20 September 00:00 UTC on, by six users in turn, and
// by frits on 13 October alone. Record n is of n-1 half hours after that, so
// that a day has 48 records, and October in Amsterdam begins with record 525.
type standIn struct {
	name, id string            // as it is called now
	names    map[uint64]string // from which record on it is called what
	first    uint64            // the log's oldest record
	from     time.Time         // when record 1 was written
	id1      uint64            // its number
	clock    time.Duration     // how far its clock is ahead
	now      time.Time
	frits    bool             // he works here
	others   []evtxtest.Event // its log of forwarded events
}

var beginning = time.Date(2026, 9, 20, 0, 0, 0, 0, time.UTC)

func newStandIn(name string) *standIn {
	return &standIn{name: name, id: "S-1-5-21-" + name[5:] + "-1-1", names: map[uint64]string{1: name}, first: 1, id1: 1, from: beginning}
}

// newest is the newest record that is written by now.
func (h *standIn) newest() uint64 { return h.id1 + uint64(h.now.Sub(h.from)/(30*time.Minute)) }

func (h *standIn) at(id uint64) time.Time {
	return h.from.Add(time.Duration(id-h.id1) * 30 * time.Minute)
}

func (h *standIn) Identity() (gather.Identity, error) {
	return gather.Identity{Host: h.name + ".kust.example", Domain: "kust.example", SID: h.id}, nil
}

func (h *standIn) Machine() (drop.Machine, error) {
	virtual := false
	return drop.Machine{System: "Windows Server 2022 Standard", Virtual: &virtual, Processors: 1, Cores: 8, LogicalProcessors: 16}, nil
}

// Clock is how far the clock of the folder's server is ahead.
func (h *standIn) Clock(func() time.Time) (float64, error) { return -h.clock.Seconds(), nil }

func (h *standIn) Registry() (gather.Key, error) {
	return gathertest.Programs(strings.ToUpper(h.name), [2]string{"7-Zip 24.08 (x64)", "Igor Pavlov"}, [2]string{"Notepad++", "Notepad++ Team"}).Root(), nil
}

func (h *standIn) Log(channel string) (gather.LogFile, error) {
	switch {
	case channel == "ForwardedEvents" && len(h.others) > 0:
		var come []evtxtest.Event // nobody sends an event before it happens
		for _, e := range h.others {
			if e.Ticks <= record.ToTicks(h.now) {
				come = append(come, e)
			}
		}
		return gathertest.Log(evtxtest.Log(come, evtxtest.Options{})), nil
	case channel != logChannel:
		return nil, fs.ErrNotExist
	}
	var events []evtxtest.Event
	name := ""
	for id := h.first; id <= h.newest(); id++ {
		for from, n := range h.names {
			if from == id || name == "" && from < id {
				name = n
			}
		}
		at := h.at(id)
		user := logUsers[id%5]
		if d := at.In(amsterdam); d.Month() == time.October && d.Day() == 13 && id%4 == 0 && h.frits {
			user = "frits"
		}
		e := evtxtest.LocalSession(21, `KUST\`+user, uint32(id%200)+2, "10.0.0.7")
		events = append(events, e.Logged(id, name+".kust.example", at.Add(h.clock)))
	}
	return gathertest.Log(evtxtest.Log(events, evtxtest.Options{})), nil
}
