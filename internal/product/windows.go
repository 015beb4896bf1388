package product

// IsWindows says that an operating system's name is a Windows, of any kind.
func IsWindows(os string) bool { return containsFold(os, "windows") }

// WindowsEdition is the edition of a Windows Server as the hosts table names
// it: datacenter (of any kind: Core, Azure Edition) or standard. It is empty
// for Essentials and other editions, for a Windows that states none, for a
// client, and for anything else.
func WindowsEdition(os string) string {
	switch {
	case !containsFold(os, "windows"), !containsFold(os, "server"):
		return ""
	case containsFold(os, "datacenter"):
		return "datacenter"
	case containsFold(os, "standard"):
		return "standard"
	}
	return ""
}
