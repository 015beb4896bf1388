package eventjson

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"testing"

	"github.com/goccy/go-json"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock"
	"splameter/collector/sessions/textblock/synth"
)

type counter struct{ records, damages int }

func (c *counter) Record(*record.Record) { c.records++ }
func (c *counter) Damaged(record.Damage) { c.damages++ }

// BenchmarkRead reads the same lines by this package, by its walker alone, by
// goccy/go-json and encoding/json, and counts them as wc -l does; the ratios of
// ns/op are what counts. BenchmarkRead/different has lines that are all of
// another form: there the layouts are only a cost.
func BenchmarkRead(b *testing.B) {
	const lines = 50_000
	data := synth.Estate{Users: 10_000, Tenants: 100, Hosts: 500, Seed: 1}.NDJSON(lines)
	bench := func(name string, f func() int) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if n := f(); n != lines {
					b.Fatalf("%d events, want %d", n, lines)
				}
			}
			b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
	for _, workers := range []int{1, 2} {
		bench(fmt.Sprintf("own-%d", workers), func() int {
			c := &counter{}
			if _, err := Read(b.Context(), bytes.NewReader(data), "f", Options{Workers: workers}, c); err != nil || c.damages > 0 {
				b.Fatal(err, c.damages)
			}
			return c.records
		})
	}
	walk := func(data []byte, walkOnly bool) func() int {
		return func() int {
			c := &counter{}
			_, err := textblock.Run(b.Context(), bytes.NewReader(data), textblock.Job{File: "f", Cut: cut,
				New: func() textblock.Parser { return &parser{file: "f", walkOnly: walkOnly} }}, c)
			if err != nil || c.damages > 0 {
				b.Fatal(err, c.damages)
			}
			return c.records
		}
	}
	bench("walker", walk(data, true))
	var different []byte
	for i, line := range bytes.SplitAfter(data[:len(data)-1], []byte{'\n'}) {
		different = append(fmt.Appendf(different, `{"k%d":1,`, i), line[1:]...)
	}
	bench("different", walk(different, false))
	bench("different-walker", walk(different, true))
	type event struct {
		Time   string `json:"@timestamp"`
		Winlog struct {
			Channel  string                                    `json:"channel"`
			ID       string                                    `json:"event_id"`
			Record   uint64                                    `json:"record_id"`
			Computer string                                    `json:"computer_name"`
			Activity string                                    `json:"activity_id"`
			Data     struct{ User, SessionID, Address string } `json:"user_data"`
		} `json:"winlog"`
	}
	each := func(unmarshal func([]byte, any) error) func() int {
		return func() int {
			n := 0
			for rest := data; len(rest) > 0; n++ {
				k := bytes.IndexByte(rest, '\n')
				var e event
				if err := unmarshal(rest[:k], &e); err != nil || e.Winlog.ID == "" {
					b.Fatal(err)
				}
				rest = rest[k+1:]
			}
			return n
		}
	}
	bench("goccy", each(json.Unmarshal))
	bench("encoding-json", each(stdjson.Unmarshal))
	bench("wc-l", func() int {
		n := 0
		for d := data; len(d) > 0; {
			k := min(len(d), 64<<10)
			n += bytes.Count(d[:k], []byte{'\n'})
			d = d[k:]
		}
		return n
	})
}
