package diag

import "strings"

// Nearest is the known word that a misspelt one was probably meant to be:
// without regard to case, at most one slip of the pen away in a word of up to
// five letters, two in a longer one. Of equally near ones the first wins.
func Nearest(word string, known []string) (string, bool) {
	if len(word) > 64 { // no slip of the pen, and the distance costs the product of both lengths
		return "", false
	}
	best, bestDistance := "", 3
	if len(word) <= 5 {
		bestDistance = 2
	}
	w := []rune(strings.ToLower(word))
	for _, k := range known {
		if d := distance(w, []rune(strings.ToLower(k))); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best, best != ""
}

// distance counts the letters to insert, delete, replace, or swap with their
// neighbour.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
