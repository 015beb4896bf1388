package diag

import "strings"

// Word is the one of the known words that a text is, in whatever letters.
func Word[T ~string](text string, known []T) (T, bool) {
	for _, k := range known {
		if strings.EqualFold(text, string(k)) {
			return k, true
		}
	}
	return "", false
}

// Listed is words in one line, for whoever wrote another.
func Listed[T ~string](known []T) string {
	words := make([]string, len(known))
	for i, k := range known {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}
