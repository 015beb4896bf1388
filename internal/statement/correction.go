package statement

import (
	"errors"
	"strconv"
	"strings"
)

// ParseCorrection reads what somebody typed to correct a quantity by: +N or -N
// to add or take away, =N to set.
func ParseCorrection(text string) (x Correction, err error) {
	digits := text
	switch {
	case strings.HasPrefix(text, "="):
		x.Set, digits = true, text[1:]
	case !strings.HasPrefix(text, "+") && !strings.HasPrefix(text, "-"):
		digits = ""
	}
	if x.Quantity, err = strconv.Atoi(digits); err != nil {
		return x, errors.New("it is no correction; write +N, -N or =N")
	}
	return x, nil
}
