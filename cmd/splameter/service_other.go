//go:build !windows

package main

import "context"

// runService is what the system starts. Where signals end it, that is the
// agent itself.
func (a *app) runService(ctx context.Context) error { return a.runAgent(ctx) }
