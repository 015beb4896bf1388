package product

import "testing"

// What the program knows has no faults, and its samples hold.
func TestBuiltin(t *testing.T) {
	if _, faults := build(builtinFiles(), nil); faults.Err() != nil {
		t.Fatal(faults.Err())
	}
}
