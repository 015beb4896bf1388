package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	goccy "github.com/goccy/go-json"

	"splameter/collector/sessions"
	"splameter/collector/sessions/record"
	"splameter/internal/config"
)

// work is what this program does when it calls itself: one piece of work, so
// that it can be measured as the peers are, as a process.
func work(ctx context.Context, args []string) error {
	what, args := args[0], args[1:]
	switch what {
	case "read":
		return read(ctx, args[0], number(args[1]))
	case "count":
		return count(ctx, args[0], number(args[1]))
	case "plain-xml":
		return distinct(args[0], plainXML)
	case "plain-json":
		return distinct(args[0], plainJSON)
	case "plain-csv":
		return distinct(args[0], plainCSV)
	case "parse-json":
		return scan(args[0], plainJSON, look)
	case "parse-json-goccy":
		return scan(args[0], goccyJSON, look)
	case "inputs":
		return writeInputs(ctx, &options{size: args[0], dir: args[1], program: args[2], only: args[3]})
	case "provider":
		return makeProvider(args[0], args[1])
	case "store":
		return storeGrowth(ctx, args[0], number(args[1]), number(args[2]), number(args[3]), number(args[4]))
	case "reduce":
		return storeReduce(ctx, args[0])
	case "annexes":
		return annexes(ctx, args[0], number(args[1]), number(args[2]))
	case "review":
		return review(ctx, args[0], number(args[1]))
	}
	return fmt.Errorf("no work is called %s", what)
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("the benchmark gave itself a wrong number: " + s)
	}
	return n
}

// look takes what was parsed and keeps nothing of it.
func look(host, user, at string) {}

// looker looks at what it is given, as anybody would who uses it.
type looker struct{ records, bytes, damages int }

func (l *looker) Record(r *record.Record) {
	l.records++
	for i := range r.Fields {
		l.bytes += len(r.Fields[i].Value)
	}
}

func (l *looker) Damaged(record.Damage) { l.damages++ }

// read parses a log and does no more.
func read(ctx context.Context, path string, workers int) error {
	var l looker
	_, err := sessions.ReadFile(ctx, path, sessions.Options{Zone: time.UTC, Workers: workers}, &l)
	if err == nil && (l.records == 0 || l.damages > 0) {
		err = fmt.Errorf("%d records and %d damages in %s", l.records, l.damages, path)
	}
	return err
}

// count does all that collect does with a log but for the store: who was on
// which host on which days, first and last, opened and closed.
func count(ctx context.Context, path string, workers int) error {
	v, _, err := sessions.CollectRows(ctx, sessions.Job{Config: config.Sessions{Name: "bench", Files: []string{path}}, Zone: time.UTC, Workers: workers, Now: time.Now})
	if err == nil && v.Len() == 0 {
		err = errors.New("nobody was seen")
	}
	return err
}

type reader func(in io.Reader, see func(host, user, at string)) error

func scan(path string, r reader, see func(host, user, at string)) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	return r(bufio.NewReaderSize(in, 1<<20), see)
}

// distinct finds who was on which host on which day, as one writes it first.
func distinct(path string, r reader) error {
	seen := map[string]struct{}{}
	err := scan(path, r, func(host, user, at string) { seen[host+"|"+user+"|"+at[:min(len(at), 10)]] = struct{}{} })
	if err == nil && len(seen) == 0 {
		err = errors.New("nobody was seen")
	}
	return err
}

// plainXML is what one writes first, with encoding/xml.
func plainXML(in io.Reader, see func(host, user, at string)) error {
	type event struct {
		System struct {
			EventID     int
			TimeCreated struct {
				SystemTime string `xml:",attr"`
			}
			EventRecordID uint64
			Channel       string
			Computer      string
		}
		UserData struct {
			EventXML struct{ User, SessionID, Address string }
		}
	}
	d := xml.NewDecoder(in)
	for {
		var e event
		switch err := d.Decode(&e); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		see(e.System.Computer, e.UserData.EventXML.User, e.System.TimeCreated.SystemTime)
	}
}

// plainEvent is what of an event of Winlogbeat's matters.
type plainEvent struct {
	Time   string `json:"@timestamp"`
	Winlog struct {
		Channel  string                                    `json:"channel"`
		EventID  string                                    `json:"event_id"`
		Computer string                                    `json:"computer_name"`
		RecordID uint64                                    `json:"record_id"`
		UserData struct{ User, SessionID, Address string } `json:"user_data"`
	} `json:"winlog"`
}

// goccyJSON is the same with goccy/go-json, which is the fastest that is not
// made for one layout.
func goccyJSON(in io.Reader, see func(host, user, at string)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e plainEvent
		if err := goccy.Unmarshal(lines.Bytes(), &e); err != nil {
			return err
		}
		see(e.Winlog.Computer, e.Winlog.UserData.User, e.Time)
	}
	return lines.Err()
}

// plainJSON is the same with encoding/json.
func plainJSON(in io.Reader, see func(host, user, at string)) error {
	d := json.NewDecoder(in)
	for {
		var e plainEvent
		switch err := d.Decode(&e); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		see(e.Winlog.Computer, e.Winlog.UserData.User, e.Time)
	}
}

// plainCSV is the same with encoding/csv.
func plainCSV(in io.Reader, see func(host, user, at string)) error {
	r := csv.NewReader(in)
	r.ReuseRecord = true
	for {
		row, err := r.Read()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		see(row[2], row[3], row[0])
	}
}
