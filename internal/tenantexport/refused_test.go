package tenantexport

import (
	"strings"
	"testing"

	"splameter/internal/closing"
	"splameter/internal/closing/monthend"
	"splameter/internal/register"
)

// An export of nobody is none, and not an empty one.
func TestNobodyIsExported(t *testing.T) {
	d := &closing.Desk{Setup: &monthend.Setup{Register: &register.Register{}}}
	if _, err := GatherPerson(t.Context(), d, "  "); err == nil || !strings.Contains(err.Error(), "nobody is named") {
		t.Error(err)
	}
	if _, err := Gather(t.Context(), d, "gone"); err == nil || !strings.Contains(err.Error(), `has no customer "gone"`) {
		t.Error(err)
	}
}
