// Command bench shows how fast and how small splameter is, beside what one
// would use instead. It makes its inputs in a temporary folder, runs splameter
// and its peers in turn, each as a process of its own, and prints the medians
// as a table. Of a peer that cannot be run its row says why.
//
//	./internal/bench/run.sh                                 # some minutes; installs the peers
//	./internal/bench/run.sh -readme README.md               # the same, into the README
//	./internal/bench/run.sh -size goal -provider full       # the sizes of the goals: much longer, 5 GB of disk
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// options are those of the command line.
type options struct {
	size, provider, only, dir, program, readme string
	fewer                                      bool
	runs, months, every                        int
	out                                        io.Writer // the tables
	hash                                       *yardstick
	sizes
}

// sizes are how large the inputs are.
type sizes struct {
	events, rows, evtx, annexes, sheet int
	accounts, months                   int // of the store's growth
	scripted                           int // accounts of the month that a script counts too
	slow                               int // peers that are slow get one part in so many
}

func sizesOf(name string) (sizes, bool) {
	switch name {
	case "quick":
		return sizes{events: 100_000, rows: 500_000, evtx: 100_000, annexes: 100, sheet: 50_000, accounts: 5_000, months: 6, scripted: 10_000, slow: 10}, true
	case "tiny": // to try whether everything runs; its figures mean nothing
		return sizes{events: 2_000, rows: 5_000, evtx: 2_000, annexes: 4, sheet: 500, accounts: 200, months: 2, scripted: 200, slow: 2}, true
	case "goal":
		return sizes{events: 250_000, rows: 10_000_000, evtx: 465_589, annexes: 200, sheet: 1_000_000, accounts: 100_000, months: 36, scripted: 30_000, slow: 10}, true
	}
	return sizes{}, false
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if len(os.Args) > 2 && os.Args[1] == "-work" {
		if err := work(ctx, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	var opt options
	flag.StringVar(&opt.size, "size", "quick", "of the inputs: tiny, quick or goal")
	flag.StringVar(&opt.provider, "provider", "tenth", "the provider's month: none, tenth, or full with a tenth beside it")
	flag.StringVar(&opt.only, "only", "", "only lines whose `name` matches")
	flag.StringVar(&opt.dir, "dir", "", "`folder` for inputs, kept for the next run (default: a temporary one)")
	flag.StringVar(&opt.program, "program", "", "the splameter to `run` (default: built from here)")
	flag.StringVar(&opt.readme, "readme", "", "the `file` between whose markers the tables are put, too")
	flag.IntVar(&opt.runs, "runs", 3, "how often everything runs; a provider's month but once")
	flag.IntVar(&opt.months, "months", -1, "of readings, for the store's growth (default: those of the size)")
	flag.IntVar(&opt.every, "every", 1, "how many `days` are from one reading to the next, for the store's growth")
	flag.BoolVar(&opt.fewer, "fewer", false, "close only the months that are shown and those before them, for the store's growth")
	flag.Parse()
	if err := bench(ctx, opt); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, opt options) error {
	var ok bool
	if opt.sizes, ok = sizesOf(opt.size); !ok {
		return fmt.Errorf("%q is no size; write tiny, quick or goal", opt.size)
	}
	if opt.months < 0 {
		opt.months = opt.sizes.months
	}
	only, err := regexp.Compile("(?i)" + opt.only)
	if err != nil {
		return err
	}
	if opt.dir == "" {
		if opt.dir, err = os.MkdirTemp("", "splameter-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(opt.dir)
	}
	if opt.dir, err = filepath.Abs(opt.dir); err != nil {
		return err
	}
	if err := os.MkdirAll(opt.dir, 0o755); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := opt.makeInputs(ctx); err != nil {
		return err
	}
	opt.out = io.MultiWriter(os.Stdout, &text)
	if opt.hash, err = newYardstick(opt.dir); err != nil {
		return err
	}
	began := load()
	heading(ctx, &opt)
	if err := tables(ctx, &opt, only); err != nil {
		return err
	}
	fmt.Fprintf(opt.out, "\nLoad average at the start %s, at the end %s.\n", began, load())
	if opt.readme == "" {
		return nil
	}
	return intoReadme(opt.readme, text.String())
}

// tables measures and prints everything.
func tables(ctx context.Context, opt *options, only *regexp.Regexp) error {
	all, err := lines(ctx, opt)
	if err != nil {
		return err
	}
	head := tableHead
	for _, l := range all {
		if !only.MatchString(l.name) || ctx.Err() != nil {
			continue
		}
		opt.hash.runs = nil
		race(ctx, opt.runs, append(l.all(), &opt.hash.contender))
		l.compare()
		fmt.Fprint(opt.out, head)
		head = ""
		l.print(opt.out, opt.hash.speed())
	}
	if opt.provider != "none" && only.MatchString("provider") && ctx.Err() == nil {
		if err := providers(ctx, opt); err != nil {
			return err
		}
	}
	if only.MatchString("growth") && opt.months > 0 && ctx.Err() == nil {
		if err := growth(ctx, opt); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// makeInputs makes what the lines read, in a process of its own: what this one
// has of memory would be counted as that of each program that it starts.
func (opt *options) makeInputs(ctx context.Context) error {
	program, err := opt.built(ctx)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, self, "-work", "inputs", opt.size, opt.dir, program, opt.only)
	cmd.Env = append(os.Environ(), duckFolder+"=") // no peer is run there
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("make the inputs: %w", err)
	}
	return nil
}

// writeInputs is that work.
func writeInputs(ctx context.Context, opt *options) error {
	opt.sizes, _ = sizesOf(opt.size)
	only, err := regexp.Compile("(?i)" + opt.only)
	if err != nil {
		return err
	}
	all, err := lines(ctx, opt)
	if err != nil {
		return err
	}
	for _, l := range all {
		if !only.MatchString(l.name) {
			continue
		}
		if err := l.prepare(); err != nil {
			return fmt.Errorf("%s: %w", l.name, err)
		}
	}
	return nil
}

// line is one row of goals: splameter and its peers at one piece of work.
type line struct {
	name  string
	unit  string
	make  func() error
	ours  *contender
	peers []peer
	what  func(sample) float64 // that the ratio is of
	same  func() error         // whether all came to the same, asked once they ran; nil: nothing says
}

// peer is a program that splameter is compared with, and what must come out.
type peer struct {
	contender
	must float64 // how many times as fast splameter must be; 0: just to know
}

func (l *line) prepare() error {
	if l.make == nil {
		return nil
	}
	return l.make()
}

// compare refuses peers that came to something else: that would be no race.
func (l *line) compare() {
	if l.same == nil || !l.ours.ran() {
		return
	}
	for i := range l.peers {
		if p := &l.peers[i]; p.ran() {
			if err := l.same(); err != nil {
				p.absent = "not compared: " + err.Error()
			}
		}
	}
}

func (l *line) all() []*contender {
	out := []*contender{l.ours}
	for i := range l.peers {
		out = append(out, &l.peers[i].contender)
	}
	return out
}

const tableHead = `| work | program | CPU s | wall s | a CPU second | MiB | splameter is | goal | sha256sum MB/s |
|---|---|---:|---:|---:|---:|---:|---:|---:|
`

func (l *line) print(out io.Writer, hash string) {
	name := l.name
	for i, c := range l.all() {
		var must float64
		if i > 0 {
			must = l.peers[i-1].must
		}
		if !c.ran() {
			fmt.Fprintf(out, "| %s | %s | %s | | | | | | %s |\n", name, c.name, strings.ReplaceAll(c.absent, "|", "/"), hash)
			name, hash = "", ""
			continue
		}
		times, goal := "", ""
		if i > 0 && l.ours.ran() {
			times = fmt.Sprintf("%s ×", short(l.ours.times(c, l.what)))
		}
		if must > 0 {
			goal = fmt.Sprintf("%s ×", short(must))
		}
		speed := c.units / c.median(cpu)
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s %s | %.0f | %s | %s | %s |\n", name, c.name, short(c.median(cpu)), short(c.median(wall)), thousands(speed), l.unit, c.median(peak), times, goal, hash)
		name, hash = "", ""
	}
}

// short is a number with three figures or so.
func short(f float64) string {
	switch {
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	case f >= 0.1:
		return fmt.Sprintf("%.2f", f)
	}
	return fmt.Sprintf("%.3f", f)
}

func thousands(f float64) string {
	s := fmt.Sprintf("%.0f", f)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
