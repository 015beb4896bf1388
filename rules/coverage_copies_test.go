package rules

import (
	"fmt"
	"testing"

	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// An export that is an earlier day's is a copy where the others differ from day
// to day, and told where it is the day before's; a directory's weekends are too
// many to tell.
func TestCopiedExports(t *testing.T) {
	for _, c := range []struct {
		same []int // days whose export is that of the day before
		old  int   // a day whose export is that of the 2nd
		want int
		told int
	}{{nil, 0, 0, 0}, {[]int{14}, 0, 0, 1}, {nil, 31, 1, 0}, {[]int{14}, 20, 1, 1}, {[]int{3, 4, 10, 11, 17, 18, 24, 25}, 0, 0, 0}} {
		s := newScene(t)
		d := s.dir()
		d.user(1, "ann", "OU=alpha,DC=h", always)
		d.group(30, "RDS-Users", id(1))
		print := 0
		for i, taken := range d.d.Taken {
			if print++; contains(texts(c.same), fmt.Sprint(i+1)) {
				print--
			}
			sum := fmt.Sprint("sum", print)
			if i+1 == c.old {
				sum = "sum2"
			}
			s.facts.Readings = append(s.facts.Readings, snapshot.Reading{Source: "hosting", Kind: snapshot.KindDirectory, Status: snapshot.Complete,
				Taken: taken.Time, Day: taken.Day, File: taken.File, Fingerprint: sum})
		}
		st := s.run()
		n := 0
		for _, g := range st.Coverage.Gaps {
			if g.Kind == statement.CoverageDirectory && g.Source == "hosting" {
				n++
			}
		}
		if n != c.want {
			t.Errorf("%v, %d: %d gaps, want %d", c.same, c.old, n, c.want)
		}
		if told := subjects(st, "directory-copy"); len(told) != c.told {
			t.Errorf("%v, %d: told %q", c.same, c.old, told)
		}
	}
}

func texts(days []int) (out []string) {
	for _, d := range days {
		out = append(out, fmt.Sprint(d))
	}
	return out
}
