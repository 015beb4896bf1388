//go:build !windows

package gather

import "errors"

// Local is this computer. Only Windows has what is gathered.
func Local() (System, error) {
	return nil, errors.New("splameter gather reads the event logs and the registry of Windows: run it on the session host itself, with splameter.exe")
}
