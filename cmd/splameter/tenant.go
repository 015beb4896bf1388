package main

import (
	"strings"

	"splameter/internal/register"
)

// tenantID is the id that is meant where one was typed: the tenants table's
// own spelling of it, the id of the only one that has that name, and unassigned
// and shared with or without their dash. No two ids differ in case only. What the table does not have stays as it is:
// an earlier month may have had it.
func tenantID(reg *register.Register, typed string) string {
	for _, id := range []string{register.Unassigned, register.Shared} {
		if strings.EqualFold(typed, id) || strings.EqualFold("-"+typed, id) {
			return id
		}
	}
	for i := range reg.Tenants {
		if strings.EqualFold(reg.Tenants[i].ID, typed) {
			return reg.Tenants[i].ID
		}
	}
	id, found := typed, 0
	for i := range reg.Tenants { // by its name, where only one is called so
		if strings.EqualFold(reg.Tenants[i].Name, strings.TrimSpace(typed)) {
			id, found = reg.Tenants[i].ID, found+1
		}
	}
	if found == 1 {
		return id
	}
	return typed
}
