package agent

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// exposition is what /metrics tells, in the text format 0.0.4 that Prometheus
// publishes and everything that scrapes takes. Its own library brings protobuf
// and a reader of /proc along, which this page needs nothing of and every start
// and every build of the program would pay for.
type exposition struct {
	mu       sync.Mutex
	families []*family
}

// family is one metric with its series, one for each set of values that its
// labels have.
type family struct {
	of               *exposition
	name, help, kind string
	labels           []string
	series           map[string]float64 // by the labels as they are written
}

// family adds a metric. Without labels it has its one series from the start.
func (e *exposition) family(kind, name, help string, labels ...string) *family {
	f := &family{of: e, name: "splameter_" + name, help: help, kind: kind, labels: labels, series: map[string]float64{}}
	e.families = append(e.families, f)
	if len(labels) == 0 {
		f.series[""] = 0
	}
	return f
}

// set makes a series what it is now; the values are in the order of the labels.
func (f *family) set(v float64, values ...string) {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.series[f.written(values)] = v
}

// add raises a series; by nothing, it makes one that shows as zero.
func (f *family) add(v float64, values ...string) {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.series[f.written(values)] += v
}

// reset forgets all series.
func (f *family) reset() {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	clear(f.series)
}

var inQuotes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// written is a series' labels, which stand in the order of their names.
func (f *family) written(values []string) string {
	if len(values) != len(f.labels) {
		panic("agent: " + f.name + " has other labels")
	}
	if len(values) == 0 {
		return ""
	}
	pairs := make([]string, len(values))
	for i, v := range values {
		pairs[i] = f.labels[i] + `="` + inQuotes.Replace(strings.ToValidUTF8(v, "\uFFFD")) + `"`
	}
	slices.Sort(pairs)
	return "{" + strings.Join(pairs, ",") + "}"
}

// text is all of it, by name.
func (e *exposition) text() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	var b []byte
	for _, f := range slices.SortedFunc(slices.Values(e.families), func(f, g *family) int { return strings.Compare(f.name, g.name) }) {
		if len(f.series) == 0 {
			continue
		}
		b = append(b, "# HELP "+f.name+" "+f.help+"\n# TYPE "+f.name+" "+f.kind+"\n"...)
		for _, labels := range slices.Sorted(maps.Keys(f.series)) {
			b = append(b, f.name+labels+" "...)
			b = strconv.AppendFloat(b, f.series[labels], 'g', -1, 64)
			b = append(b, '\n')
		}
	}
	return b
}

func (e *exposition) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write(e.text())
}
