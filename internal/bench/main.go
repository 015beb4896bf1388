// Command bench shows how fast and how small splameter is, beside what one
// would use instead. It makes its inputs in a temporary folder, runs splameter
// and its peers in turn, each as a process of its own, and prints the medians
// as a table. Peers that are not installed are said to be absent.
//
//	go run ./internal/bench                          # some minutes
//	go run ./internal/bench -size goal -provider full  # the sizes of the goals: much longer, 5 GB of disk
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
)

// options are those of the command line.
type options struct {
	size, provider, only, dir, program string
	fewer                              bool
	runs, months, every                int
	sizes
}

// sizes are how large the inputs are.
type sizes struct {
	events, rows, evtx, annexes, sheet int
	accounts, months                   int // of the store's growth
	slow                               int // peers that are slow get one part in so many
}

func sizesOf(name string) (sizes, bool) {
	switch name {
	case "quick":
		return sizes{events: 100_000, rows: 500_000, evtx: 100_000, annexes: 100, sheet: 50_000, accounts: 5_000, months: 6, slow: 10}, true
	case "goal":
		return sizes{events: 250_000, rows: 10_000_000, evtx: 465_589, annexes: 200, sheet: 1_000_000, accounts: 100_000, months: 36, slow: 10}, true
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
	flag.StringVar(&opt.size, "size", "quick", "of the inputs: quick or goal")
	flag.StringVar(&opt.provider, "provider", "tenth", "the provider's month: none, tenth, or full with a tenth beside it")
	flag.StringVar(&opt.only, "only", "", "only lines whose `name` matches")
	flag.StringVar(&opt.dir, "dir", "", "`folder` for inputs, kept for the next run (default: a temporary one)")
	flag.StringVar(&opt.program, "program", "", "the splameter to `run` (default: built from here)")
	flag.IntVar(&opt.runs, "runs", 3, "how often everything runs")
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
		return fmt.Errorf("%q is no size; write quick or goal", opt.size)
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
	fmt.Printf("%d cores, %s/%s, %s; medians of %d runs in turn\n\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), opt.runs)
	all, err := lines(&opt)
	if err != nil {
		return err
	}
	head := tableHead
	for _, l := range all {
		if !only.MatchString(l.name) || ctx.Err() != nil {
			continue
		}
		if err := l.prepare(); err != nil {
			return fmt.Errorf("make the inputs of %s: %w", l.name, err)
		}
		race(ctx, opt.runs, l.all())
		fmt.Print(head)
		head = ""
		l.print(os.Stdout)
	}
	if opt.provider != "none" && only.MatchString("provider") && ctx.Err() == nil {
		if err := providers(ctx, &opt); err != nil {
			return err
		}
	}
	if only.MatchString("growth") && opt.months > 0 && ctx.Err() == nil {
		return growth(ctx, &opt)
	}
	return ctx.Err()
}

// line is one row of goals: splameter and its peers at one piece of work.
type line struct {
	name  string
	unit  string
	make  func() error
	ours  *contender
	peers []peer
	what  func(sample) float64 // that the ratio is of
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

func (l *line) all() []*contender {
	out := []*contender{l.ours}
	for i := range l.peers {
		out = append(out, &l.peers[i].contender)
	}
	return out
}

const tableHead = `| work | program | CPU s | wall s | a CPU second | MiB | splameter is | must |
|---|---|---:|---:|---:|---:|---:|---:|
`

func (l *line) print(out *os.File) {
	name := l.name
	for i, c := range l.all() {
		var must float64
		if i > 0 {
			must = l.peers[i-1].must
		}
		if !c.ran() {
			fmt.Fprintf(out, "| %s | %s | %s | | | | | |\n", name, c.name, strings.ReplaceAll(c.absent, "|", "/"))
			name = ""
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
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s %s | %.0f | %s | %s |\n", name, c.name, short(c.median(cpu)), short(c.median(wall)), thousands(speed), l.unit, c.median(peak), times, goal)
		name = ""
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
