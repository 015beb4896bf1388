package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// built is the program itself, built if none was named.
func (opt *options) built(ctx context.Context) (string, error) {
	if opt.program != "" {
		return filepath.Abs(opt.program)
	}
	path := filepath.Join(opt.dir, "splameter")
	out, err := exec.CommandContext(ctx, "go", "build", "-o", path, "splameter/cmd/splameter").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build splameter: %w: %s", err, lastLine(string(out)))
	}
	opt.program = path
	return path, nil
}

// step is one command on a provider's month.
type step struct {
	name string
	args []string
}

func steps(m string) []step {
	return []step{
		{"collect", []string{"collect"}},
		{"collect again", []string{"collect"}},
		{"report", []string{"report", "--month", m}},
	}
}

// named is an estate with what the table calls it.
type named struct {
	name string
	estate
}

func estates() []named {
	return []named{{"everyday", dailyEstate}, {"tenth", fullEstate.scaled(10)}, {"full", fullEstate}}
}

// makeProvider is the work of writing an estate's inputs.
func makeProvider(name, dir string) error {
	for _, e := range estates() {
		if e.name == name {
			e.month = october()
			return e.write(dir)
		}
	}
	return fmt.Errorf("no provider is called %s", name)
}

// providers runs a provider's whole month, from its files to its workbooks.
func providers(ctx context.Context, opt *options) error {
	program, err := opt.built(ctx)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	sizes := estates()
	if opt.provider != "full" {
		sizes = sizes[:2]
	}
	fmt.Fprint(opt.out, "\n| provider's month | step | wall s | CPU s | MiB | CPU, against a tenth | sha256sum MB/s |\n|---|---|---:|---:|---:|---:|---:|\n")
	tenth := map[string]float64{}
	hash := opt.hash
	for _, p := range sizes {
		p.month = october()
		hash.runs = nil
		dir := filepath.Join(opt.dir, "provider-"+p.name)
		if _, err := os.Stat(filepath.Join(dir, "made")); err != nil {
			// In a process of its own: what this one has of memory would be
			// counted as that of each program that it starts.
			cmd := exec.CommandContext(ctx, self, "-work", "provider", p.name, dir)
			cmd.Stderr = os.Stderr
			if err := cmd.Run(); err != nil {
				return fmt.Errorf("make the %s provider: %w", p.name, err)
			}
			if err := os.WriteFile(filepath.Join(dir, "made"), nil, 0o644); err != nil {
				return err
			}
		}
		all := make([]*contender, 0, 3)
		for _, s := range steps(p.month.String()) {
			all = append(all, &contender{name: s.name, argv: append([]string{program, "-c", filepath.Join(dir, "config.yaml")}, s.args...), dir: dir, units: 1, codes: []int{0, 3}})
		}
		for _, d := range []string{"var", "out"} {
			if err := os.RemoveAll(filepath.Join(dir, d)); err != nil {
				return err
			}
		}
		hash.measure(ctx) // before and after: the speed of a machine with neighbours drifts
		race(ctx, 1, all)
		hash.measure(ctx)
		title := fmt.Sprintf("%s: %s tenants, %s accounts × %d readings, %s hosts × %d programs, %s events", p.name, thousands(float64(p.tenants)),
			thousands(float64(p.users)), p.exports, thousands(float64(p.hosts)), p.programs, thousands(float64(p.events)))
		var sum sample
		for _, c := range all {
			if !c.ran() {
				fmt.Fprintf(opt.out, "| %s | %s | %s | | | | %s |\n", title, c.name, strings.ReplaceAll(c.absent, "|", "/"), hash.speed())
				continue
			}
			s := sample{c.median(wall), c.median(cpu), c.median(peak)}
			if c.name != "collect again" {
				sum.wall, sum.cpu, sum.peak = sum.wall+s.wall, sum.cpu+s.cpu, max(sum.peak, s.peak)
			}
			row(opt, title, c.name, s, p.name, tenth)
			title = ""
		}
		row(opt, "", "collect and report", sum, p.name, tenth)
		if p.name == "full" {
			hash.compare(opt.out, sum.cpu)
		}
	}
	return nil
}

// yardstick is sha256sum on a file that stays in memory: how fast this machine
// is at the time.
type yardstick struct{ contender }

// What the patterns of reading, counting and writing came to when they were
// measured alone, for the full provider's month, and how fast sha256sum was on
// the machine on which they were.
const (
	goalCPU  = 58  // seconds
	goalHash = 302 // MB/s
	yardMB   = 100
)

func newYardstick(dir string) (*yardstick, error) {
	path := filepath.Join(dir, "yardstick")
	if err := os.WriteFile(path, make([]byte, yardMB*1_000_000), 0o644); err != nil {
		return nil, err
	}
	program, absent := found("sha256sum")
	return &yardstick{contender{name: "sha256sum", argv: []string{program, path}, absent: absent, units: yardMB}}, nil
}

func (y *yardstick) measure(ctx context.Context) { race(ctx, 1, []*contender{&y.contender}) }

// speed is how many MB a second it did.
func (y *yardstick) speed() string {
	if !y.ran() {
		return "unknown"
	}
	return short(yardMB / y.median(cpu))
}

// compare says how far a month's CPU seconds are from the goal.
func (y *yardstick) compare(out io.Writer, seconds float64) {
	if !y.ran() {
		fmt.Fprintf(out, "\nThe goal is %d CPU seconds where sha256sum does %d MB/s; how fast it is here is not known (%s).\n", goalCPU, goalHash, y.absent)
		return
	}
	speed := yardMB / y.median(cpu)
	goal := goalCPU * goalHash / speed
	fmt.Fprintf(out, "\nThe goal is %d CPU seconds where sha256sum does %d MB/s. Here it did %s MB/s: the goal is %s CPU seconds, and collect and report took %s times that.\n",
		goalCPU, goalHash, short(speed), short(goal), short(seconds/goal))
}

func row(opt *options, title, step string, s sample, size string, tenth map[string]float64) {
	times := ""
	switch size {
	case "tenth":
		tenth[step] = s.cpu
	case "full":
		times = short(s.cpu/tenth[step]) + " ×"
	}
	fmt.Fprintf(opt.out, "| %s | %s | %s | %s | %.0f | %s | %s |\n", title, step, short(s.wall), short(s.cpu), s.peak, times, opt.hash.speed())
}
