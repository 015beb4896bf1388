//go:build !windows

package winhost

import (
	"context"
	"errors"
)

func reach(ctx context.Context, t *Target) (access, error) {
	if t.User == "" {
		return nil, &StepError{Step: StepLogOn, Err: errors.New("nobody is named to log on as"), Hint: "write user and password; only on Windows the account that splameter runs as can do it"}
	}
	return dialSMB(ctx, t)
}
