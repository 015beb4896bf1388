package product

import (
	"strings"

	"splameter/internal/diag"
)

// editionWords are how editions of Windows Server are written.
var editionWords = [...]struct{ word, edition string }{
	{"datacenter", "Datacenter"}, {"datacentre", "Datacenter"}, {"data center", "Datacenter"}, {"data centre", "Datacenter"},
	{"standard", "Standard"}, {"standaard", "Standard"}, {"estandar", "Standard"}, {"padrao", "Standard"},
}

// otherSystems are words of systems that are no Windows Server. Hyper-V Server
// is the hypervisor alone, which is free.
var otherSystems = [...]string{"linux", "esx", "esxi", "vmware", "photon", "vsphere", "debian", "ubuntu", "red hat", "redhat", "rhel", "centos", "rocky", "alma", "almalinux", "suse", "sles",
	"opensuse", "fedora", "oracle", "freebsd", "openbsd", "netbsd", "bsd", "truenas", "proxmox", "xen", "xenserver", "xcp", "nutanix", "ahv", "kvm", "macos", "mac os",
	"darwin", "solaris", "aix", "hp ux", "unix", "pfsense", "opnsense", "hyper v server", "netscaler", "fortios", "panos", "junos", "android", "chrome os"}

// ReadSystem reads an operating system as a table names it. A Windows Server
// whose edition is written in another language or spelling comes back in the
// words that rules match; sure is false where that took a guess, because a word
// is misspelt. Anything else comes back as it is.
func ReadSystem(os string) (system string, sure bool) {
	words := split(os)
	if len(words) == 0 {
		return os, true
	}
	text := " " + strings.Join(words, " ") + " "
	windows := IsWindows(os)
	if !windows {
		for _, o := range otherSystems {
			if strings.Contains(text, " "+o+" ") {
				return os, true
			}
		}
	}
	if IsWindowsClient(os) || WindowsEdition(os) != "" {
		return os, true
	}
	meant, server, year := windows, strings.Contains(text, " server "), ""
	for _, w := range words {
		if _, ok := diag.Nearest(w, []string{"windows"}); ok {
			meant = true
		}
		if _, ok := diag.Nearest(w, []string{"server"}); ok {
			server = true
		}
		if len(w) == 4 && strings.HasPrefix(w, "20") {
			year = w + " "
		}
	}
	edition, exact := "", false
	for _, e := range editionWords {
		if strings.Contains(text, " "+e.word+" ") {
			edition, exact = e.edition, true
			break
		}
	}
	if edition == "" {
		for _, w := range words {
			if near, ok := diag.Nearest(w, []string{"datacenter", "standard"}); ok {
				edition = map[string]string{"datacenter": "Datacenter", "standard": "Standard"}[near]
				break
			}
		}
	}
	switch {
	case edition != "" && (meant || server):
		return "Microsoft Windows Server " + year + edition, exact && windows && strings.Contains(text, " server ")
	case meant && !windows:
		return "Windows (" + os + ")", false
	}
	return os, true
}
