package product

import "splameter/internal/snapshot"

// IsWindows says that an operating system's name is a Windows, of any kind.
func IsWindows(os string) bool { return containsFold(os, "windows") }

// WindowsEdition is the edition of a Windows Server as the hosts table names
// it: datacenter (of any kind: Core, Azure Edition) or standard. It is empty
// for Essentials and other editions, for a Windows that states none, for a
// client, and for anything else.
func WindowsEdition(os string) snapshot.WindowsLicence {
	switch {
	case !containsFold(os, "windows"), !containsFold(os, "server"):
		return ""
	case containsFold(os, "datacenter"):
		return snapshot.WindowsDatacenter
	case containsFold(os, "standard"):
		return snapshot.WindowsStandard
	}
	return ""
}

// IsWindowsClient says that an operating system's name is a Windows that is no
// server's.
func IsWindowsClient(os string) bool {
	if containsFold(os, "server") || !containsFold(os, "windows") {
		return false
	}
	for _, w := range split(os) {
		switch w {
		case "7", "8", "8.1", "10", "11", "12", "xp", "vista":
			return true
		}
	}
	return false
}
