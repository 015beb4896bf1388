package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// contender is one program that does a piece of work, once a run.
type contender struct {
	name   string
	argv   []string
	env    []string
	dir    string
	units  float64 // how much of the work it does in a run: slow peers get less
	absent string  // why it cannot run here
	codes  []int   // exit codes that are no failure; nil: 0 alone
	runs   []sample
}

// sample is what one run cost.
type sample struct {
	wall, cpu float64 // seconds; cpu is user and system time, of children too
	peak      float64 // MiB resident, of the largest process, and no less than this program's own; 0: unknown
}

// run runs the contender once.
func (c *contender) run(ctx context.Context) (sample, error) {
	cmd := exec.CommandContext(ctx, c.argv[0], c.argv[1:]...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	cmd.Env = append(os.Environ(), c.env...)
	cmd.Dir = c.dir
	began := time.Now()
	err := cmd.Run()
	wall := time.Since(began).Seconds()
	if cmd.ProcessState == nil || err != nil && !slices.Contains(c.codes, cmd.ProcessState.ExitCode()) {
		return sample{}, fmt.Errorf("%s: %w: %s", c.name, err, lastLine(errs.String()))
	}
	s := cmd.ProcessState
	return sample{wall, s.UserTime().Seconds() + s.SystemTime().Seconds(), peakOf(s)}, nil
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}

// race runs all contenders in turn, several times, so that what the machine
// does besides falls on all alike.
func race(ctx context.Context, rounds int, all []*contender) {
	for range rounds {
		for _, c := range all {
			if c.absent != "" {
				continue
			}
			s, err := c.run(ctx)
			if err != nil {
				c.absent = "failed: " + err.Error()
				fmt.Fprintln(os.Stderr, "bench:", err)
				continue
			}
			c.runs = append(c.runs, s)
		}
	}
}

// ran says that there is something to compare.
func (c *contender) ran() bool { return c.absent == "" && len(c.runs) > 0 }

// median of what each run cost.
func (c *contender) median(what func(sample) float64) float64 {
	all := make([]float64, len(c.runs))
	for i, s := range c.runs {
		all[i] = what(s)
	}
	return median(all)
}

func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	all = slices.Sorted(slices.Values(all))
	if n := len(all); n%2 == 0 {
		return (all[n/2-1] + all[n/2]) / 2
	}
	return all[len(all)/2]
}

func cpu(s sample) float64  { return s.cpu }
func wall(s sample) float64 { return s.wall }
func peak(s sample) float64 { return s.peak }

// times is how many times as fast as o the contender is: the median of the
// ratios of runs taken one after the other.
func (c *contender) times(o *contender, what func(sample) float64) float64 {
	var all []float64
	for i := range min(len(c.runs), len(o.runs)) {
		if mine := what(c.runs[i]) / c.units; mine > 0 {
			all = append(all, what(o.runs[i])/o.units/mine)
		}
	}
	return median(all)
}

// found is a program of the system, or why it is absent.
func found(name string) (path, absent string) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", "not run: " + name + " is not installed"
	}
	return path, ""
}
