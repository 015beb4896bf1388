package eventxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"testing"

	"splameter/collector/sessions/record"
	"splameter/collector/sessions/textblock/synth"
)

// counter is the cheapest handler.
type counter struct{ records, damages int }

func (c *counter) Record(*record.Record) { c.records++ }
func (c *counter) Damaged(record.Damage) { c.damages++ }

const benchEvents = 50_000

var estate = synth.Estate{Users: 10_000, Tenants: 100, Hosts: 500, Seed: 1}

// BenchmarkRead reads the same events by this package and by encoding/xml,
// and counts their lines as wc -l does; the ratios of ns/op are what counts.
func BenchmarkRead(b *testing.B) {
	data := estate.XML(benchEvents)
	run := func(name string, f func() int) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if n := f(); n != benchEvents {
					b.Fatalf("%d events, want %d", n, benchEvents)
				}
			}
			b.ReportMetric(float64(benchEvents)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
	own := func(workers int, filter record.Filter) func() int {
		return func() int {
			c := &counter{}
			info, err := Read(b.Context(), bytes.NewReader(data), "f", Options{Workers: workers, Filter: filter}, c)
			if err != nil || c.damages > 0 {
				b.Fatal(err, c.damages)
			}
			return info.Records
		}
	}
	run("own", own(1, nil))
	run("own-2-workers", own(2, nil))
	run("own-none-wanted", own(1, func([]byte, uint32) bool { return false }))
	run("wc-l", func() int { return countLines(data) / 5 })
	run("encoding-xml-RawToken", func() int {
		d, n := xml.NewDecoder(bytes.NewReader(data)), 0
		for {
			tok, err := d.RawToken()
			if errors.Is(err, io.EOF) {
				return n
			}
			if err != nil {
				b.Fatal(err)
			}
			if e, ok := tok.(xml.EndElement); ok && e.Name.Local == "Event" {
				n++
			}
		}
	})
	run("encoding-xml-Decode", func() int {
		d, n := xml.NewDecoder(bytes.NewReader(data)), 0
		for {
			var e struct {
				System struct {
					Provider struct {
						Name string `xml:",attr"`
					}
					EventID     uint32
					TimeCreated struct {
						SystemTime string `xml:",attr"`
					}
					EventRecordID uint64
					Correlation   struct {
						ActivityID string `xml:",attr"`
					}
					Channel, Computer string
				}
				User struct {
					User, SessionID, Address string
				} `xml:"UserData>EventXML"`
			}
			err := d.Decode(&e)
			if errors.Is(err, io.EOF) {
				return n
			}
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
	})
}

// countLines is what wc -l does, over the same 64 KiB pieces.
func countLines(data []byte) int {
	n := 0
	for len(data) > 0 {
		k := min(len(data), 64<<10)
		n += bytes.Count(data[:k], []byte{'\n'})
		data = data[k:]
	}
	return n
}
